"""The fleet: joins decisions and store. No sockets, no threads; a public method is a transaction."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleetd import (
    blocks,
    command_states,
    commands,
    copies,
    health,
    ingest,
    intake,
    isolation,
    outlook,
    people,
    pushes,
    reservations,
    vehicles,
)
from fleetd.car_care import CarCare
from fleetd.core.health import Limits
from fleetd.ledger import signing
from fleetd.membership import Membership
from fleetd.store import booking_rows, car_rows, event_rows, fleet_rows, notice_rows
from fleetd.store.database import CommitTimes
from fleetd.turn import Link

#: Bookings that come near and starts that draw near are looked for so often.
LOOK_EVERY_S = 10

log = logging.getLogger(__name__)


class Fleet(Membership, CarCare):
    """Cars and bookings, what cars tell, and what is asked of them."""

    #: When `tick` last looked, and last was called.
    _looked_s = _ticked_s = 0
    #: The first `tick`: nobody could be heard before.
    _began_s = 0
    limits = Limits()
    #: Why the database cannot be written; empty while it can.
    trouble = ""

    def cut(self, car: str) -> None:
        """End a car's connection: the line's own, where there is one (see `serving.exchange`)."""

    # What comes from cars.

    def receive(self, car: str, frame: bytes) -> None:
        """An up-frame from this car's topic. What makes no sense is counted, and changes nothing."""
        self.receive_all([(car, frame)])

    def receive_all(self, arrived: Sequence[tuple[str, bytes]]) -> None:
        """(car, frame) of each that has come, in their order: one commit for all of them."""
        try:
            with self._turn() as turn:
                for car, frame in arrived:
                    intake.take_sealed(turn, car, frame)
        except Exception as error:
            # Nothing is committed, so nothing is confirmed: the car keeps it and sends it again.
            for car in {car for car, _ in arrived} & self._links.keys():
                pushes.forget_hello(self._links[car], int(self.clock()))
            if not isinstance(error, sqlite3.Error):
                raise
            self.note_trouble(error)

    def note_trouble(self, error: sqlite3.Error) -> None:
        """The database failed: told once, until something was written again."""
        self.counts["database_failed"] += 1
        if not self.trouble:
            log.error("the database failed: %s; nothing is confirmed to cars meanwhile", error)
        self.trouble = str(error)

    def note_bug(self, error: Exception) -> None:
        """A tick failed as a whole, and the next one tries again."""
        self.counts["tick_failed"] += 1
        isolation.tell("a tick", error, self.counts["tick_failed"])

    def connected(self, car: str) -> None:
        """The car is there; its HELLO will say where it stands."""
        link = self._links.setdefault(car, Link())
        link.is_online, link.was_heard = True, False
        link.prompts.stop()

    def knows(self, car: str) -> bool:
        return car_rows.find(self._db, car) is not None

    def note_foreign_topic(self, car: str, topic: str) -> None:
        with self._turn() as turn:
            health.note_foreign_topic(turn, car, topic)

    def prompt(self, car: str) -> None:
        """Have a car say HELLO that is connected and need not know that we were away."""
        with self._turn() as turn:
            pushes.prompt(turn, car)

    def disconnected(self, car: str) -> None:
        link = self._links.setdefault(car, Link())
        link.is_online = link.was_heard = False

    def tick(self) -> None:
        """Once a second, or when `next_tick_s` says: pushes that are due, commands, deadlines."""
        shut_out: list[str] = []
        with self._turn() as turn:
            self._ticked_s = turn.now_s
            self._began_s = self._began_s or turn.now_s
            isolation.apart(turn, "", "commands", lambda: commands.expire(turn))
            parts: list[tuple[str, Callable[[], None]]] = [
                ("pushes", lambda: pushes.push_all(turn)),
                ("the journal's signature", lambda: signing.sign_if_due(turn, self.signer)),
            ]
            if turn.now_s >= self._looked_s + LOOK_EVERY_S or turn.now_s < self._looked_s:
                self._looked_s = turn.now_s
                parts[:0] = (
                    ("bookings that come near", lambda: copies.refresh_by_time(turn)),
                    ("starts", lambda: copies.watch_starts(turn)),
                    ("delays", lambda: ingest.watch_delays(turn)),
                    ("what is late", lambda: health.watch(turn, self.limits, self._began_s)),
                )
                shut_out = blocks.connected(turn)
            for what, work in parts:
                isolation.apart(turn, "", what, work)
        for car in shut_out:
            self.disconnected(car)
            self.cut(car)

    def next_tick_s(self) -> float:
        """Unix time by which `tick` must be called at the latest; earlier does no harm."""
        with self._turn() as turn:
            looks_s = min(self._looked_s, turn.now_s) + LOOK_EVERY_S
            due_s = min(looks_s, commands.next_due_s(turn), pushes.next_due_s(turn))
            # Times are whole seconds: in this one a second tick would find nothing new.
            return max(due_s, turn.now_s + (self._ticked_s == turn.now_s))

    def check_car_login(self, car: str, password: bytes) -> bool:
        with self._turn() as turn:
            return blocks.login_is_right(turn, car, password)

    # Bookings. Each takes a key under which the same request does nothing twice.

    def add_booking(self, driver: str, car: str, starts_s: int, ends_s: int) -> dict[str, Any]:
        """Without rules and mail."""
        with self._turn() as turn:
            found = people.driver_of_id(turn, driver)
            number = reservations.add(turn, found, car, starts_s, ends_s)
            return reservations.describe(turn, number)

    def book(
        self, driver: str, car: str, starts_s: int, ends_s: int, key: str = ""
    ) -> dict[str, Any]:
        with self._turn() as turn:
            found = people.driver_of_id(turn, driver)
            number = reservations.book(turn, found, car, starts_s, ends_s, key)
            return reservations.describe(turn, number)

    def change(
        self, driver: str, booking: int, starts_s: int, ends_s: int, key: str = ""
    ) -> dict[str, Any]:
        with self._turn() as turn:
            found = people.driver_of_id(turn, driver)
            reservations.change(turn, found, booking, starts_s, ends_s, key)
            return reservations.describe(turn, booking)

    def cancel(self, driver: str, booking: int, key: str = "") -> dict[str, Any]:
        with self._turn() as turn:
            reservations.cancel(turn, people.driver_of_id(turn, driver), booking, key)
            return reservations.describe(turn, booking)

    def extend(self, driver: str, booking: int, by_s: int, key: str = "") -> dict[str, Any]:
        with self._turn() as turn:
            reservations.extend(turn, people.driver_of_id(turn, driver), booking, by_s, key)
            return reservations.describe(turn, booking)

    def booking(self, account: str | None, booking: int) -> dict[str, Any]:
        """Of the driver, or of one of the member's, or (None) anybody's; else Refused."""
        with self._turn() as turn:
            return outlook.booking(turn, account, booking)

    def upcoming(self, account: str, most: int) -> list[dict[str, Any]]:
        """The next bookings by their start, with what can be done with each now."""
        with self._turn() as turn:
            return outlook.upcoming(turn, account, most)

    def bookings_of(self, account: str) -> list[dict[str, Any]]:
        """Of the driver, or of all the member's drivers, by their start."""
        with self._turn() as turn:
            numbers = [driver.number for driver in people.drivers_of_account(turn, account)]
            found = booking_rows.all_of_drivers(turn.db, numbers)
            return [reservations.describe(turn, booking.id) for booking in found]

    def free_times(
        self, driver: str, car: str, from_s: int, to_s: int, except_id: int = 0
    ) -> list[tuple[int, int]]:
        """(starts, ends) in which the driver could book the car; as if one booking were not."""
        with self._turn() as turn:
            found = people.driver_of_id(turn, driver)
            return reservations.free_times(turn, found, car, from_s, to_s, except_id)

    # What the phone asks of the car, and what came of it.

    def operate(self, driver: str, booking: int, verb: str, key: str) -> str:
        """One of `commands.VERBS`; the command's id. The same key: the same command."""
        with self._turn() as turn:
            found = people.driver_of_id(turn, driver)
            return commands.operate(turn, found, booking, verb, key).hex()

    def ask_position(self, car: str, who: str, why: str) -> str:
        """Have a car tell where it is (POS-1); the command's id. Who asked and why is kept."""
        with self._turn() as turn:
            return commands.ask_position(turn, car, who, why).hex()

    def place_told(self, car: str, command: str) -> tuple[int, ...] | None:
        """The answer to `ask_position`: latitude and longitude in microdegrees, or NOWHERE.

        None: it has not come.
        """
        with self._turn() as turn:
            return event_rows.place_told(turn.db, car, bytes.fromhex(command))

    def begin_maintenance(self, car: str, who: str, why: str) -> str:
        """No driver can start until it is ended; the command's id. Who and why is kept."""
        with self._turn() as turn:
            return commands.begin_maintenance(turn, car, who, why).hex()

    def end_maintenance(self, car: str, who: str, why: str) -> str:
        """The car locks and is there for drivers again; the command's id. Who and why is kept."""
        with self._turn() as turn:
            return commands.end_maintenance(turn, car, who, why).hex()

    def command(self, command: str) -> dict[str, Any]:
        """pending, accepted, refused or unknown; with reasons, warnings, and whose it is."""
        with self._turn() as turn:
            return command_states.describe(turn, command)

    def receipts(self, booking: int) -> dict[str, Any]:
        """Whether the car has the booking, and since when (rule 9)."""
        with self._turn() as turn:
            return copies.receipt(turn, booking)

    def events_of(self, booking: int) -> list[dict[str, Any]]:
        """What the car told of a booking, in the order of arrival."""
        with self._turn() as turn:
            return [dict(row) for row in event_rows.of_booking(turn.db, booking)]

    def status(self) -> dict[str, Any]:
        """Cars, alarms, what is late, and what the daemon that runs has counted."""
        with self._turn() as turn:
            late = health.figures(turn.db, turn.now_s)
            counted = fleet_rows.counts(turn.db)
            return {**vehicles.status(turn), "late": late, "counted": counted}

    def figures(self) -> dict[str, Any]:
        """What is late."""
        with self._turn() as turn:
            return health.figures(turn.db, turn.now_s)

    def note_counts(self, more: Mapping[str, int]) -> None:
        """For `status`, which is another process: what was counted here, and `more` of the line."""
        with self._turn() as turn:
            now = {"cars_connected": self.cars_connected, "counted_s": turn.now_s}
            counts = {**turn.counts, **more, **now}
            fleet_rows.put_counts(turn.db, counts)
        if self.trouble:
            log.warning("the database works again")
            self.trouble = ""

    @property
    def commit_times(self) -> CommitTimes:
        return self._db.commits

    @property
    def cars_connected(self) -> int:
        return sum(link.is_online for link in self._links.values())

    def note_line(self, way: str, trouble: str) -> None:
        """How cars come to us, and why they cannot; for `status`."""
        with self._turn() as turn:
            fleet_rows.put_line(turn.db, way, trouble, turn.now_s)

    # The outbox.

    def unsent_mails(self) -> list[dict[str, Any]]:
        """Oldest first. Their content may hold first passwords: not for logs."""
        with self._turn() as turn:
            return notice_rows.unsent_mails(turn.db)

    def note_mail_sent(self, mail: int) -> None:
        with self._turn() as turn:
            notice_rows.note_mail_sent(turn.db, mail, turn.now_s)
