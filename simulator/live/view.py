"""What the screen shows, as plain values made of what the feed tells: no rich here, and no car."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

#: Statuses of bookings as the daemon names them.
_BOOKED, _IN_USE = "booked", "in_use"


@dataclass(frozen=True)
class Light:
    """The reader's lamps and what else the car shows and sounds, as the lines are just now."""

    red: bool
    green: bool
    yellow: bool
    hazard: bool
    buzzer: bool
    voice: bool


@dataclass(frozen=True)
class Body:
    """The car itself."""

    open_doors: frozenset[str]
    is_locked: bool
    is_blocked: bool
    engine_is_on: bool
    is_moving: bool
    brake_is_on: bool
    gear: str
    lights_are_on: bool
    window_is_open: bool
    key_is_in: bool
    knob: str  # "return", "rent", "" for a connector
    battery_mv: int
    odometer_m: int
    latitude_udeg: int
    longitude_udeg: int
    has_reader: bool


@dataclass(frozen=True)
class Phone:
    """The last operation on the phone site; `verb` "" before the first."""

    verb: str
    status: str
    why: str
    mail: str


@dataclass(frozen=True)
class View:
    """Everything but the story and the pace."""

    at: datetime
    state: str
    box: str  # "runs", "hangs", "starts", "has no power"
    booking: str
    deadlines: tuple[tuple[str, int], ...]  # (what comes, whole seconds left), soonest first
    light: Light
    body: Body
    phone: Phone
    journal: tuple[tuple[str, str], ...]  # (time, what), newest last
    network: str
    clock: str  # what is wrong with the box's own clock


def view_of(car: dict[str, Any], simulated_s: float) -> View:
    """The feed's "car" as it looks at that time; KeyError or TypeError when it is none."""
    zone = timezone(timedelta(seconds=car["utc_offset_s"]))
    now_ms = int(simulated_s * 1000)
    body = dict(car["body"])
    left = ((one["what"], (one["at_ms"] - now_ms) // 1000) for one in car["deadlines"])
    return View(
        at=datetime.fromtimestamp(now_ms // 1000, zone),
        state=car["state"],
        box=car["box"],
        booking=_booking(car["bookings"], now_ms // 1000, zone),
        deadlines=tuple(one for one in left if one[1] >= 0),
        light=Light(**car["light"]),
        body=Body(**{**body, "open_doors": frozenset(body["open_doors"])}),
        phone=Phone(**car["phone"]),
        journal=tuple((at, what) for at, what in car["journal"]),
        network=car["network"],
        clock=car["clock_trouble"],
    )


def _booking(bookings: list[dict[str, Any]], now_s: int, zone: timezone) -> str:
    """The booking that matters now: the one in use, else the next that is not over."""
    live = [
        one
        for one in bookings
        if one["status"] == _IN_USE or (one["status"] == _BOOKED and one["ends_s"] > now_s)
    ]
    if not live:
        return ""
    one = min(live, key=lambda each: (each["status"] != _IN_USE, each["starts_s"]))
    starts = datetime.fromtimestamp(one["starts_s"], zone)
    ends = datetime.fromtimestamp(one["ends_s"], zone)
    return f"{one['name']}  {starts:%H:%M} to {ends:%H:%M}  {one['driver']}"
