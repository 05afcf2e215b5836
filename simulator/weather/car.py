"""A car in the weather: the real firmware on simulated flash, in a simulated body."""

from __future__ import annotations

from typing import Any, Protocol

from firmware.cache import Cache
from firmware.identity import Identity
from firmware.journal import Journal
from firmware.loop import Loop
from firmware.terms import load_settings, load_terms
from firmware.ticks import MASK, ticks_diff
from firmware.wire import codes
from hal.fake.clock import START_MS, FakeClock
from hal.fake.flash import Flash, PowerCut
from simulator.clocks import BoxClock, TrueClock
from simulator.kernel import Event, Kernel
from simulator.weather.chronicle import Violation
from simulator.weather.ports import CarPorts, WeatherLink
from simulator.world.body import Body
from simulator.world.relays import Relays
from simulator.world.sensors import Sensors
from simulator.world.timeline import Timeline

JOURNAL_SECTORS = 32
CACHE_SECTORS = 16
_BOOT_US = 300_000
_TURN_US_MIN = 1_000
_ENTROPY_BYTES = 16


class Around(Protocol):
    """What a car is in the middle of: the air, and those who watch it."""

    def frame_sent(self, car: WeatherCar, frame: bytes) -> None: ...
    def frame_taken(self, car: WeatherCar, frame: bytes) -> None: ...
    def link_hurried(self, car: WeatherCar) -> None: ...
    def power_changed(self, car: WeatherCar) -> None: ...
    def car_booted(self, car: WeatherCar) -> None: ...
    def car_turned(self, car: WeatherCar) -> None: ...
    def clock_set(self, car: WeatherCar) -> None: ...
    def pulse_begun(self, car: WeatherCar, line: int) -> None: ...


class WeatherCar:
    """`name` is its number among the cars; `ident` the 12 hex digits."""

    def __init__(
        self,
        kernel: Kernel,
        true_clock: TrueClock,
        around: Around,
        name: str,
        identity: Identity,
        terms: dict[str, Any],
    ) -> None:
        self._kernel = kernel
        self._around = around
        self.name = name
        self.identity = identity
        self.ident = identity.car_hex
        self._terms = terms
        self.has_knob = terms["key_box"] == "knob"
        self.clock = BoxClock(true_clock)
        self.timeline = Timeline(kernel)
        self.body = Body(kernel, self.timeline, self.has_knob, False)
        not_fitted = frozenset() if self.has_knob else frozenset({codes.IN_KNOB_AT_RETURN})
        self.sensors = Sensors(kernel, self.timeline, self.body, not_fitted)
        self.sensors.on_change = self.wake
        self.relays = Relays(kernel, self.body)
        seeds = kernel.random(f"flash of {name}")
        self.journal_flash = Flash(JOURNAL_SECTORS, seeds.getrandbits(30))
        self.cache_flash = Flash(CACHE_SECTORS, seeds.getrandbits(30))
        self._entropy = kernel.random(f"entropy of {name}")
        self._fake_clock = FakeClock()
        self.link = WeatherLink(
            self._send,
            lambda: around.link_hurried(self),
            lambda frame: around.frame_taken(self, frame),
        )
        self.loop: Loop | None = None
        self._ports: CarPorts | None = None
        self._next: Event | None = None
        self._booting: Event | None = None
        self._epoch_us = 0
        self.is_powered = False
        self.boot = b""
        self.turns = 0
        self.boots = 0

    # What watchers look at.

    @property
    def copy(self) -> Cache:
        """The program's own copy; a program runs."""
        assert self.loop is not None
        return self.loop._cache  # noqa: SLF001 - watchers compare it with what was published

    @property
    def journal(self) -> Journal:
        """The program's own journal; a program runs."""
        assert self.loop is not None
        return self.loop._journal  # noqa: SLF001 - watchers keep a second account of its numbers

    # Power.

    def power_on(self) -> None:
        if not self.is_powered:
            self.is_powered = True
            self.journal_flash.restore_power()
            self.cache_flash.restore_power()
            self._around.power_changed(self)
            self._booting = self._kernel.after(_BOOT_US, self._boot)

    def power_cut(self) -> None:
        if self.is_powered:
            self.is_powered = False
            self._stop()
            self._around.power_changed(self)

    def reset(self) -> None:
        """The program starts anew; the power stays."""
        if self.is_powered:
            self._stop()
            self._around.power_changed(self)
            self._booting = self._kernel.after(_BOOT_US, self._boot)

    def _stop(self) -> None:
        self.loop = None
        self.link.rests = False
        for event in (self._next, self._booting):
            if event is not None:
                event.cancel()
        self._next = self._booting = None
        self.relays.all_off()

    def _boot(self) -> None:
        self._booting = None
        self._epoch_us = self._kernel.now_us
        self.boots += 1
        entropy = self._entropy.randbytes(_ENTROPY_BYTES)
        self.boot = entropy[:8]
        self._set_clock()
        self._ports = CarPorts(
            self._fake_clock, self.sensors.values, self.body, self.link, self._pulse,
            self.journal_flash, self.cache_flash,
        )  # fmt: skip
        terms = load_terms(self._terms)
        loop = Loop(self._ports, terms, load_settings({}, terms), self.identity, entropy)
        try:
            loop.start()
        except PowerCut:
            self.power_cut()
            return
        self.loop = loop
        self._around.car_booted(self)
        self.wake()

    # Turns.

    def wake(self) -> None:
        """Something happened that the program should see."""
        if self.loop is not None:
            self._plan(self._kernel.now_us)

    def hear(self, frame: bytes) -> None:
        """A frame arrives; without a program it is lost."""
        if self.loop is not None:
            self.link.put(frame)
            self.wake()

    def tap(self, card: bytes) -> None:
        """Hold a card to the reader."""
        if self.loop is not None and self._ports is not None:
            self._ports.reader.card = card
            self.wake()

    def _set_clock(self) -> None:
        now_ms = (START_MS + (self._kernel.now_us - self._epoch_us) // 1000) & MASK
        self._fake_clock.is_broken = self.clock.is_broken
        self._fake_clock.set(now_ms, self.clock.wall_s(), self.clock.is_trusted)

    def _keep_clock(self) -> None:
        """What the program set it to."""
        if self._fake_clock.set_to_s:
            self.clock.set_wall(self._fake_clock.set_to_s)
            self._around.clock_set(self)

    def _turn(self) -> None:
        self._next = None
        loop = self.loop
        if loop is None:
            return
        self.turns += 1
        self._set_clock()
        try:
            due_ms = loop.turn()
        except PowerCut:
            self.power_cut()
            return
        except (Violation, BrokenPipeError):  # what a watcher found; a trace that nobody reads
            raise
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            raise Violation("the program raises nothing", f"{self.name} {text}") from error
        self._keep_clock()
        self._around.car_turned(self)
        left_ms = ticks_diff(due_ms, self._fake_clock.now_ms())
        self._plan(self._kernel.now_us + max(left_ms * 1000, _TURN_US_MIN))

    def _plan(self, at_us: int) -> None:
        if self._next is None or not self._next.is_pending or self._next.at_us > at_us:
            if self._next is not None:
                self._next.cancel()
            self._next = self._kernel.at(at_us, self._turn)

    def _send(self, frame: bytes) -> None:
        self._around.frame_sent(self, frame)

    def _pulse(self, line: int, level: bool) -> None:
        if level:
            self._keep_clock()
            self._around.pulse_begun(self, line)
        self.relays.write(line, level)
