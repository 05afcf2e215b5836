"""What the screen shows, as plain values taken from a car: no rich here, and no car behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from firmware.wire.journal_format import EPOCH_2020_S
from simulator.box import OFF
from simulator.car import Car
from simulator.centre import BOOKED, IN_USE, Booking
from simulator.live.sentences import DEADLINES, WARNINGS, about_event, about_reasons
from simulator.scenario.story import Story

#: More than any screen has lines for.
JOURNAL_MAX = 40


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

    def look(self) -> View:
        """The car as it is now."""
        car = self._car
        now_s = car.true_clock.unix_s()
        return View(
            at=datetime.fromtimestamp(now_s, self._zone),
            state=car.state,
            box=_box(car),
            booking=self._booking(now_s),
            deadlines=tuple((what, left_ms // 1000) for what, left_ms in self.deadlines()),
            light=_light(car),
            body=self._body(),
            phone=self._phone(),
            journal=self._journal(),
            network=_network(car),
            clock=_clock(car),
        )

    def deadlines(self) -> list[tuple[str, int]]:
        """(what comes, milliseconds left) of the box's deadlines and the bookings' times."""
        car = self._car
        found = []
        for name, left_ms in car.box.deadlines():
            what, states = DEADLINES.get(name, (name.replace("_", " "), (car.state,)))
            if car.state in states:
                found.append((what, left_ms))
        for booking in car.centre.bookings:
            found += self._times(booking)
        return sorted((one for one in found if one[1] > 0), key=lambda one: one[1])

    def _times(self, booking: Booking) -> list[tuple[str, int]]:
        """What the wall clock brings to a booking."""
        began_s = booking.starts_s - self._start_early_s
        found = []
        if booking.status == BOOKED:
            found.append((f"{booking.name}: a start is possible", began_s))
            found.append((f"{booking.name} begins", booking.starts_s))
            dark_s = began_s + self._reader_window_s
            # One that came later may have a window that began later: the box alone knows.
            if booking.name in self._first_names and began_s <= self._unix_s() < booking.ends_s:
                found.append(("the reader goes dark", min(dark_s, booking.ends_s)))
        if booking.status in (BOOKED, IN_USE):
            found.append((f"{booking.name} ends", booking.ends_s))
        now_ms = self._car.kernel.now_us // 1000
        return [(what, self._car.true_clock.at_us(at_s) // 1000 - now_ms) for what, at_s in found]

    def _unix_s(self) -> int:
        return self._car.true_clock.unix_s()

    def _booking(self, now_s: int) -> str:
        """The booking that matters now: the one in use, else the next that is not over."""
        bookings = [
            one
            for one in self._car.centre.bookings
            if one.status == IN_USE or (one.status == BOOKED and one.ends_s > now_s)
        ]
        if not bookings:
            return ""
        one = min(bookings, key=lambda each: (each.status != IN_USE, each.starts_s))
        starts = datetime.fromtimestamp(one.starts_s, self._zone)
        ends = datetime.fromtimestamp(one.ends_s, self._zone)
        return f"{one.name}  {starts:%H:%M} to {ends:%H:%M}  {one.driver}"

    def _body(self) -> Body:
        body = self._car.body
        knob = ("return" if body.knob_is_at_return else "rent") if body.has_knob else ""
        return Body(
            open_doors=frozenset(body.open_doors),
            is_locked=body.is_locked,
            is_blocked=body.is_blocked,
            engine_is_on=body.engine_is_on,
            is_moving=body.is_moving,
            brake_is_on=body.brake_is_on,
            gear=body.gear,
            lights_are_on=body.lights_are_on,
            window_is_open=body.window_is_open,
            key_is_in=body.key_is_in,
            knob=knob,
            battery_mv=body.battery_mv,
            odometer_m=body.journey.odometer_m() // 100 * 100,
            latitude_udeg=body.journey.latitude_udeg(),
            longitude_udeg=body.journey.longitude_udeg(),
            has_reader=self._has_reader,
        )

    def _phone(self) -> Phone:
        centre = self._car.centre
        mail = centre.mails[-1].replace("_", " ") if centre.mails else ""
        site = centre.site
        if site is None:
            return Phone("", "", "", mail)
        why = about_reasons(site.reasons, self._zone)
        warnings = " ".join(WARNINGS[one] for one in site.warnings)
        return Phone(site.verb, site.status, f"{why} {warnings}".strip(), mail)

    def _journal(self) -> tuple[tuple[str, str], ...]:
        found = []
        for event in self._car.events[-JOURNAL_MAX:]:
            at = datetime.fromtimestamp(event.at_s + EPOCH_2020_S, self._zone)
            found.append((f"{at:%H:%M:%S}", about_event(event)))
        return tuple(found)


def _light(car: Car) -> Light:
    return Light(*(car.signals.levels[:6]))


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


def _clock(car: Car) -> str:
    if not car.clock.is_trusted:
        return "clock lost"
    return f"clock {car.clock.ahead_s:+d} s" if car.clock.ahead_s else ""
