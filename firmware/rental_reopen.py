"""What a reopen does, and the end of its window: records, deadlines, answers, all into the turn."""

from firmware.rental_service import RentalService
from firmware.session import OVER, REOPEN_DOOR, REOPEN_USED, SECURITY_DUE
from firmware.wire import codes
from firmware.wire.journal_format import (
    FLAG_DOORS_OPEN,
    FLAG_KEY_OUT,
    FLAG_STAFF_REVIEW,
    pack_cause,
    pack_refusal,
)


class RentalReopen(RentalService):
    """The part of the rental's actions for the forgotten item."""

    def reopen(self) -> None:
        """REOPEN-1, REOPEN-2: the doors only."""
        r = self._r
        self.see_staff_out()
        r.session.set(REOPEN_USED)
        r.session.unset(REOPEN_DOOR)
        self._authorise_shortly()
        cause = r.request.cause
        r.record(codes.AUDIT_REOPEN_REQUESTED, pack_cause(cause, r.request.ident))
        r.record(codes.AUDIT_REOPENED, bytes((cause,)))
        self.accept()

    def repeat_reopen(self) -> None:
        """A reopen that opened nothing is done; its window goes on (SAFE-3)."""
        r = self._r
        self._authorise_shortly()
        r.record(codes.AUDIT_REOPEN_REQUESTED, pack_cause(r.request.cause, r.request.ident))
        self.accept()

    def note_reopen_door(self) -> None:
        """REOPEN-6: the 60 s are over with it; what locks now is the driver, or the window's end."""
        self._r.session.set(REOPEN_DOOR)
        self._r.session.unset(SECURITY_DUE)
        self._disarm("reopen_relock")

    def lock_reopened(self) -> None:
        """REOPEN-3: asked for; the window is over when the lock shows, after a reset too (SAFE-3)."""
        r = self._r
        r.session.set(SECURITY_DUE)
        r.session.cause = r.request.cause
        r.session.ident = r.request.ident
        r.record(codes.AUDIT_LOCKED, bytes((r.request.cause,)))
        self.accept()

    def finish_reopen(self) -> None:
        """REOPEN-3: the lock shows, and the window is over with it."""
        r = self._r
        r.record(codes.AUDIT_REOPEN_LOCKED, bytes((r.session.cause,)))
        self.record_window_over()

    def fail_reopen_lock(self) -> None:
        """The lock does not show: the driver hears why, and may ask again while the window is open."""
        r = self._r
        self.fail_lock()
        r.session.unset(SECURITY_DUE)
        if r.snapshot.doors_open() == codes.YES:
            r.undone = [(codes.DOOR_OPEN, 0)]
        r.record(codes.AUDIT_REOPEN_REFUSED, pack_refusal(r.asked, r.asked_ident, r.undone))

    def end_reopened(self) -> None:
        """REOPEN-6: the car locks by itself, and the window is over."""
        self.record_locked()
        self.record_window_over()

    def record_window_over(self) -> None:
        """REOPEN-4: from here on anybody can book. What could not be told is for staff (REOPEN-3)."""
        r = self._r
        doors = r.snapshot.doors_open()
        key = r.snapshot.key_in_box()
        flags = 0
        if doors == codes.YES:
            flags |= FLAG_DOORS_OPEN
        if key == codes.NO:
            flags |= FLAG_KEY_OUT
        if codes.UNKNOWN in (doors, key):
            flags |= FLAG_STAFF_REVIEW
        self._disarm("reopen_window")
        if doors != codes.YES:
            r.session.unset(SECURITY_DUE)
        r.record(codes.AUDIT_WINDOW_OVER, bytes((flags,)))
        r.session.set(OVER)

    def report_doors_open(self) -> None:
        """REOPEN-6: the centre is told; the car locks as soon as no door is known open."""
        r = self._r
        detail = bytes((codes.FAULT_DOORS_LEFT_OPEN, 0))
        r.record(codes.AUDIT_FAULT, detail, r.session.booking)
        r.session.set(SECURITY_DUE)

    def lock_left_car(self) -> None:
        """REOPEN-6: the lock that waited for the doors, or that a reset cut off."""
        r = self._r
        r.session.unset(SECURITY_DUE)
        r.record(codes.AUDIT_LOCKED, bytes((codes.BY_DEADLINE,)))
        self.lock()
