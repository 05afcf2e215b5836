"""Trouble that comes by itself: each kind at its own random times, until the calm."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from simulator.kernel import Event
from simulator.weather import kinds
from simulator.weather.car import WeatherCar
from simulator.weather.kinds import Weather

if TYPE_CHECKING:
    from simulator.weather.world import World

_S = 1_000_000
_DAY_S = 86_400
_JUMPS_S = (-_DAY_S, _DAY_S, -3600, 3600, -40, 40, 7)
#: Statements and frames that a daemon still gets through before it dies: several calls' worth.
_PLACES_MAX = 60
_FLASH_OPERATIONS_MAX = 12
#: Of the power cuts come when a lock or relay draws current; of lost clocks without network.
_IN_PULSE_SHARE = 0.4
_UNTOLD_SHARE = 0.5


class Trouble:
    """Acts on a world until `stop`."""

    def __init__(self, world: World, weather: Weather) -> None:
        self._world = world
        self._kernel = world.kernel
        self._count = world.trace.count
        self._weather = weather
        self._image: bytes | None = None
        self._does: dict[str, Callable[[Random], None]] = {
            kinds.CUT: self._cut,
            kinds.BLACKOUT: self._black_out,
            kinds.POWER_CUT: self._cut_power,
            kinds.FLASH_CUT: self._cut_flash,
            kinds.RESET: self._reset,
            kinds.JOURNAL_ERASED: self._erase_journal,
            kinds.COPY_ERASED: self._erase_copy,
            kinds.CLOCK_LOST: self._lose_clock,
            kinds.CLOCK_JUMP: self._jump,
            kinds.DAEMON_CRASH: self._crash,
            kinds.DAEMON_STOP: self._stop_daemon,
            kinds.RESTORE: self._restore,
            kinds.CLONE: self._clone,
            kinds.REPLAYED: self._replay,
            kinds.ALTERED: self._alter,
            kinds.READDRESSED: self._readdress,
            kinds.HELD: self._hold,
        }
        self._randoms = {kind: self._kernel.random(kind) for kind in weather.every_s}
        self._planned: list[Event] = []
        self.begin()

    def begin(self) -> None:
        """From now on."""
        for kind, every_s in self._weather.every_s.items():
            self._plan(kind, every_s, self._randoms[kind])

    def stop(self) -> None:
        """None comes until it begins again."""
        for event in self._planned:
            event.cancel()
        self._planned = []

    def _plan(self, kind: str, every_s: float, random: Random) -> None:
        delay_us = int(min(random.expovariate(1 / every_s), 4 * every_s) * _S)
        self._planned = [event for event in self._planned if event.is_pending]
        self._planned.append(
            self._kernel.after(delay_us, lambda: self._happen(kind, every_s, random))
        )

    def _happen(self, kind: str, every_s: float, random: Random) -> None:
        self._does[kind](random)
        self._plan(kind, every_s, random)

    def _car(self, random: Random) -> WeatherCar:
        return random.choice(self._world.cars)

    # Connections.

    def _cut(self, random: Random) -> None:
        car = self._car(random)
        if car.link.is_up:
            self._count(kinds.CUT, car.name)
            self._world.air.cut(car)

    def _black_out(self, random: Random, car: WeatherCar | None = None) -> None:
        car = car or self._car(random)
        self._count(kinds.BLACKOUT, car.name)
        self._world.air.set_carrier(car, False)
        back = lambda: self._world.air.set_carrier(car, True)  # noqa: E731 - said where it is used
        self._kernel.after(random.randint(5, 200) * _S, back)

    # The box.

    def _cut_power(self, random: Random) -> None:
        car = self._car(random)
        if random.random() < _IN_PULSE_SHARE:
            self._world.failing.add(car.ident)
        elif car.is_powered:
            self._count(kinds.POWER_CUT, car.name)
            self._world.cut_power(car, random.randint(0, 60))

    def _cut_flash(self, random: Random) -> None:
        car = self._car(random)
        flash = random.choice((car.journal_flash, car.cache_flash))
        if car.is_powered and flash.cut_after is None:
            self._world.trace.note(f"flash of {car.name} will be cut")
            flash.cut_after = random.randrange(_FLASH_OPERATIONS_MAX)

    def _reset(self, random: Random) -> None:
        car = self._car(random)
        if car.loop is not None:
            self._count(kinds.RESET, car.name)
            car.reset()

    def _erase_journal(self, random: Random) -> None:
        car = self._car(random)
        self._count(kinds.JOURNAL_ERASED, car.name)
        self._world.cut_power(car, random.randint(1, 20))
        car.journal_flash.contents[:] = b"\xff" * len(car.journal_flash.contents)
        self._world.told.forget_journal(car)

    def _erase_copy(self, random: Random) -> None:
        car = self._car(random)
        self._count(kinds.COPY_ERASED, car.name)
        self._world.cut_power(car, random.randint(1, 20))
        car.cache_flash.contents[:] = b"\xff" * len(car.cache_flash.contents)
        self._world.copies.forget(car)
        self._world.rings.forget_copy(car)
        self._world.key_tables.forget_copy(car)

    def _lose_clock(self, random: Random) -> None:
        car = self._car(random)
        self._count(kinds.CLOCK_LOST, car.name)
        car.clock.ahead_s = random.choice((-_DAY_S * 365, 0, _DAY_S * 10))
        car.clock.is_trusted = False
        car.wake()
        if random.random() < _UNTOLD_SHARE:  # nobody can tell it the time
            self._black_out(random, car)

    def _jump(self, random: Random) -> None:
        car = self._car(random)
        by_s = random.choice(_JUMPS_S)
        self._count(kinds.CLOCK_JUMP, f"{car.name} {by_s}")
        car.clock.ahead_s += by_s
        self._world.rights.note_jump(car, by_s)
        car.wake()

    # The daemon.

    def _crash(self, random: Random) -> None:
        office = random.choice(self._world.offices)
        if office.fleet is not None:
            office.disk.crash_in = random.randrange(_PLACES_MAX)

    def _stop_daemon(self, random: Random) -> None:
        office = random.choice(self._world.offices)
        if office.fleet is not None:
            self._count(kinds.DAEMON_STOP, office.name)
            self._world.stop_office(office, random.randint(1, 90))

    def _restore(self, random: Random) -> None:
        office = self._world.offices[0]
        if self._image is None or random.random() < 0.5:
            self._world.trace.note("backup")
            self._image = office.backup()
        else:
            self._count(kinds.RESTORE)
            self._world.restore(self._image, random.randint(0, 20))

    def _clone(self, random: Random) -> None:
        if len(self._world.offices) == 1:
            self._count(kinds.CLONE)
            self._world.clone()
            self._kernel.after(random.randint(30, 400) * _S, self._world.end_clone)

    # Somebody on the way.

    def _replay(self, random: Random) -> None:
        car = self._car(random)
        way = self._world.air.ways[car.ident]
        for _ in range(random.choice((1, 1, 4))):
            if random.random() < 0.6 and way.captured_down:
                self._count(kinds.REPLAYED, f"down {car.name}")
                self._world.air.bring_down(car, random.choice(way.captured_down))
            elif way.captured_up:
                self._count(kinds.REPLAYED, f"up {car.name}")
                self._world.air.bring_up(car, random.choice(way.captured_up))

    def _alter(self, random: Random) -> None:
        car = self._car(random)
        way = self._world.air.ways[car.ident]
        is_down = random.random() < 0.6
        frames = way.captured_down if is_down else way.captured_up
        if not frames:
            return
        frame = bytearray(random.choice(frames))
        if random.random() < 0.2:
            del frame[random.randrange(len(frame)) :]
        else:
            frame[random.randrange(len(frame))] ^= 1 << random.randrange(8)
        self._count(kinds.ALTERED, car.name)
        bring = self._world.air.bring_down if is_down else self._world.air.bring_up
        bring(car, bytes(frame))

    def _readdress(self, random: Random) -> None:
        car, other = self._car(random), self._car(random)
        way = self._world.air.ways[other.ident]
        frames = way.captured_down if random.random() < 0.5 else way.captured_up
        if not frames:
            return
        self._count(kinds.READDRESSED, f"{other.name} to {car.name}")
        bring = (self._world.air.bring_down, self._world.air.bring_up)[random.randrange(2)]
        bring(car, random.choice(frames))

    def _hold(self, random: Random) -> None:
        """The newest frame once more, much later."""
        car = self._car(random)
        way = self._world.air.ways[car.ident]
        if way.captured_down:
            self._count(kinds.HELD, car.name)
            late_us = random.randint(6, 900) * _S
            self._world.air.bring_down(car, way.captured_down[-1], late_us)
