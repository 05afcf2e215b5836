"""python -m simulator scenario FILE..."""

from __future__ import annotations

import argparse
import sys

from fleetd.arguments import Parser
from simulator.command_line import result_file, write_text
from simulator.scenario import report
from simulator.scenario.problem import StoryError
from simulator.scenario.reader import read_file
from simulator.scenario.runner import Outcome, play, profile_terms
from simulator.scenario.story import Story
from simulator.vm import micropython
from simulator.vm.choose import VMS

HOLDS, FAILS, USAGE = 0, 1, 2

_EXAMPLE = """\
example:
  python -m simulator scenario tests/scenarios/rental-day.yaml --vm micropython

The words of a story are listed in docs/scenario.md. Exit code 0: every expectation holds; 1: one
does not; 2: a file cannot be understood, and the message says where and what was expected."""


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = Parser(
        prog="python -m simulator scenario",
        description="Play stories of one car, written in YAML, on the real firmware.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("files", nargs="+", metavar="FILE", help="a story")
    found.add_argument(
        "--vm", choices=VMS, default="cpython", help="what runs the firmware (default: cpython)"
    )
    found.add_argument(
        "--profile", metavar="NAME", help="play with these terms instead of the files' own"
    )
    found.add_argument("--json", type=result_file, metavar="OUT",
                       help="write results and timelines to this file")  # fmt: skip
    found.add_argument("--quiet", action="store_true", help="print nothing but what fails")
    return found


def main(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    if arguments.vm == "micropython" and not micropython.is_installed():
        print("MicroPython is not installed here; choose --vm cpython", file=sys.stderr)
        return USAGE
    stories = _read(arguments.files, arguments.profile)
    if stories is None:
        return USAGE
    outcomes: list[Outcome] = []
    for number, story in enumerate(stories, 1):
        _progress(f"{number}/{len(stories)} {story.path}")
        try:
            outcome = play(story, arguments.vm)
        except StoryError as error:
            _progress("")
            print(error, file=sys.stderr)
            return USAGE
        _progress("")
        outcomes.append(outcome)
        if not (arguments.quiet and outcome.passed):
            print("\n".join(report.lines(outcome)), flush=True)
    if not arguments.quiet:
        print(report.summary(outcomes))
    if arguments.json and not write_text(arguments.json, report.as_json(outcomes)):
        return FAILS
    return HOLDS if all(one.passed for one in outcomes) else FAILS


def _read(paths: list[str], profile: str | None) -> list[Story] | None:
    """All stories, or None when one of them cannot be understood; then nothing is played."""
    stories = []
    wrong = False
    for path in paths:
        try:
            story = read_file(path, profile)
            profile_terms(story)
        except StoryError as error:
            print(error, file=sys.stderr)
            wrong = True
        else:
            stories.append(story)
    return None if wrong else stories


def _progress(text: str) -> None:
    """Which story is being played, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
