"""All stories: on CPython and on MicroPython with one timeline, and under the profiles that share them.

    python -m tests.all_stories [STORY ...]      all, if none is named

`FOR_CI` between them call every function of the firmware, its drivers and the simulated board that any
story calls but those that wait for most of an hour (measured with coverage at commit c8a65ac; every
line is run by tests/portable). The tests play these on both interpreters, the others on CPython, and what
profiles share under one of the others, in turn, but for what is in `WAIT_LONG`.
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
from tests import other_profiles, stories_page
from tools import tree

FOLDER = "tests/scenarios/"
STORIES = sorted(path for path in tree.paths(".yaml") if path.startswith(FOLDER))
FOR_CI = [
    "end-03-second-touch",
    "end-06-from-relocked-by-phone",
    "end-07-cut-off",
    "enrol-01-time-over",
    "enrol-02-licence",
    "enrol-02-one-card",
    "offline-day",
    "pos-01-asked-for",
    "rental-day",
    "reopen-03-key-taken",
    "reopen-06-doors-left-open",
    "reopen-06-no-door-opened",
    "safe-01-line-that-lied",
    "safe-01-taken-in-time",
    "safe-03-deadlines-go-on",
    "safe-04-clock-untrusted",
    "staff-01-in-a-rental",
    "start-01-booking-over",
    "start-07-key-not-taken",
    "start-11-late-start",
    "start-12-lost-answer",
    "trouble-reader-dead",
    "trouble-relays-miss",
    "trouble-stuck-inputs",
    "use-04-extension",
    "use-05-reunlock",
]

#: Stories that wait longest. What profiles share of them is left to the long run; each is told under its own.
WAIT_LONG = [
    "reopen-05-only-once",
    "reopen-06-door-cannot-be-told",
    "safe-03-deadlines-go-on",
    "safe-03-power-cut-on-the-road",
    "safe-04-clock-jump",
    "start-04-late-booking",
    "start-04-reader-window",
    "trouble-end-lock",
    "use-01-drivers-own-key",
    "use-03-warning-in-a-power-cut",
    "use-03-warnings",
    "use-04-extension",
]


def differences(path: str) -> list[str]:
    """What does not hold, or differs; nothing when all is well."""
    outcomes = [play(read_file(path), vm) for vm in ("cpython", "micropython")]
    found = [line for one in outcomes if not one.passed for line in report.lines(one)]
    return found or _apart(path, *outcomes)


def shared() -> list[tuple[str, str]]:
    """(path, other profile) of what docs/stories.md calls the same."""
    text = (tree.ROOT / stories_page.PAGE).read_text(encoding="utf-8")
    return sorted({(one.path, one.profile) for one in stories_page.answers(text) if one.is_same})


def misses(path: str, profile: str) -> list[str]:
    """What does not hold under another profile, on CPython."""
    outcome = play(other_profiles.read(path, profile), "cpython")
    return [] if outcome.passed else list(report.lines(outcome))


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
        prog="python -m tests.all_stories",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stories", nargs="*", metavar="STORY")
    stories = parser.parse_args(argv).stories or STORIES
    of_others = [one for one in shared() if one[0] in stories]
    with Pool(os.cpu_count()) as pool:
        found = pool.map(differences, stories, chunksize=1)
        found += pool.starmap(misses, of_others, chunksize=1)
    for line in (line for lines in found for line in lines):
        print(line)
    failures = len([lines for lines in found if lines])
    counts = {"stories": len(stories), "under_other_profiles": len(of_others), "failures": failures}
    print(json.dumps(counts))
    return 1 if failures else 0


if __name__ == "__main__":
    os.chdir(tree.ROOT)
    sys.exit(main(sys.argv[1:]))
