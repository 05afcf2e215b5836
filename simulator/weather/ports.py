"""The ports of a car in the weather: straight into the simulated world, without any wire between.

The link stands for MQTT and what is below it: frames that arrive are whole, and are dropped when the
program does not take them.
"""

from __future__ import annotations

from collections.abc import Callable

from firmware.mqtt_session import QUEUE_FRAMES_MAX
from firmware.ticks import FAR_MS, ticks_add
from firmware.wire import codes
from hal.fake.clock import FakeClock
from hal.fake.digital import FakeDigitalIn
from hal.fake.flash import Flash
from simulator.world.body import Body

#: Unlock, lock, release, block; the relays need 100 ms.
PULSE_MS = (400, 400, 200, 200)


class Line:
    """A pulse line; `on_change(line, level)` hears of changes only."""

    def __init__(self, line: int, on_change: Callable[[int, bool], None]) -> None:
        self._line = line
        self._on_change = on_change
        self._level = False

    def write(self, level: bool) -> None:
        if level != self._level:
            self._level = level
            self._on_change(self._line, level)


class Unseen:
    """A lamp, or the watchdog: nobody in the weather looks at it."""

    def write(self, level: bool) -> None:
        pass

    def feed(self) -> None:
        pass


class TouchPort:
    """A `CardReader` that never fails; `card` is what was held to it."""

    is_healthy = is_listening = True

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.card: bytes | None = None

    @property
    def next_due_at_ms(self) -> int:
        return ticks_add(self._clock.now_ms(), FAR_MS if self.card is None else 0)

    def poll(self, now_ms: int) -> bytes | None:  # noqa: ARG002 - the port's signature
        card, self.card = self.card, None
        return card

    def set_eager(self, eager: bool) -> None:
        pass


class WeatherLink:
    """A `CentreLink`; `put` and `is_up` are its other end. `take` hears what the program takes."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        hurry: Callable[[], None],
        take: Callable[[bytes], None],
    ) -> None:
        self._send = send
        self._take = take
        self._hurry = hurry
        self._now_ms = 0
        self._inbox: list[bytes] = []
        self.is_up = False
        #: The network is there.
        self.has_carrier = False
        #: The car keeps off it.
        self.rests = False

    @property
    def next_due_at_ms(self) -> int:
        return ticks_add(self._now_ms, 0 if self._inbox else FAR_MS)

    def poll(self, now_ms: int, knows_date: bool = True) -> None:  # noqa: ARG002 - no TLS
        self._now_ms = now_ms

    def is_online(self) -> bool:
        return self.is_up and not self.rests

    def may_connect(self) -> bool:
        return self.has_carrier and not self.is_online()

    def hurry(self) -> None:
        self._hurry()

    def rest(self, is_resting: bool) -> None:
        self.rests = is_resting
        if is_resting:
            self._inbox.clear()  # what nobody took goes with the session
        else:
            self._hurry()

    def receive(self) -> bytes | None:
        if not self._inbox or self.rests:
            return None
        self._take(self._inbox[0])
        return self._inbox.pop(0)

    def send(self, frame: bytes) -> bool:
        if self.is_online():
            self._send(frame)
        return self.is_online()

    def put(self, frame: bytes) -> None:
        """A frame arrives; at a radio that rests none does."""
        if not self.rests and len(self._inbox) < QUEUE_FRAMES_MAX:
            self._inbox.append(frame)


class Place:
    """Battery, odometer and position, read from the body."""

    antenna = codes.ANTENNA_UNKNOWN
    source = codes.ODOMETER_PULSES

    def __init__(self, body: Body) -> None:
        self._body = body

    def read_mv(self) -> int:
        return self._body.battery_mv

    def metres(self) -> int:
        return self._body.journey.odometer_m()

    def is_valid(self) -> bool:
        return self._body.journey.has_position

    def latitude_udeg(self) -> int:
        return self._body.journey.latitude_udeg()

    def longitude_udeg(self) -> int:
        return self._body.journey.longitude_udeg()


class CarPorts:
    """The `Ports` of `hal.api` for one boot."""

    pulse_ms = PULSE_MS

    def __init__(
        self,
        clock: FakeClock,
        values: bytearray,
        body: Body,
        link: WeatherLink,
        pulse: Callable[[int, bool], None],
        journal: Flash,
        cache: Flash,
    ) -> None:
        self.clock = clock
        self.inputs = tuple(FakeDigitalIn(values, i) for i in range(codes.INPUTS))
        unseen = Unseen()
        self.levels = (unseen,) * codes.OUTS
        self.watchdog = unseen
        self.pulses = tuple(Line(i, pulse) for i in range(codes.PULSES))
        place = Place(body)
        self.battery = self.position = self.odometer = place
        self.reader = TouchPort(clock)
        self.centre = link
        self.journal_storage = journal
        self.cache_storage = cache
