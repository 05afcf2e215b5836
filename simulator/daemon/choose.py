"""Which booking a phone means when a story only says what its driver asks for."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.centre import BOOKED, CANCELLED, ENDED, IN_USE, OVER, REOPENED, Booking

#: The last one that began, over or not: the car may be ahead of what the centre has heard.
_BEGUN = (IN_USE, ENDED, REOPENED, OVER)
#: The statuses of the booking that a verb is about; with none such, the next to come.
_ABOUT: dict[str, tuple[str, ...]] = {
    "start": (),
    "end": (IN_USE,),
    "extend": (IN_USE,),
    "reopen": _BEGUN,
    "lock": _BEGUN,
    "reunlock": (IN_USE,),
    "enrol": (IN_USE,),
}


def choose(
    bookings: Sequence[Booking], verb: str, driver: str | None, now_s: int
) -> Booking | None:
    """The driver's own booking; a driver without one tries the car's."""
    statuses = _ABOUT[verb]
    own = [booking for booking in bookings if driver in (None, booking.driver)]
    return _among(own, statuses, now_s) or _among(bookings, statuses, now_s)


def _among(bookings: Sequence[Booking], statuses: tuple[str, ...], now_s: int) -> Booking | None:
    """In one of these statuses, else the next to come, else the last one."""
    live = [booking for booking in bookings if booking.status in statuses]
    if live:
        return max(live, key=lambda booking: booking.starts_s)
    coming = [one for one in bookings if one.status == BOOKED and one.ends_s > now_s]
    if coming:
        return min(coming, key=lambda booking: booking.starts_s)
    gone = [booking for booking in bookings if booking.status != CANCELLED]
    return max(gone, key=lambda booking: booking.starts_s, default=None)
