"""The rental's parts in one place: what guards ask and actions change."""

from firmware.alerts import Alerts
from firmware.bookings import Bookings
from firmware.cards import Cards
from firmware.deadlines import Deadlines
from firmware.rental_rows import RENTAL
from firmware.request import Request
from firmware.session import OVER, Session
from firmware.snapshot import Snapshot
from firmware.turn import Turn
from firmware.wire.journal_format import pack_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.car_terms import Settings, Terms


class Rental:
    """Holds, decides nothing."""

    def __init__(
        self, terms: "Terms", settings: "Settings", bookings: Bookings, cards: Cards
    ) -> None:
        self.terms = terms
        self.settings = settings
        self.bookings = bookings
        self.cards = cards
        self.session = Session()
        self.request = Request()  # what is asked just now
        self.standing = Request()  # an end, as if it were asked for now (END-3)
        self.deadlines = Deadlines(RENTAL.timers)
        self.alerts = Alerts(terms)
        self.snapshot = Snapshot()
        self.turn = Turn()
        self.state = "vacant"  # the machine's, as of the event being handled
        self.ends_at_ms = 0  # the booked end on the monotonic clock, while a session runs
        self.unlock_is_confirmed = False  # the doors were seen unlocked since the unlock

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
