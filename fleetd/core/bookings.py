"""What speaks against booking, changing, extending, cancelling. Refusals are codes, "" is none.

Times are Unix seconds; a booking holds [starts, ends).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fleetd.core.days import add_months, day_ends_s
from fleetd.core.rules import Rules

BOOKED = "booked"
IN_USE = "in_use"
ENDED = "ended"
REOPENED = "reopened"
OVER = "over"
CANCELLED = "cancelled"

#: Statuses of bookings that keep others from the car.
TAKING_ROOM = (BOOKED, IN_USE)
#: Statuses in which the reopen window is or may be open.
IN_WINDOW = (ENDED, REOPENED)


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as the daemon sees it."""

    id: int
    car: str
    driver: int
    starts_s: int
    ends_s: int
    status: str = BOOKED
    changes: int = 0
    extensions: int = 0
    #: When the reopen window is over at the latest; 0 before the end.
    window_until_s: int = 0
    made_s: int = 0
    started_s: int | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a decision about times needs to know; the booking in question is not among them."""

    #: Bookings of the car that take room or have a window.
    of_car: Sequence[Booking] = ()
    #: Bookings of the driver that take room, on any car.
    of_driver: Sequence[Booking] = ()
    #: Open bookings of the member, all its drivers together.
    open_of_member: int = 0
    #: Last day of the driver's licence, "" when not known.
    licence_until: str = field(default="")


def refuse_new(
    rules: Rules, driver: int, starts_s: int, ends_s: int, around: Surroundings, now_s: int
) -> str:
    """BOOK-1 to BOOK-6, BOOK-14 and the licence."""
    if around.open_of_member >= rules.open_max:
        return "too_many"  # BOOK-4
    return _refuse_times(rules, driver, starts_s, ends_s, around, now_s)


def refuse_change(
    rules: Rules, booking: Booking, starts_s: int, ends_s: int, around: Surroundings, now_s: int
) -> str:
    """BOOK-7, then what holds for a new one."""
    return refuse_any_change(rules, booking, now_s) or _refuse_times(
        rules, booking.driver, starts_s, ends_s, around, now_s
    )


def refuse_any_change(rules: Rules, booking: Booking, now_s: int) -> str:
    """BOOK-7: what speaks against changing it at all, whatever the new times are."""
    if booking.status != BOOKED or now_s > booking.starts_s - rules.change_until_s:
        return "change_too_late"
    if booking.changes >= rules.changes_max:
        return "changes_used"
    return ""


def refuse_cancel(booking: Booking) -> str:
    """Only what has not been used yet can be cancelled."""
    return "" if booking.status == BOOKED else "change_too_late"


def cancel_percent(rules: Rules, booking: Booking, now_s: int) -> int:
    """BOOK-9, BOOK-10, BOOK-11: how much of the time fee a cancellation now costs."""
    if now_s >= booking.starts_s:
        return rules.cancel_started_percent
    if now_s > booking.starts_s - rules.cancel_free_until_s:
        return rules.cancel_late_percent
    return 0


def refuse_extension(
    rules: Rules, booking: Booking, by_s: int, around: Surroundings, now_s: int
) -> str:
    """BOOK-8, BOOK-12; BOOK-5 and the licence hold for the longer booking as well."""
    if booking.status != IN_USE:
        return "not_started"
    if now_s >= booking.ends_s:
        return "booking_over"
    if by_s <= 0 or by_s % rules.grid_s:
        return "off_grid"
    if booking.extensions >= rules.extensions_max:
        return "extensions_used"
    ends_s = booking.ends_s + by_s
    if _reaches_past_licence(rules, ends_s, around):
        return "licence_expired"
    if _refuse_room(rules, booking.driver, booking.ends_s, ends_s, around, now_s):
        return "no_room"
    if _overlap(around.of_driver, booking.ends_s, ends_s, now_s):
        return "driver_busy"
    return ""


def window_open_until_s(bookings: Iterable[Booking], now_s: int) -> int:
    """REOPEN-4: until when nobody can book for now; 0 when no window is open."""
    until_s = 0
    for booking in bookings:
        if booking.status == REOPENED:
            until_s = max(until_s, booking.window_until_s, now_s + 1)
        elif booking.status == ENDED and booking.window_until_s > now_s:
            until_s = max(until_s, booking.window_until_s)
    return until_s


def taken_until_s(booking: Booking, now_s: int) -> int:
    """A car that is not back yet is taken for now, past the booked end too."""
    return max(booking.ends_s, now_s + 1) if booking.status == IN_USE else booking.ends_s


def free_times(
    rules: Rules,
    driver: int,
    of_car: Sequence[Booking],
    from_s: int,
    to_s: int,
    now_s: int,
) -> list[tuple[int, int]]:
    """(starts, ends) on the grid within [from, to) in which this driver could book the car."""
    taken = []
    for booking in of_car:
        if booking.status in TAKING_ROOM:
            gap_s = 0 if booking.driver == driver else rules.gap_s
            taken.append((booking.starts_s - gap_s, taken_until_s(booking, now_s) + gap_s))
    taken.sort()
    earliest_s = max(
        from_s, now_s // rules.grid_s * rules.grid_s, window_open_until_s(of_car, now_s)
    )
    free = []
    at_s = earliest_s
    for starts_s, ends_s in [*taken, (to_s, to_s)]:
        first_s = -(-at_s // rules.grid_s) * rules.grid_s
        last_s = min(starts_s, to_s) // rules.grid_s * rules.grid_s
        if last_s - first_s >= rules.shortest_s:
            free.append((first_s, last_s))
        at_s = max(at_s, ends_s)
    return free


def _refuse_times(
    rules: Rules, driver: int, starts_s: int, ends_s: int, around: Surroundings, now_s: int
) -> str:
    if starts_s % rules.grid_s or ends_s % rules.grid_s:
        return "off_grid"  # BOOK-1
    if ends_s - starts_s < rules.shortest_s:
        return "too_short"  # BOOK-2
    if ends_s - starts_s > rules.longest_s:
        return "too_long"
    if starts_s < now_s // rules.grid_s * rules.grid_s:
        return "in_the_past"
    if starts_s > add_months(now_s, rules.ahead_months, rules.utc_offset_s):
        return "too_far"  # BOOK-3
    if _reaches_past_licence(rules, ends_s, around):
        return "licence_expired"
    return (
        _refuse_room(rules, driver, starts_s, ends_s, around, now_s)
        or ("driver_busy" if _overlap(around.of_driver, starts_s, ends_s, now_s) else "")  # BOOK-5
        or ("no_room" if starts_s < window_open_until_s(around.of_car, now_s) else "")  # BOOK-14
    )


def _refuse_room(
    rules: Rules, driver: int, starts_s: int, ends_s: int, around: Surroundings, now_s: int
) -> str:
    if _overlap(around.of_car, starts_s, ends_s, now_s):
        return "overlaps"
    others = [booking for booking in around.of_car if booking.driver != driver]
    if _overlap(others, starts_s - rules.gap_s, ends_s + rules.gap_s, now_s):
        return "gap"  # BOOK-6
    return ""


def _overlap(bookings: Iterable[Booking], starts_s: int, ends_s: int, now_s: int) -> bool:
    return any(
        booking.status in TAKING_ROOM
        and booking.starts_s < ends_s
        and starts_s < taken_until_s(booking, now_s)
        for booking in bookings
    )


def _reaches_past_licence(rules: Rules, ends_s: int, around: Surroundings) -> bool:
    """A licence is valid through its last day."""
    return bool(around.licence_until) and ends_s > day_ends_s(
        around.licence_until, rules.utc_offset_s
    )
