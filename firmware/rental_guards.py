"""What the rental table asks. No guard changes anything."""

from firmware.session import (
    KEY_WAS_OUT,
    LAPSED,
    OVER,
    REOPEN_DOOR,
    REOPEN_USED,
    SECURITY_DUE,
    STAFF_IN,
)
from firmware.ticks import ticks_diff
from firmware.wire.codes import (
    ACT_BLOCK,
    ACT_LOCK,
    ACT_RELEASE,
    ACT_UNLOCK,
    IN_BLOCKED,
    IN_LOCKED,
    NO,
    PULSE_LOCK,
    PULSE_RELEASE,
    PULSE_UNLOCK,
    STATE_NAMES,
    UNKNOWN,
    YES,
)
from firmware.wire.journal_format import NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental

TRIES_MAX = 3


class RentalGuards:
    """Methods named in the table's rows."""

    def __init__(self, rental: "Rental") -> None:
        self._r = rental

    # the request
    def centre_is_reachable(self) -> bool:
        return self._r.snapshot.is_online

    def centre_may_answer(self) -> bool:
        """Reached, or it could be within the time of a touch."""
        return self._r.snapshot.may_connect or self._r.snapshot.is_online

    def start_is_valid(self) -> bool:
        return not self._r.request.start_reasons

    def request_is_drivers(self) -> bool:
        """Asked for by the driver of this session, or of the window after it."""
        request = self._r.request
        if request.is_by_command():
            return request.booking == self._r.session.booking
        return request.driver != 0 and request.driver == self._r.session.driver

    def card_may_end(self) -> bool:
        """END-3 and START-5; END-6: from relocked or secured the key need not have been out."""
        session = self._r.session
        if session.has(LAPSED):
            return False
        return session.has(KEY_WAS_OUT) or self._r.state in ("relocked", "secured")

    def card_may_lock(self) -> bool:
        """REOPEN-3 and another try of a start, subject to START-5."""
        return not self._r.session.has(LAPSED)

    def end_checks_hold(self) -> bool:
        return not self._r.request.end_reasons

    def end_is_commanded(self) -> bool:
        """A command waits for the answer already; another one cannot."""
        return self._r.session.command != NO_IDENT

    def end_still_holds(self) -> bool:
        """Like end_checks_hold, for an end that was accepted before."""
        return not self._r.standing.end_reasons

    def lock_checks_hold(self) -> bool:
        return not self._r.request.lock_reasons

    def service_checks_hold(self) -> bool:
        """Nothing speaks against the enrolment, staff, the technician, the end of maintenance."""
        return not self._r.request.service_reasons

    def asks_to_unlock(self) -> bool:
        return self._r.request.action == ACT_UNLOCK

    def asks_to_lock(self) -> bool:
        return self._r.request.action == ACT_LOCK

    def asks_to_release(self) -> bool:
        return self._r.request.action == ACT_RELEASE

    def asks_to_block(self) -> bool:
        return self._r.request.action == ACT_BLOCK

    def card_is_anothers(self) -> bool:
        """ENROL-1: the offered card is known as staff's or another driver's."""
        request = self._r.request
        return request.staff != 0 or request.driver not in (0, self._r.session.enrol_driver)

    def reopen_is_valid(self) -> bool:
        """REOPEN-1, REOPEN-5; by card subject to START-5."""
        session = self._r.session
        if not self.request_is_drivers() or not self._r.goes_on("reopen_window"):
            return False
        if session.has(REOPEN_USED):
            return False
        return self._r.request.is_by_command() or not session.has(LAPSED)

    # the car
    def car_is_at_rest(self) -> bool:
        """SAFE-1: known to rest, not merely not known to run."""
        return self._r.snapshot.in_motion() == NO

    def key_is_in(self) -> bool:
        return self._r.snapshot.key_in_box() == YES

    def key_is_out(self) -> bool:
        return self._r.snapshot.key_in_box() == NO

    def a_door_is_open(self) -> bool:
        """Known to stand open; one that cannot be told keeps no car unlocked (REOPEN-6)."""
        return self._r.snapshot.doors_open() == YES

    def doors_are_locked(self) -> bool:
        return self._r.snapshot.values[IN_LOCKED] == YES

    # pulses that are over
    def lock_was_pulsed(self) -> bool:
        return self._r.was_pulsed(PULSE_LOCK)

    def lock_did_not_show(self) -> bool:
        """And nobody of the staff has opened since."""
        return self.lock_was_pulsed() and not self.doors_are_locked() and not self.staff_is_in()

    def shut_wants_another_try(self) -> bool:
        """Lock or block did not show, and not all was tried."""
        if not self._tries_are_left():
            return False
        return self.lock_did_not_show() or self._r.block_did_not_show()

    def unlock_did_not_show(self) -> bool:
        return self._r.was_pulsed(PULSE_UNLOCK) and self._doors_stayed_locked()

    def opening_did_not_show(self) -> bool:
        """Doors that were to be unlocked read locked, or an engine to be released reads blocked."""
        r = self._r
        if self.unlock_did_not_show():
            return True
        return r.was_pulsed(PULSE_RELEASE) and r.snapshot.values[IN_BLOCKED] == YES

    def opening_wants_another_try(self) -> bool:
        """The same, not all was tried, and the right to it still holds (SAFE-2)."""
        r = self._r
        if not self._tries_are_left() or not self.opening_did_not_show():
            return False
        return ticks_diff(r.unlock_until_ms, r.snapshot.now_ms) > 0

    # the session
    def start_may_be_repeated(self) -> bool:
        """What a start wanted did not come about; within the booked time it may be asked again."""
        r = self._r
        if r.end_left_ms() <= 0 or not r.deadlines.next_ms():
            return False  # SAFE-3: what fell due while the power was off comes first
        return r.opening_failed or self._doors_may_be_locked()

    def opening_is_missed(self) -> bool:
        """What a start or a re-unlock wanted was not seen."""
        return self._r.opening_failed or self._doors_stayed_locked()

    def release_may_be_repeated(self) -> bool:
        """The same where the driver is in the car already: it is the engine that stayed blocked."""
        r = self._r
        return r.opening_failed and r.end_left_ms() > 0 and r.deadlines.next_ms() > 0

    def reopen_may_be_repeated(self) -> bool:
        """REOPEN-5: a reopen is spent only when it opened the car. Its times come first."""
        r = self._r
        if r.session.has(REOPEN_DOOR) or not r.deadlines.next_ms():
            return False
        return self._doors_may_be_locked()

    def _doors_may_be_locked(self) -> bool:
        """Not seen unlocked, after all tries or a reset; after that it is enough that nobody can tell."""
        r = self._r
        if not r.session.is_resumed and not r.opening_failed:
            return False  # the relays still move
        if r.session.is_resumed and r.snapshot.values[IN_LOCKED] == UNKNOWN:
            return not r.unlock_is_confirmed
        return self._doors_stayed_locked()

    def _doors_stayed_locked(self) -> bool:
        """The unlock did not show: still locked, and not unlocked at any time since."""
        return not self._r.unlock_is_confirmed and self._r.snapshot.values[IN_LOCKED] == YES

    def lock_was_cut_off(self) -> bool:
        """Nobody is in the car, and still the doors are unlocked."""
        return self._car_was_left() and self._r.snapshot.values[IN_LOCKED] == NO

    def block_was_cut_off(self) -> bool:
        """Nobody is in the car, and still the engine is not blocked."""
        return self._car_was_left() and self._r.snapshot.values[IN_BLOCKED] == NO

    def _car_was_left(self) -> bool:
        """The last use is over, and staff is not in."""
        session = self._r.session
        return (session.has(OVER) or self._r.state == "ended") and not session.has(STAFF_IN)

    def staff_is_in(self) -> bool:
        return self._r.session.has(STAFF_IN)

    def car_is_shut(self) -> bool:
        """Doors locked, engine blocked, both seen."""
        values = self._r.snapshot.values
        return values[IN_LOCKED] == YES and values[IN_BLOCKED] == YES

    def key_was_out(self) -> bool:
        return self._r.session.has(KEY_WAS_OUT)

    def key_return_runs(self) -> bool:
        """USE-2: the time of a key that was put back."""
        deadlines = self._r.deadlines
        return deadlines.is_armed(deadlines.index("key_return"))

    def key_is_awaited(self) -> bool:
        """The key was taken in this use, and no time of it runs since."""
        deadlines = self._r.deadlines
        if self.key_return_runs() or deadlines.is_armed(deadlines.index("key")):
            return False
        return self.key_was_out()

    def security_is_due(self) -> bool:
        return self._r.session.has(SECURITY_DUE)

    def _tries_are_left(self) -> bool:
        return self._r.session.tries < TRIES_MAX

    def came_from_secured(self) -> bool:
        return STATE_NAMES[self._r.session.came_from] == "secured"

    def came_from_relocked(self) -> bool:
        return STATE_NAMES[self._r.session.came_from] == "relocked"

    def reopen_window_is_open(self) -> bool:
        """Not closed yet: its end is to be told, overdue or not."""
        deadlines = self._r.deadlines
        return deadlines.is_armed(deadlines.index("reopen_window"))
