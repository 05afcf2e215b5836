"""What the centre knows of drivers, cards and bookings, and its rules for changing a booking.

Names are those of the scenario ("B1", "XXY00001001"); the car knows them by number. Refusals are
the codes of the booking rules, "" where nothing stands against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

GRID_S = 15 * 60
SHORTEST_S = 30 * 60
LONGEST_S = 72 * 3600
#: BOOK-7, BOOK-8 of `top24-2023`.
CHANGES_MAX = 9
CHANGE_UNTIL_S = 15 * 60
EXTENSIONS_MAX = 9

BOOKED = "booked"
IN_USE = "in_use"
ENDED = "ended"
REOPENED = "reopened"
OVER = "over"
CANCELLED = "cancelled"


class Numbers:
    """Gives each name a number, counted from 1 above `base`, in the order of first mention."""

    def __init__(self, base: int) -> None:
        self._next = count(base + 1)
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def number(self, name: str) -> int:
        if name not in self._numbers:
            number = next(self._next)
            self._numbers[name] = number
            self._names[number] = name
        return self._numbers[name]

    def name(self, number: int) -> str:
        return self._names.get(number, str(number))


@dataclass
class Booking:
    """A booking as the centre sees it; times are Unix seconds."""

    name: str
    driver: str
    starts_s: int
    ends_s: int
    status: str = BOOKED
    changes: int = 0
    extensions: int = 0
    #: When the reopen window is over at the latest.
    window_until_s: int = 0

    @property
    def takes_room(self) -> bool:
        return self.status in (BOOKED, IN_USE)


class Bookings:
    """All bookings of one car."""

    def __init__(self) -> None:
        self.by_name: dict[str, Booking] = {}

    def add(self, booking: Booking) -> None:
        """As it is, without asking the rules."""
        self.by_name[booking.name] = booking

    def refuse_new(self, name: str, starts_s: int, ends_s: int, now_s: int) -> str:
        """BOOK-1, BOOK-2, BOOK-14 and room."""
        if name in self.by_name:
            return "overlaps"
        return self._refuse_times(None, starts_s, ends_s, now_s)

    def refuse_change(self, booking: Booking, starts_s: int, ends_s: int, now_s: int) -> str:
        """BOOK-7 besides."""
        if booking.status != BOOKED or now_s > booking.starts_s - CHANGE_UNTIL_S:
            return "change_too_late"
        if booking.changes >= CHANGES_MAX:
            return "changes_used"
        return self._refuse_times(booking, starts_s, ends_s, now_s)

    def refuse_extension(self, booking: Booking, by_s: int, now_s: int) -> str:
        """BOOK-12."""
        if booking.status != IN_USE:
            return "not_started"
        if now_s >= booking.ends_s:
            return "booking_over"
        if booking.extensions >= EXTENSIONS_MAX:
            return "extensions_used"
        if by_s <= 0 or by_s % GRID_S:
            return "off_grid"
        room = not self._others_between(booking, booking.ends_s, booking.ends_s + by_s)
        return "" if room else "no_room"

    def refuse_cancel(self, booking: Booking) -> str:
        return "" if booking.status == BOOKED else "change_too_late"

    def window_is_open(self, now_s: int) -> int:
        """Until when nobody can book the car for now (BOOK-14); 0: no window is open."""
        open_until = [
            booking.window_until_s
            for booking in self.by_name.values()
            if booking.status == REOPENED
            or (booking.status == ENDED and booking.window_until_s > now_s)
        ]
        return max(open_until, default=0)

    def choose(self, driver: str | None, statuses: tuple[str, ...], now_s: int) -> Booking | None:
        """The booking that a phone means: in one of these states, else the next to come."""
        own = [b for b in self.by_name.values() if driver in (None, b.driver)]
        live = [b for b in own if b.status in statuses]
        if live:
            return max(live, key=lambda booking: booking.starts_s)
        coming = [b for b in own if b.status == BOOKED and b.ends_s > now_s]
        if coming:
            return min(coming, key=lambda booking: booking.starts_s)
        gone = [b for b in own if b.status != CANCELLED]
        return max(gone, key=lambda booking: booking.starts_s, default=None)

    def _refuse_times(self, own: Booking | None, starts_s: int, ends_s: int, now_s: int) -> str:
        if starts_s % GRID_S or ends_s % GRID_S:
            return "off_grid"
        if ends_s - starts_s < SHORTEST_S:
            return "too_short"
        if ends_s - starts_s > LONGEST_S:
            return "too_long"
        if self._others_between(own, starts_s, ends_s):
            return "overlaps"
        window_until_s = self.window_is_open(now_s)
        if window_until_s and starts_s < max(window_until_s, now_s):
            return "no_room"
        return ""

    def _others_between(self, own: Booking | None, starts_s: int, ends_s: int) -> bool:
        return any(
            other is not own
            and other.takes_room
            and other.starts_s < ends_s
            and starts_s < other.ends_s
            for other in self.by_name.values()
        )
