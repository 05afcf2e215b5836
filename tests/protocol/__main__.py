"""Fuzzing of what comes over the network.

    python -m tests.protocol packets|frames [--count 1000000] [--seed 1]

Prints its counts as JSON; ends with an error when something does not hold. The longest time of a single
piece of work is printed and not judged: it is the machine's as much as ours.
"""

from __future__ import annotations

import argparse
import json
import sys

from tests.protocol import fuzz_frames, fuzz_packets

FUZZERS = {"packets": fuzz_packets.run, "frames": fuzz_frames.run}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.protocol")
    parser.add_argument("what", choices=FUZZERS)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    counts = FUZZERS[options.what](options.count, options.seed)
    print(json.dumps({"seed": options.seed, **counts}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
