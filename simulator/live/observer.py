"""Looks at a car and says all that a view shows of it, as plain JSON values: the feed's "car".

Times are simulated Unix time, so nothing here changes by waiting alone: who shows it knows the
clock, and counts down by itself.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from simulator.audit import Reason
from simulator.box import OFF
from simulator.car import Car
from simulator.centre import BOOKED, IN_USE, Booking
from simulator.live.sentences import (
    DEADLINES,
    WORDS,
    about_event,
    about_lock,
    about_reason,
    about_reasons,
)
from simulator.scenario.story import Story

Snapshot = dict[str, Any]

#: More than any screen has lines for.
JOURNAL_MAX = 40
REFUSALS_MAX = 5
#: A deadline that is computed anew in each turn comes out a little different.
_JITTER_MS = 20
#: By value of an input.
_HELD = ("no", "yes", "unknown")


class Observer:
    """Looks at one car of one story."""

    def __init__(self, car: Car, story: Story, start_early_s: int, reader_window_s: int) -> None:
        self._car = car
        self._story = story
        self._zone: tzinfo | None = story.now.tzinfo
        self._start_early_s = start_early_s
        self._reader_window_s = reader_window_s
        self._first_names = {one.id for one in story.bookings}
        self._has_reader = story.settings.get("reader", True)
        self._due: list[tuple[str, int]] = []

    def look(self) -> Snapshot:
        """The car as it is now."""
        car = self._car
        return {
            "title": self._story.title,
            "profile": self._story.profile,
            "utc_offset_s": self._utc_offset_s(),
            "state": car.state,
            "locked_itself": about_lock(car.events, self._story.profile),
            "box": _box(car),
            "has_power": car.box.is_powered,
            "network": _network(car),
            "is_in_step": car.centre.is_in_step,
            "clock_trouble": _clock(car),
            "faults": _faults(car),
            "lamp": car.lamp,
            "light": _light(car),
            "hazards": car.hazards,
            "body": self._body(),
            "bookings": [_booking(one) for one in self._bookings()],
            "deadlines": [{"what": what, "at_ms": at_ms} for what, at_ms in self._deadlines()],
            "phone": self._phone(),
            "refusals": [self._refusal(one) for one in car.refusals[-REFUSALS_MAX:]],
            "journal": self._journal(),
        }

    def deadlines(self) -> list[tuple[str, int]]:
        """(what comes, milliseconds left) of the box's deadlines and the bookings' times."""
        car = self._car
        found = []
        for name, left_ms in car.box.deadlines():
            what, states = DEADLINES.get(name, (name.replace("_", " "), (car.state,)))
            if car.state in states:
                found.append((what, left_ms))
        for booking in self._bookings():
            found += self._times(booking)
        return sorted((one for one in found if one[1] > 0), key=lambda one: one[1])

    def _deadlines(self) -> list[tuple[str, int]]:
        """(what comes, simulated Unix milliseconds)."""
        clock = self._car.true_clock
        now_ms = clock.start_unix_s * 1000 + self._car.kernel.now_us // 1000
        due = [(what, now_ms + left_ms) for what, left_ms in self.deadlines()]
        if not _are_alike(due, self._due):
            self._due = due
        return self._due

    def _times(self, booking: Booking) -> list[tuple[str, int]]:
        """What the wall clock brings to a booking."""
        began_s = booking.starts_s - self._start_early_s
        found = []
        if booking.status == BOOKED:
            found.append((f"{_name(booking)}: a start is possible", began_s))
            found.append((f"{_name(booking)} begins", booking.starts_s))
            dark_s = began_s + self._reader_window_s
            # One that came later may have a window that began later: the box alone knows.
            if booking.name in self._first_names and began_s <= self._unix_s() < booking.ends_s:
                found.append(("the reader goes dark", min(dark_s, booking.ends_s)))
        if booking.status in (BOOKED, IN_USE):
            found.append((f"{_name(booking)} ends", booking.ends_s))
        now_ms = self._car.kernel.now_us // 1000
        return [(what, self._car.true_clock.at_us(at_s) // 1000 - now_ms) for what, at_s in found]

    def _bookings(self) -> list[Booking]:
        return list(self._car.centre.bookings)

    def _unix_s(self) -> int:
        return self._car.true_clock.unix_s()

    def _utc_offset_s(self) -> int:
        offset = self._story.now.utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0

    def _body(self) -> Snapshot:
        body = self._car.body
        knob = ("return" if body.knob_is_at_return else "rent") if body.has_knob else ""
        return {
            "open_doors": sorted(body.open_doors),
            "is_locked": body.is_locked,
            "is_blocked": body.is_blocked,
            "engine_is_on": body.engine_is_on,
            "is_moving": body.is_moving,
            "brake_is_on": body.brake_is_on,
            "gear": body.gear,
            "lights_are_on": body.lights_are_on,
            "window_is_open": body.window_is_open,
            "key_is_in": body.key_is_in,
            "knob": knob,
            "battery_mv": body.battery_mv,
            "odometer_m": body.journey.odometer_m() // 100 * 100,
            "latitude_udeg": body.journey.latitude_udeg(),
            "longitude_udeg": body.journey.longitude_udeg(),
            "has_reader": self._has_reader,
        }

    def _phone(self) -> Snapshot:
        centre = self._car.centre
        mail = centre.mails[-1].replace("_", " ") if centre.mails else ""
        site = centre.site
        if site is None:
            return {"verb": "", "status": "", "why": "", "mail": mail}
        why = about_reasons(site.reasons, self._zone)
        warnings = " ".join(WORDS.reason(one) for one in site.warnings)
        said = f"{why} {warnings}".strip()
        return {"verb": site.verb, "status": site.status, "why": said, "mail": mail}

    def _refusal(self, reasons: list[Reason]) -> list[dict[str, str]]:
        return [{"code": one.code, "sentence": about_reason(one, self._zone)} for one in reasons]

    def _journal(self) -> list[list[str]]:
        found = []
        for event in self._car.events[-JOURNAL_MAX:]:
            at = datetime.fromtimestamp(event.at_s + EPOCH_2020_S, self._zone)
            found.append([f"{at:%H:%M:%S}", about_event(event)])
        return found


def _are_alike(some: list[tuple[str, int]], others: list[tuple[str, int]]) -> bool:
    return len(some) == len(others) and all(
        one[0] == other[0] and abs(one[1] - other[1]) <= _JITTER_MS
        for one, other in zip(some, others, strict=True)
    )


def _name(booking: Booking) -> str:
    """The story's; one that somebody made on the phone site has its number alone."""
    return f"No. {booking.name}" if booking.name.isdigit() else booking.name


def _booking(one: Booking) -> Snapshot:
    return {
        "name": _name(one),
        "driver": one.driver,
        "starts_s": one.starts_s,
        "ends_s": one.ends_s,
        "status": one.status,
    }


def _light(car: Car) -> dict[str, bool]:
    levels = car.signals.levels
    return {
        "red": levels[codes.OUT_RED],
        "green": levels[codes.OUT_GREEN],
        "yellow": levels[codes.OUT_YELLOW],
        "hazard": levels[codes.OUT_HAZARD],
        "buzzer": levels[codes.OUT_BUZZER],
        "voice": levels[codes.OUT_VOICE],
    }


def _box(car: Car) -> str:
    if not car.box.is_powered:
        return "has no power"
    if car.box.is_hung:
        return "hangs"
    return "runs" if car.box.state != OFF else "starts"


def _network(car: Car) -> str:
    network = car.network
    if not network.is_up:
        return "down"
    if network.quality.loss_percent:
        return f"loses {network.quality.loss_percent}%"
    if network.quality.delay_us:
        return f"slow, {network.quality.delay_us // 1_000_000} s"
    return "up"


def _faults(car: Car) -> Snapshot:
    """What is broken: the reader, and inputs with what they show whatever the car does."""
    held = {name: _HELD[value] for name, value in sorted(car.sensors.held.items())}
    return {"reader_is_dead": car.reader.is_broken, "inputs": held}


def _clock(car: Car) -> str:
    if not car.clock.is_trusted:
        return "clock lost"
    return f"clock {car.clock.ahead_s:+d} s" if car.clock.ahead_s else ""
