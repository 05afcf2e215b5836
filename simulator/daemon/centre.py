"""The daemon as a car's centre: its `Fleet` and its MQTT dialogue, in simulated time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

from fleetd.core.car_terms import choice_of
from fleetd.core.refused import Refused
from fleetd.mqtt_endpoint import Endpoint
from fleetd.service import Fleet
from fleetd.store import car_rows, command_rows, event_rows
from simulator.audit import AuditEvent, parse_event
from simulator.centre import Booking, CarIdentity, Command, OnRefusal
from simulator.clocks import TrueClock
from simulator.daemon.answers import Answers, reason_of_refused
from simulator.daemon.choose import choose
from simulator.daemon.database import People, open_in_memory, profile_of
from simulator.daemon.line import StreamLine, clock_s
from simulator.kernel import Event, Kernel
from simulator.network import Server, Stream
from simulator.world.timeline import Timeline

CAR_NAME = "simulated car"
#: Who asks for positions.
OPERATOR = "operator"


class FleetCentre:
    """A `Centre` of one car, and the `Server` that the car connects to."""

    def __init__(
        self,
        kernel: Kernel,
        timeline: Timeline,
        clock: TrueClock,
        profile: str,
        terms: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """`terms`, `settings`: what the car's box is provisioned with, and what it is sent."""
        self._kernel = kernel
        self._note = timeline.note
        self._clock = clock
        self._db = open_in_memory(profile_of(profile), clock.unix_s())
        self._people = People(self._db)
        self.endpoint = Endpoint(
            self._check_login, self._receive, self._see_presence, clock=lambda: clock_s(kernel)
        )
        entropy = kernel.random("centre").randbytes
        self.fleet = Fleet(self._db, self._send, clock.unix_s, entropy)
        choice = choice_of(profile_of(profile), terms or {}, settings or {})
        made = self.fleet.add_car(CAR_NAME, terms=choice)
        self.identity = CarIdentity(made.car, made.key, made.password)
        self.server: Server = self
        self._answers = Answers(self.fleet, timeline.note)
        self.mails: list[str] = []
        self.site: Command | None = None
        self.position_requests: list[tuple[str, Command]] = []
        self._keys = 0
        #: Name -> (number, name of the driver).
        self._booked: dict[str, tuple[int, str]] = {}
        self._online_since_s: int | None = None
        self._next_tick: Event | None = None
        self._plan_tick()

    # What the centre shows.

    @property
    def on_refusal(self) -> OnRefusal:
        return self._answers.on_refusal

    @on_refusal.setter
    def on_refusal(self, hear: OnRefusal) -> None:
        self._answers.on_refusal = hear

    @property
    def events(self) -> list[AuditEvent]:
        """In the order of their numbers; of a car with several journals, one after the other."""
        rows = event_rows.of_car(self._db, self.identity.car)
        return [parse_event(row["body"]) for row in rows]

    @property
    def bookings(self) -> list[Booking]:
        drivers = dict.fromkeys(driver for _, driver in self._booked.values())
        rows = {
            row["id"]: row
            for driver in drivers
            for row in self.fleet.bookings_of(self._ident(driver))
        }
        return [
            Booking(name, driver, *(rows[number][key] for key in ("starts_s", "ends_s", "status")))
            for name, (number, driver) in self._booked.items()
        ]

    def number_of(self, name: str) -> int:
        """What daemon and car call that booking."""
        return self._booked[name][0]

    @property
    def left_behind(self) -> list[str]:
        found = (self.fleet.booking(None, number) for number, _ in self._booked.values())
        return [code for booking in found for code in booking["warnings"]]

    @property
    def is_in_step(self) -> bool:
        car = car_rows.find(self._db, self.identity.car)
        if car is None or self._online_since_s is None:
            return False
        return car.heard_s >= self._online_since_s and car.behind_s is None

    # What the operator does.

    def add_card(self, idm: bytes, driver: str) -> str:
        return self._quietly(lambda: self.fleet.add_card(self._ident(driver), idm))

    def add_staff(self, idm: bytes, name: str) -> str:
        return self._quietly(lambda: self.fleet.add_staff_card(idm, name))

    def add_booking(self, name: str, driver: str, starts_s: int, ends_s: int) -> str:
        def add() -> None:
            car = self.identity.car
            made = self.fleet.add_booking(self._ident(driver), car, starts_s, ends_s)
            self._booked[name] = made["id"], driver

        return self._quietly(add)

    def ask_position(self, why: str) -> Command:
        command = self._request(
            "position", lambda: self.fleet.ask_position(self.identity.car, OPERATOR, why)
        )
        self.position_requests.append((why, command))
        return command

    def withdraw(self) -> None:
        """Let no request wait for the car any longer: what came of those is unknown."""
        with self._db.transaction():
            for one in command_rows.pending(self._db):
                now_s = self._clock.unix_s()
                command_rows.end(self._db, one.id, command_rows.UNKNOWN, now_s, [], [])
        self._settle()

    # What drivers do.

    def book(self, name: str, driver: str, starts_s: int, ends_s: int) -> str:
        def book() -> None:
            if name in self._booked:
                raise Refused("overlaps")
            car = self.identity.car
            made = self.fleet.book(self._ident(driver), car, starts_s, ends_s, self._key())
            self._booked[name] = made["id"], driver

        return self._try(f"book {name}", book)

    def change(self, name: str, starts_s: int, ends_s: int) -> str:
        number, driver = self._booked[name]
        return self._try(
            f"change {name}",
            lambda: self.fleet.change(self._ident(driver), number, starts_s, ends_s, self._key()),
        )

    def cancel(self, name: str) -> str:
        number, driver = self._booked[name]
        return self._try(
            f"cancel {name}", lambda: self.fleet.cancel(self._ident(driver), number, self._key())
        )

    def operate(self, verb: str, driver: str | None = None) -> Command:
        def operate(ident: str, number: int) -> str:
            return self.fleet.operate(ident, number, verb, self._key())

        return self._ask_on_site(verb, driver, operate)

    def extend(self, by_s: int, driver: str | None = None) -> Command:
        def extend(ident: str, number: int) -> str:
            self.fleet.extend(ident, number, by_s, self._key())
            return ""

        return self._ask_on_site("extend", driver, extend)

    def _ask_on_site(
        self, verb: str, driver: str | None, ask: Callable[[str, int], str]
    ) -> Command:
        """`ask` gets the driver's ID and the booking's number."""
        booking = choose(self.bookings, verb, driver, self._clock.unix_s())

        def ask_about_it() -> str:
            if booking is None:
                raise Refused("no_booking")
            return ask(self._ident(driver or booking.driver), self.number_of(booking.name))

        self.site = self._request(verb, ask_about_it)
        return self.site

    def _request(self, verb: str, ask: Callable[[], str]) -> Command:
        """`ask` gives the daemon's name for it, "" when nothing is left to be answered."""
        command = Command(verb)
        try:
            command.ident = ask()
        except Refused as refused:
            self._answers.decide(command, reason_of_refused(refused))
        else:
            if command.ident:
                self._answers.follow(command)
            else:
                self._answers.decide(command, None)
        self._settle()
        return command

    # The network.

    def accept(self, stream: Stream) -> None:
        """The car connects."""
        StreamLine(self._kernel, self.endpoint, stream)

    def _send(self, car: str, frame: bytes) -> None:
        self.endpoint.send(car, frame)

    def _check_login(self, car: str, password: bytes) -> bool:
        return self.fleet.check_car_login(car, password)

    def _receive(self, arrived: Sequence[tuple[str, bytes]]) -> None:
        self.fleet.receive_all(arrived)
        self._settle()

    def _see_presence(self, car: str, online: bool, _payload: bytes) -> None:
        """Presence is told while a car is there, too; only a change is news."""
        if online and self._online_since_s is None:
            self._online_since_s = self._clock.unix_s()
            self.fleet.connected(car)
        elif not online:
            self._online_since_s = None
            self.fleet.disconnected(car)
        self._settle()

    # Time, and what comes of all that.

    def _tick(self) -> None:
        self.fleet.tick()
        self._settle()

    def _settle(self) -> None:
        """Take what is new: answers, mails, and when the next tick is due."""
        self._answers.look()
        for mail in self._take_mails():
            self.mails.append(mail)
            self._note(f"mail {mail}")
        self._plan_tick()

    def _plan_tick(self) -> None:
        at_us = self._clock.at_us(ceil(self.fleet.next_tick_s()))
        if self._next_tick is not None:
            self._next_tick.cancel()
        self._next_tick = self._kernel.at(at_us, self._tick)

    def _take_mails(self) -> list[str]:
        """The outbox's names, oldest first; nothing stays in it."""
        mails = self.fleet.unsent_mails()
        for mail in mails:
            self.fleet.note_mail_sent(mail["id"])
        return [mail["name"] for mail in mails]

    def _try(self, what: str, act: Callable[[], object]) -> str:
        """A driver's wish that the rules may be against."""
        try:
            act()
        except Refused as refused:
            self._note(f"{what} refused: {refused.code}")
            self._answers.on_refusal([reason_of_refused(refused)])
            return refused.code
        self._note(what)
        self._settle()
        return ""

    def _quietly(self, act: Callable[[], None]) -> str:
        """Something from before the story: its mails are not the story's."""
        self._settle()
        try:
            act()
        except Refused as refused:
            return refused.code
        self._take_mails()
        self._settle()
        return ""

    def _ident(self, driver: str) -> str:
        return self._people.driver(driver, self._clock.unix_s())

    def _key(self) -> str:
        """Each request is a new one."""
        self._keys += 1
        return f"request {self._keys}"
