"""Checks of the statecharts that the table engine runs: what it would only notice in a car.

    python -m tools.table_checks     exit 0 when every table is sound

A table may name only states, guards, actions and terms that exist; every state can be reached, no
row stands behind one that always wins before it, no guard goes unused.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import NamedTuple

from firmware import rental_table
from firmware.rental_actions import RentalActions
from firmware.rental_guards import RentalGuards
from firmware.terms import TermsError, load_terms
from tools import tree
from tools.tree import Finding

StateRow = tuple[str, str | None, tuple[str, ...], tuple[str, ...]]
TimeoutRow = tuple[str, str | None, str, str]
Row = tuple[str, str, tuple[str, ...], tuple[str, ...], str | None]

PROFILES = "firmware/profiles/"

#: A state keeps the numbers of its rows as bytes.
ROWS_MAX = 256


class Table(NamedTuple):
    """One machine's tuples, and the names that its rows may use."""

    states: tuple[StateRow, ...]
    timeouts: tuple[TimeoutRow, ...]
    transitions: tuple[Row, ...]
    initial: str
    guards: frozenset[str]
    actions: frozenset[str]

    def leaves(self) -> set[str]:
        parents = {parent for _, parent, _, _ in self.states}
        return {name for name, _, _, _ in self.states if name not in parents}

    def rows_of(self, leaf: str) -> list[Row]:
        """In the order in which the engine tries them: the leaf's own, then its parent's."""
        parent = next(state[1] for state in self.states if state[0] == leaf)
        own = [row for row in self.transitions if row[0] == leaf]
        return own + [row for row in self.transitions if parent is not None and row[0] == parent]


def public_methods(owner: type) -> frozenset[str]:
    return frozenset(name for name in dir(owner) if not name.startswith("_"))


RENTAL = Table(
    rental_table.STATES,
    rental_table.TIMEOUTS,
    rental_table.TRANSITIONS,
    rental_table.INITIAL,
    public_methods(RentalGuards),
    public_methods(RentalActions),
)


def check(table: Table) -> Iterator[str]:
    """Everything wrong with one table, a sentence each."""
    wrong_states = list(_check_states(table))
    yield from wrong_states
    yield from _check_rows(table)
    yield from _check_timeouts(table)
    yield from _check_unused(table)
    if not wrong_states:
        yield from _check_reach(table)
        yield from _check_order(table)


def _check_states(table: Table) -> Iterator[str]:
    names = [state[0] for state in table.states]
    parents = {state[0]: state[1] for state in table.states}
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"state {name} stands there twice"
    for name, parent in parents.items():
        if parent is not None and parent not in parents:
            yield f"state {name} has the unknown parent {parent}"
        elif parent is not None and parents[parent] is not None:
            yield f"state {name} lies deeper than two levels"
    if table.initial not in table.leaves():
        yield f"the initial state {table.initial} is no leaf"
    for name, _, entry, leave in table.states:
        for action in (*entry, *leave):
            if action not in table.actions:
                yield f"state {name}: there is no action {action}"


def _check_rows(table: Table) -> Iterator[str]:
    if len(table.transitions) > ROWS_MAX:
        yield f"{len(table.transitions)} rows, {ROWS_MAX} is the limit of the engine"
    names = {state[0] for state in table.states}
    leaves = table.leaves()
    for row in table.transitions:
        source, _, guards, actions, target = row
        if source not in names:
            yield f"{_named(row)}: there is no state {source}"
        if target is not None and target not in leaves:
            yield f"{_named(row)}: the target {target} is no leaf"
        bare = [guard.lstrip("!") for guard in guards]
        for guard in bare:
            if guard not in table.guards:
                yield f"{_named(row)}: there is no guard {guard}"
        if len(set(bare)) < len(bare):
            yield f"{_named(row)}: a guard stands there twice"
        for action in actions:
            if action not in table.actions:
                yield f"{_named(row)}: there is no action {action}"


def _check_timeouts(table: Table) -> Iterator[str]:
    names = {state[0] for state in table.states}
    handled = {row[1] for row in table.transitions}
    timers = [timeout[0] for timeout in table.timeouts]
    for timer, state, _, event in table.timeouts:
        if timers.count(timer) > 1:
            yield f"timer {timer} stands there twice"
        if state is not None and state not in names:
            yield f"timer {timer}: there is no state {state}"
        if event not in handled:
            yield f"timer {timer}: no row hears its event {event}"


def _check_unused(table: Table) -> Iterator[str]:
    asked = {guard.lstrip("!") for row in table.transitions for guard in row[2]}
    for guard in sorted(table.guards - asked):
        yield f"guard {guard} is asked by no row"


def _check_reach(table: Table) -> Iterator[str]:
    reached = {table.initial}
    waiting = [table.initial]
    while waiting:
        for row in table.rows_of(waiting.pop()):
            if row[4] is not None and row[4] not in reached and row[4] in table.leaves():
                reached.add(row[4])
                waiting.append(row[4])
    for leaf in sorted(table.leaves() - reached):
        yield f"state {leaf} is reached from nowhere"


def _check_order(table: Table) -> Iterator[str]:
    """A row behind one of the same source and event whose guards it repeats can never win."""
    for position, row in enumerate(table.transitions):
        for before in table.transitions[:position]:
            if before[:2] == row[:2] and set(before[2]) <= set(row[2]):
                yield f"{_named(row)}: never wins, {_named(before)} stands before it"
                break


def _named(row: Row) -> str:
    guards = f" [{', '.join(row[2])}]" if row[2] else ""
    return f"{row[0]} + {row[1]}{guards}"


def check_profiles() -> Iterator[Finding]:
    """Every profile can be loaded, and has each delay that the rental's timers name."""
    for path in tree.paths(".json"):
        if path.startswith(PROFILES):
            try:
                terms = load_terms(json.loads((tree.ROOT / path).read_text(encoding="utf-8")))
            except (TermsError, ValueError) as error:
                yield Finding(path, 1, str(error))
                continue
            for timer, _, delay, _ in RENTAL.timeouts:
                if not isinstance(getattr(terms, delay, None), int):
                    yield Finding(path, 1, f"gives no {delay} for the timer {timer}")


def main() -> int:
    findings = [Finding("firmware/rental_table.py", 1, text) for text in check(RENTAL)]
    findings += check_profiles()
    profiles = sum(path.startswith(PROFILES) for path in tree.paths(".json"))
    return tree.report("tables", findings, 1 + profiles)


if __name__ == "__main__":
    sys.exit(main())
