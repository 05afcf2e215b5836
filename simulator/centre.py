"""A stand-in of the daemon for one car, with the daemon's messages and its honest answers.

It holds drivers, cards and bookings under the scenario's names, keeps the car's copy in step,
takes audit events once each, gives commands, and records the mails that would go out.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from firmware.wire import centre_messages, codes, messages
from simulator import centre_records as records
from simulator.audit import AuditEvent, Reason, parse_event
from simulator.centre_commands import ACCEPTED, REFUSED, Command, Commands
from simulator.centre_records import Booking, Bookings, Numbers
from simulator.centre_sync import Sync
from simulator.clocks import TrueClock
from simulator.kernel import Kernel
from simulator.world.timeline import Timeline

_NONE: tuple[str, ...] = ()
#: The last one that began, over or not: the car may be ahead of what the centre has heard.
_BEGUN = (records.IN_USE, records.ENDED, records.REOPENED, records.OVER)

#: Verb, and the states of the booking that it is about; with none, or none such, the next to come.
_VERBS = {
    "start": (codes.VERB_START, _NONE),
    "end": (codes.VERB_END, (records.IN_USE,)),
    "reopen": (codes.VERB_REOPEN, _BEGUN),
    "lock": (codes.VERB_LOCK, _BEGUN),
    "reunlock": (codes.VERB_REUNLOCK, (records.IN_USE,)),
    "enrol": (codes.VERB_ENROL, (records.IN_USE,)),
}


class Centre:
    """`send` gives a message to the network; False when the car cannot be reached at all."""

    def __init__(
        self,
        kernel: Kernel,
        timeline: Timeline,
        clock: TrueClock,
        send: Callable[[bytes], bool],
        reopen_window_s: int,
    ) -> None:
        self._note = timeline.note
        self._clock = clock
        self._reopen_window_s = reopen_window_s
        self.sync = Sync(kernel, clock, send)
        self.commands = Commands(kernel, send, self._end_command)
        self.bookings = Bookings()
        self.booking_numbers = Numbers(1000)
        self.driver_numbers = Numbers(0)
        self.staff_numbers = Numbers(0)
        self._send = send
        #: Highest number up to which all events of a journal are here, by journal.
        self._committed: dict[int, int] = {}
        self.events: list[AuditEvent] = []
        self.mails: list[str] = []
        #: What was asked on the phone last, and for the position.
        self.site: Command | None = None
        self.position_requests: list[tuple[str, Command]] = []
        self.on_refusal: Callable[[list[Reason]], None] = _ignore

    # What the operator and the drivers do.

    def add_card(self, idm: bytes, driver: str) -> None:
        record = struct.pack(messages.CARD, idm, self.driver_numbers.number(driver))
        self.sync.append(codes.OP_PUT_CARD, record)

    def add_staff(self, idm: bytes, name: str) -> None:
        record = struct.pack(messages.CARD, idm, self.staff_numbers.number(name))
        self.sync.append(codes.OP_PUT_STAFF, record)

    def add_booking(self, name: str, driver: str, starts_s: int, ends_s: int) -> None:
        """A booking that is simply there, without rules and mail."""
        booking = Booking(name, driver, starts_s, ends_s)
        self.bookings.add(booking)
        self._put(booking)

    def book(self, name: str, driver: str, starts_s: int, ends_s: int) -> str:
        """A driver books; the refusal's code, "" when it is done."""
        refusal = self.bookings.refuse_new(name, starts_s, ends_s, self._clock.unix_s())
        if not refusal:
            self.add_booking(name, driver, starts_s, ends_s)
        return self._answer(f"book {name}", refusal, "booking_made")

    def change(self, name: str, starts_s: int, ends_s: int) -> str:
        booking = self.bookings.by_name[name]
        now_s = self._clock.unix_s()
        refusal = self.bookings.refuse_change(booking, starts_s, ends_s, now_s)
        if not refusal:
            booking.starts_s, booking.ends_s = starts_s, ends_s
            booking.changes += 1
            self._put(booking)
        return self._answer(f"change {name}", refusal, "booking_changed")

    def cancel(self, name: str) -> str:
        booking = self.bookings.by_name[name]
        refusal = self.bookings.refuse_cancel(booking)
        if not refusal:
            booking.status = records.CANCELLED
            number = self.booking_numbers.number(name)
            self.sync.append(codes.OP_DEL_BOOKING, struct.pack(">I", number))
        return self._answer(f"cancel {name}", refusal, "booking_cancelled")

    def operate(self, verb: str, driver: str | None = None) -> Command:
        """The phone: start, end, reopen, lock, reunlock, enrol; `driver` None: the booking's."""
        number, statuses = _VERBS[verb]
        booking = self._choose(driver, statuses)
        refusal = self._refuse_driver(booking, driver)
        if refusal or booking is None:
            return self._end_here(verb, refusal)
        chosen = booking
        self.site = self.commands.order(
            number,
            self.booking_numbers.number(chosen.name),
            self.driver_numbers.number(driver or chosen.driver),
            lambda: chosen.ends_s - self._clock.unix_s(),
        )
        return self.site

    def extend(self, by_s: int, driver: str | None = None) -> Command:
        """The phone: a later end. The centre decides; the car hears of it (USE-4)."""
        booking = self._choose(driver, (records.IN_USE,))
        refusal = self._refuse_driver(booking, driver)
        if booking is not None and not refusal:
            refusal = self.bookings.refuse_extension(booking, by_s, self._clock.unix_s())
            if not refusal:
                booking.ends_s += by_s
                booking.extensions += 1
                self._put(booking)
                self._mail("booking_extended")
        return self._end_here("extend", refusal)

    def ask_position(self, why: str) -> Command:
        """POS-1: with who asked and why."""
        command = self.commands.order(codes.VERB_POSITION, 0, 0, lambda: 0)
        self.position_requests.append((why, command))
        return command

    # What comes from the car.

    def receive(self, message: bytes) -> None:
        kind = message[0]
        if kind == messages.HELLO:
            self.sync.hear_hello(*centre_messages.unpack_hello(message))
        elif kind == messages.EVENTS:
            self._commit(message)
        elif kind == messages.RESULT:
            self.commands.hear_result(message)

    def _commit(self, message: bytes) -> None:
        """Each event once, in the order of their numbers; then EACK."""
        journal, seq, events = centre_messages.unpack_events(message)
        have = self._committed.get(journal, 0)
        for event in events:
            parsed = parse_event(event)
            covers = 1
            if parsed.code == codes.AUDIT_GAP:
                covers = struct.unpack(">I", parsed.detail[:4])[0]
            if have < seq and seq - covers <= have:
                have = seq
                self.events.append(parsed)
                self._take_in(parsed)
            seq += 1
        self._committed[journal] = have
        self._send(centre_messages.pack_eack(journal, have))

    def _take_in(self, event: AuditEvent) -> None:
        booking = self.bookings.by_name.get(self.booking_numbers.name(event.booking))
        was_refused = [reason.code for reason in event.reasons]
        if event.code == codes.AUDIT_START_REFUSED and "not_returned" in was_refused:
            self._mail("delay_warning")
        if booking is None:
            return
        if event.code == codes.AUDIT_UNLOCKED:
            self._close_windows(booking)
            booking.status = records.IN_USE
        elif event.code == codes.AUDIT_ENDED:
            booking.status = records.ENDED
            booking.window_until_s = self._clock.unix_s() + self._reopen_window_s
            self._mail("end_accepted")
        elif event.code == codes.AUDIT_REOPENED:
            booking.status = records.REOPENED
        elif event.code in (codes.AUDIT_WINDOW_OVER, codes.AUDIT_REOPEN_LOCKED):
            booking.status = records.OVER

    def _close_windows(self, started: Booking) -> None:
        """START-10: a valid start closes the previous driver's window."""
        for booking in self.bookings.by_name.values():
            if booking is not started and booking.status in (records.ENDED, records.REOPENED):
                booking.status = records.OVER

    def _choose(self, driver: str | None, statuses: tuple[str, ...]) -> Booking | None:
        """The driver's own booking; a driver without one tries the car's."""
        now_s = self._clock.unix_s()
        own = self.bookings.choose(driver, statuses, now_s)
        return own or self.bookings.choose(None, statuses, now_s)

    def _refuse_driver(self, booking: Booking | None, driver: str | None) -> str:
        if booking is None:
            return "no_booking"
        return "" if driver in (None, booking.driver) else "not_this_driver"

    def _put(self, booking: Booking) -> None:
        record = struct.pack(
            messages.BOOKING,
            self.booking_numbers.number(booking.name),
            self.driver_numbers.number(booking.driver),
            booking.starts_s,
            booking.ends_s,
        )
        self.sync.append(codes.OP_PUT_BOOKING, record)

    def _end_here(self, verb: str, refusal: str) -> Command:
        """The centre decides an operation alone."""
        command = Command(verb, REFUSED if refusal else ACCEPTED)
        if refusal:
            command.reasons = [Reason(refusal)]
        self.site = command
        self._end_command(command)
        return command

    def _end_command(self, command: Command) -> None:
        reasons = ", ".join(map(str, command.reasons))
        self._note(f"{command.verb} {command.status}" + (f": {reasons}" if reasons else ""))
        for warning in command.warnings:
            self._note(f"warning {warning}")
        if command.status == REFUSED:
            self.on_refusal(command.reasons)

    def _answer(self, what: str, refusal: str, mail: str) -> str:
        if refusal:
            self._note(f"{what} refused: {refusal}")
            self.on_refusal([Reason(refusal)])
        else:
            self._note(what)
            self._mail(mail)
        return refusal

    def _mail(self, name: str) -> None:
        self.mails.append(name)
        self._note(f"mail {name}")


def _ignore(_reasons: list[Reason]) -> None:
    pass
