"""What enrolment, staff cards and maintenance do: records and deadlines, all into the turn.

None of them is a rental: their events carry the booking 0, but for an enrolment's.
"""

import struct

from firmware.rental_pulses import SHORTLY_MS, RentalPulses
from firmware.session import OVER, SECURITY_DUE, STAFF_IN
from firmware.ticks import ticks_add
from firmware.wire import codes
from firmware.wire.journal_format import pack_cause


class RentalService(RentalPulses):
    """The part of the rental's actions that goes on beside a session."""

    def _arm(self, name: str, delay_ms: int) -> None:
        self._r.deadlines.arm(self._r.deadlines.index(name), delay_ms)

    def _disarm(self, name: str) -> None:
        self._r.deadlines.disarm(self._r.deadlines.index(name))

    def _record_cause(self, code: int, booking: int) -> None:
        """With who asked; with nobody asking it was a deadline."""
        request = self._r.request
        cause = request.cause or codes.BY_DEADLINE
        self._r.record(code, pack_cause(cause, request.ident), booking)

    # enrolment
    def open_enrolment(self) -> None:
        """ENROL-1: the next touch is stored for this driver; the 60 s begin, or begin anew."""
        r = self._r
        r.session.enrol_booking = r.request.booking
        r.session.enrol_driver = r.request.driver
        self._arm("enrol", r.terms.enrol_ms)
        self._record_cause(codes.AUDIT_ENROL_OPENED, r.request.booking)
        self.accept()

    def enrol_card(self) -> None:
        """ENROL-2: told to the centre, which keeps the cards and sends them to the cars."""
        r = self._r
        session = r.session
        self._disarm("enrol")
        driver = struct.pack(">I", session.enrol_driver)
        detail = pack_cause(r.request.cause, r.request.ident) + driver
        r.record(codes.AUDIT_CARD_ENROLLED, detail, session.enrol_booking)

    def record_enrol_expired(self) -> None:
        """ENROL-1: the time is over, and the lamp returns to what it showed before."""
        self._disarm("enrol")
        self._r.record(codes.AUDIT_ENROL_EXPIRED, b"", self._r.session.enrol_booking)

    # staff
    def let_staff_in(self) -> None:
        """STAFF-CAR-1, TECH-3: the doors only; no door opened for 60 s, and they lock again."""
        r = self._r
        self._authorise_shortly()
        r.session.set(STAFF_IN)
        self._arm("staff", r.terms.relock_ms)
        self._record_cause(codes.AUDIT_STAFF_IN, 0)

    def note_staff_door(self) -> None:
        """Staff is at work: no deadline locks the doors."""
        self._disarm("staff")

    def see_staff_out(self) -> None:
        """By their card, by the deadline, or because a driver or a technician begins."""
        r = self._r
        self._disarm("staff")
        is_staff = r.request.staff != 0
        if r.session.has(STAFF_IN) or is_staff:
            r.session.unset(STAFF_IN)
            self._record_cause(codes.AUDIT_STAFF_OUT, 0)
        r.session.unset(SECURITY_DUE)  # a lock that waits for the doors is theirs now
        if r.session.booking == 0:
            r.session.set(OVER)  # nobody rented it yet: a lock that is cut off now is finished

    def shut_after_staff(self) -> None:
        """STAFF-CAR-1, TECH-3: they are out, and the doors lock."""
        self.see_staff_out()
        self.record_locked()

    def record_locked(self) -> None:
        """Why the doors lock: REOPEN-6, STAFF-CAR-1, TECH-3. Of a booking after its reopen only."""
        r = self._r
        cause = bytes((r.request.cause or codes.BY_DEADLINE,))
        r.record(codes.AUDIT_LOCKED, cause, -1 if r.state == "reopened" else 0)

    # a technician at the console
    def release_to_technician(self) -> None:
        """TECH-3: the right is good for this one pulse."""
        r = self._r
        r.unlock_until_ms = ticks_add(r.snapshot.now_ms, SHORTLY_MS)
        r.record(codes.AUDIT_ENGINE_RELEASED, bytes((r.request.cause,)), 0)

    def test_level(self) -> None:
        """TECH-3: one lamp or sounder, for some seconds."""
        self._r.alerts.test(self._r.request.argument, self._r.snapshot.now_ms)

    # maintenance
    def enter_maintenance(self) -> None:
        """STAFF-CAR-1: no driver can start until the technician is out."""
        r = self._r
        if r.goes_on("enrol"):
            self.record_enrol_expired()
        self._record_cause(codes.AUDIT_TECHNICIAN_IN, 0)
        self.accept()

    def leave_maintenance(self) -> None:
        """The car is shut again for the next driver."""
        r = self._r
        self.see_staff_out()
        cause = bytes((r.request.cause,))
        r.record(codes.AUDIT_LOCKED, cause, 0)
        self._record_cause(codes.AUDIT_TECHNICIAN_OUT, 0)
        self.accept()
