"""The rental's table under our engine and under others', with guards and actions that cost nothing."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from sismic.interpreter import Interpreter
from sismic.model import BasicState, CompoundState, Statechart, Transition
from statemachine import State, StateMachine
from transitions import Machine as FlatMachine
from transitions.extensions import HierarchicalMachine

from firmware.deadlines import Deadlines
from firmware.machine import Machine
from firmware.rental_table import INITIAL, STATES, TIMEOUTS, TRANSITIONS
from firmware.table_packer import pack
from firmware.terms import load_terms
from tools import tree

PARENTS = {name: parent for name, parent, _, _ in STATES}
LEAVES = [name for name in PARENTS if name not in PARENTS.values()]
#: Slower engines get fewer of the same events; what counts is events a second.
EVENTS = 20_000
EVENTS_SLOW = 2_000

Run = Callable[[], None]


class Engine(NamedTuple):
    """Somebody's engine with the rental's table: all events once, and where it stands."""

    run: Run
    state: Callable[[], str]


class World:
    """Guards answer from a fixed pattern by name; actions do nothing."""

    def __init__(self) -> None:
        for row in TRANSITIONS:
            for guard in row[2]:
                name = guard.lstrip("!")
                answer = len(name) % 3 != 0
                setattr(self, name, lambda answer=answer: answer)
            for action in row[3]:
                setattr(self, action, lambda: None)


def trace(count: int) -> list[str]:
    """The same random events for everybody."""
    rng = random.Random(1)  # noqa: S311 - repeatable, not secret
    names = sorted({row[1] for row in TRANSITIONS})
    return [rng.choice(names) for _ in range(count)]


def rows_of(leaf: str) -> list[Any]:
    """The leaf's own, then its parent's."""
    own = [row for row in TRANSITIONS if row[0] == leaf]
    return own + [row for row in TRANSITIONS if row[0] == PARENTS[leaf]]


def ours(events: list[str]) -> Engine:
    """The table engine, timers and all."""
    world = World()
    profile = tree.ROOT / "firmware/profiles/top24-2023.json"
    terms = load_terms(json.loads(profile.read_text(encoding="utf-8")))
    deadlines = Deadlines(tuple(row[0] for row in TIMEOUTS))
    machine = Machine(pack(STATES, TIMEOUTS, TRANSITIONS, INITIAL), world, world, terms, deadlines)

    def run() -> None:
        for event in events:
            machine.dispatch(event)

    return Engine(run, lambda: machine.state)


def transitions(kind: type[Any], events: list[str]) -> Engine:
    """`transitions`, each leaf with its own and its parent's rows."""
    world = World()
    model = type("Model", (), {})()
    machine = kind(model=model, states=LEAVES, initial=INITIAL, auto_transitions=False)
    machine.ignore_invalid_triggers = True
    for leaf in LEAVES:
        for _, event, guards, effects, target in rows_of(leaf):
            machine.add_transition(
                event,
                leaf,
                target,
                conditions=[getattr(world, g) for g in guards if g[0] != "!"],
                unless=[getattr(world, g[1:]) for g in guards if g[0] == "!"],
                before=[getattr(world, a) for a in effects],
            )

    def run() -> None:
        for event in events:
            model.trigger(event)

    return Engine(run, lambda: str(model.state))


def python_statemachine(events: list[str]) -> Engine:
    """python-statemachine, each leaf with its own and its parent's rows."""
    world = World()
    states = {name: State(name, value=name, initial=name == INITIAL) for name in LEAVES}
    body: dict[str, Any] = {f"state_{name}": state for name, state in states.items()}
    body["allow_event_without_transition"] = True
    for leaf in LEAVES:
        for _, event, guards, effects, target in rows_of(leaf):
            more: dict[str, Any] = {
                "cond": [getattr(world, g) for g in guards if g[0] != "!"],
                "unless": [getattr(world, g[1:]) for g in guards if g[0] == "!"],
                "before": [getattr(world, a) for a in effects],
            }
            source: Any = states[leaf]
            if target is None:
                row = source.to.itself(internal=True, **more)
            else:
                row = source.to(states[target], **more)
            body[event] = body[event] | row if event in body else row
    machine: Any = type("Rental", (StateMachine,), body)()

    def run() -> None:
        for event in events:
            machine.send(event)

    return Engine(run, lambda: str(machine.configuration_values[0]))


def sismic(events: list[str]) -> Engine:
    """sismic, nested as the table is; the order of rows as priorities."""
    world = World()
    chart = Statechart("rental")
    chart.add_state(CompoundState("root", initial=INITIAL), None)
    for name, parent in PARENTS.items():
        children = [leaf for leaf in LEAVES if PARENTS[leaf] == name]
        state = CompoundState(name, initial=children[0]) if children else BasicState(name)
        chart.add_state(state, parent or "root")
    for number, (source, event, guards, effects, target) in enumerate(TRANSITIONS):
        asked = [f"not {g[1:]}()" if g[0] == "!" else f"{g}()" for g in guards]
        chart.add_transition(
            Transition(
                source,
                target,
                event=event,
                guard=" and ".join(asked) or None,
                action="\n".join(f"{effect}()" for effect in effects) or None,
                priority=len(TRANSITIONS) - number,
            )
        )
    interpreter = Interpreter(chart, initial_context=dict(vars(world)))
    interpreter.execute()

    def run() -> None:
        for event in events:
            interpreter.queue(event).execute_once()

    return Engine(run, lambda: str(interpreter.configuration[-1]))


def measure(runs: int) -> dict[str, dict[str, Any]]:
    """Events a second of all, run after run in turn; ratio is ours / the peer's."""
    many, few = trace(EVENTS), trace(EVENTS_SLOW)
    peers: dict[str, tuple[str, Engine, int]] = {
        "transitions_flat": (
            "transitions 0.9.3 Machine",
            transitions(FlatMachine, many),
            EVENTS,
        ),
        "transitions_nested": (
            "transitions 0.9.3 HierarchicalMachine",
            transitions(HierarchicalMachine, many),
            EVENTS,
        ),
        "python_statemachine": (
            f"python-statemachine {_version('python-statemachine')}",
            python_statemachine(few),
            EVENTS_SLOW,
        ),
        "sismic": (f"sismic {_version('sismic')}", sismic(few), EVENTS_SLOW),
    }
    candidates = {"ours": (ours(many), EVENTS)}
    candidates |= {name: (engine, count) for name, (_, engine, count) in peers.items()}
    rates: dict[str, list[float]] = {name: [] for name in candidates}
    for engine, _ in candidates.values():
        engine.run()
    for _ in range(runs):
        for name, (engine, count) in candidates.items():
            began = time.perf_counter()
            engine.run()
            rates[name].append(count / (time.perf_counter() - began))
    figures = {}
    for name, (title, _, _) in peers.items():
        ratios = [a / b for a, b in zip(rates["ours"], rates[name], strict=True)]
        figures[f"engine_events_vs_{name}"] = {
            "value": round(statistics.median(rates["ours"])),
            "unit": "events/s",
            "peer": title,
            "peer_value": round(statistics.median(rates[name])),
            "ratio": round(statistics.median(ratios), 1),
            "runs": runs,
        }
    return figures


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)
