"""In which state a booking is for the phone, and what can be done with it now; "" is no objection.

The car has the last word: what is possible here may still be refused there, with its reason.
"""

from __future__ import annotations

from fleetd.core import bookings
from fleetd.core.bookings import Booking, Surroundings
from fleetd.core.days import day_ends_s
from fleetd.core.rules import Rules

#: What a phone page names a booking.
WAITING_TO_START = "waiting_to_start"
BOOKED = "booked"
IN_USE = "in_use"
REOPEN_POSSIBLE = "reopen_possible"
REOPENED = "reopened"
OVER = "over"
UNUSED = "unused"
CANCELLED = "cancelled"
STATES = (
    BOOKED, WAITING_TO_START, IN_USE, REOPEN_POSSIBLE, REOPENED, OVER, UNUSED, CANCELLED,
)  # fmt: skip

#: Why there is no button, for verbs whose time has not come or is past.
_NOT_NOW = {
    "end": {BOOKED: "not_started", WAITING_TO_START: "not_started"},
    "reunlock": {BOOKED: "not_started", WAITING_TO_START: "not_started"},
    "reopen": {
        BOOKED: "not_started",
        WAITING_TO_START: "not_started",
        IN_USE: "not_ended",
        REOPENED: "reopen_used",
        OVER: "reopen_over",
    },
    "lock": {
        BOOKED: "not_started",
        WAITING_TO_START: "not_started",
        IN_USE: "not_ended",
        REOPEN_POSSIBLE: "not_reopened",
    },
    "start": {IN_USE: "already_started", BOOKED: "too_early"},
}
_POSSIBLE_IN = {
    "start": WAITING_TO_START,
    "end": IN_USE,
    "reunlock": IN_USE,
    "reopen": REOPEN_POSSIBLE,
    "lock": REOPENED,
}


def state(rules: Rules, booking: Booking, now_s: int) -> str:
    """One of STATES."""
    if booking.status == bookings.BOOKED:
        if now_s >= booking.ends_s:
            return UNUSED
        return WAITING_TO_START if now_s >= start_from_s(rules, booking) else BOOKED
    if booking.status == bookings.ENDED:
        return REOPEN_POSSIBLE if now_s < booking.window_until_s else OVER
    return {
        bookings.IN_USE: IN_USE,
        bookings.REOPENED: REOPENED,
        bookings.CANCELLED: CANCELLED,
    }.get(booking.status, OVER)


def start_from_s(rules: Rules, booking: Booking) -> int:
    """START-1."""
    return booking.starts_s - rules.start_early_s


def objections(rules: Rules, booking: Booking, around: Surroundings, now_s: int) -> dict[str, str]:
    """Each thing that can be done with a booking, and the code of what speaks against it."""
    found = {verb: _against_verb(rules, verb, booking, now_s) for verb in _POSSIBLE_IN}
    if not found["start"] and _licence_is_over(rules, around, now_s):
        found["start"] = "licence_expired"
    if not rules.has_reunlock:
        found["reunlock"] = "not_allowed_in_profile"
    found["change"] = bookings.refuse_any_change(rules, booking, now_s)
    found["cancel"] = bookings.refuse_cancel(booking)
    found["extend"] = bookings.refuse_extension(rules, booking, rules.grid_s, around, now_s)
    return found


def _against_verb(rules: Rules, verb: str, booking: Booking, now_s: int) -> str:
    found = state(rules, booking, now_s)
    if found == _POSSIBLE_IN[verb]:
        return ""
    if found == CANCELLED:
        return "no_booking"
    return _NOT_NOW[verb].get(found, "booking_over")


def _licence_is_over(rules: Rules, around: Surroundings, now_s: int) -> bool:
    until = around.licence_until
    return bool(until) and now_s >= day_ends_s(until, rules.utc_offset_s)
