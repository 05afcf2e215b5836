"""A story's steps, a line each, for who wants to see what is to come."""

from __future__ import annotations

from typing import Any

from simulator.live import narration
from simulator.live.sentences import duration
from simulator.scenario import times
from simulator.scenario.story import Step, Story


def script_of(story: Story) -> dict[str, Any]:
    """The feed's "story": what does not change while it is told."""
    comments = narration.read_comments(story.path)
    return {
        "story": {
            "path": story.path,
            "title": story.title,
            "rules": list(story.rules),
            "profile": story.profile,
            "steps": [
                {
                    "n": step.number,
                    "at": _when(step, story),
                    "says": comments.get(step.line, ""),
                    "does": [narration.about(action) for action in step.do],
                    "wants": wanted(step),
                }
                for step in story.steps
            ],
        }
    }


def wanted(step: Step) -> str:
    """What a step wants to see, in the story's words."""
    parts = []
    if step.see:
        within = f" within {duration(step.within_us)}" if step.within_us else ""
        parts.append(", ".join(sight.text for sight in step.see) + within)
    if step.never:
        during = duration(step.during_us)
        parts.append(f"never {', '.join(sight.text for sight in step.never)} during {during}")
    return "; ".join(parts)


def _when(step: Step, story: Story) -> str:
    """A time on the wall, or how long after the step before; "" is at once."""
    if step.at_us is not None:
        return times.clock_text(story.now, step.at_us)
    return f"{duration(step.after_us)} later" if step.after_us else ""
