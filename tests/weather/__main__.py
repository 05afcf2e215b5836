"""python -m tests.weather [--seeds N] [NAME...]: looks for a short seed that finds each planted fault."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from simulator.weather.story import play
from tests.weather.faults import BLIND, FAULTS, Fault, planted


def find(fault: Fault, seeds: Iterable[int]) -> tuple[int, str] | None:
    """The first seed that finds it, and the sentence that did not hold."""
    for seed in seeds:
        with planted(fault):
            outcome = play(seed, allowed=fault.allowed)
        if outcome.rule:
            return seed, outcome.rule
    return None


def main(argv: list[str]) -> int:
    """0 when all are found but those that are known to hide."""
    parser = argparse.ArgumentParser(prog="python -m tests.weather", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, metavar="N", help="look so far (300)")
    parser.add_argument("names", nargs="*", metavar="NAME", help="parts of names; none: all")
    arguments = parser.parse_args(argv)
    is_complete = True
    for fault in (*FAULTS, *BLIND):
        if arguments.names and not any(name in fault.name for name in arguments.names):
            continue
        found = find(fault, range(arguments.seeds))
        is_complete = is_complete and (found is not None or fault in BLIND)
        told = f"short seed {found[0]}: {found[1]}" if found else "not found"
        print(f"{fault.name}: {told}", flush=True)
    return 0 if is_complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
