"""Turns of the box while its console is flooded: the whole program on MicroPython, 115200 baud.

The cable is full in both directions at its own speed: endless lines, noise, unknown words, and every
command again and again. The time of a turn is the wall's, loop and console together.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools import tree

CAR_PROGRAM = "tools/bench_console_car.py"
SECONDS = 40
LIMIT_MS = 50.0


def measure(seconds: int = SECONDS) -> dict[str, dict[str, Any]]:
    """The longest turn of a thousand, flooded and with nobody at the cable."""
    done = subprocess.run(
        [
            Path(sys.executable).parent / "micropython",
            "-X", "heapsize=4M", CAR_PROGRAM, str(seconds),
        ],
        cwd=tree.ROOT,
        env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    found = {}
    for line in done.stdout.splitlines():
        name, *numbers = line.split()
        found[name] = [int(number) for number in numbers]
    figures = {}
    for kind in ("flooded", "unused"):
        count, median_us, p999_us, longest_us = found[kind]
        figures[f"turns_with_the_console_{kind}"] = {
            "value": round(p999_us / 1000, 2),
            "unit": "ms, p99.9",
            "peer": f"limit {LIMIT_MS:.0f} ms",
            "ratio": round(p999_us / 1000 / LIMIT_MS, 3),
            "runs": count,
            "median_ms": round(median_us / 1000, 3),
            "longest_ms": round(longest_us / 1000, 2),
            "bytes_read": found["bytes"][0],
            "bytes_written": found["bytes"][1],
            "heap_grown": found["heap"][0],
        }
    return figures
