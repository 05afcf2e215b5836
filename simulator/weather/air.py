"""The way between cars and daemons: sessions that come and go, frames that do as well.

In a session frames arrive in order, as on a topic; those that are late, doubled or brought by
somebody else arrive when they do, in any session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from firmware.wire import kb1
from simulator.kernel import Event, Kernel
from simulator.weather import kinds
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Trace
from simulator.weather.kinds import Weather
from simulator.weather.office import Office

#: One way.
_LATENCY_US = (40_000, 120_000)
_CONNECT_US = (200_000, 6_000_000)
_HURRY_US = 300_000
#: A daemon hears so late of a car that went without a word.
_UNNOTICED_US = (0, 30_000_000)
CAPTURED_MAX = 80


class Hearing(Protocol):
    """Who takes what arrives."""

    def arrives_up(self, office: Office, car: WeatherCar, frame: bytes) -> None: ...
    def arrives_down(self, car: WeatherCar, frame: bytes) -> None: ...
    def office_for(self, car: WeatherCar) -> Office | None: ...


@dataclass
class Way:
    """A car's: `number` counts sessions; `office` is at its other end while there is one."""

    car: WeatherCar
    number: int = 0
    office: Office | None = None
    has_carrier: bool = True
    connecting: Event | None = None
    up_us: int = 0
    down_us: int = 0
    #: Frames that somebody kept, by direction.
    captured_up: list[bytes] = field(default_factory=list)
    captured_down: list[bytes] = field(default_factory=list)


class Air:
    """All ways. `weather` may be changed at any time."""

    def __init__(self, kernel: Kernel, trace: Trace, weather: Weather, hearing: Hearing) -> None:
        self._kernel = kernel
        self._trace = trace
        self._random = kernel.random("air")
        self._hearing = hearing
        self.weather = weather
        self.ways: dict[str, Way] = {}
        #: No daemon is reached; a car may be online all the same, with somebody else at the other
        #: end.
        self.is_silent = False

    def add(self, car: WeatherCar) -> None:
        self.ways[car.ident] = Way(car)
        car.link.has_carrier = True

    # Sessions.

    def set_carrier(self, car: WeatherCar, is_there: bool) -> None:
        way = self.ways[car.ident]
        way.has_carrier = car.link.has_carrier = is_there
        if is_there:
            self.connect_soon(car)
        else:
            self.cut(car)

    def connect_soon(self, car: WeatherCar, *, in_hurry: bool = False) -> None:
        """Unless it is connected, or cannot be."""
        way = self.ways[car.ident]
        if way.office is not None or not way.has_carrier or not car.is_powered:
            return
        if way.connecting is not None and way.connecting.is_pending:
            if not in_hurry:
                return
            way.connecting.cancel()
        delay_us = _HURRY_US if in_hurry else self._random.randint(*_CONNECT_US)
        way.connecting = self._kernel.after(delay_us, lambda: self._connect(way))

    def _connect(self, way: Way) -> None:
        car = way.car
        if way.office is not None or not way.has_carrier or car.loop is None or self.is_silent:
            return
        if car.link.rests:
            return
        office = self._hearing.office_for(car)
        if office is None or office.fleet is None:
            self.connect_soon(car)
            return
        way.number += 1
        way.office = office
        self._trace.note(f"{car.name} online at {office.name}")
        office.call(lambda fleet: fleet.connected(car.ident))
        if way.office is not office:
            return  # it died of that
        car.link.is_up = True
        car.wake()
        if self.weather.has_retained and way.captured_down:
            self._trace.count(kinds.RETAINED, car.name)
            frame = self._random.choice(way.captured_down)
            self._later_down(way, frame, self._latency_us())

    def cut(self, car: WeatherCar) -> None:
        """The session is over; the daemon may not know for a while."""
        way = self.ways[car.ident]
        if way.connecting is not None:
            way.connecting.cancel()
        office, way.office = way.office, None
        car.link.is_up = False
        if office is not None:
            self._trace.note(f"{car.name} offline")
            number = way.number
            late_us = self._random.randint(*_UNNOTICED_US)
            self._kernel.after(late_us, lambda: self._miss(way, number, office))
            car.wake()
        self.connect_soon(car)

    def _miss(self, way: Way, number: int, office: Office) -> None:
        """The daemon sees that the session is over, unless there is a newer one with it."""
        if way.number == number or way.office is not office:
            office.call(lambda fleet: fleet.disconnected(way.car.ident))

    def cut_all(self, office: Office) -> None:
        """The daemon's end is gone."""
        for way in self.ways.values():
            if way.office is office:
                way.office = None
                way.car.link.is_up = False
                way.car.wake()
                self.connect_soon(way.car)

    # Frames.

    def send_up(self, car: WeatherCar, frame: bytes) -> None:
        way = self.ways[car.ident]
        _keep(way.captured_up, frame)
        for late_us in self._fates("up", car):
            if late_us:
                self._later_up(way, frame, late_us)
            else:
                way.up_us = max(way.up_us, self._kernel.now_us + self._latency_us())
                self._in_session(way, way.up_us, lambda: self._arrive_up(way, frame))

    def send_down(self, office: Office, car: str, frame: bytes) -> None:
        way = self.ways[car]
        _keep(way.captured_down, frame)
        if way.office is not office:
            return
        for late_us in self._fates("down", way.car):
            if late_us:
                self._later_down(way, frame, late_us)
            else:
                way.down_us = max(way.down_us, self._kernel.now_us + self._latency_us())
                self._in_session(way, way.down_us, lambda: self._arrive_down(way, frame))
        if frame[1] == kb1.SNAP and self._random.randrange(100) < self.weather.of(kinds.SNAP_CUT):
            self._trace.count(kinds.SNAP_CUT, way.car.name)
            number = way.number
            self._kernel.at(way.down_us, lambda: self._cut_session(way, number))

    def bring_up(self, car: WeatherCar, frame: bytes, late_us: int = 0) -> None:
        """Somebody else brings a frame to the daemon."""
        self._later_up(self.ways[car.ident], frame, late_us)

    def bring_down(self, car: WeatherCar, frame: bytes, late_us: int = 0) -> None:
        """Somebody else brings a frame to a car that is online by then."""
        self._later_down(self.ways[car.ident], frame, late_us)

    def _cut_session(self, way: Way, number: int) -> None:
        if way.number == number and way.office is not None:
            self.cut(way.car)

    def _fates(self, direction: str, car: WeatherCar) -> list[int]:
        """When each copy arrives: 0 in order, else so late; none when it is lost."""
        weather, randrange = self.weather, self._random.randrange
        if self.is_silent:
            return []
        if not weather.percent:
            return [0]
        copies = 1
        if randrange(100) < weather.of(kinds.DOUBLED):
            self._trace.count(kinds.DOUBLED, f"{direction} {car.name}")
            copies = 2
        fates = []
        for _ in range(copies):
            if randrange(100) < weather.of(kinds.LOST):
                self._trace.count(kinds.LOST, f"{direction} {car.name}")
            elif randrange(100) < weather.of(kinds.LATE):
                self._trace.count(kinds.LATE, f"{direction} {car.name}")
                fates.append(1 + int(self._random.random() * weather.late_s * 1_000_000))
            else:
                fates.append(0)
        return fates

    def _latency_us(self) -> int:
        return self._random.randint(*_LATENCY_US)

    def _in_session(self, way: Way, at_us: int, arrive: Callable[[], None]) -> None:
        number = way.number
        self._kernel.at(at_us, lambda: arrive() if way.number == number else None)

    def _later_up(self, way: Way, frame: bytes, late_us: int) -> None:
        self._kernel.after(late_us, lambda: self._arrive_up(way, frame))

    def _later_down(self, way: Way, frame: bytes, late_us: int) -> None:
        self._kernel.after(late_us, lambda: self._arrive_down(way, frame))

    def _arrive_up(self, way: Way, frame: bytes) -> None:
        if way.office is not None and not self.is_silent:
            self._hearing.arrives_up(way.office, way.car, frame)

    def _arrive_down(self, way: Way, frame: bytes) -> None:
        if way.car.link.is_up:
            self._hearing.arrives_down(way.car, frame)


def _keep(captured: list[bytes], frame: bytes) -> None:
    captured.append(frame)
    if len(captured) > CAPTURED_MAX:
        del captured[: CAPTURED_MAX // 2]
