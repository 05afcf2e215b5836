"""python -m simulator fleet: N cars, D days, and what the watchers saw."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from fleetd.arguments import Parser, whole
from fleetd.ledger.findings import counted
from simulator.command_line import result_file, write_result
from simulator.fleet.days import FAULTS, Days
from simulator.weather import kinds

FINE, NOT_FINE, USAGE = 0, 1, 2
CARS_MAX, DAYS_MAX = 5000, 3650
_TELL_EVERY_S = 0.5

_EXAMPLE = """\
example:
  python -m simulator fleet --cars 20 --days 7 --seed 1 --json build/fleet.json

The cars run the real firmware, the daemon is the real one on a database in memory. Time in which nothing
happens is jumped over. The digest is the same for the same arguments. Exit code 0: no safety
violation, no event lost or doubled; 1: there was one; 2: wrong usage."""


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = Parser(
        prog="python -m simulator fleet",
        description="Many cars for many days, with drivers, faults and the daemon.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--cars", type=whole(1, CARS_MAX), required=True, metavar="N")
    found.add_argument("--days", type=whole(1, DAYS_MAX), required=True, metavar="D")
    found.add_argument("--seed", type=whole(0, 10**9), default=1, metavar="S", help="(1)")
    found.add_argument("--faults", choices=FAULTS, default="usual",
                       help="usual: what happens in a year; harsh: all of it every day (usual)")  # fmt: skip
    found.add_argument("--json", type=result_file, metavar="OUT",
                       help="write the result to this file")  # fmt: skip
    return found


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    days = Days(arguments.cars, arguments.days, arguments.seed, arguments.faults)
    result = days.run(_Progress(arguments.days).tell)
    print(in_words(result))
    is_written = arguments.json is None or write_result(arguments.json, result)
    is_bad = result["safety_violations"] or result["audit_lost"] or result["audit_doubled"]
    return NOT_FINE if is_bad or not is_written else FINE


class _Progress:
    """On a terminal only."""

    def __init__(self, days: int) -> None:
        self._days = days
        self._told_s = 0.0

    def tell(self, passed_days: float) -> None:
        if sys.stderr.isatty() and time.monotonic() - self._told_s > _TELL_EVERY_S:
            self._told_s = time.monotonic()
            print(f"\rday {passed_days:.1f} of {self._days}", end="", file=sys.stderr, flush=True)


def in_words(result: dict[str, Any]) -> str:
    """For people."""
    counts = result["counts"]
    faults = ", ".join(f"{counts[kind]} {kind}" for kind in kinds.KINDS if counts.get(kind))
    days, seconds = result["vehicle_days"], result["wall_s"]
    size = f"{counted(result['cars'], 'car')}, {counted(result['days'], 'day')}"
    head = f"{size}: {days} vehicle-days in {seconds} s"
    acts = ("booked", "bookings"), ("touched", "touches"), ("opened", "openings")
    lived = ", ".join(f"{counts.get(kind, 0)} {word}" for kind, word in acts)
    lost, doubled = result["audit_lost"], result["audit_doubled"]
    lines = [
        f"{head}, {result['vehicle_days_per_s']} a second",
        f"{lived}; faults: {faults or 'none'}",
        f"{result['safety_violations']} safety violations",
        f"{result['audit_events']} events: {lost} lost, {doubled} doubled",
    ]
    lines += [f"VIOLATION {violation}" for violation in result["violations"]]
    return "\n".join(lines)
