"""The table engine against `transitions` on random tables: same states, same effects, same answers.

    python -m tests.oracle [--tables N] [--events N] [--seed S] [--short] [--json OUT]

    python -m tests.oracle --tables 2000 --events 100000     100,000 events over 2,000 tables

--events counts all events of the run, shared out over the tables. Each table is made anew: up to
five states with up to three children each, up to 25 rows with guards, negated guards and actions,
timers bound to states and free ones. The same events go to `firmware.machine` and to a
`transitions.HierarchicalMachine`, with the same guards true; after each one the answers, the
states and the effects in their order (actions, timers armed and disarmed) must be the same. Now
and then both are placed in a state without entering it. Exit 0 no difference, 1 a difference (it is printed with its table), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from firmware.deadlines import Deadlines
from firmware.machine import Machine
from firmware.table_packer import pack
from tools.statechart_machine import full_names, machine_of

FULL = (2000, 100_000)
SHORT = (200, 10_000)
GUARDS = 5
PLACE_ONE_IN = 25


class World:
    """Guards answer from a set of true names; whatever else has a name is written down."""

    def __init__(self) -> None:
        self.true: set[str] = set()
        self.log: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("g"):
            return lambda: name in self.true
        if name.startswith("a"):
            return lambda: self.log.append(name)
        raise AttributeError(name)

    def named(self, name: str) -> Any:
        """The same for `transitions`, which has timers as entry and exit actions."""
        if name.startswith(("arm ", "disarm ")):
            return lambda: self.log.append(name)
        return getattr(self, name)


class WrittenDeadlines(Deadlines):
    """Deadlines whose arming and disarming is an effect like any other."""

    def __init__(self, names: tuple[str, ...], log: list[str]) -> None:
        super().__init__(names)
        self._log = log

    def arm(self, slot: int, delay_ms: int) -> None:
        super().arm(slot, delay_ms)
        self._log.append(f"arm {self.names[slot]} {delay_ms}")

    def disarm(self, slot: int) -> None:
        super().disarm(slot)
        self._log.append(f"disarm {self.names[slot]}")


class Delays:
    """What `Terms` is to the rental: lengths by name."""

    d0 = 10
    d1 = 200
    d2 = 3000


class Tables(NamedTuple):
    """One statechart by chance."""

    states: tuple[Any, ...]
    timeouts: tuple[Any, ...]
    rows: tuple[Any, ...]
    initial: str

    def leaves(self) -> list[str]:
        parents = {row[1] for row in self.states}
        return [row[0] for row in self.states if row[0] not in parents]

    def events(self) -> list[str]:
        return sorted({row[1] for row in self.rows})


def random_tables(rng: random.Random) -> Tables:
    """States (some with children), timers, rows, and the initial leaf."""
    states: list[Any] = []
    leaves = []
    for number in range(rng.randint(2, 5)):
        parent = f"p{number}"
        states.append((parent, None, _actions(rng), _actions(rng)))
        children = rng.randint(0, 3)
        for child in range(children):
            name = f"{parent}c{child}"
            states.append((name, parent, _actions(rng), _actions(rng)))
            leaves.append(name)
        if not children:
            leaves.append(parent)
    timeouts = tuple(
        (f"t{i}", rng.choice([*states, (None,)])[0], f"d{rng.randint(0, 2)}", f"e{i}")
        for i in range(rng.randint(0, 4))
    )
    rows = []
    for _ in range(rng.randint(5, 25)):
        guards = tuple(
            rng.choice(("", "!")) + f"g{rng.randrange(GUARDS)}" for _ in range(rng.randint(0, 2))
        )
        target = rng.choice([*leaves, None])
        source = rng.choice(states)[0]
        rows.append((source, f"e{rng.randint(0, 3)}", guards, _actions(rng), target))
    return Tables(tuple(states), timeouts, tuple(rows), rng.choice(leaves))


def _actions(rng: random.Random) -> tuple[str, ...]:
    return tuple(f"a{rng.randint(0, 9)}" for _ in range(rng.randint(0, 2)))


def oracle_of(tables: Tables, world: World) -> Any:
    """The same under `transitions`: the machine, its model, and what our names are there."""
    full = full_names(tables.states)
    states = []
    for name, parent, enter, leave in tables.states:
        armed = [row for row in tables.timeouts if row[1] == name]
        arming = tuple(f"arm {t} {getattr(Delays, delay)}" for t, _, delay, _ in armed)
        disarming = tuple(f"disarm {row[0]}" for row in armed)
        states.append((name, parent, arming + enter, leave + disarming))
    machine = machine_of(tuple(states), tables.rows, tables.initial, named=world.named)
    model = type("Model", (), {})()
    machine.add_model(model, initial=full[tables.initial])
    return machine, model, full


def differences(rng: random.Random, events: int, engine: type[Machine] = Machine) -> Iterator[str]:
    """One random table, so many events; a sentence for the first difference."""
    tables = random_tables(rng)
    ours, theirs = World(), World()
    deadlines = WrittenDeadlines(tuple(row[0] for row in tables.timeouts), ours.log)
    machine = engine(
        pack(tables.states, tables.timeouts, tables.rows, tables.initial),
        ours,
        ours,
        Delays,
        deadlines,
    )
    oracle, model, full = oracle_of(tables, theirs)
    leaves, names = tables.leaves(), tables.events()
    for _ in range(events):
        ours.true = theirs.true = {f"g{i}" for i in range(GUARDS) if rng.random() < 0.5}
        if rng.randrange(PLACE_ONE_IN) == 0:
            leaf = rng.choice(leaves)
            machine.place(leaf)
            oracle.set_state(full[leaf], model)
        event = rng.choice(names)
        before = machine.state
        answers = machine.dispatch(event), bool(model.trigger(event))
        states = full[machine.state], model.state
        for what, (mine, other) in {
            "answer": answers,
            "state": states,
            "effects": (ours.log, theirs.log),
        }.items():
            if mine != other:
                yield f"{before}, {event}: {what} {mine}, `transitions` has {other}; {tables}"
                return
        ours.log.clear()
        theirs.log.clear()


def campaign(
    tables: int, events: int, seed: int, engine: type[Machine] = Machine
) -> tuple[int, list[str]]:
    """(events run, differences)."""
    found = []
    run = 0
    for number in range(tables):
        share = events // tables + (number < events % tables)
        run += share
        rng = random.Random(f"oracle/{seed}/{number}")
        found += [f"table {number}: {text}" for text in differences(rng, share, engine)]
    return run, found


def main(argv: list[str]) -> int:
    """Exit 0 no difference, 1 some, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.oracle",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tables", type=int)
    parser.add_argument("--events", type=int, help="in the whole run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--short", action="store_true", help=f"{SHORT[0]} tables, {SHORT[1]} events"
    )
    parser.add_argument("--json", metavar="OUT")
    options = parser.parse_args(argv)
    tables, events = SHORT if options.short else FULL
    tables = options.tables or tables
    events = options.events or events
    if tables < 1 or events < tables:
        parser.error("at least one table, and one event for each")
    began = time.monotonic()
    run, found = campaign(tables, events, options.seed)
    for text in found[:3]:
        print(text)
    counts = {"tables": tables, "events": run, "differences": len(found), "seed": options.seed}
    print(f"{tables} tables, {run} events, {len(found)} differences")
    if options.json:
        wall_s = round(time.monotonic() - began, 1)
        Path(options.json).write_text(json.dumps({**counts, "wall_s": wall_s}) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
