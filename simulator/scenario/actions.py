"""All actions of a story and the method of `Stage` that does each; how their words are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simulator.scenario import times, values, words
from simulator.scenario.problem import WordError
from simulator.scenario.values import PLACES, Argument

#: Pattern -> method of `Stage`. Words in capitals are places; `*` takes all words that are left.
ACTIONS: dict[str, str] = {
    "tap IDM": "tap",
    "tap-licence ID": "tap_licence",
    "staff-tap IDM": "staff_tap",
    "open DOOR": "open_door",
    "close all": "close_all",
    "close DOOR": "close_door",
    "key in": "key_in",
    "key out": "key_out",
    "knob rent": "knob_rent",
    "knob return": "knob_return",
    "engine on": "engine_on",
    "engine off": "engine_off",
    "brake on": "brake_on",
    "brake off": "brake_off",
    "gear GEAR": "gear",
    "lights on": "lights_on",
    "lights off": "lights_off",
    "window open": "window_open",
    "window closed": "window_closed",
    "drive DISTANCE in DURATION": "drive",
    "driver-lock": "driver_lock",
    "driver-unlock": "driver_unlock",
    "site start": "site_start",
    "site end": "site_end",
    "site extend SECONDS": "site_extend",
    "site reopen": "site_reopen",
    "site lock": "site_lock",
    "site reunlock": "site_reunlock",
    "site enrol": "site_enrol",
    "site start as DRIVER": "site_start",
    "site end as DRIVER": "site_end",
    "site extend SECONDS as DRIVER": "site_extend",
    "site reopen as DRIVER": "site_reopen",
    "site lock as DRIVER": "site_lock",
    "site reunlock as DRIVER": "site_reunlock",
    "site enrol as DRIVER": "site_enrol",
    "book ID DRIVER START END": "book",
    "change ID START END": "change",
    "cancel ID": "cancel",
    "centre position REASON*": "centre_position",
    "network up": "network_up",
    "network down": "network_down",
    "network slow DELAY": "network_slow",
    "network lossy PERCENT": "network_lossy",
    "power cut": "power_cut",
    "power on": "power_on",
    "reset": "reset",
    "hang": "hang",
    "clock jump SHIFT": "clock_jump",
    "clock untrusted": "clock_untrusted",
    "stuck INPUT VALUE": "stuck",
    "unknown INPUT": "unknown",
    "free INPUT": "free",
    "reader dead": "reader_dead",
    "reader alive": "reader_alive",
    "battery VOLT": "battery",
}

FIRST_WORDS = tuple(dict.fromkeys(pattern.split()[0] for pattern in ACTIONS))


@dataclass(frozen=True)
class Action:
    """One thing that is done: its words, the line they stand on, and what they mean."""

    text: str
    line: int
    pattern: str
    arguments: tuple[Argument, ...]

    @property
    def method(self) -> str:
        """The method of `Stage` that does it."""
        return ACTIONS[self.pattern]

    @property
    def takes_us(self) -> int:
        """How long the clock runs while it is done; only driving takes time."""
        if self.method == "drive" and isinstance(self.arguments[1], int):
            return self.arguments[1]
        return 0


def parse(text: str, line: int, now: datetime) -> Action:
    """Read one action; WordError says what was expected."""
    said = text.split()
    if not said:
        raise WordError(words.unknown("action", "", FIRST_WORDS))
    choices = [pattern for pattern in ACTIONS if pattern.split()[0] == said[0]]
    if not choices:
        raise WordError(words.unknown("action", said[0], FIRST_WORDS))
    fitting = [pattern for pattern in choices if _fits(pattern.split(), said)]
    if not fitting:
        raise WordError(_sentence(text, said, choices))
    pattern = fitting[0]
    places = pattern.split()
    if places[-1].endswith("*"):
        said = [*said[: len(places) - 1], " ".join(said[len(places) - 1 :])]
    arguments: list[Argument] = []
    for place, word in zip(places, said, strict=True):
        if place == "VALUE":
            arguments.append(values.input_value(str(arguments[0]), word))
        elif place.isupper() or place.endswith("*"):
            arguments.append(PLACES[place.rstrip("*")](word, now))
    _check(pattern, arguments)
    return Action(text, line, pattern, tuple(arguments))


def _fits(places: list[str], said: list[str]) -> bool:
    """Whether the literal words of a pattern stand where they should, and the number of words."""
    if places[-1].endswith("*"):
        if len(said) < len(places):
            return False
    elif len(said) != len(places):
        return False
    return all(
        place.rstrip("*").isupper() or place == word
        for place, word in zip(places, said, strict=False)
    )


def _sentence(text: str, said: list[str], choices: list[str]) -> str:
    """What would have been right where the first word is known and the rest does not fit."""
    seconds = [pattern.split()[1] for pattern in choices if len(pattern.split()) > 1]
    if len(said) > 1 and all(not second.isupper() for second in seconds):
        guess = words.nearest(said[1], seconds)
        if said[1] not in seconds and guess:
            return f"'{text}' is not an action; did you mean {said[0]} {guess}?"
    shown = " | ".join(pattern.rstrip("*") for pattern in choices if " as " not in pattern)
    shown = shown.replace("SECONDS", "DURATION").replace("DELAY", "DURATION")
    if said[0] == "site":
        shown += "; as DRIVER behind it when somebody else does it"
    return f"'{text}' is not an action; expected {shown}"


def _check(pattern: str, arguments: list[Argument]) -> None:
    """What several places have to say together."""
    if pattern.endswith("START END"):
        name, (start, end) = arguments[0], arguments[-2:]
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        times.check_order(str(name), start, end)
    elif pattern.startswith("drive "):
        distance_m, takes_us = arguments
        assert isinstance(distance_m, int)
        assert isinstance(takes_us, int)
        values.check_speed(distance_m, takes_us)
