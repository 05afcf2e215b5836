"""START-4: whether the reader invites a start just now. Looks again only when something can have changed."""

from firmware.judgement import window_began_s, window_ends_s
from firmware.ticks import FAR_MS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental

_FAR_S = FAR_MS // 1000


class ReaderWindow:
    """Wall time selects bookings here and nothing else (SAFE-4)."""

    def __init__(self) -> None:
        self.is_open = False
        self.booking = 0  # whose window it is
        self._looked_s = -1
        self._next_s = 0
        self._version = -1
        self._may_start = False
        self._used = 0

    def update(self, rental: "Rental") -> int:
        """Look again if needed; the booking whose window has just lapsed, else 0."""
        snapshot = rental.snapshot
        wall_s = snapshot.wall_s
        used = rental.session.used
        newest = used[-1] if used else 0
        if (
            self._looked_s <= wall_s < self._next_s
            and self._version == rental.bookings.version
            and self._may_start == (snapshot.wall_is_trusted and snapshot.lease_holds)
            and self._used == newest
        ):
            return 0
        was = self.booking
        self._looked_s = wall_s
        self._version = rental.bookings.version
        self._may_start = snapshot.wall_is_trusted and snapshot.lease_holds
        self._used = newest
        self._look(rental)
        if was == 0 or was == self.booking or was in used:
            return 0
        index = rental.bookings.find(was)
        is_over = index >= 0 and wall_s >= window_ends_s(rental.bookings, index, rental.terms)
        return was if is_over else 0

    def _look(self, rental: "Rental") -> None:
        wall_s = self._looked_s
        self.is_open = False
        self.booking = 0
        self._next_s = wall_s + _FAR_S
        first_end_s = 0
        if not self._may_start:
            return
        bookings = rental.bookings
        for i in range(bookings.count()):
            if bookings.id(i) in rental.session.used:
                continue
            began_s = window_began_s(bookings, i, rental.terms)
            ends_s = window_ends_s(bookings, i, rental.terms)
            if began_s <= wall_s < ends_s:
                if not self.is_open or ends_s < first_end_s:
                    self.booking = bookings.id(i)
                    first_end_s = ends_s
                self.is_open = True
                if ends_s < self._next_s:
                    self._next_s = ends_s
            elif wall_s < began_s < self._next_s:
                self._next_s = began_s

    def next_ms(self) -> int:
        """Time until it must look again, as of the last look."""
        left_s = self._next_s - self._looked_s
        return left_s * 1000 if left_s < _FAR_S else FAR_MS
