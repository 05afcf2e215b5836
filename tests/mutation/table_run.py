"""Runs the portable tests on each mutant of the rental table, in a forked process each."""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from firmware import rental_table
from firmware.machine import Machine
from firmware.rental_rows import RENTAL
from firmware.table_packer import pack
from firmware.terms import load_terms
from tests.mutation.table_mutants import Mutant, Table, mutants

ROOT = Path(__file__).parent.parent.parent
TESTS = "tests/portable/firmware"
PROFILE = ROOT / "firmware/profiles/top24-2023.json"
RIGS = ("firmware.rig import", "firmware.loop_rig import", "firmware.row_rig import")
TOO_SLOW = ("test_random_", "test_storage_", "test_noise_loop", "test_clock_jumps")
#: A mutant that takes so many times what the table takes itself is hung.
TOO_LONG = 10
TOO_LONG_S_MIN = 10

THE_TABLE = Table(
    rental_table.STATES, rental_table.TIMEOUTS, rental_table.TRANSITIONS, rental_table.INITIAL
)


class Test(NamedTuple):
    """A test function, how long it takes, and what it dispatches in which leaf."""

    name: str
    run: Callable[[], None]
    lasts_s: float
    reach: frozenset[tuple[str, str]]


def all_mutants() -> list[Mutant]:
    """Of the rental's own table."""
    terms = load_terms(json.loads(PROFILE.read_text()))
    lengths = {row[2]: int(getattr(terms, row[2])) for row in THE_TABLE.timeouts}
    return list(mutants(THE_TABLE, lengths))


def sample(whole: list[Mutant], size: int, seed: int) -> list[Mutant]:
    return random.Random(f"table/{seed}").sample(whole, min(size, len(whole)))


def observed_tests(modules: Iterable[str] | None = None) -> list[Test]:
    """Each portable test of the firmware that dispatches something, quickest first."""
    seen: set[tuple[str, str]] = set()
    dispatch = Machine.dispatch

    def observing(machine: Machine, event: str) -> bool:
        if machine._table is RENTAL:
            seen.add((machine.state, event))
        return dispatch(machine, event)

    Machine.dispatch = observing  # type: ignore[method-assign,assignment]
    try:
        found = []
        for name, run in _functions(modules):
            seen.clear()
            began = time.monotonic()
            run()
            if seen:
                found.append(Test(name, run, time.monotonic() - began, frozenset(seen)))
    finally:
        Machine.dispatch = dispatch  # type: ignore[method-assign]
    return sorted(found, key=lambda test: test.lasts_s)


def _functions(modules: Iterable[str] | None) -> Iterable[tuple[str, Callable[[], None]]]:
    names = modules or _stems()
    for stem in names:
        module = importlib.import_module(f"{TESTS.replace('/', '.')}.{stem}")
        for name in dir(module):
            if name.startswith("test_"):
                yield f"{stem}.{name}", getattr(module, name)


def _stems() -> list[str]:
    """The files whose tests drive a controller; not the ones that try chances for long."""
    return [
        path.stem
        for path in sorted((ROOT / TESTS).glob("test_*.py"))
        if not path.stem.startswith(TOO_SLOW) and any(rig in path.read_text() for rig in RIGS)
    ]


def reaching(mutant: Mutant, tests: list[Test]) -> list[Test]:
    """Those tests that come to the changed row."""
    leaves = {leaf for leaf, event in mutant.reach if event is None}
    return [
        test
        for test in tests
        if test.reach & mutant.reach or any(leaf in leaves for leaf, _ in test.reach)
    ]


def put_on(table: Table) -> None:
    """Have everybody run on that table from now on."""
    packed = pack(table.states, table.timeouts, table.transitions, table.initial)
    RENTAL.__dict__.update(packed.__dict__)


def verdict(mutant: Mutant, tests: list[Test]) -> str:
    """killed, or survived: in this process, which is spoilt by it."""
    try:
        put_on(mutant.table)
        for test in tests:
            test.run()
    except Exception:  # noqa: BLE001 - whatever it is, somebody noticed
        return "killed"
    return "survived"


def run(chosen: list[Mutant], tests: list[Test], jobs: int, tell: Any = None) -> dict[str, str]:
    """Mutant -> killed, timeout or survived."""
    results: dict[str, str] = {}
    running: dict[int, str] = {}
    waiting = list(reversed(chosen))
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[_fork(mutant, reaching(mutant, tests))] = mutant.name
        pid, status = os.wait()
        name = running.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        results[name] = {0: "survived", 1: "killed", -signal.SIGALRM: "timeout"}[code]
        if tell is not None:
            tell(len(results), len(chosen))
    return {mutant.name: results[mutant.name] for mutant in chosen}


def _fork(mutant: Mutant, tests: list[Test]) -> int:
    limit_s = TOO_LONG_S_MIN + TOO_LONG * sum(test.lasts_s for test in tests)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(limit_s))
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - the process ends here
        os._exit(0 if verdict(mutant, tests) == "survived" else 1)
    return child
