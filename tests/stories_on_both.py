"""Stories on CPython and on MicroPython: they hold on both, with one timeline.

    python -m tests.stories_on_both [STORY ...]      all, if none is named

`FOR_CI` between them run every line of the firmware, its drivers and the simulated board that any story
runs but those that wait for most of an hour (measured with coverage at commit c8a65ac); the tests play
these on both, and the others on CPython.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from multiprocessing import Pool

from simulator.scenario import report
from simulator.scenario.reader import read_file
from simulator.scenario.runner import Outcome, play
from tools import tree

FOLDER = "tests/scenarios/"
STORIES = sorted(path for path in tree.paths(".yaml") if path.startswith(FOLDER))
FOR_CI = [
    "end-01-no-gear-sensor",
    "end-02-lights-and-window",
    "end-03-second-touch",
    "end-07-cut-off",
    "end-08-refuse",
    "end-08-staff-review",
    "enrol-01-during-use",
    "enrol-01-time-over",
    "enrol-02-licence",
    "enrol-02-one-card",
    "offline-day",
    "pos-01-asked-for",
    "rental-day",
    "rental-day-2018",
    "reopen-03-key-taken",
    "reopen-05-book-again",
    "reopen-06-doors-left-open",
    "reopen-06-no-door-opened",
    "safe-01-line-that-lied",
    "safe-01-taken-in-time",
    "safe-02-nobody-is-allowed",
    "safe-03-card-from-before",
    "safe-03-deadlines-go-on",
    "safe-03-start-cut-off",
    "safe-04-clock-jump",
    "safe-04-clock-untrusted",
    "staff-01-in-a-rental",
    "start-01-too-early",
    "start-02-phone",
    "start-07-key-already-out",
    "start-09-refusals",
    "start-10-not-returned",
    "start-11-late-start",
    "start-12-lost-answer",
    "trouble-network",
    "trouble-reader-dead",
    "trouble-relays-miss",
    "trouble-stuck-inputs",
    "use-01-drivers-own-key",
    "use-04-extension",
    "use-05-reunlock",
]


def differences(path: str) -> list[str]:
    """What does not hold, or differs; nothing when all is well."""
    outcomes = [play(read_file(path), vm) for vm in ("cpython", "micropython")]
    found = [line for one in outcomes if not one.passed for line in report.lines(one)]
    return found or _apart(path, *outcomes)


def _apart(path: str, first: Outcome, second: Outcome) -> list[str]:
    if first.timeline == second.timeline:
        return []
    entries = zip(first.timeline, second.timeline, strict=False)
    differing = [f"{one} and {other}" for one, other in entries if one != other]
    counts = f"{len(first.timeline)} and {len(second.timeline)} entries"
    return [f"{path}: {(differing or [counts])[0]}"]


def main(argv: list[str]) -> int:
    """The exit code: 0 when all hold alike, 1 when not."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.stories_on_both",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stories", nargs="*", metavar="STORY")
    stories = parser.parse_args(argv).stories or STORIES
    with Pool(os.cpu_count()) as pool:
        found = pool.map(differences, stories, chunksize=1)
    for line in (line for lines in found for line in lines):
        print(line)
    failures = len([lines for lines in found if lines])
    print(json.dumps({"stories": len(stories), "failures": failures}))
    return 1 if failures else 0


if __name__ == "__main__":
    os.chdir(tree.ROOT)
    sys.exit(main(sys.argv[1:]))
