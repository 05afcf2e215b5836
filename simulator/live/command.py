"""python -m simulator run: arguments, what is missing, and the way that fits where it is shown."""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from simulator.live import machine, narration, pacing
from simulator.scenario.problem import StoryError
from simulator.scenario.reader import read_file
from simulator.scenario.runner import profile_terms
from simulator.scenario.story import Story
from simulator.vm.choose import VMS

DONE, FAILED, USAGE = 0, 1, 2
RENTAL_DAY = Path(__file__).resolve().parents[2] / "tests" / "scenarios" / "rental-day.yaml"

_EXAMPLE = """\
example:
  python -m simulator run --vm cpython --speed 10 --scenario tests/scenarios/end-05-refused.yaml

In a terminal the car is drawn and takes your keys, which are listed at the foot. Elsewhere, or with
--plain, what happens is printed line by line, as fast as it goes. Exit code 0: it was shown (plain:
and every expectation held); 1: one did not; 2: the arguments or the story are wrong."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        print(f"{message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(USAGE)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    found = _Parser(
        prog="python -m simulator run",
        description="A car's rental day, live: the real firmware in a simulated world.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument(
        "--vm", choices=VMS, default="micropython", help="what runs the firmware (micropython)"
    )
    found.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="so many times as quick (1)"
    )
    found.add_argument("--scenario", metavar="FILE", default=str(RENTAL_DAY), help="another story")
    found.add_argument(
        "scenario", nargs="?", metavar="FILE", default=argparse.SUPPRESS, help="the same"
    )
    found.add_argument("--profile", metavar="NAME", help="these terms instead of the story's own")
    found.add_argument("--plain", action="store_true", help="lines instead of a picture")
    found.add_argument("--seed", type=_seed, default=1, metavar="N", help="of all chance (1)")
    found.add_argument("--picture", metavar="FILE", help="write the screen to an SVG file instead")
    found.add_argument(
        "--at", metavar="TIME", help="when the picture is taken, as a story's at (its end)"
    )
    return found


def run(argv: list[str]) -> int:
    """The exit code."""
    arguments = parser().parse_args(argv)
    try:
        story = read_file(_shown_path(arguments.scenario), arguments.profile)
        terms = profile_terms(story)
    except StoryError as error:
        print(error, file=sys.stderr)
        return USAGE
    lacking = machine.missing(arguments.vm)
    if lacking:
        print(lacking, file=sys.stderr)
        return USAGE
    try:
        return _show(arguments, story, terms)
    except BrokenPipeError:
        # Whoever read our lines has seen enough; nothing may be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _show(arguments: argparse.Namespace, story: Story, terms: dict[str, Any]) -> int:
    from simulator.live import program

    if arguments.picture:
        return program.picture(arguments, story, terms)
    is_seen = sys.stdout.isatty() and not arguments.plain
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    print("\n".join(narration.introduction(story)), flush=True)
    if is_seen and _can_draw():
        return program.live(arguments, story, terms)
    return program.plain(arguments, story, terms)


def _can_draw() -> bool:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return sys.stdin.isatty() and encoding == "utf8" and os.environ.get("TERM", "dumb") != "dumb"


def _shown_path(path: str) -> str:
    """Relative to where we are, if it is below."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path


def _speed(text: str) -> float:
    least, most = pacing.SPEED_MIN, pacing.SPEED_MAX
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not least <= speed <= most:
        raise argparse.ArgumentTypeError(
            f"speed {text} is not a number from {least:g} to {most:g}; 1 is real time"
        )
    return speed


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"seed {text} is not a whole number from 0 on")
    return int(text)
