"""A table of the engine's form as a machine of `transitions`: another program's reading of it.

The drawing, its matrix and the oracle of the engine's tests all ask the machine that is built
here, so that none of them shares a line with `firmware.machine`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transitions.extensions import HierarchicalMachine
from transitions.extensions.nesting import NestedState

#: (name, parent or None, entry actions, exit actions)
States = tuple[tuple[str, str | None, tuple[str, ...], tuple[str, ...]], ...]
#: (source, event, guards, actions, target or None)
Rows = tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], str | None], ...]


class DottedState(NestedState):
    """Nested names as parent.child, so that an underscore stays free for names."""

    separator = "."


class DottedMachine(HierarchicalMachine):
    """Runs; an event that no row takes is no error."""

    state_cls = DottedState


def full_names(states: States) -> dict[str, str]:
    """Name in the table -> name with its parent."""
    return {name: f"{parent}.{name}" if parent else name for name, parent, _, _ in states}


def machine_of(
    states: States,
    rows: Rows,
    initial: str,
    kind: type[HierarchicalMachine] = DottedMachine,
    named: Callable[[str], Any] = str,
    **options: Any,
) -> Any:
    """The table under `transitions`, without a model.

    `named` gives what the name of a guard or an action stands for: a callable, or the name itself.
    """
    full = full_names(states)
    tree: dict[str, dict[str, Any]] = {}
    for name, parent, enter, leave in states:
        entry: dict[str, Any] = {
            "name": name,
            "on_enter": [named(action) for action in enter],
            "on_exit": [named(action) for action in leave],
        }
        if parent is None:
            tree[name] = entry
        else:
            tree[parent].setdefault("children", []).append(entry)
    machine: Any = kind(
        model=None, states=list(tree.values()), initial=full[initial], auto_transitions=False,
        ignore_invalid_triggers=True, **options,
    )  # fmt: skip
    for source, event, guards, actions, target in rows:
        machine.add_transition(
            event,
            full[source],
            full[target] if target else None,
            conditions=[named(guard) for guard in guards if guard[0] != "!"],
            unless=[named(guard[1:]) for guard in guards if guard[0] == "!"],
            before=[named(action) for action in actions],
        )
    return machine
