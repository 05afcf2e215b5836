"""A story, read and understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.scenario.actions import Action
from simulator.scenario.sights import Sight


@dataclass(frozen=True)
class Booking:
    """A booking that the centre and the car have from the beginning."""

    id: str
    driver: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Step:
    """One step; spans and times in microseconds of simulated time, `at_us` since `now`."""

    number: int
    line: int
    at_us: int | None = None
    after_us: int = 0
    do: tuple[Action, ...] = ()
    see: tuple[Sight, ...] = ()
    within_us: int | None = None
    never: tuple[Sight, ...] = ()
    during_us: int = 0
    names_a_time: bool = False  # `at` or `after`


@dataclass(frozen=True)
class Story:
    """All of a file. `settings` are as `firmware.terms.load_settings` wants them."""

    path: str
    title: str
    rules: tuple[str, ...]
    profile: str
    now: datetime
    network_is_up: bool
    settings: dict[str, Any]
    cards: dict[bytes, str]
    bookings: tuple[Booking, ...]
    steps: tuple[Step, ...] = field(repr=False)
    profile_line: int = 0  # 0: not named in the file
