"""`make bench`: figures against peers, measured in the same run, interleaved.

    python -m tools.bench [--json OUT] [--runs N]      (default build/bench.json, 5 runs)

Writes {"name": {"value", "unit", "peer", "ratio", "runs"}}; values are medians, ratio is ours / peer.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transitions import Machine as FlatMachine
from transitions.extensions import HierarchicalMachine

from firmware.deadlines import Deadlines
from firmware.machine import Machine
from firmware.rental_table import INITIAL, STATES, TIMEOUTS, TRANSITIONS
from firmware.table_packer import pack
from firmware.terms import load_terms

ROOT = Path(__file__).parent.parent
EVENTS = 20_000


class World:
    """Guards answer from a fixed pattern by name; actions do nothing."""

    def __init__(self) -> None:
        self.ask_ms = self.relock_ms = 1000
        for row in TRANSITIONS:
            for guard in row[2]:
                name = guard.lstrip("!")
                answer = len(name) % 3 != 0
                setattr(self, name, lambda answer=answer: answer)
            for action in row[3]:
                setattr(self, action, lambda: None)


def trace() -> list[str]:
    """The same random events for everybody."""
    rng = random.Random(1)  # noqa: S311 - repeatable, not secret
    names = sorted({row[1] for row in TRANSITIONS})
    return [rng.choice(names) for _ in range(EVENTS)]


def ours(events: list[str]) -> Callable[[], None]:
    """The table engine on the rental table."""
    world = World()
    terms = load_terms(json.loads((ROOT / "firmware/profiles/top24-2023.json").read_text()))
    deadlines = Deadlines(tuple(row[0] for row in TIMEOUTS))
    machine = Machine(pack(STATES, TIMEOUTS, TRANSITIONS, INITIAL), world, world, terms, deadlines)

    def run() -> None:
        for event in events:
            machine.dispatch(event)

    return run


def _load(machine: Any, world: World, leaves: list[str], parents: dict[str, str | None]) -> None:
    for leaf in leaves:
        own = [row for row in TRANSITIONS if row[0] == leaf]
        own += [row for row in TRANSITIONS if row[0] == parents[leaf]]
        for _, event, guards, effects, target in own:
            machine.add_transition(
                event,
                leaf,
                target,
                conditions=[getattr(world, g) for g in guards if g[0] != "!"],
                unless=[getattr(world, g[1:]) for g in guards if g[0] == "!"],
                before=[getattr(world, a) for a in effects],
            )


def peer(kind: type[Any], events: list[str]) -> Callable[[], None]:
    """`transitions`, each leaf with its own and its parent's rows."""
    world = World()
    parents = {name: parent for name, parent, _, _ in STATES}
    leaves = [name for name in parents if name not in parents.values()]
    model = type("Model", (), {})()
    machine = kind(model=model, states=leaves, initial=INITIAL, auto_transitions=False)
    machine.ignore_invalid_triggers = True
    _load(machine, world, leaves, parents)

    def run() -> None:
        for event in events:
            model.trigger(event)

    return run


def measure(candidates: dict[str, Callable[[], None]], runs: int) -> dict[str, list[float]]:
    """Events a second of each, run after run in turn."""
    rates: dict[str, list[float]] = {name: [] for name in candidates}
    for run in candidates.values():
        run()
    for _ in range(runs):
        for name, run in candidates.items():
            began = time.perf_counter()
            run()
            rates[name].append(EVENTS / (time.perf_counter() - began))
    return rates


def main(arguments: list[str]) -> int:
    """Exit 0 done, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--json", default=str(ROOT / "build" / "bench.json"))
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(arguments)
    events = trace()
    rates = measure(
        {
            "ours": ours(events),
            "flat": peer(FlatMachine, events),
            "nested": peer(HierarchicalMachine, events),
        },
        options.runs,
    )
    value = statistics.median(rates["ours"])
    figures = {}
    for name, title in (
        ("flat", "transitions 0.9.3 Machine"),
        ("nested", "transitions 0.9.3 HierarchicalMachine"),
    ):
        ratio = statistics.median(a / b for a, b in zip(rates["ours"], rates[name], strict=True))
        figures[f"engine_events_vs_transitions_{name}"] = {
            "value": round(value),
            "unit": "events/s",
            "peer": title,
            "ratio": round(ratio, 1),
            "runs": options.runs,
        }
        print(
            f"{title}: {statistics.median(rates[name]):,.0f} events/s; ours {value:,.0f}; {ratio:.1f} times"
        )
    out = Path(options.json)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
