"""`make diagram`: docs/statechart.md from the rental's table, drawn through `transitions`.

python -m tools.diagram            writes the page
python -m tools.diagram --check    exits 1 when the committed page is not what the table says
"""

import sys
from pathlib import Path

from transitions.extensions import HierarchicalGraphMachine
from transitions.extensions.nesting import NestedState

from firmware.rental_table import INITIAL, STATES, TIMEOUTS, TRANSITIONS

PAGE = Path(__file__).parent.parent / "docs" / "statechart.md"


class DottedState(NestedState):
    """Nested names as parent.child."""

    separator = "."


class Chart(HierarchicalGraphMachine):
    """The table under an independent engine."""

    state_cls = DottedState


def full_names() -> dict[str, str]:
    """Name in the table -> name with its parent."""
    return {name: f"{parent}.{name}" if parent else name for name, parent, _, _ in STATES}


def chart() -> Chart:
    """The table, loaded into `transitions`."""
    tree: dict[str, dict[str, object]] = {}
    for name, parent, _, _ in STATES:
        if parent is None:
            tree[name] = {"name": name}
        else:
            tree[parent].setdefault("children", []).append({"name": name})  # type: ignore[attr-defined]
    full = full_names()
    machine = Chart(
        model=None,
        states=list(tree.values()),
        initial=full[INITIAL],
        auto_transitions=False,
        graph_engine="mermaid",
        show_conditions=True,
    )
    for source, event, guards, _, target in TRANSITIONS:
        if target is not None:
            machine.add_transition(event, full[source], full[target], conditions=list(guards))
    return machine


def drawing() -> str:
    """Mermaid text; guards in brackets."""
    machine = chart()
    model = type("Model", (), {})()
    machine.add_model(model, initial=full_names()[INITIAL])
    kept = []
    for line in str(model.get_graph().source).splitlines():
        word = line.strip().split(" ")[0]
        if word in ("", "---", "State", "Class", "classDef", "direction"):
            continue
        kept.append(line.rstrip().replace("session.", ""))
    return "\n".join(kept)


def matrix() -> list[str]:
    """Event by state: where it leads; `.` acts and stays, empty: no row."""
    leaves = [name for name, _, _, _ in STATES if name not in {row[1] for row in STATES}]
    parents = {name: parent for name, parent, _, _ in STATES}
    events = sorted({row[1] for row in TRANSITIONS})
    lines = ["| event | " + " | ".join(leaves) + " |", "|---" * (len(leaves) + 1) + "|"]
    for event in events:
        cells = []
        for leaf in leaves:
            rows = [
                row for row in TRANSITIONS if row[1] == event and row[0] in (leaf, parents[leaf])
            ]
            cells.append(" ".join(dict.fromkeys(row[4] or "." for row in rows)))
        lines.append(f"| {event} | " + " | ".join(cells) + " |")
    return lines


def page() -> str:
    """The whole page."""
    timers = [
        f"| {timer} | {state or 'actions'} | `{delay}` | {event} |"
        for timer, state, delay, event in TIMEOUTS
    ]
    return "\n".join(
        [
            "# The rental as a statechart",
            "",
            "Made by `make diagram` from `firmware/rental_table.py`; do not edit.",
            "",
            "```mermaid",
            drawing(),
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
            *matrix(),
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """Exit 0 done or the same, 1 the page is stale, 2 wrong usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.diagram [--check]", file=sys.stderr)
        return 2
    text = page()
    if arguments:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        print("docs/statechart.md is not what the table says; run `make diagram`", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(PAGE.parent.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
