"""Short stories for the tests of the scenario runner, and how they went."""

from __future__ import annotations

from simulator.scenario.reader import read_text
from simulator.scenario.runner import Outcome, play
from simulator.scenario.story import Story

HEAD = """\
title: A story for a test
profile: top24-2023
now: "2026-04-01T09:50:00+09:00"
cards: {"0101060112AB34CD": XXY00001001}
bookings:
  - {id: B1, driver: XXY00001001, start: "10:00", end: "12:00"}
"""
HEAD_LINES = HEAD.count("\n")

START = "  - {do: site start}\n  - {within: 5s, see: {state: unlocked, doors: unlocked}}\n"


def story(steps: str, head: str = HEAD) -> Story:
    """A story of these steps."""
    return read_text(f"{head}steps:\n{steps}", "story.yaml")


def told(steps: str, head: str = HEAD) -> Outcome:
    """How it goes on CPython."""
    return play(story(steps, head), "cpython")


def missed(steps: str, head: str = HEAD) -> list[tuple[str, str]]:
    """(wanted, seen) of all that failed."""
    return [(failure.wanted, failure.seen) for failure in told(steps, head).failures]
