"""What a view may ask of a car; the words of actions are those of stories.

{"do": "open driver"}       an action, see docs/scenario.md; from then on the hands have the car
{"rate": 10}                so many times as quick, from 0.125 to 1000
{"pause": true}             time stands still; false: it goes on
{"jump": "deadline"}        quickly to two seconds before the next deadline
{"story": "resume"}         the story goes on where the hands took over
{"story": "step"}           likewise, and time stands still before the next step but one
{"say": "Lunch."}           a line for all views; nothing happens
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.live.pacing import SPEED_MAX, SPEED_MIN
from simulator.scenario import actions
from simulator.scenario.actions import Action
from simulator.scenario.problem import WordError

ACTION_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 300


class RequestError(ValueError):
    """What was asked for cannot be done; the text says why in a sentence."""


@dataclass(frozen=True)
class Do:
    action: Action


@dataclass(frozen=True)
class Rate:
    rate: float


@dataclass(frozen=True)
class Pause:
    is_on: bool


@dataclass(frozen=True)
class Jump:
    """To the next deadline."""


@dataclass(frozen=True)
class Resume:
    """The story; `one_step`: no more of it."""

    one_step: bool = False


@dataclass(frozen=True)
class Say:
    text: str


Request = Do | Rate | Pause | Jump | Resume | Say

KINDS = ("do", "rate", "pause", "jump", "story", "say")


def read_request(asked: dict[str, Any], now: datetime) -> Request:
    """RequestError says what was expected. `now`: the day of times without a date."""
    kinds = [kind for kind in KINDS if kind in asked]
    if len(kinds) != 1 or len(asked) != 1:
        raise RequestError(f"a request holds one of {', '.join(KINDS)}, and its id")
    kind = kinds[0]
    value = asked[kind]
    if kind == "do":
        return _read_action(value, now)
    if kind == "rate":
        return _read_rate(value)
    if kind == "pause":
        if not isinstance(value, bool):
            raise RequestError("pause is true or false")
        return Pause(value)
    if kind == "say":
        return _read_text(value)
    if kind == "jump":
        if value != "deadline":
            raise RequestError("jump knows only deadline")
        return Jump()
    if value not in ("resume", "step"):
        raise RequestError("story knows only resume and step")
    return Resume(one_step=value == "step")


def _read_action(value: Any, now: datetime) -> Do:
    if not isinstance(value, str):
        raise RequestError('do wants the words of an action, as "open driver"')
    if len(value) > ACTION_CHARACTERS_MAX:
        raise RequestError(f"an action has {ACTION_CHARACTERS_MAX} characters at the most")
    try:
        return Do(actions.parse(value, 0, now))
    except WordError as error:
        raise RequestError(str(error)) from None


def _read_text(value: Any) -> Say:
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_CHARACTERS_MAX:
        raise RequestError(f"say wants 1 to {TEXT_CHARACTERS_MAX} characters")
    return Say("".join(sign if sign.isprintable() else " " for sign in value))


def _read_rate(value: Any) -> Rate:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not SPEED_MIN <= value <= SPEED_MAX:  # nan is not between them either
        raise RequestError(f"rate is a number from {SPEED_MIN:g} to {SPEED_MAX:g}")
    return Rate(float(value))
