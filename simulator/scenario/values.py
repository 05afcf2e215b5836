"""What stands in the places of an action: `open DOOR`, `drive DISTANCE in DURATION`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction

from simulator.scenario import times, words
from simulator.scenario.problem import WordError

#: A value of an action; which it is follows from the place.
Argument = str | int | bytes | datetime

_DISTANCE = re.compile(r"(\d+(?:\.\d+)?)(km|m)", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3})%", re.ASCII)
_VOLT = re.compile(r"(\d{1,2}(?:\.\d{1,3})?)V", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_IDM = re.compile(r"[0-9A-Fa-f]{16}")

_VOLT_MAX = 32
_SPEED_MAX_KMH = 300
_DELAY_MAX_S = 3600

# The two values of an input, as people say them: first what makes it YES, then what makes it NO.
_COMMON = ("yes", "no")
INPUT_VALUES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "door_driver": (("open",), ("closed",)),
    "door_passenger": (("open",), ("closed",)),
    "door_rear_left": (("open",), ("closed",)),
    "door_rear_right": (("open",), ("closed",)),
    "trunk": (("open",), ("closed",)),
    "key": (("in",), ("out",)),
    "knob": (("return",), ("rent",)),
    "engine": (("on",), ("off",)),
    "moving": (("on",), ("off",)),
    "brake": (("on",), ("off",)),
    "gear": (("P",), ("R", "N", "D")),
    "lights": (("on",), ("off",)),
    "window": (("open",), ("closed",)),
    "locked": (("locked",), ("unlocked",)),
    "blocked": (("blocked",), ("free",)),
}


def idm(text: str) -> bytes:
    """A card's identifier."""
    if not _IDM.fullmatch(text):
        raise WordError(f"'{text}' is not a card; an identifier has 16 hexadecimal digits")
    return bytes.fromhex(text)


def name(text: str) -> str:
    """An identifier of a booking, a driver, a licence."""
    if not _NAME.fullmatch(text):
        raise WordError(f"'{text}' is not an identifier; use up to 40 letters, digits, . _ -")
    return text


def distance_m(text: str) -> int:
    found = _DISTANCE.fullmatch(text)
    if found is None:
        raise WordError(f"'{text}' is not a distance; write it like 3.5km or 800m")
    return int(Fraction(found[1]) * (1000 if found[2] == "km" else 1))


def percent(text: str) -> int:
    found = _PERCENT.fullmatch(text)
    if found is None or int(found[1]) > 100:
        raise WordError(f"'{text}' is not a share; write it like 30%, at most 100%")
    return int(found[1])


def battery_mv(text: str) -> int:
    found = _VOLT.fullmatch(text)
    if found is None:
        raise WordError(f"'{text}' is not a voltage; write it like 11.4V")
    volts = Fraction(found[1])
    if volts > _VOLT_MAX:
        raise WordError(f"battery {text} is more than {_VOLT_MAX}V, the most that a box measures")
    return int(volts * 1000)


def delay_us(text: str) -> int:
    """What the network adds to a way."""
    found_us = times.duration_us(text)
    if found_us > _DELAY_MAX_S * times.S:
        raise WordError(f"a network slow by {text} is none; write at most {_DELAY_MAX_S // 60}m")
    return found_us


def check_speed(distance_m: int, takes_us: int) -> None:
    """WordError where no car drives that fast."""
    if distance_m * 3600 * times.S > _SPEED_MAX_KMH * 1000 * takes_us:
        raise WordError(
            f"{distance_m} m in {times.duration_text(takes_us)} is faster than {_SPEED_MAX_KMH} km/h; "
            "give the drive more time"
        )


def seconds(text: str) -> int:
    """A duration of whole seconds."""
    whole_s, rest_us = divmod(times.duration_us(text), times.S)
    if rest_us:
        raise WordError(f"'{text}' is not a whole number of seconds")
    return whole_s


def shift_s(text: str) -> int:
    """How far a clock jumps; negative when back."""
    return -seconds(text[1:]) if text.startswith("-") else seconds(text.removeprefix("+"))


def input_name(text: str) -> str:
    """An input of the car; `rear-left` and `door-rear-left` mean the same as `door_rear_left`."""
    word = text.replace("-", "_")
    if f"door_{word}" in words.INPUTS:
        word = f"door_{word}"
    if word not in words.INPUTS:
        raise WordError(words.unknown("input", text, words.INPUTS))
    return word


def input_value(input_: str, text: str) -> int:
    """1 or 0 for a value of that input; `yes` and `no` fit every one."""
    for_yes, for_no = INPUT_VALUES[input_]
    if text == "yes" or text in for_yes:
        return 1
    if text == "no" or text in for_no:
        return 0
    raise WordError(words.unknown(f"value of {input_}", text, (*for_yes, *for_no, *_COMMON)))


Parser = Callable[[str, datetime], Argument]

#: Place -> how its word is read (with the story's `now`).
PLACES: dict[str, Parser] = {
    "IDM": lambda text, _: idm(text),
    "ID": lambda text, _: name(text),
    "DRIVER": lambda text, _: name(text),
    "DOOR": lambda text, _: words.check("door", text, words.DOORS),
    "GEAR": lambda text, _: words.check("gear", text, words.GEARS),
    "START": times.wall,
    "END": times.wall,
    "DURATION": lambda text, _: times.duration_us(text),
    "DELAY": lambda text, _: delay_us(text),
    "SECONDS": lambda text, _: seconds(text),
    "SHIFT": lambda text, _: shift_s(text),
    "DISTANCE": lambda text, _: distance_m(text),
    "PERCENT": lambda text, _: percent(text),
    "VOLT": lambda text, _: battery_mv(text),
    "INPUT": lambda text, _: input_name(text),
    "VALUE": lambda text, _: text,
    "REASON": lambda text, _: text,
}
