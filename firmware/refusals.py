"""Answers: to the reader, to the phone, to the journal. Every refusal has a reason."""

from firmware.session import LAPSED, OVER, REOPEN_USED, SECURITY_DUE
from firmware.wire import codes
from firmware.wire.journal_format import pack_refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental

#: Refusals of a start that the operator must see even when the journal is full (START-10).
_OF_A_START = (
    codes.TOO_EARLY,
    codes.WINDOW_OVER,
    codes.NOT_RETURNED,
    codes.CLOCK_UNTRUSTED,
    codes.LEASE_OVER,
    codes.JOURNAL_FULL,
    codes.IN_MAINTENANCE,
)


def _is_held(state: str) -> bool:
    """Another driver has the car (START-10)."""
    return state not in ("vacant", "authorising", "ended")


class Refusals:
    """The refusing half of the rental's actions."""

    def __init__(self, rental: "Rental") -> None:
        self._r = rental

    def accept(self) -> None:
        """Tell the phone that it was done; a card needs no words."""
        request = self._r.request
        if request.is_by_command():
            self._r.answer(request.ident, True, [])

    def accept_again(self) -> None:
        """Asked for what is done already: accepted, and nothing to undo (END-7)."""
        request = self._r.request
        if request.is_by_command():
            self._r.answer(request.ident, True, [(codes.NOTHING_TO_UNDO, 0)])
        request.told = [(codes.NOTHING_TO_UNDO, 0)]

    def _refuse(self, code: int, reasons: "list[tuple[int, int]]") -> None:
        r = self._r
        request = r.request
        r.record(code, pack_refusal(request.cause, request.ident, reasons), request.booking)
        if request.is_by_command():
            r.answer(request.ident, False, reasons)
        elif request.cause == codes.BY_TECHNICIAN:
            request.told = reasons
        else:
            r.alerts.refuse(r.snapshot.now_ms)

    def refuse_card(self) -> None:
        """START-9: the reader's one signal; the reason goes to the centre."""
        reasons = self._card_reasons()
        if reasons[0][0] in _OF_A_START:
            request = self._r.request
            self._r.record(
                codes.AUDIT_START_REFUSED,
                pack_refusal(request.cause, request.ident, reasons),
                request.booking,
            )
        self._refuse(codes.AUDIT_CARD_REFUSED, reasons)

    def _card_reasons(self) -> "list[tuple[int, int]]":
        r = self._r
        request = r.request
        if r.state == "maintenance":
            return [(codes.IN_MAINTENANCE if request.driver else codes.UNKNOWN_CARD, 0)]
        if request.driver != 0 and request.driver == r.session.driver:
            if r.state in ("unlocked", "boarding", "in_use", "key_returned", "relocked", "secured"):
                # START-5: phone only. END-3: the key was never out, so nothing can end yet.
                return [(codes.WINDOW_OVER if r.session.has(LAPSED) else codes.BUSY, 0)]
            if r.session.has(LAPSED) and not r.session.has(OVER) and request.start_reasons:
                return [(codes.WINDOW_OVER, 0)]  # START-5: nor in the reopen window
        if _is_held(self._r.state):
            if not request.start_reasons:
                return [(codes.NOT_RETURNED, 0)]
            if request.start_reasons[0][0] == codes.NO_BOOKING:
                return [(codes.NOT_THIS_DRIVER, 0)]
        return list(request.start_reasons) or [(codes.BUSY, 0)]

    def refuse_start(self) -> None:
        r = self._r
        reasons = list(r.request.start_reasons)
        if r.state == "maintenance":
            reasons = [(codes.IN_MAINTENANCE, 0)]
        elif _is_held(r.state):
            own = r.request.booking == r.session.booking
            reasons = [(codes.BUSY if own else codes.NOT_RETURNED, 0)]
        self._refuse(codes.AUDIT_START_REFUSED, reasons)

    def _refuse_with(self, reasons: "list[tuple[int, int]]") -> None:
        """A touch or a command whose record needs no name of its own."""
        by_card = self._r.request.is_by_card()
        self._refuse(codes.AUDIT_CARD_REFUSED if by_card else codes.AUDIT_COMMAND_REFUSED, reasons)

    def refuse_busy(self) -> None:
        self._refuse_with([(codes.BUSY, 0)])

    def refuse_not_drivers(self) -> None:
        self._refuse_with([(codes.NOT_THIS_DRIVER, 0)])

    def refuse_not_returned(self) -> None:
        """Staff and technicians wait until the use is over."""
        self._refuse_with([(codes.NOT_RETURNED, 0)])

    def refuse_no_booking(self) -> None:
        self._refuse_with([(codes.NO_BOOKING, 0)])

    def refuse_in_maintenance(self) -> None:
        self._refuse_with([(codes.IN_MAINTENANCE, 0)])

    def refuse_service(self) -> None:
        """An enrolment, staff, the end of maintenance: everything that speaks against it."""
        self._refuse_with(self._r.request.service_reasons)

    def refuse_verb(self) -> None:
        """A command that this profile or this program does not have."""
        self._refuse_with([(codes.NOT_ALLOWED_IN_PROFILE, 0)])

    def refuse_end(self) -> None:
        """END-5: every failed check; a card sees the one refusal, too (START-9)."""
        request = self._r.request
        reasons = request.end_reasons
        self.refuse_end_for(request.cause, request.ident, reasons)
        if request.is_by_command():
            self._r.answer(request.ident, False, reasons)
        else:
            self._r.alerts.refuse(self._r.snapshot.now_ms)

    def refuse_end_for(self, cause: int, ident: bytes, reasons: "list[tuple[int, int]]") -> None:
        """END-5: lamps and sounder, and the record."""
        r = self._r
        r.alerts.alarm(r.snapshot.now_ms)
        r.record(codes.AUDIT_END_REFUSED, pack_refusal(cause, ident, reasons))

    def answer_end_of_no_use(self) -> None:
        """An end asked for by who has no use here; after one's own there is nothing left to do (END-7)."""
        r = self._r
        if r.request.booking in r.session.used:
            self.accept_again()
        elif r.state == "vacant":
            self._refuse(codes.AUDIT_END_REFUSED, [(codes.NO_BOOKING, 0)])
        else:
            self.refuse_not_drivers()

    def refuse_reopen(self) -> None:
        """REOPEN-5, with what it was that forbids it."""
        r = self._r
        session = r.session
        if r.request.booking != session.booking:
            reason = codes.NOT_THIS_DRIVER  # who has the car just now, or could reopen it
            if r.request.booking in session.used:
                reason = codes.REOPEN_OVER  # the driver's own, before that one
            elif session.booking == 0 or session.has(OVER):
                reason = codes.NO_BOOKING
        elif session.has(REOPEN_USED):
            reason = codes.REOPEN_USED
        elif session.has(OVER) or r.state == "ended":
            reason = codes.REOPEN_OVER
        else:
            reason = codes.BUSY
        self._refuse(codes.AUDIT_REOPEN_REFUSED, [(reason, 0)])

    def refuse_lock(self) -> None:
        """REOPEN-3: a lock that cannot be, with every reason."""
        r = self._r
        if r.state == "reopened":
            self._refuse(codes.AUDIT_REOPEN_REFUSED, r.request.lock_reasons)
        elif r.state == "vacant" and r.session.has(OVER):
            self._refuse(codes.AUDIT_REOPEN_REFUSED, [(codes.REOPEN_OVER, 0)])
        else:
            self._refuse(codes.AUDIT_COMMAND_REFUSED, [(codes.BUSY, 0)])

    def report_lock_fault(self) -> None:
        self.report_fault(codes.FAULT_LOCK_NOT_CONFIRMED)

    def report_unlock_fault(self) -> None:
        self.report_fault(codes.FAULT_UNLOCK_NOT_CONFIRMED)

    def fail_lock(self) -> None:
        """No try showed a lock: the fault, and whoever asked for it hears that it is not done.

        Nobody's car with a door open is locked as soon as none is known open.
        """
        r = self._r
        if r.snapshot.doors_open() == codes.YES and not r.is_in_use():
            r.session.set(SECURITY_DUE)
        self.report_lock_fault()
        self._tell_undone(1 << codes.IN_LOCKED)

    def fail_opening(self) -> None:
        """No try showed what a start, a re-unlock or a reopen wanted; the same may be asked again."""
        r = self._r
        contacts = 0
        if r.was_pulsed(codes.PULSE_UNLOCK) and r.snapshot.values[codes.IN_LOCKED] == codes.YES:
            contacts = 1 << codes.IN_LOCKED
            self.report_unlock_fault()
        if r.was_pulsed(codes.PULSE_RELEASE) and r.snapshot.values[codes.IN_BLOCKED] == codes.YES:
            contacts |= 1 << codes.IN_BLOCKED  # `starter` tells the fault
        r.opening_failed = True
        self._tell_undone(contacts)

    def _tell_undone(self, contacts: int) -> None:
        """FAULT-1: to the phone with the answer that waits, to a card by lamps and sounder (END-5)."""
        r = self._r
        r.undone = [(codes.CANNOT_TELL, contacts)]
        if r.asked == codes.BY_CARD:
            r.alerts.alarm(r.snapshot.now_ms)

    def report_reader(self, is_healthy: bool) -> None:
        """The reader fell silent, or answers again."""
        code = codes.AUDIT_FAULT_CLEARED if is_healthy else codes.AUDIT_FAULT
        self._r.record(code, bytes((codes.FAULT_READER_SILENT, 0)))

    def report_fault(self, fault: int) -> None:
        """A fault of the car or the box, for the centre and the technician."""
        self._r.record(codes.AUDIT_FAULT, bytes((fault, 0)))
