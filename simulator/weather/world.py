"""Everything in one place, and everybody who watches it."""

from __future__ import annotations

from collections.abc import Callable

from firmware.wire import frames, kb1, kb1_centre
from simulator.clocks import TrueClock
from simulator.kernel import Kernel
from simulator.weather import kinds
from simulator.weather.air import Air
from simulator.weather.alarms import AlarmDesk
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Trace, Violation, describe
from simulator.weather.copies import Copies
from simulator.weather.eavesdropper import Eavesdropper
from simulator.weather.key_tables import KeyTables
from simulator.weather.keyrings import Keyrings
from simulator.weather.keys import DOWN, Keys
from simulator.weather.kinds import Weather
from simulator.weather.office import Office
from simulator.weather.requests import Pushes, Requests
from simulator.weather.rights import Rights
from simulator.weather.template import START_S, Template, template, terms_of
from simulator.weather.told import Told

_S = 1_000_000
_RESTART_US = (200_000, 20_000_000)
CLOCK = "SAFE-4: the box sets its clock only to what was the time in the last 5 seconds"
_CLOCK_OFF_S_MAX = 6


class World:
    """`offices[0]` is the daemon; a second one is its clone."""

    def __init__(
        self,
        seed: int,
        profile: str,
        cars: int,
        drivers: int,
        staff: int,
        weather: Weather,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.kernel = Kernel(seed)
        self.trace = Trace(self.kernel, tell)
        self.clock = TrueClock(self.kernel, START_S)
        self._random = self.kernel.random("world")
        self.template: Template = template(profile, cars, drivers, staff)
        terms = terms_of(profile)
        self.copies, self.told, self.requests, self.pushes = Copies(), Told(), Requests(), Pushes()
        self.keys = Keys(self.template.cars)
        self.rings = Keyrings(self.kernel, self.keys, self.copies)
        self.key_tables = KeyTables(self.keys, self.rings, self.copies)
        self.rights = Rights(
            self.kernel, self.clock, self.copies, self.requests,
            terms["start_early_s"], terms["reopen_window_s"],
        )  # fmt: skip
        self.air = Air(self.kernel, self.trace, weather, self)
        self.eavesdropper = Eavesdropper(self.kernel, self.trace, self.air, weather.has_fitted)
        #: Cars whose power goes with the next pulse.
        self.failing: set[str] = set()
        self._asking = ""
        self._clones = 0
        self.offices: list[Office] = []
        self._open_office("daemon", self.template.image)
        self.cars: list[WeatherCar] = []
        for number, identity in enumerate(self.template.cars, 1):
            car = WeatherCar(self.kernel, self.clock, self, f"car{number}", identity, terms)
            self.cars.append(car)
            self.air.add(car)
            car.power_on()
        self.alarm_desk = AlarmDesk(self)

    def _open_office(self, name: str, image: bytes) -> None:
        office = Office(self.kernel, self.clock, self, name, image)
        self._adopt(office)
        self.offices.append(office)

    def _adopt(self, office: Office) -> None:
        """Its disk holds something else than before."""
        self.copies.adopt(office)
        self.told.adopt(office)
        self.requests.adopt(office)
        self.key_tables.adopt(office, office in self.offices[:1] or not self.offices)

    # Of the air (`air.Hearing`).

    def office_for(self, car: WeatherCar) -> Office | None:  # noqa: ARG002 - chance alone decides
        """Who answers when the car connects."""
        return self._random.choice(self.offices)

    def office_of(self, car: WeatherCar) -> Office:
        """Whom its drivers reach with their phones."""
        return self.air.ways[car.ident].office or self.offices[0]

    def arrives_up(self, office: Office, car: WeatherCar, frame: bytes) -> None:
        self.trace.note(f"{car.name} -> {office.name} {describe(frame)}")
        if len(frame) > kb1.FLAG_ASKING + 4 and frame[1] == kb1.HELLO:
            self._asking = car.ident if frame[4] & kb1.FLAG_ASKING else ""
        if frame[1:2] == bytes((kb1.NACK,)):
            self.pushes.hear_nack(office, car.ident, self.clock.unix_s())
        with self.key_tables.hearing(office, car.ident, frame):
            office.call(lambda fleet: fleet.receive(car.ident, frame))

    def arrives_down(self, car: WeatherCar, frame: bytes) -> None:
        self.trace.note(f"-> {car.name} {describe(frame)}")
        may_matter = frame[1:2] in (b"\x11", b"\x12") and car.loop is not None
        if may_matter and self.keys.signer(car.ident, frame, DOWN) is not None:
            body = frame[frames.HEAD_BYTES : -frames.TAG_BYTES]
            if frame[1] == kb1.CMD:
                self.requests.arrives(car, body)
            self.rights.arrives(car, frame[1], body)
        car.hear(frame)

    # Of the cars (`car.Around`).

    def frame_sent(self, car: WeatherCar, frame: bytes) -> None:
        if frame[1] == kb1.HELLO:
            self._look(car, self.kernel.now_us)  # in the middle of its turn
            hello = kb1_centre.unpack_hello(frame[frames.HEAD_BYTES :])
            self.copies.hear_hello(car, hello)
            self.rights.hear_hello(car, hello)
            self.eavesdropper.hear_hello(car, hello)
        self.rings.see_sent(car, frame)
        self.air.send_up(car, frame)

    def frame_taken(self, car: WeatherCar, frame: bytes) -> None:
        self.rings.see_taken(car, frame)

    def link_hurried(self, car: WeatherCar) -> None:
        self.air.connect_soon(car, in_hurry=True)

    def power_changed(self, car: WeatherCar) -> None:
        self.trace.note(f"{car.name} power {'on' if car.is_powered else 'off'}")
        self.air.cut(car)
        if not car.is_powered:
            self.rights.lose_power(car)
        if car.journal_flash.is_dead or car.cache_flash.is_dead:
            self.trace.count(kinds.FLASH_CUT, car.name)
            self.kernel.after(self._random.randint(0, 5 * _S), car.power_on)

    def car_booted(self, car: WeatherCar) -> None:
        self.rights.boot(car)
        off_us = self.rights.of(car).off_us
        self._look(car, off_us)
        self.copies.compare(car)
        self.told.look_after_boot(car)
        self.rings.look(car)
        self._see_events(off_us)
        self.air.connect_soon(car)

    def car_turned(self, car: WeatherCar) -> None:
        self._look(car, self.kernel.now_us)
        self.told.look(car)
        self.rings.look(car)
        self._see_events(self.kernel.now_us)

    def _look(self, car: WeatherCar, at_us: int) -> None:
        """`at_us`: when its copy changed, if it did. Whoever sees that first renews the lease."""
        if self.copies.look(car):
            self.trace.note(f"{car.name} at {self.copies.standing(car)}")
            self.rights.renew(car, at_us)
        self.key_tables.look(self.offices[0], car)

    def _see_events(self, at_us: int) -> None:
        """`at_us`: when the newest of them were written, which may be before the power went."""
        at_s = self.clock.start_unix_s + at_us / _S
        for car, event in self.told.take_new():
            self.trace.note(f"{car.name} writes {event.hex()}")
            self.requests.see_event(car, event, at_s)
            self.rights.see_event(car, event, at_us)
            self.rings.see_event(car, event)

    def pulse_begun(self, car: WeatherCar, line: int) -> None:
        if car.loop is not None:
            self._look(car, self.kernel.now_us)  # in the middle of its turn
        self.trace.note(f"{car.name} pulse {line}")
        self.rights.pulse(car, line)
        if car.ident in self.failing:
            self.failing.discard(car.ident)
            self.trace.count(kinds.POWER_CUT, f"{car.name} in a pulse")
            self.kernel.after(1, lambda: self.cut_power(car, self._random.randint(0, 3)))

    def clock_set(self, car: WeatherCar) -> None:
        self.rings.see_clock_set(car)
        if abs(car.clock.ahead_s) > _CLOCK_OFF_S_MAX:
            raise Violation(CLOCK, f"{car.name} by {car.clock.ahead_s} s")

    # Of the offices (`office.Around`).

    def office_sent(self, office: Office, car: str, frame: bytes) -> None:
        kind = frame[1]
        self.pushes.see_frame(car, kind)
        self.key_tables.see_sent(office, car, frame)
        if kind == kb1.EACK:
            self.told.see_eack(office, car, frame)
        way = self.air.ways[car]
        if way.office is not office or not self.eavesdropper.withholds(way.car, frame):
            self.air.send_down(office, car, frame)

    def office_did(self, office: Office) -> None:
        with office.unharmed():
            self.pushes.end_call(office, self._asking, self.clock.unix_s())
            if not self.is_idle():
                self.pushes.look_for_waiting(office, self.clock.unix_s())
            self._asking = ""
            self.copies.see_commit(office)
            self.told.see_commit(office)
            self.requests.see_commit(office)
            self.key_tables.see_commit(office)
            for car in self.cars if office is self.offices[0] else ():
                self.key_tables.look(office, car)

    def office_died(self, office: Office) -> None:
        self.trace.count(kinds.DAEMON_CRASH, office.name)
        self.air.cut_all(office)
        self.kernel.after(self._random.randint(*_RESTART_US), office.start)

    def is_idle(self) -> bool:
        return self.air.is_silent

    # What trouble does.

    def cut_power(self, car: WeatherCar, for_s: int) -> None:
        car.power_cut()
        self.kernel.after(for_s * _S, car.power_on)

    def stop_office(self, office: Office, for_s: int) -> None:
        office.stop()
        self.air.cut_all(office)
        self.kernel.after(for_s * _S, office.start)

    def restore(self, image: bytes, for_s: int) -> None:
        """Somebody puts a backup in place, and tells nobody."""
        office = self.offices[0]
        self.stop_office(office, for_s)
        office.restore(image)
        self._adopt(office)

    def clone(self) -> None:
        """A second daemon on a copy of the database answers some of the cars."""
        self._clones += 1
        with self.offices[0].unharmed():
            self.requests.share(self.offices[0])
        self._open_office(f"clone{self._clones}", self.offices[0].backup())
        for car in self.cars:
            self.air.cut(car)

    def end_clone(self) -> None:
        if len(self.offices) > 1:
            clone = self.offices.pop()
            clone.stop()
            self.air.cut_all(clone)
            self.alarm_desk.clear()

    # The end.

    def be_calm(self) -> None:
        """No trouble any more; everything has power, carrier and a daemon."""
        self.air.weather = Weather()
        self.eavesdropper.is_there = False
        self.failing.clear()
        self.end_clone()
        self.alarm_desk.clear()
        for car in self.cars:
            car.journal_flash.cut_after = car.cache_flash.cut_after = None
            car.power_on()
            self.air.set_carrier(car, True)
        self.offices[0].disk.crash_in = None
        self.offices[0].start()

    def lacking(self) -> str:
        """What is not as it should be in the end; "" when all is."""
        office = self.offices[0]
        if office.fleet is None:
            return "the daemon does not run"
        for car in self.cars:
            if car.loop is None or self.air.ways[car.ident].office is None:
                return f"{car.name} is not online"
            wanted, standing = self.copies.newest(office, car), self.copies.standing(car)
            if wanted != standing:
                return f"{car.name} is at {standing}, should be at {wanted}"
            if not self.told.is_complete(office, car):
                return f"{car.name} has {car.journal.backlog()} events that nobody took"
            said = office.disk.execute(
                "SELECT said_gen, said_rev, behind_s FROM car WHERE id = ?", (car.ident,)
            ).fetchone()
            if tuple(said) != (standing.gen, standing.rev, None):
                return f"the daemon believes {car.name} at {said[0]}.{said[1]}"
            keyless = self.key_tables.lacking(office, car)
            if keyless:
                return keyless
        pending = office.disk.execute(
            "SELECT count(*) FROM command WHERE status = 'pending'"
        ).fetchone()
        return f"{pending[0]} commands have no answer" if pending[0] else ""
