"""The rental's parts in one place: what guards ask and actions change."""

from firmware.alerts import Alerts
from firmware.bookings import Bookings
from firmware.cards import Cards
from firmware.deadlines import Deadlines
from firmware.rental_rows import RENTAL
from firmware.request import Request
from firmware.session import OVER, Session
from firmware.snapshot import Snapshot
from firmware.ticks import FAR_MS, ticks_add, ticks_diff
from firmware.turn import Turn
from firmware.wire.codes import (
    BY_NOBODY,
    IN_BLOCKED,
    IN_LOCKED,
    PULSE_BLOCK,
    TOO_EARLY,
    YES,
)
from firmware.wire.journal_format import EPOCH_2020_S, NO_IDENT, pack_event
from firmware.wire.kb1 import pack_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.car_terms import Settings, Terms


#: The session record keeps what is left of a booking as 32 bits with a sign.
LEFT_MS_MAX = 0x7FFFFFFF


class Rental:
    """Holds, decides nothing."""

    def __init__(
        self,
        terms: "Terms",
        settings: "Settings",
        bookings: Bookings,
        cards: Cards,
        staff: Cards,
    ) -> None:
        self.terms = terms
        self.settings = settings
        self.bookings = bookings
        self.cards = cards
        self.staff = staff
        self.session = Session()
        self.request = Request()  # what is asked just now
        self.standing = Request()  # an end, as if it were asked for now (END-3)
        self.deadlines = Deadlines(RENTAL.timers)
        self.alerts = Alerts(terms)
        self.snapshot = Snapshot()
        self.turn = Turn()
        self.state = "vacant"  # the machine's, as of the event being handled
        #: The booked end on the monotonic clock, while a session runs; what lies beyond FAR_MS of it
        #: stands beside it, as the clock wraps.
        self.ends_at_ms = 0
        self.beyond_ms = 0
        #: What the newest unlock or release rests on runs out then (SAFE-2).
        self.unlock_until_ms = 0
        self.unlock_is_confirmed = False  # the doors were seen unlocked since the unlock
        self.opening_failed = False  # a start or re-unlock did not show, whatever was tried
        #: Who asked for the pulses that run, or ran last: it hears what came of them (FAULT-1).
        self.asked = BY_NOBODY
        self.asked_ident = NO_IDENT
        self.ending_before = NO_IDENT  # the end command that waited when this step began
        self._before: "list[Any]" = [0] * 7  # what stands in no record, as it was then
        self.finished = b""  # lines whose pulses this step heard the end of
        self.undone: "list[tuple[int, int]]" = []  # why what was asked for did not come about
        #: Who unlocked the console, and how far; level 0: nobody. A reset forgets it (TECH-1).
        self.technician = NO_IDENT
        self.technician_level = 0
        self.technician_until_ms = 0

    def begin_step(self, snapshot: Snapshot, turn: Turn) -> None:
        """What is decided from here on is of this instant, and may be taken back whole."""
        self.snapshot = snapshot
        self.turn = turn
        self.deadlines.now_ms = snapshot.now_ms
        turn.clear()
        session = self.session
        self.ending_before = session.command
        before = self._before
        before[0] = session.tries
        before[1] = session.is_resumed
        before[2] = self.unlock_until_ms
        before[3] = self.unlock_is_confirmed
        before[4] = self.opening_failed
        before[5] = self.asked
        before[6] = self.asked_ident

    def take_back_step(self) -> None:
        """The record is restored; what pulses rest on that run or are tried again, is as it was."""
        session = self.session
        session.tries, session.is_resumed, self.unlock_until_ms = self._before[:3]
        self.unlock_is_confirmed, self.opening_failed = self._before[3:5]
        self.asked, self.asked_ident = self._before[5:]

    def is_in_use(self) -> bool:
        """Whether a session runs (from the unlock to the end)."""
        return self.state not in ("vacant", "authorising", "ended", "reopened", "maintenance")

    def end_in(self, left_ms: int) -> None:
        """The booked end is so far away: up to LEFT_MS_MAX (24 days), or -FAR_MS when it is past."""
        left_ms = max(-FAR_MS, min(left_ms, LEFT_MS_MAX))
        self.beyond_ms = left_ms - FAR_MS if left_ms > FAR_MS else 0
        self.ends_at_ms = ticks_add(self.snapshot.now_ms, left_ms - self.beyond_ms)

    def end_left_ms(self) -> int:
        """Until the booked end; negative after it."""
        return ticks_diff(self.ends_at_ms, self.snapshot.now_ms) + self.beyond_ms

    def goes_on(self, timer: str) -> bool:
        """Its time runs. Overdue is over, even before the inputs are told (SAFE-3)."""
        return self.deadlines.left_ms(self.deadlines.index(timer)) > 0

    def was_pulsed(self, line: int) -> bool:
        """This step heard the end of a pulse on that line, and none on the opposite one since."""
        finished = self.finished
        return finished.rfind(bytes((line,))) > finished.rfind(bytes((line ^ 1,)))

    def block_did_not_show(self) -> bool:
        """The starter was to be blocked just now, and does not read so."""
        return self.was_pulsed(PULSE_BLOCK) and self.snapshot.values[IN_BLOCKED] != YES

    def record(self, code: int, detail: bytes = b"", booking: int = -1) -> None:
        """Put an audit event into the turn; the session's booking unless another is named."""
        snapshot = self.snapshot
        if booking < 0:
            booking = 0 if self.session.has(OVER) else self.session.booking
        self.turn.record(
            pack_event(
                code,
                snapshot.wall_s,
                1 if snapshot.wall_is_trusted else 0,
                booking,
                detail,
            )
        )

    def answer(
        self,
        command: bytes,
        accepted: bool,
        reasons: "list[tuple[int, int]]",
        warnings: bytes = b"",
    ) -> None:
        """Put the answer to a command into the turn; times in it are Unix seconds on the wire."""
        told = []
        for code, argument in reasons:
            told.append((code, argument + EPOCH_2020_S if code == TOO_EARLY else argument))
        read_back = self.read_back()
        self.turn.results.append(
            pack_result(command, accepted, told, warnings, read_back[0], read_back[1])
        )

    def read_back(self) -> bytes:
        """Doors locked, engine blocked, as the car reads them: two of NO, YES, UNKNOWN."""
        values = self.snapshot.values
        return bytes((values[IN_LOCKED], values[IN_BLOCKED]))
