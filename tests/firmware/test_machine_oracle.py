"""The table engine against `transitions` on random tables: same states, same effects, same answers."""

import random
from typing import Any

import pytest
from transitions.extensions import HierarchicalMachine
from transitions.extensions.nesting import NestedState

from firmware.deadlines import Deadlines
from firmware.machine import Machine
from firmware.table_packer import pack

TABLES_SHORT = 150
EVENTS_A_TABLE = 60


class DottedState(NestedState):
    """Nested names as parent.child, so that an underscore stays free for names."""

    separator = "."


class DottedMachine(HierarchicalMachine):
    """The oracle."""

    state_cls = DottedState


class World:
    """Guards answer from a set of true names; actions write their name down."""

    def __init__(self) -> None:
        self.true: set[str] = set()
        self.log: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("g"):
            return lambda: name in self.true
        if name.startswith("a"):
            return lambda: self.log.append(name)
        raise AttributeError(name)


def random_tables(rng: random.Random) -> tuple[Any, Any, str]:
    """States (some with children), rows, and the initial leaf."""
    states: list[Any] = []
    leaves = []
    for number in range(rng.randint(2, 5)):
        parent = f"p{number}"
        states.append((parent, None, actions(rng), actions(rng)))
        children = rng.randint(0, 3)
        for child in range(children):
            name = f"{parent}c{child}"
            states.append((name, parent, actions(rng), actions(rng)))
            leaves.append(name)
        if not children:
            leaves.append(parent)
    rows = []
    for _ in range(rng.randint(5, 25)):
        guards = tuple(
            rng.choice(("", "!")) + f"g{rng.randint(0, 4)}" for _ in range(rng.randint(0, 2))
        )
        target = rng.choice([*leaves, None])
        source = rng.choice(states)[0]
        rows.append((source, f"e{rng.randint(0, 3)}", guards, actions(rng), target))
    return tuple(states), tuple(rows), rng.choice(leaves)


def actions(rng: random.Random) -> tuple[str, ...]:
    return tuple(f"a{rng.randint(0, 9)}" for _ in range(rng.randint(0, 2)))


def oracle_of(states: Any, rows: Any, initial: str, world: World) -> Any:
    full = {name: f"{parent}.{name}" if parent else name for name, parent, _, _ in states}
    tree: dict[str, dict[str, Any]] = {}
    for name, parent, enter, leave in states:
        entry = {
            "name": name,
            "on_enter": [getattr(world, a) for a in enter],
            "on_exit": [getattr(world, a) for a in leave],
        }
        if parent is None:
            tree[name] = entry
        else:
            tree[parent].setdefault("children", []).append(entry)
    machine = DottedMachine(
        model=None, states=list(tree.values()), initial=full[initial], auto_transitions=False
    )
    machine.ignore_invalid_triggers = True
    for source, event, guards, effects, target in rows:
        machine.add_transition(
            event,
            full[source],
            full[target] if target else None,
            conditions=[getattr(world, g) for g in guards if g[0] != "!"],
            unless=[getattr(world, g[1:]) for g in guards if g[0] == "!"],
            before=[getattr(world, a) for a in effects],
        )
    model = type("Model", (), {})()
    machine.add_model(model, initial=full[initial])
    return model, full


@pytest.mark.parametrize("first", range(0, TABLES_SHORT, 10))
def test_same_as_transitions(first: int) -> None:
    for seed in range(first, first + 10):
        rng = random.Random(seed)
        states, rows, initial = random_tables(rng)
        ours, theirs = World(), World()
        machine = Machine(pack(states, (), rows, initial), ours, ours, None, Deadlines(()))
        model, full = oracle_of(states, rows, initial, theirs)
        known = {row[1] for row in rows}
        for _ in range(EVENTS_A_TABLE):
            ours.true = theirs.true = {f"g{i}" for i in range(5) if rng.random() < 0.5}
            event = rng.choice(sorted(known))
            answer = machine.dispatch(event)
            assert answer == bool(model.trigger(event)), (seed, event)
            assert ours.log == theirs.log, (seed, event)
            assert full[machine.state] == model.state, (seed, event)
            ours.log.clear()
            theirs.log.clear()
