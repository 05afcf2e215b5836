"""How stories went: for people, and as JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from simulator.scenario import times
from simulator.scenario.runner import Failure, Outcome


def as_json(outcomes: list[Outcome]) -> str:
    """One object a story, in their order."""
    return json.dumps([_object(one) for one in outcomes], indent=1, ensure_ascii=False) + "\n"


def _object(outcome: Outcome) -> dict[str, Any]:
    story = outcome.story
    return {
        "file": story.path,
        "title": story.title,
        "rules": list(story.rules),
        "passed": outcome.passed,
        "failures": [
            {"step": one.step, "line": one.line, "wanted": one.wanted, "seen": one.seen}
            for one in outcome.failures
        ],
        "timeline": [{"t_ms": t_ms, "what": what} for t_ms, what in outcome.timeline],
    }


def lines(outcome: Outcome) -> list[str]:
    """A line for a story that holds; for another one each expectation that did not."""
    story = outcome.story
    if outcome.passed:
        lasted = times.duration_text(outcome.lasted_us // times.S * times.S)
        return [f"holds  {story.path}: {story.title} ({len(story.steps)} steps, {lasted})"]
    found = [f"FAILS  {story.path}: {story.title}"]
    for failure in outcome.failures:
        found += _about(story.path, failure)
    return found


def _about(path: str, failure: Failure) -> list[str]:
    where = f"{path}:{failure.line}: step {failure.step}" if failure.step else path
    return [f"  {where}", f"    wanted {failure.wanted}", f"    seen   {failure.seen}"]


def summary(outcomes: list[Outcome]) -> str:
    """The last line."""
    failed = sum(not one.passed for one in outcomes)
    count = f"{len(outcomes)} stor{'y' if len(outcomes) == 1 else 'ies'}"
    return f"{count}, all hold" if not failed else f"{count}, {failed} of them do not hold"
