"""What the rental table does: records, pulses, signals, answers, all into the turn.

A method does one thing a row names. Enrolment, staff and maintenance live in `rental_service`,
the forgotten item in `rental_reopen`, pulses and flashes in `rental_pulses`, refusals and answers in `refusals`.
"""

import struct

from firmware import lamp
from firmware.rental_reopen import RentalReopen
from firmware.session import (
    KEY_WAS_OUT,
    LAPSED,
    SECURITY_DUE,
    STAFF_REVIEW,
)
from firmware.wire import codes
from firmware.wire.journal_format import (
    FLAG_STAFF_REVIEW,
    NO_IDENT,
    pack_cause,
    pack_use,
)

_LOOK_MS = 10000


class RentalActions(RentalReopen):
    """Methods named in the table's rows."""

    def sample_place(self) -> None:
        """Where the car stands, how far it has come, END-2: for the event that follows (END-4)."""
        session, snapshot = self._r.session, self._r.snapshot
        if self._r.state == "ending" and self._r.standing.needs_review:
            session.set(STAFF_REVIEW)  # END-8: it goes on, though something cannot be told by now
        flags = snapshot.use_flags()
        if session.has(STAFF_REVIEW):
            flags |= FLAG_STAFF_REVIEW
        session.use_detail = pack_use(
            session.cause,
            session.ident,
            session.driver,
            snapshot.odometer_m,
            snapshot.latitude_udeg,
            snapshot.longitude_udeg,
            flags,
        )

    # start
    def ask_centre(self) -> None:
        """Protocol rule "asking": the centre answers at once, or the copy decides after 3 s."""
        self._r.turn.asks = True

    def open_session(self) -> None:
        """START-3: the session begins; its times begin with it."""
        r = self._r
        request = r.request
        session = r.session
        self.see_staff_out()
        if lamp.reopen_window_is_open(r):
            self.record_window_over()  # START-10: a valid start closes it
        session.clear()
        session.booking = request.booking
        session.driver = request.driver
        session.ends_s = request.ends_s
        session.cause = request.cause
        session.ident = request.ident
        if request.is_lapsed:
            session.set(LAPSED)
        session.use_up(request.booking, r.bookings)
        left_ms = request.left_s * 1000
        r.end_in(left_ms)
        self._authorise(r.ends_at_ms)
        self._await_key()
        self._schedule_warning(left_ms)
        r.record(codes.AUDIT_START_REQUESTED, pack_cause(request.cause, request.ident))
        self.sample_place()
        r.record(codes.AUDIT_UNLOCKED, session.use_detail)
        r.record(codes.AUDIT_ENGINE_RELEASED, bytes((request.cause,)))
        self.accept()

    def _await_key(self) -> None:
        """START-7: the 600 s begin; a key that is out already counts as taken."""
        r = self._r
        r.session.unset(KEY_WAS_OUT)
        r.session.unset(SECURITY_DUE)
        if r.snapshot.key_in_box() == codes.NO:
            r.session.set(KEY_WAS_OUT)
        self._arm("key", r.terms.key_ms)

    def repeat_start(self) -> None:
        """A start that a reset cut off, or that did not show, is done; no time begins anew (SAFE-3)."""
        r = self._r
        r.session.cause = r.request.cause
        r.session.ident = r.request.ident
        self._authorise(r.ends_at_ms)
        r.record(codes.AUDIT_START_REQUESTED, pack_cause(r.request.cause, r.request.ident))
        self.accept()

    def reunlock(self) -> None:
        """USE-5: as after a start, by the command's own right: past the booked end too."""
        r = self._r
        request = r.request
        r.session.cause = request.cause
        r.session.ident = request.ident
        self._authorise_shortly()
        self._await_key()
        r.record(codes.AUDIT_REUNLOCKED, pack_cause(request.cause, request.ident))
        r.record(codes.AUDIT_ENGINE_RELEASED, bytes((request.cause,)))
        self.accept()

    def _schedule_warning(self, left_ms: int, told_ms: int = 0) -> None:
        """USE-3: 10 minutes before the end, then every 10 minutes; what is due within `told_ms` was told."""
        before = self._r.terms.warn_before_ms
        every = self._r.terms.warn_every_ms
        if left_ms > before:
            self._arm("warn", left_ms - before)
        else:
            next_ms = every - (before - left_ms) % every
            self._arm("warn", next_ms if next_ms > told_ms else next_ms + every)

    def warn(self) -> None:
        """USE-3; not yet when the end was too far away for one deadline.

        Late after a power cut, or a little early after a reset: the next ones come when they would have.
        """
        left_ms = self._r.end_left_ms()
        if left_ms <= self._r.terms.warn_before_ms:
            self._r.alerts.warn(self._r.snapshot.now_ms)
            self._r.record(codes.AUDIT_WARNED)
        self._schedule_warning(left_ms, _LOOK_MS)

    def move_end(self, ends_s: int, left_ms: int) -> None:
        """USE-4: a later end, and the warnings with it."""
        r = self._r
        r.session.ends_s = ends_s
        r.end_in(left_ms)
        self._schedule_warning(left_ms)
        r.record(codes.AUDIT_EXTENDED, struct.pack(">I", ends_s))

    # key and security
    def note_key_out(self) -> None:
        """The key was taken: no lock is due any more (USE-2)."""
        session = self._r.session
        session.set(KEY_WAS_OUT)
        session.unset(SECURITY_DUE)
        self._disarm("key")
        self._disarm("key_return")

    def note_key_in(self) -> None:
        """USE-2: a new return, a new time."""
        self._arm("key_return", self._r.terms.key_return_ms)

    def wait_for_key_box(self) -> None:
        """The key's place cannot be told when a lock falls due: nobody is locked out for that.

        The centre is told, once. The lock stays due: it comes within 10 s once the key is told to be
        in the box (START-7, USE-2), and not at all when it is told to be out.
        """
        self._r.session.set(SECURITY_DUE)
        self.report_fault(codes.FAULT_KEY_CANNOT_TELL)
        self.look_for_key()

    def look_for_key(self) -> None:
        """A lock is due, and the key cannot be told: look again soon, after a failed turn too."""
        self._r.turn.session_changed = True
        self._arm("key" if self._r.state == "boarding" else "key_return", _LOOK_MS)

    def postpone_security(self) -> None:
        """SAFE-1: it takes effect when the engine has stopped."""
        self._r.session.set(SECURITY_DUE)
        self._r.record(codes.AUDIT_SECURITY_DUE)

    def _record_shut(self, code: int) -> None:
        r = self._r
        cause = bytes((codes.BY_DEADLINE,))
        r.session.unset(SECURITY_DUE)
        r.opening_failed = False  # an engine that is blocked now is meant to be
        self._disarm("key")
        self._disarm("key_return")
        r.record(codes.AUDIT_LOCKED, cause)
        r.record(code, cause)

    def record_relocked(self) -> None:
        """START-6: the 600 s of START-7 add nothing then."""
        self._record_shut(codes.AUDIT_RELOCKED)

    def record_secured(self) -> None:
        self._record_shut(codes.AUDIT_SECURED)

    # end
    def begin_end(self) -> None:
        """END-4: accepted; position and distance are those of now."""
        r = self._r
        session = r.session
        session.came_from = codes.STATE_NAMES.index(r.state)
        session.cause = r.request.cause
        session.ident = r.request.ident
        session.command = r.request.ident if r.request.is_by_command() else NO_IDENT
        if r.request.needs_review:
            session.set(STAFF_REVIEW)
        self.sample_place()
        r.record(codes.AUDIT_END_REQUESTED, pack_cause(r.request.cause, r.request.ident))

    def join_end(self) -> None:
        """END-7: the running end answers this command too."""
        self._r.session.command = self._r.request.ident

    def finish_end(self) -> None:
        """END-4: the lock is done; now the use is over. The block is told if it reads so."""
        r = self._r
        session = r.session
        cause = bytes((session.cause,))
        r.record(codes.AUDIT_LOCKED, cause)
        if r.snapshot.values[codes.IN_BLOCKED] == codes.YES:
            r.record(codes.AUDIT_ENGINE_BLOCKED, cause)
        r.record(codes.AUDIT_ENDED, session.use_detail)
        self._answer_end(True, [])
        session.unset(SECURITY_DUE)
        self._disarm("key")
        self._disarm("key_return")
        self._disarm("warn")
        self._arm("reopen_window", r.terms.reopen_window_ms)

    def _answer_end(self, accepted: bool, reasons: "list[tuple[int, int]]") -> None:
        r = self._r
        if r.session.command != NO_IDENT:
            r.answer(r.session.command, accepted, reasons, r.session.warnings())
            r.session.command = NO_IDENT

    def fail_end(self) -> None:
        """The doors would not lock: back to use, with the reason (END-5)."""
        r = self._r
        reasons = list(r.standing.end_reasons) or [(codes.CANNOT_TELL, 1 << codes.IN_LOCKED)]
        self.report_lock_fault()
        self.refuse_end_for(r.session.cause, r.session.ident, reasons)
        self._answer_end(False, reasons)
        r.session.unset(STAFF_REVIEW)

    def release_again(self) -> None:
        """END-5: nothing else changes by an end that fails; in the booked time the engine is free.

        After a reset the driver asks for it, by a start from the phone (SAFE-3).
        """
        r = self._r
        if r.snapshot.values[codes.IN_BLOCKED] == codes.NO or r.end_left_ms() <= 0:
            return
        if r.session.is_resumed:
            r.opening_failed = True
            return
        r.unlock_until_ms = r.ends_at_ms
        self._begin_for(codes.PULSE_RELEASE, r.session.cause, r.session.ident)
        r.record(codes.AUDIT_ENGINE_RELEASED, bytes((r.session.cause,)))
