"""A story from its file. Whatever is wrong is said with file, line and what was expected."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.scenario import document, times, values, words
from simulator.scenario.document import Value
from simulator.scenario.problem import StoryError, WordError
from simulator.scenario.steps import read_steps
from simulator.scenario.story import Booking, Story

_RULE = re.compile(r"[A-Z]+(?:-[A-Z]+)*-\d+")
_NEEDED = ("title", "now", "steps")


def read_file(path: str, profile: str | None = None) -> Story:
    """The story in that file; `profile` takes the place of the one that the file names."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise StoryError(path, 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StoryError(path, 0, "is not text in UTF-8") from error
    return read_text(text, path, profile)


def read_text(text: str, path: str, profile: str | None = None) -> Story:
    """The story in that text."""
    whole = document.load(text, path)
    parts: dict[str, Value] = {}
    for key, place, part in whole.entries("a story"):
        if key not in words.STORY_KEYS:
            raise place.error(words.unknown("key", key, words.STORY_KEYS))
        parts[key] = part
    needed = _NEEDED if profile else ("title", "profile", "now", "steps")
    for key in needed:
        if key not in parts:
            raise whole.error(f"{key} is missing; a story has {', '.join(needed)}")
    now = _now(parts["now"])
    bookings = _bookings(parts.get("bookings"), now)
    profile_line = 0 if profile else parts["profile"].line
    return Story(
        path=path,
        title=parts["title"].text("title"),
        rules=_rules(parts.get("rules")),
        profile=profile or parts["profile"].text("profile"),
        now=now,
        network_is_up=_network_is_up(parts.get("network")),
        settings=_settings(parts.get("car")),
        cards=_cards(parts.get("cards")),
        bookings=bookings,
        steps=read_steps(parts["steps"], now, [booking.id for booking in bookings]),
        profile_line=profile_line,
    )


def _now(value: Value) -> datetime:
    try:
        now = times.moment(value.text("now"))
    except WordError as error:
        raise value.error(f"now: {error}") from error
    if not 2020 < now.year < 2100 or now.microsecond:
        raise value.error("now is a whole second of the years 2021 to 2099")
    return now


def _rules(value: Value | None) -> tuple[str, ...]:
    found = []
    for one in value.one_or_more() if value else ():
        rule = one.text("a rule")
        if not _RULE.fullmatch(rule):
            raise one.error(f"'{rule}' is not the name of a rule; they look like START-4")
        found.append(rule)
    return tuple(found)


def _word(name: str, value: Value, known: tuple[str, ...]) -> str:
    try:
        return words.check(f"value of {name}", value.text(name), known)
    except WordError as error:
        raise value.error(str(error)) from error


def _network_is_up(value: Value | None) -> bool:
    return value is None or _word("network", value, words.NETWORK) == "up"


def _settings(value: Value | None) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for key, place, part in value.entries("car") if value else ():
        if key not in words.CAR_SETTINGS:
            raise place.error(words.unknown("setting of a car", key, words.CAR_SETTINGS))
        word = _word(key, part, words.CAR_SETTINGS[key])
        settings[key] = word == "yes" if words.CAR_SETTINGS[key] == words.YES_NO else word
    return settings


def _cards(value: Value | None) -> dict[bytes, str]:
    cards: dict[bytes, str] = {}
    for key, place, part in value.entries("cards") if value else ():
        try:
            idm = values.idm(key)
        except WordError as error:
            raise place.error(str(error)) from error
        if idm in cards:
            raise place.error(f"card {key} stands here twice")
        cards[idm] = _name("a driver", part)
    return cards


def _name(what: str, value: Value) -> str:
    try:
        return values.name(value.text(what))
    except WordError as error:
        raise value.error(str(error)) from error


def _bookings(value: Value | None, now: datetime) -> tuple[Booking, ...]:
    found: dict[str, Booking] = {}
    for one in value.items("bookings") if value else ():
        booking = _booking(one, now)
        if booking.id in found:
            raise one.error(f"booking {booking.id} stands here twice")
        found[booking.id] = booking
    return tuple(found.values())


def _booking(value: Value, now: datetime) -> Booking:
    parts: dict[str, Value] = {}
    for key, place, part in value.entries("a booking"):
        if key not in words.BOOKING_KEYS:
            raise place.error(words.unknown("key of a booking", key, words.BOOKING_KEYS))
        parts[key] = part
    for key in words.BOOKING_KEYS:
        if key not in parts:
            raise value.error(f"a booking has {', '.join(words.BOOKING_KEYS)}; {key} is missing")
    moments = []
    for key in ("start", "end"):
        try:
            moments.append(times.wall(parts[key].text(key), now))
        except WordError as error:
            raise parts[key].error(f"{key}: {error}") from error
    id_, driver = _name("id", parts["id"]), _name("driver", parts["driver"])
    try:
        times.check_order(id_, moments[0], moments[1])
    except WordError as error:
        raise parts["end"].error(str(error)) from error
    return Booking(id_, driver, moments[0], moments[1])
