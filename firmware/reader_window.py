"""START-4: whether the reader invites a start just now. Looks again only when something can have changed."""

from firmware.judgement import window_began_s, window_ends_s
from firmware.ticks import FAR_MS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental

#: So long before its window a booking is near.
NEAR_S = 600
_FAR_S = FAR_MS // 1000

# Whether a card may start; a phone may in any case.
_UNKNOWN_TIME = 0
_LEASE_IS_OVER = 1
_MAY_START = 2


class ReaderWindow:
    """Wall time selects bookings here and nothing else (SAFE-4)."""

    def __init__(self) -> None:
        self.is_open = False
        self.booking = 0  # whose window it is
        self.is_near = False  # a booking that was not used yet: it begins soon, or runs
        self._looked_s = -1
        self._next_s = 0
        self._version = -1
        self._may_start = 0
        self._used = 0
        self.lapsed = 0  # the booking whose window has, until somebody who keeps it says 0

    def update(self, rental: "Rental") -> int:
        """Look again if needed; the booking whose window has just lapsed, else 0."""
        snapshot = rental.snapshot
        wall_s = snapshot.wall_s
        used = rental.session.used
        newest = used[-1] if used else 0
        may_start = _UNKNOWN_TIME
        if snapshot.wall_is_trusted:
            may_start = _MAY_START if snapshot.lease_holds else _LEASE_IS_OVER
        if (
            self._looked_s <= wall_s < self._next_s
            and self._version == rental.bookings.version
            and self._may_start == may_start
            and self._used == newest
        ):
            return self.lapsed
        was = self.booking
        self._looked_s = wall_s
        self._version = rental.bookings.version
        self._may_start = may_start
        self._used = newest
        self._look(rental)
        if was == 0 or was == self.booking or was in used:
            return self.lapsed
        index = rental.bookings.find(was)
        is_over = index >= 0 and wall_s >= window_ends_s(rental.bookings, index, rental.terms)
        if is_over:
            self.lapsed = was
        return self.lapsed

    def _look(self, rental: "Rental") -> None:
        self.is_open = False
        self.is_near = False
        self.booking = 0
        self._next_s = self._looked_s + _FAR_S
        if self._may_start == _UNKNOWN_TIME:
            return
        wall_s = self._looked_s
        first_end_s = 0
        bookings = rental.bookings
        for i in range(bookings.count()):
            if bookings.id(i) in rental.session.used:
                continue
            began_s = window_began_s(bookings, i, rental.terms)
            ends_s = window_ends_s(bookings, i, rental.terms)
            near_s, over_s = began_s - NEAR_S, bookings.ends_s(i)
            if near_s <= wall_s < over_s:
                self.is_near = True
            if self._may_start == _MAY_START and began_s <= wall_s < ends_s:
                if not self.is_open or ends_s < first_end_s:
                    self.booking = bookings.id(i)
                    first_end_s = ends_s
                self.is_open = True
            for at_s in (near_s, began_s, ends_s, over_s):
                if wall_s < at_s < self._next_s:
                    self._next_s = at_s

    def next_ms(self) -> int:
        """Time until it must look again, as of the last look."""
        left_s = self._next_s - self._looked_s
        return left_s * 1000 if left_s < _FAR_S else FAR_MS
