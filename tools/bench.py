"""`make bench`: figures against peers or limits, measured in one run, peers interleaved.

    python -m tools.bench [--json OUT] [--runs N]      (default build/bench.json, 5 runs)

Writes {"name": {"value", "unit", "peer", "ratio", "runs"}}. Engines: medians, ratio is ours / peer.
Where there is a limit instead of a peer: the longest of all runs, ratio is ours / limit (null for
a limit of 0). Exit 0 measured and within the limits, 1 a limit is broken, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools import bench_car, bench_engines, tree

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


def broken_limits(figures: Figures) -> list[str]:
    """Names of the figures that are not what they must be."""
    broken = []
    for name, figure in figures.items():
        if name == "engine_events_vs_transitions_flat":
            holds = figure["ratio"] >= FLAT_TIMES_MIN
        elif name.startswith("card_to_"):
            holds = figure["value"] <= bench_car.LIMIT_MS
        else:
            holds = not name.startswith("idle_") or figure["value"] == 0
        if not holds:
            broken.append(name)
    return broken


def show(name: str, figure: dict[str, Any]) -> str:
    """A line for people."""
    text = f"{name}: {figure['value']:,} {figure['unit']}, {figure['peer']}"
    if "peer_value" in figure:
        text += f" {figure['peer_value']:,}, {figure['ratio']} times"
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
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs: at least 1")
    figures = bench_engines.measure(options.runs)
    figures |= bench_car.measure(max(CAR_RUNS_MIN, options.runs))
    figures |= idle_bytes()
    for name, figure in figures.items():
        print(show(name, figure))
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
