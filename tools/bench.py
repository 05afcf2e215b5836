"""`make bench`: figures against peers or limits, measured in one run, peers interleaved.

    python -m tools.bench [--json OUT] [--runs N] [--only PART ...]      (default build/bench.json, 5 runs)

Parts: engines, car, idle, events, push, crowd, reader, turns,
console. Writes {"name": {"value", "unit", "peer", "ratio", "runs"}}.
Beside a peer: medians, ratio is ours / peer. Where there is a limit instead of a peer: the longest of all
runs, ratio is ours / limit (null for a limit of 0). Exit 0 measured and within the limits, 1 a limit is
broken, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools import (
    bench_car,
    bench_console,
    bench_crowd,
    bench_engines,
    bench_ingest,
    bench_push,
    bench_reader,
    bench_turns,
    tree,
)

#: Our engine is to be at least so many times as fast as `transitions`.
FLAT_TIMES_MIN = 15
CAR_RUNS_MIN = 10
IDLE = "tests/mp/measure_idle.py"

Figures = dict[str, dict[str, Any]]


def idle_bytes() -> Figures:
    """What 10,000 idle turns take from the heap of the 64-bit MicroPython."""
    done = subprocess.run(
        [Path(sys.executable).parent / "micropython", "-X", "heapsize=4096wK", IDLE],
        cwd=tree.ROOT,
        env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    figures = {}
    for line in done.stdout.splitlines():
        name, count = line.split()
        figures[f"idle_{name}_bytes"] = {
            "value": int(count),
            "unit": "bytes in 10,000 turns",
            "peer": "limit 0",
            "ratio": None,
            "runs": 1,
        }
    return figures


#: Part -> what measures it, by the number of runs.
PARTS: dict[str, Callable[[int], Figures]] = {
    "engines": bench_engines.measure,
    "car": lambda runs: bench_car.measure(max(CAR_RUNS_MIN, runs)),
    "idle": lambda _: idle_bytes(),
    "events": bench_ingest.measure,
    "push": lambda _: bench_push.measure(),
    "crowd": lambda _: bench_crowd.measure(),
    "reader": lambda _: bench_reader.measure(),
    "turns": lambda _: bench_turns.measure(),
    "console": lambda _: bench_console.measure(),
}

#: Name -> (least, most) that the figure or, with a peer, its ratio may be. Others are for information.
RATIOS = {
    "engine_events_vs_transitions_flat": (FLAT_TIMES_MIN, None),
    "durable_events_by_8": (bench_ingest.PART_MIN, None),
    "durable_events_by_48": (bench_ingest.PART_MIN, None),
    "booking_to_acknowledgement": (None, bench_push.TIMES_MAX),
    "reader_poll": (None, bench_reader.TIMES_FLOOR_MAX),
}
VALUES = {
    "card_to_unlock_pulse": (None, bench_car.LIMIT_MS),
    "card_to_lock_pulse": (None, bench_car.LIMIT_MS),
    "idle_step_bytes": (None, 0),
    "idle_turn_bytes": (None, 0),
    "idle_use_bytes": (None, 0),
    "bytes_of_a_change": (None, bench_push.CHANGE_BYTES_MAX),
    "bytes_of_200_bookings": (None, bench_push.SNAPSHOT_BYTES_MAX),
    "crowd_messages": (bench_crowd.MESSAGES_MIN, None),
    "crowd_arrivals": (bench_crowd.CONNECTS_MIN, None),
    "reader_touch_inviting": (None, bench_reader.NOTICED_MS_MAX),
    "turns_near_a_bad_network": (None, bench_turns.LIMIT_MS),
    "turns_with_the_console_flooded": (None, bench_console.LIMIT_MS),
}


def broken_limits(figures: Figures) -> list[str]:
    """Names of the figures that are not what they must be."""
    broken = []
    for name, figure in figures.items():
        for limits, what in ((RATIOS, "ratio"), (VALUES, "value")):
            least, most = limits.get(name, (None, None))
            found = figure[what]
            if (least is not None and found < least) or (most is not None and found > most):
                broken.append(name)
    return broken


def show(name: str, figure: dict[str, Any]) -> str:
    """A line for people."""
    text = f"{name}: {figure['value']:,} {figure['unit']}, {figure['peer']}"
    if "peer_value" in figure:
        text += f" {figure['peer_value']:,}, {figure['ratio']} times"
    if "p99" in figure:
        text += f", p99 {figure['p99']}"
    for extra in ("median_ms", "longest_ms", "busy_ms"):
        if extra in figure:
            text += f", {extra.removesuffix('_ms')} {figure[extra]:,}"
    if "median" in figure:
        text += f", median {figure['median']}, at most {figure['storage_ms']} of it storage"
    return text


def main(arguments: list[str]) -> int:
    """Exit 0 measured and within the limits, 1 not, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", default=str(tree.ROOT / "build" / "bench.json"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), metavar="PART")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs: at least 1")
    figures: Figures = {}
    for part in options.only or PARTS:
        found = PARTS[part](options.runs)
        figures |= found
        for name, figure in found.items():
            print(show(name, figure), flush=True)
    out = Path(options.json)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {out}")
    broken = broken_limits(figures)
    for name in broken:
        print(f"{name}: over its limit", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
