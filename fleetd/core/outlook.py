"""In which state a booking is for the phone, and what can be done with it now; "" is no objection.

The car has the last word: what is possible here may still be refused there, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from firmware.wire import codes
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

#: Somebody has shut the car out: nothing reaches it.
CAR_BLOCKED = "car_blocked"

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
    "enrol": {BOOKED: "too_early"},
}
_POSSIBLE_IN = {
    "start": (WAITING_TO_START,),
    "end": (IN_USE,),
    "reunlock": (IN_USE,),
    "reopen": (REOPEN_POSSIBLE,),
    "lock": (REOPENED,),
    "enrol": (WAITING_TO_START, IN_USE),
}
#: What nobody can do while the car is being serviced (STAFF-CAR-1).
NOT_IN_MAINTENANCE = ("start", "enrol")

# How a car locked itself in use.
RELOCKED = "relocked"
SECURED_AT_START = "secured_at_start"
SECURED_IN_USE = "secured_in_use"
LOCKED_ITSELF = (RELOCKED, SECURED_AT_START, SECURED_IN_USE)


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


def is_offered(rules: Rules, verb: str) -> bool:
    """Do the operator's terms have it at all?"""
    return {"reunlock": rules.has_reunlock, "enrol": rules.has_enrolment}.get(verb, True)


def objections(
    rules: Rules,
    booking: Booking,
    around: Surroundings,
    now_s: int,
    *,
    in_maintenance: bool = False,
    is_blocked: bool = False,
) -> dict[str, str]:
    """Each thing that can be done with a booking, and the code of what speaks against it."""
    found = {verb: _against_verb(rules, verb, booking, now_s) for verb in _POSSIBLE_IN}
    if not found["start"] and _licence_is_over(rules, around, now_s):
        found["start"] = "licence_expired"
    if in_maintenance:
        found.update({verb: "in_maintenance" for verb in NOT_IN_MAINTENANCE if not found[verb]})
    for verb in found:
        if not is_offered(rules, verb):
            found[verb] = "not_allowed_in_profile"
    if is_blocked:
        found.update({verb: CAR_BLOCKED for verb in found if not found[verb]})
    found["change"] = bookings.refuse_any_change(rules, booking, now_s)
    found["cancel"] = bookings.refuse_cancel(booking)
    found["extend"] = bookings.refuse_extension(rules, booking, rules.grid_s, around, now_s)
    if is_blocked:  # neither would reach the car
        found.update({verb: CAR_BLOCKED for verb in ("change", "extend") if not found[verb]})
    return found


def _against_verb(rules: Rules, verb: str, booking: Booking, now_s: int) -> str:
    found = state(rules, booking, now_s)
    if found in _POSSIBLE_IN[verb]:
        return ""
    if found == CANCELLED:
        return "no_booking"
    return _NOT_NOW[verb].get(found, "booking_over")


def _licence_is_over(rules: Rules, around: Surroundings, now_s: int) -> bool:
    until = around.licence_until
    return bool(until) and now_s >= day_ends_s(until, rules.utc_offset_s)


def warnings(state_now: str, *, lights_on: bool, window_open: bool) -> list[str]:
    """END-2: codes of what the driver left, however the use was ended; while it can be put right."""
    if state_now not in (REOPEN_POSSIBLE, REOPENED):
        return []
    found = {"lights_on": lights_on, "window_open": window_open}
    return [code for code, is_so in found.items() if is_so]


def locked_itself(events: Iterable[int]) -> str:
    """One of LOCKED_ITSELF, or "": what a booking's events in their order come to.

    START-6, START-7, USE-2; before the key was ever moved it is the one at the start.
    """
    found, key_was_moved = "", False
    for code in events:
        if code == codes.AUDIT_UNLOCKED:
            found, key_was_moved = "", False
        elif code in (codes.AUDIT_REUNLOCKED, codes.AUDIT_ENDED):
            found = ""
        elif code in (codes.AUDIT_KEY_OUT, codes.AUDIT_KEY_IN):
            key_was_moved = True
        elif code == codes.AUDIT_RELOCKED:
            found = RELOCKED
        elif code == codes.AUDIT_SECURED:
            found = SECURED_IN_USE if key_was_moved else SECURED_AT_START
    return found
