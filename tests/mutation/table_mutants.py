"""Every small mistake that one can make in a rental table, one at a time.

A row is deleted; one of its guards is dropped or negated; one of its actions is dropped, or two
neighbours are swapped; its target becomes another. A timer's length becomes that of another term.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

StateRow = tuple[str, str | None, tuple[str, ...], tuple[str, ...]]
TimeoutRow = tuple[str, str | None, str, str]
Row = tuple[str, str, tuple[str, ...], tuple[str, ...], str | None]


class Table(NamedTuple):
    """The four tuples of a statechart."""

    states: tuple[StateRow, ...]
    timeouts: tuple[TimeoutRow, ...]
    transitions: tuple[Row, ...]
    initial: str

    def leaves(self) -> list[str]:
        parents = {parent for _, parent, _, _ in self.states}
        return [name for name, _, _, _ in self.states if name not in parents]

    def leaves_under(self, state: str) -> list[str]:
        children = [name for name, parent, _, _ in self.states if parent == state]
        return children or [state]


class Mutant(NamedTuple):
    """One mistake. `name` says it in words that stay the same when other rows change."""

    name: str
    table: Table
    #: (leaf, event) of which one must be dispatched for the mistake to show; no event: any.
    reach: frozenset[tuple[str, str | None]]


def mutants(table: Table, lengths: dict[str, int]) -> Iterator[Mutant]:
    """All of them. `lengths`: what each term for a delay is in the tests, in ms."""
    reach: frozenset[tuple[str, str | None]]
    for number, row in enumerate(table.transitions):
        reach = frozenset((leaf, row[1]) for leaf in table.leaves_under(row[0]))
        name = f"{row[0]}, {row[1]} {_guards_of(row)}"
        for what, changed in _changed_rows(table, row):
            rows = list(table.transitions)
            rows[number : number + 1] = [] if changed is None else [changed]
            yield Mutant(f"{name}: {what}", table._replace(transitions=tuple(rows)), reach)
    for number, timeout in enumerate(table.timeouts):
        for delay in _other_delays(table, timeout, lengths):
            timeouts = list(table.timeouts)
            timeouts[number] = (timeout[0], timeout[1], delay, timeout[3])
            reach = frozenset((leaf, None) for leaf in table.leaves_under(timeout[1] or ""))
            if timeout[1] is None:
                reach = frozenset((leaf, timeout[3]) for leaf in table.leaves())
            yield Mutant(
                f"timer {timeout[0]}: lasts {delay}",
                table._replace(timeouts=tuple(timeouts)),
                reach,
            )
    yield from _changed_states(table)


def _guards_of(row: Row) -> str:
    return f"({', '.join(row[2])})"


def _changed_rows(table: Table, row: Row) -> Iterator[tuple[str, Row | None]]:
    source, event, guards, actions, target = row
    yield "row deleted", None
    for i, guard in enumerate(guards):
        fewer = guards[:i] + guards[i + 1 :]
        yield f"guard {guard} dropped", (source, event, fewer, actions, target)
        other = guard[1:] if guard[0] == "!" else "!" + guard
        negated = (*guards[:i], other, *guards[i + 1 :])
        yield f"guard {guard} negated", (source, event, negated, actions, target)
    for what, others in _changed_actions(actions):
        yield what, (source, event, guards, others, target)
    for other_target in _other_targets(table, row):
        what = f"stays, not {target}" if other_target is None else f"goes to {other_target}"
        yield what, (source, event, guards, actions, other_target)


def _changed_actions(actions: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for i, action in enumerate(actions):
        yield f"action {action} dropped", actions[:i] + actions[i + 1 :]
    for i in range(len(actions) - 1):
        first, second = actions[i], actions[i + 1]
        swapped = (*actions[:i], second, first, *actions[i + 2 :])
        yield f"actions {first}, {second} swapped", swapped


def _other_targets(table: Table, row: Row) -> Iterator[str | None]:
    """Staying instead of going; going to the next two leaves of the list instead of the target."""
    leaves = table.leaves()
    if row[4] is not None:
        yield None
        at = leaves.index(row[4])
        yield leaves[(at + 1) % len(leaves)]
        yield leaves[at - 1]
    else:
        own = table.leaves_under(row[0])
        yield leaves[(leaves.index(own[-1]) + 1) % len(leaves)]


def _other_delays(table: Table, timeout: TimeoutRow, lengths: dict[str, int]) -> list[str]:
    """The nearest shorter and the nearest longer of all the terms that timers use."""
    now_ms = lengths[timeout[2]]
    others = sorted({row[2] for row in table.timeouts}, key=lambda delay: (lengths[delay], delay))
    shorter = [delay for delay in others if lengths[delay] < now_ms][-1:]
    longer = [delay for delay in others if lengths[delay] > now_ms][:1]
    return shorter + longer


def _changed_states(table: Table) -> Iterator[Mutant]:
    for number, state in enumerate(table.states):
        reach = frozenset((leaf, None) for leaf in table.leaves_under(state[0]))
        for place, word, actions in ((2, "entered", state[2]), (3, "left", state[3])):
            for what, changed in _changed_actions(actions):
                fields: list[Any] = list(state)
                fields[place] = changed
                states = list(table.states)
                states[number] = tuple(fields)
                yield Mutant(
                    f"{state[0]} {word}: {what}", table._replace(states=tuple(states)), reach
                )
