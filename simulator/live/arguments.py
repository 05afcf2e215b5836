"""Arguments that the commands of a live car share, and what is wrong with them in one sentence."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from simulator.live import pacing
from simulator.scenario.reader import read_file
from simulator.scenario.runner import profile_terms
from simulator.scenario.story import Story
from simulator.vm.choose import VMS

#: What a desk begins with: nothing happens by itself, and a booking can start.
WELCOME = Path(__file__).resolve().parents[1] / "desk" / "welcome.yaml"
RENTAL_DAY = Path(__file__).resolve().parents[2] / "tests" / "scenarios" / "rental-day.yaml"


def add_story(found: argparse.ArgumentParser) -> None:
    """What is played, how fast, and what runs the firmware."""
    found.add_argument(
        "--vm", choices=VMS, default="micropython", help="what runs the firmware (micropython)"
    )
    found.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="so many times as quick (1)"
    )
    found.add_argument("--scenario", metavar="FILE", default="", help="another story")
    found.add_argument("--profile", metavar="NAME", help="these terms instead of the story's own")


def read_story(arguments: argparse.Namespace) -> tuple[Story, dict[str, Any]]:
    """The story and its terms; StoryError when there is none."""
    arguments.scenario = _shown_path(arguments.scenario or str(RENTAL_DAY))
    story = read_file(arguments.scenario, arguments.profile)
    return story, profile_terms(story)


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
