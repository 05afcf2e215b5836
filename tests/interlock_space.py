"""The interlock over its whole input space, against its four sentences read by somebody else.

    python -m tests.interlock_space [--json OUT]

What the interlock looks at: the line, the cause, the name and the end of the authorisation, the
clock, what is known of engine and wheels, and whether the journal holds the reason. Each takes
every value that differs from another in any sentence, and values beyond those (causes and lengths
of names that nobody uses, both sides of the clock's wrap); all combinations are tried. Then every
cause that fits in a byte is tried once more with less of the rest. `coverage` watches: every line
and every branch of firmware/interlock.py must have been taken. Exit 0 all agree and nothing is
left out, 1 not, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import coverage

from firmware.snapshot import Snapshot
from firmware.ticks import FAR_MS, MASK, ticks_add
from firmware.turn import Turn
from firmware.wire import codes

SOURCE = Path(__file__).parent.parent / "firmware" / "interlock.py"

LINES = (codes.PULSE_LOCK, codes.PULSE_UNLOCK, codes.PULSE_BLOCK, codes.PULSE_RELEASE)
KNOWN = (codes.NO, codes.YES, codes.UNKNOWN)
CAUSES = (
    codes.BY_NOBODY,
    codes.BY_CARD,
    codes.BY_COMMAND,
    codes.BY_DEADLINE,
    codes.BY_TECHNICIAN,
    codes.BY_RESUME,
    6,
    0xFF,
)
NAMES = (
    b"",
    b"\0",
    b"\0" * 7,
    b"\0" * 8,
    b"\0" * 9,
    b"\1" * 7,
    b"\1" * 9,
    b"\0" * 7 + b"\1",
    b"\x80" + b"\0" * 7,
    b"\xff" * 8,
)
LEFT_MS = (-FAR_MS, -1, 0, 1, FAR_MS)
NOW_MS = (0, 0x20000000, MASK - 1)


class Case(NamedTuple):
    """One thing that somebody wants of a relay, and what is known then."""

    line: int
    cause: int
    name: bytes
    left_ms: int
    now_ms: int
    engine: int
    moving: int
    is_journaled: bool


def nothing_moves_unless_the_journal_holds_the_reason(case: Case) -> bool:
    return case.is_journaled


def the_starter_block_is_set_only_while_engine_and_car_are_known_to_rest(case: Case) -> bool:
    return case.line != codes.PULSE_BLOCK or (case.engine, case.moving) == (codes.NO, codes.NO)


def unlock_and_release_need_a_name_and_time_left(case: Case) -> bool:
    """Only for a card, a command or a technician, by name, and not after that has run out."""
    if case.line not in {codes.PULSE_UNLOCK, codes.PULSE_RELEASE}:
        return True
    is_somebody = case.cause in {codes.BY_CARD, codes.BY_COMMAND, codes.BY_TECHNICIAN}
    is_named = len(case.name) == 8 and any(case.name)
    return is_somebody and is_named and case.left_ms >= 1


def locking_needs_somebody_or_something_that_asked(case: Case) -> bool:
    """The block too: what nobody asked for does not happen."""
    return case.cause != codes.BY_NOBODY


SENTENCES: tuple[Callable[[Case], bool], ...] = (
    nothing_moves_unless_the_journal_holds_the_reason,
    the_starter_block_is_set_only_while_engine_and_car_are_known_to_rest,
    unlock_and_release_need_a_name_and_time_left,
    locking_needs_somebody_or_something_that_asked,
)


def whole_space() -> Iterable[Case]:
    """Every combination, and every cause that a byte can hold."""
    space: Iterable[tuple[object, ...]] = itertools.product(
        LINES, CAUSES, NAMES, LEFT_MS, NOW_MS, KNOWN, KNOWN, (False, True)
    )
    every_cause: Iterable[tuple[object, ...]] = itertools.product(
        LINES,
        range(256),
        (b"\0" * 8, b"\0" * 7 + b"\1"),
        (0, 1),
        (1000,),
        KNOWN,
        KNOWN,
        (False, True),
    )
    for case in itertools.chain(space, every_cause):
        yield Case(*case)  # type: ignore[arg-type]


def disagreements(permits: Callable[..., bool]) -> tuple[int, int, list[str]]:
    """(cases, of these permitted, where the interlock and the sentences differ)."""
    snapshot, turn = Snapshot(), Turn()
    cases = permitted = 0
    found = []
    for case in whole_space():
        snapshot.now_ms = case.now_ms
        snapshot.values[codes.IN_ENGINE] = case.engine
        snapshot.values[codes.IN_MOVING] = case.moving
        turn.pulse(case.line, case.cause, case.name, ticks_add(case.now_ms, case.left_ms))
        answer = permits(case.line, turn, snapshot, case.is_journaled)
        forbidding = [sentence.__name__ for sentence in SENTENCES if not sentence(case)]
        if answer != (not forbidding):
            found.append(f"{case}: permitted {answer}, forbidden by {forbidding}")
        cases += 1
        permitted += answer
    return cases, permitted, found


def fresh_interlock() -> ModuleType:
    """The module's code, run anew, so that its import is watched too."""
    spec = importlib.util.spec_from_file_location("interlock_under_watch", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Survey(NamedTuple):
    """What one run over the space has shown."""

    cases: int
    permitted: int
    disagreements: list[str]
    branches: int
    branches_missed: int
    lines_missed: int

    def holds(self) -> bool:
        missed = self.branches_missed + self.lines_missed
        return bool(self.cases and self.permitted and self.branches) and not (
            missed or self.disagreements
        )


def survey() -> Survey:
    """The whole space, watched."""
    watch = coverage.Coverage(branch=True, include=[str(SOURCE)], data_file=None, config_file=False)
    watch.start()
    try:
        cases, permitted, found = disagreements(fresh_interlock().permits)
    finally:
        watch.stop()
    exits = watch.branch_stats(str(SOURCE)).values()
    branches = sum(total for total, _ in exits)
    missed = branches - sum(taken for _, taken in exits)
    lines_missed = len(watch.analysis2(str(SOURCE))[3])
    return Survey(cases, permitted, found, branches, missed, lines_missed)


def main(argv: list[str]) -> int:
    """Exit 0 all agree, 1 not, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.interlock_space",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", metavar="OUT")
    options = parser.parse_args(argv)
    began = time.monotonic()
    found = survey()
    for text in found.disagreements[:5]:
        print(text)
    print(
        f"{found.cases} cases, {found.permitted} permitted, {len(found.disagreements)} "
        f"disagreements; {found.branches - found.branches_missed} of {found.branches} branches"
    )
    if options.json:
        counts = {
            "cases": found.cases,
            "permitted": found.permitted,
            "disagreements": len(found.disagreements),
            "branches": found.branches,
            "branches_missed": found.branches_missed,
            "lines_missed": found.lines_missed,
            "wall_s": round(time.monotonic() - began, 1),
        }
        Path(options.json).write_text(json.dumps(counts) + "\n")
    return 0 if found.holds() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
