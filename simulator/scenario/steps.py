"""Steps of a story: read from the file, and checked for a clock that only runs forward."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from simulator.scenario import actions, sights, times, words
from simulator.scenario.document import Value
from simulator.scenario.problem import StoryError, WordError
from simulator.scenario.story import Step

#: A story says times to the second: an `at` of the second that has begun is now.
SAME_SECOND_US = times.S


def read_steps(value: Value, now: datetime, booked: Iterable[str]) -> tuple[Step, ...]:
    """All steps; StoryError names the line of what is wrong. `booked`: bookings from before."""
    steps = tuple(_read(number, one, now) for number, one in enumerate(value.items("steps"), 1))
    if not steps:
        raise value.error("steps is empty; a story has at least one step")
    earliest_us = 0
    for step in steps:
        earliest_us = _end_us(step, earliest_us, value.path, now)
    _check_bookings(steps, value.path, set(booked))
    return steps


def _check_bookings(steps: tuple[Step, ...], path: str, booked: set[str]) -> None:
    """Only what was booked before can be changed or cancelled."""
    for action in (action for step in steps for action in step.do):
        if action.method == "book":
            booked.add(str(action.arguments[0]))
        elif action.method in ("change", "cancel") and action.arguments[0] not in booked:
            name = str(action.arguments[0])
            raise StoryError(path, action.line, words.unknown("booking", name, sorted(booked)))


def past_error(path: str, step: Step, clock_us: int, now: datetime) -> StoryError:
    """An `at` that lies behind the clock, with both times."""
    assert step.at_us is not None
    at, clock = times.clock_text(now, step.at_us), times.clock_text(now, clock_us)
    sentence = f"step {step.number} is at {at}, but it is {clock} by then; times only go forward"
    return StoryError(path, step.line, sentence)


def _read(number: int, value: Value, now: datetime) -> Step:
    parts: dict[str, Value] = {}
    for key, place, part in value.entries("a step"):
        if key not in words.STEP_KEYS:
            raise place.error(words.unknown("key of a step", key, words.STEP_KEYS))
        parts[key] = part
    if not parts:
        raise value.error(f"an empty step; expected any of {', '.join(words.STEP_KEYS)}")
    for key, needs in (("within", "see"), ("during", "never"), ("never", "during")):
        if key in parts and needs not in parts:
            raise parts[key].error(f"{key} needs {needs} in the same step")
    spans = {
        key: _duration(key, parts[key]) for key in ("after", "within", "during") if key in parts
    }
    return Step(
        number=number,
        line=value.line,
        at_us=_at(parts["at"], now) if "at" in parts else None,
        after_us=spans.get("after", 0),
        do=_actions(parts["do"], now) if "do" in parts else (),
        see=_sights("see", parts["see"]) if "see" in parts else (),
        within_us=spans.get("within"),
        never=_sights("never", parts["never"]) if "never" in parts else (),
        during_us=spans.get("during", 0),
        names_a_time="at" in parts or "after" in parts,
    )


def _duration(key: str, value: Value) -> int:
    try:
        return times.duration_us(value.text(key))
    except WordError as error:
        raise value.error(f"{key}: {error}") from error


def _at(value: Value, now: datetime) -> int:
    text = value.text("at")
    try:
        at_us = times.since_now_us(text, now)
    except WordError as error:
        raise value.error(f"at: {error}") from error
    if at_us < 0:
        raise value.error(f"at: {text} lies before now, {times.clock_text(now, 0)}")
    return at_us


def _actions(value: Value, now: datetime) -> tuple[actions.Action, ...]:
    found = []
    for one in value.one_or_more():
        try:
            found.append(actions.parse(one.text("an action"), one.line, now))
        except WordError as error:
            raise one.error(str(error)) from error
    if not found:
        raise value.error("do is empty; expected one action or a list of them")
    return tuple(found)


def _sights(key: str, value: Value) -> tuple[sights.Sight, ...]:
    found = []
    for word, place, part in value.entries(key):
        try:
            found.append(sights.parse(word, part))
        except WordError as error:
            raise place.error(str(error)) from error
    if not found:
        raise value.error(f"{key} is empty; expected any of {', '.join(sights.KEYS)}")
    return tuple(found)


def _end_us(step: Step, begins_us: int, path: str, now: datetime) -> int:
    """The earliest time at which a step can be over."""
    if step.at_us is not None:
        if step.at_us + SAME_SECOND_US <= begins_us:
            raise past_error(path, step, begins_us, now)
        begins_us = max(begins_us, step.at_us)
    takes_us = sum(action.takes_us for action in step.do)
    return begins_us + step.after_us + takes_us + step.during_us
