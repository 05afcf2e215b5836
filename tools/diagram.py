"""`make diagram`: docs/statechart.md from the rental's table, as `transitions` reads it.

python -m tools.diagram            writes the page
python -m tools.diagram --check    exits 1 when the committed page is not what the table says,
                                   or when an empty cell of its matrix stands there unexplained

Picture and matrix are what `transitions` answers when it is asked; no line of them comes from
the tuples or from `firmware.machine`. Each empty cell has its reason in `tools.empty_cells`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from transitions.extensions import HierarchicalGraphMachine

from firmware.rental_table import INITIAL, STATES, TIMEOUTS, TRANSITIONS
from tools.empty_cells import EMPTY_CELLS, Reasons
from tools.statechart_machine import DottedState, Rows, States, full_names, machine_of

PAGE = Path(__file__).parent.parent / "docs" / "statechart.md"
#: In a cell: it acts, and the state stays.
STAYS = "."
_INTERNAL = "[internal]"

#: Event -> state -> where it can lead, in the order in which the rows are tried.
Matrix = dict[str, dict[str, list[str]]]


class Chart(HierarchicalGraphMachine):
    """Draws."""

    state_cls = DottedState


def chart(states: States = STATES, rows: Rows = TRANSITIONS, initial: str = INITIAL) -> Any:
    """The table, loaded into `transitions`."""
    return machine_of(states, rows, initial, Chart, graph_engine="mermaid", show_conditions=True)


def drawing(machine: Any, initial: str = INITIAL) -> str:
    """Mermaid text; guards in brackets. What acts and stays is left to the matrix."""
    model = type("Model", (), {})()
    machine.add_model(model, initial=initial)
    kept = []
    for line in str(model.get_graph().source).splitlines():
        word = line.strip().split(" ")[0]
        if word in ("", "---", "State", "Class", "classDef", "direction"):
            continue
        arrow, colon, label = line.rstrip().partition(": ")
        moves = [one for one in label.split(" | ") if f" {_INTERNAL}" not in one]
        if moves:
            kept.append(_without_parents(arrow + colon + " | ".join(moves), machine))
    return "\n".join(kept)


def _without_parents(line: str, machine: Any) -> str:
    for name in machine.get_nested_state_names():
        line = line.replace(f"{name}.", "")
    return line


def matrix(machine: Any) -> Matrix:
    """What `transitions` has for each event in each leaf: the leaf's own before its parent's."""
    leaves = [
        name for name in machine.get_nested_state_names()
        if not machine.get_state(name).states
    ]  # fmt: skip
    found: Matrix = {}
    for event in sorted(machine.events):
        found[event] = {}
        for leaf in leaves:
            sources = [leaf] + [leaf.rpartition(".")[0]] * ("." in leaf)
            asked = [machine.get_transitions(event, source) for source in sources]
            targets = [_short(one.dest) if one.dest else STAYS for some in asked for one in some]
            if bool(targets) != (event in machine.get_triggers(leaf)):
                raise AssertionError(f"`transitions` contradicts itself: {event} in {leaf}")
            found[event][_short(leaf)] = list(dict.fromkeys(targets))
    return found


def _short(name: str) -> str:
    return str(name).rpartition(".")[2]


def objections(cells: Matrix, reasons: Mapping[str, Reasons]) -> Iterator[str]:
    """Empty cells without a reason, and reasons without an empty cell."""
    for event in reasons:
        if event not in cells:
            yield f"{event} is no event of the table; take its reasons out"
    for event, row in cells.items():
        told = [state for states, _ in reasons.get(event, ()) for state in states]
        for state in dict.fromkeys(told):
            if state not in row:
                yield f"{event}: {state} is no state of the table; take its reason out"
            elif row[state]:
                yield f"{event} in {state} does something; take the reason why it does not out"
            if told.count(state) > 1:
                yield f"{event} in {state} has two reasons; leave one"
        for state, targets in row.items():
            if not targets and state not in told:
                yield f"{event} in {state} does nothing, and nobody has said why"


def matrix_table(cells: Matrix) -> list[str]:
    """As Markdown."""
    leaves = list(next(iter(cells.values())))
    lines = ["| event | " + " | ".join(leaves) + " |", "|---" * (len(leaves) + 1) + "|"]
    for event, row in cells.items():
        lines.append(f"| {event} | " + " | ".join(" ".join(row[leaf]) for leaf in leaves) + " |")
    return lines


def reasons_table(cells: Matrix, reasons: Mapping[str, Reasons]) -> list[str]:
    """Event, states, why; in the matrix's order."""
    lines = ["| event | in | why nothing happens |", "|---|---|---|"]
    for event in cells:
        for states, why in reasons.get(event, ()):
            lines.append(f"| {event} | {', '.join(states)} | {why} |")
    return lines


def page(machine: Any, cells: Matrix) -> str:
    """The whole page."""
    assert full_names(STATES)[INITIAL] == machine.initial
    timers = [
        f"| {timer} | {state or 'actions'} | `{delay}` | {event} |"
        for timer, state, delay, event in TIMEOUTS
    ]
    empty = sum(not targets for row in cells.values() for targets in row.values())
    return "\n".join(
        [
            "# The rental as a statechart",
            "",
            "Made by `make diagram` from `firmware/rental_table.py`; do not edit. Picture and",
            "matrix are what the package `transitions` says when it has read the same table.",
            "",
            "```mermaid",
            drawing(machine, machine.initial),
            "```",
            "",
            "## Deadlines",
            "",
            "| deadline | armed by | length | event |",
            "|---|---|---|---|",
            *timers,
            "",
            "## Event by state",
            "",
            "Where an event can lead; a point: it acts and stays; empty: nothing happens.",
            "",
            *matrix_table(cells),
            "",
            "## Why empty cells are empty",
            "",
            f"{empty} of {sum(map(len, cells.values()))} cells are empty. Each is a decision; its",
            "reason stands in `tools/empty_cells.py`, and `make check` fails where one is missing",
            "or a cell with a reason is no longer empty.",
            "",
            *reasons_table(cells, EMPTY_CELLS),
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """Exit 0 done or the same, 1 the page is stale or a reason amiss, 2 wrong usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.diagram [--check]", file=sys.stderr)
        return 2
    machine = chart()
    cells = matrix(machine)
    amiss = list(objections(cells, EMPTY_CELLS))
    for text in amiss:
        print(f"tools/empty_cells.py: {text}", file=sys.stderr)
    text = page(machine, cells)
    if arguments and (not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text):
        print("docs/statechart.md is not what the table says; run `make diagram`", file=sys.stderr)
        return 1
    if not arguments:
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(PAGE.parent.parent)}")
    return 1 if amiss else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
