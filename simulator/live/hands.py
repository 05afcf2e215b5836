"""What each key asks of the car, as it stands: a request for the feed, in the words of stories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.live.pacing import SPEED_MAX, SPEED_MIN

Seen = dict[str, Any]
Request = dict[str, Any]

EXTENSION = "15m"


def request_of(key: str, car: Seen) -> Request | None:
    """What that key asks for, of a car that is seen so in the feed; None: it is for nothing."""
    does = KEYS.get(key.lower())
    if does is None:
        return None
    asked = does(car)
    return {"do": asked} if isinstance(asked, str) else asked


def _tap(whose: str, verb: str = "tap") -> Callable[[Seen], str]:
    def asked(car: Seen) -> str:
        idm = next(one["idm"] for one in car["cards"] if one["whose"] == whose)
        return f"{verb} {idm}"

    return asked


def _door(door: str) -> Callable[[Seen], str]:
    return lambda car: f"{'close' if door in car['body']['open_doors'] else 'open'} {door}"


def _switch(name: str, when_on: str, when_off: str) -> Callable[[Seen], str]:
    return lambda car: when_on if car["body"][name] else when_off


def _turn_knob(car: Seen) -> str:
    return "knob rent" if car["body"]["knob"] == "return" else "knob return"


def _shift(car: Seen) -> str:
    return "gear D" if car["body"]["gear"] == "P" else "gear P"


def _switch_power(car: Seen) -> str:
    return "power cut" if car["has_power"] else "power on"


def _switch_network(car: Seen) -> str:
    return "network up" if car["network"] == "down" else "network down"


def _say(words: str) -> Callable[[Seen], str]:
    return lambda _car: words


def _pause(car: Seen) -> Request:
    """Space: back to the story where the hands took over, else stop and go."""
    is_still = car["pace"]["mode"] == "time stands still"
    if car["pace"]["mode"] == "you drive" and not car["story"]["is_over"]:
        return {"story": "resume"}
    return {"pause": not is_still}


def _change_speed(factor: float) -> Callable[[Seen], Request]:
    def asked(car: Seen) -> Request:
        return {"rate": min(max(car["pace"]["speed"] * factor, SPEED_MIN), SPEED_MAX)}

    return asked


KEYS: dict[str, Callable[[Seen], str | Request]] = {
    "t": _tap("own"),
    "o": _tap("other"),
    "u": _tap("unknown"),
    "v": _tap("staff", "staff-tap"),
    "d": _door("driver"),
    "p": _door("trunk"),
    "k": _switch("key_is_in", "key out", "key in"),
    "n": _turn_knob,
    "e": _switch("engine_is_on", "engine off", "engine on"),
    "b": _switch("brake_is_on", "brake off", "brake on"),
    "g": _shift,
    "c": _switch_power,
    "r": _say("reset"),
    "w": _switch_network,
    "s": _say("site start"),
    "f": _say("site end"),
    "x": _say(f"site extend {EXTENSION}"),
    "m": _say("site reopen"),
    "l": _say("site lock"),
    "a": _say("site reunlock"),
    "i": _say("site enrol"),
    "j": lambda _car: {"jump": "deadline"},
    " ": _pause,
    "+": _change_speed(2),
    "=": _change_speed(2),
    "-": _change_speed(0.5),
    "_": _change_speed(0.5),
}
