"""The centre of a car on a desk: the drivers' phones, over the daemon's HTTP calls."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from simulator.audit import AuditEvent, Reason
from simulator.centre import (
    ACCEPTED,
    ENDED,
    PENDING,
    REFUSED,
    REOPENED,
    UNKNOWN,
    Booking,
    CarIdentity,
    Command,
    OnRefusal,
)  # fmt: skip
from simulator.daemon.answers import reason_of_car
from simulator.daemon.choose import choose
from simulator.desk.accounts import Accounts, Driver
from simulator.desk.http_line import Answer, Ask, HttpLine
from simulator.desk.log_ins import LogIns
from simulator.desk.records import Records
from simulator.desk.tunnel import Tunnel
from simulator.network import Server

#: Outside time between two looks at a request that is pending, and at the database.
LOOK_EVERY_S = 0.03
#: What the daemon granted is on its way to the car for so long at the most, in outside time.
SETTLE_S = 2.0


class Phone:
    """A `Centre`. What is asked goes out at once; what came of it arrives in `poll`."""

    def __init__(
        self,
        line: HttpLine,
        records: Records,
        accounts: Accounts,
        identity: CarIdentity,
        tunnel: Tunnel,
        clock: Callable[[], int],
    ) -> None:
        """`clock`: simulated Unix time."""
        self._line = line
        self._records = records
        self._accounts = accounts
        self._clock = clock
        self.note: Callable[[str], None] = _ignore_note
        self.identity = identity
        self.server: Server = tunnel
        self._tunnel = tunnel
        self.on_refusal: OnRefusal = _ignore
        self.mails: list[str] = []
        self.events: Sequence[AuditEvent] = ()
        self.site: Command | None = None
        self.position_requests: list[tuple[str, Command]] = []
        self._names = {number: name for name, number in accounts.bookings}
        self._log_ins = LogIns()
        self._open: list[tuple[Command, Driver]] = []
        self._mails_from: int | None = None
        self._next_look_s = 0.0
        self._settle_s = 0.0  # 0: nothing is on its way to the car
        self._waiting: list[Callable[[], None]] = []
        #: Called before the daemon is asked: it must not answer in a time that was never to be.
        self.on_busy: Callable[[], object] = int
        self._asked = False

    @property
    def bookings(self) -> list[Booking]:
        """As the daemon has them; those that the story did not name have their number as name."""
        return [
            Booking(
                self._names.get(row.number, f"{row.number}"), self._name(row.driver),
                row.starts_s, row.ends_s, row.status,
            )
            for row in self._records.bookings
        ]  # fmt: skip

    @property
    def left_behind(self) -> list[str]:
        """As the page of a booking that can be reopened, or is."""
        ended = [row for row in self._records.bookings if row.status in (ENDED, REOPENED)]
        told = [("lights_on", row.lights_on) for row in ended]
        told += [("window_open", row.window_open) for row in ended]
        return [name for name, is_so in told if is_so]

    @property
    def is_in_step(self) -> bool:
        return self._records.is_in_step

    @property
    def is_busy(self) -> bool:
        """A phone waits for the daemon, or for the car: time must not run away from it."""
        return self._line.is_busy or bool(self._open or self._waiting) or self._settle_s > 0

    def poll(self, monotonic_s: float) -> None:
        """What came of requests; from time to time look at what is pending and at the database."""
        self._line.deliver()
        while self._waiting and not self._tunnel.is_held:
            self._waiting.pop(0)()
        if monotonic_s < self._next_look_s:
            return
        self._next_look_s = monotonic_s + LOOK_EVERY_S
        if self._records.look():
            self._tell_mails()
        self._settle_s = 0.0 if self._records.is_in_step else self._settle_s - LOOK_EVERY_S
        if self._open and not self._asked:
            self._asked = True
            for command, driver in list(self._open):
                self._look_at(command, driver)

    # What people do.

    def add_card(self, idm: bytes, driver: str) -> str:  # noqa: ARG002 - a Centre
        return "not_allowed_in_profile"  # cards are there from the beginning, see seeding

    def add_staff(self, idm: bytes, name: str) -> str:  # noqa: ARG002
        return "not_allowed_in_profile"

    def add_booking(self, name: str, driver: str, starts_s: int, ends_s: int) -> str:
        return self.book(name, driver, starts_s, ends_s)

    def book(self, name: str, driver: str, starts_s: int, ends_s: int) -> str:
        """Asked for; a refusal is told later, by `on_refusal`."""
        who = self._driver(driver)
        body = {"car": self._accounts.car, "starts_s": starts_s, "ends_s": ends_s}

        def done(answer: Answer) -> None:
            if answer.is_good:
                self._names[int(answer.body["id"])] = name
            self._tell(f"book {name}", answer)

        self._send(who, Ask("POST", "/v1/bookings", body, key=_new_key()), done)
        return ""

    def change(self, name: str, starts_s: int, ends_s: int) -> str:
        body = {"starts_s": starts_s, "ends_s": ends_s}
        return self._alter(name, "change", body)

    def cancel(self, name: str) -> str:
        return self._alter(name, "cancel", {})

    def operate(self, verb: str, driver: str | None = None) -> Command:
        return self._ask_for(verb, driver, "commands", {"verb": verb})

    def extend(self, by_s: int, driver: str | None = None) -> Command:
        return self._ask_for("extend", driver, "extend", {"by_s": by_s})

    def ask_position(self, why: str) -> Command:
        """There is no call for it: it is the operator's business, not a phone's."""
        command = Command("position", REFUSED, [Reason("not_allowed_in_profile")])
        self.position_requests.append((why, command))
        self._end(command)
        return command

    # Inside.

    def _alter(self, name: str, what: str, body: dict[str, Any]) -> str:
        booking = next((one for one in self.bookings if one.name == name), None)
        if booking is None:
            self.on_refusal([Reason("no_booking")])
            return "no_booking"
        ask = Ask("POST", f"/v1/bookings/{self._number(name)}/{what}", body, key=_new_key())
        self._send(
            self._driver(booking.driver), ask, lambda answer: self._tell(f"{what} {name}", answer)
        )
        return ""

    def _ask_for(self, verb: str, driver: str | None, call: str, body: dict[str, Any]) -> Command:
        command = self.site = Command(verb)
        booking = choose(self.bookings, verb, driver, self._clock())
        if booking is None:
            return self._refuse(command, "no_booking")
        who = self._driver(driver or booking.driver)
        if self._driver(booking.driver) != who:
            return self._refuse(command, "not_this_driver")

        def done(answer: Answer) -> None:
            if not answer.status:  # perhaps it was heard, perhaps not
                command.status = UNKNOWN
                self._end(command)
            elif not answer.is_good:
                self._refuse(command, answer.refusal)
            elif verb == "extend":
                command.status = ACCEPTED
                self._end(command)
            else:
                self._hear(command, who, answer)

        path = f"/v1/bookings/{self._number(booking.name)}/{call}"
        self._send(who, Ask("POST", path, body, key=_new_key()), done)
        return command

    def _send(self, who: Driver | None, ask: Ask, done: Callable[[Answer], None]) -> None:
        def heard(answer: Answer) -> None:
            done(answer)
            if answer.is_good and ask.method == "POST":
                self._settle_s = SETTLE_S

        if who is None:
            done(Answer(403, {"error": "not_logged_in"}))
        else:
            job = self._log_ins.as_driver(who, ask)
            self._waiting.append(lambda: self._line.send(job, heard))
            self.on_busy()

    def _look_at(self, command: Command, driver: Driver) -> None:
        ask = Ask("GET", f"/v1/commands/{command.ident}")
        self._send(driver, ask, lambda answer: self._hear(command, driver, answer))

    def _hear(self, command: Command, driver: Driver | None, answer: Answer) -> None:
        self._asked = False
        body = answer.body
        if not answer.is_good or driver is None:
            return  # asked again later
        command.ident = str(body["id"])
        waits = (command, driver)
        if body["status"] == PENDING:
            if waits not in self._open:
                self._open.append(waits)
            return
        if waits in self._open:
            self._open.remove(waits)
        command.status = str(body["status"])
        command.reasons = [reason_of_car(one) for one in body["reasons"]]
        command.warnings = [str(one["code"]) for one in body["warnings"]]
        self._end(command)

    def _refuse(self, command: Command, code: str) -> Command:
        command.status = REFUSED
        command.reasons = [Reason(code)]
        self._end(command)
        return command

    def _end(self, command: Command) -> None:
        reasons = ", ".join(map(str, command.reasons))
        self.note(f"{command.verb} {command.status}" + (f": {reasons}" if reasons else ""))
        for warning in command.warnings:
            self.note(f"warning {warning}")
        if command.status == REFUSED:
            self.on_refusal(command.reasons)

    def _tell(self, what: str, answer: Answer) -> None:
        if answer.is_good:
            self.note(what)
        else:
            self.note(f"{what} refused: {answer.refusal}")
            self.on_refusal([Reason(answer.refusal)])

    def _tell_mails(self) -> None:
        """Those from before are not news."""
        known = self._records.mails
        if self._mails_from is None:
            self._mails_from = len(known)
        for name in known[self._mails_from :]:
            self.mails.append(name)
            self.note(f"mail {name}")
        self._mails_from = len(known)

    def _number(self, name: str) -> int:
        """Of a booking that is there; the story's name for it, or the number itself."""
        known = (number for number, other in self._names.items() if other == name)
        return next(known, 0) or int(name)

    def _driver(self, name: str) -> Driver | None:
        return self._accounts.driver(name)

    def _name(self, ident: str) -> str:
        found = self._accounts.driver(ident)
        return found.name if found else ident


def _new_key() -> str:
    return secrets.token_hex(16)


def _ignore(_reasons: list[Reason]) -> None:
    pass


def _ignore_note(_what: str) -> None:
    pass
