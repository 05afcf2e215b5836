"""What the codes mean, in words for whoever watches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from firmware.wire.codes import STATE_NAMES
from firmware.wire.journal_format import EPOCH_2020_S
from simulator.audit import AuditEvent, Reason

STATES = {
    "vacant": "nobody is using the car",
    "authorising": "asking the centre",
    "unlocked": "no door opened yet",
    "boarding": "door opened, key still in box",
    "in_use": "the key is out",
    "key_returned": "the key is back in its box",
    "ending": "locking up",
    "ended": "what was forgotten can be fetched",
    "reopened": "open to fetch what was left",
    "relocked": "no door was opened in time",
    "secured": "the key stayed in its box",
    "maintenance": "a technician has the car",
    "off": "the box runs no program",
}

#: Deadline of the firmware -> (what comes, the states in which it means something).
DEADLINES = {
    "ask": ("decides without the centre", ("authorising",)),
    "relock": ("locks, unless a door opens", ("unlocked",)),
    "key": ("security lock, unless key taken", ("unlocked", "boarding")),
    "key_return": ("security lock, unless key taken", ("key_returned",)),
    "reopen_window": ("reopen window closes", ("ended", "reopened", "authorising")),
    "reopen_relock": ("locks, unless a door opens", ("reopened",)),
    "staff": ("locks, unless a door opens", ("vacant", "authorising", "ended", "maintenance")),
    "enrol": ("the reader waits no longer", STATE_NAMES),
    "warn": ("warns of the booking's end", ("unlocked", "boarding", "in_use", "key_returned")),
}

REASONS = {
    "too_early": "It is too early for a start.",
    "window_over": "The time for the card is over; the phone still starts.",
    "booking_over": "The booking is over.",
    "no_booking": "There is no booking for this.",
    "unknown_card": "The car does not know this card.",
    "not_this_driver": "The booking is another driver's.",
    "not_returned": "The driver before has not returned the car.",
    "licence_expired": "The driving licence has expired.",
    "clock_untrusted": "The car does not know the time; use the phone.",
    "lease_over": "The car has been without the centre for too long.",
    "journal_full": "The car's journal is full; it can record nothing.",
    "engine_running": "The engine is running: switch it off.",
    "key_not_in_box": "The key is not in its box at return.",
    "brake_off": "The parking brake is off: put it on.",
    "door_open": "A door is open: close it.",
    "not_in_park": "The gear is not in P.",
    "cannot_tell": "The car cannot tell",
    "reopen_used": "The doors were opened once more already.",
    "reopen_over": "The time to open once more is over.",
    "expired": "The request took too long to arrive.",
    "replayed": "The request was made before.",
    "bad_signature": "The request is not from the centre.",
    "unreachable": "The car cannot be reached.",
    "busy": "Not now: the car has something else to do.",
    "in_maintenance": "A technician has the car.",
    "not_allowed_in_profile": "This operator does not offer that.",
    "nothing_to_undo": "There was nothing to undo.",
    "no_room": "The next booking leaves no room for that.",
    "extensions_used": "The booking was extended as often as possible.",
}

WARNINGS = {"lights_on": "The lights are on.", "window_open": "A window is open."}

SITE = {
    "start": "start",
    "end": "end",
    "extend": "15 minutes more",
    "reopen": "open once more",
    "lock": "lock",
    "reunlock": "unlock again",
    "enrol": "register a card",
}

STATUSES = {
    "pending": "waiting for the car",
    "accepted": "accepted",
    "refused": "refused",
    "unknown": "no answer; look at the car",
}


def about_reason(reason: Reason, zone: tzinfo | None) -> str:
    """One reason of a refusal as a sentence; with the time when a start becomes possible."""
    if reason.code == "too_early" and reason.argument:
        at = datetime.fromtimestamp(reason.argument + EPOCH_2020_S, zone)
        return f"It is too early: a start is possible from {at:%H:%M}."
    if reason.inputs:
        return f"The car cannot tell: {', '.join(reason.inputs).replace('_', ' ')}."
    return REASONS.get(reason.code, reason.code.replace("_", " ").capitalize() + ".")


def about_reasons(reasons: Sequence[Reason], zone: tzinfo | None) -> str:
    """All reasons, a sentence each."""
    return " ".join(about_reason(reason, zone) for reason in reasons)


def about_event(event: AuditEvent) -> str:
    """An audit event with its details, as plain words."""
    said = str(event).replace("_", " ")
    return said.replace(": door ", ": ") if event.name.startswith("door_") else said


def state_name(state: str) -> str:
    return state.replace("_", " ")


def duration(span_us: int) -> str:
    """A duration of a story: 500 ms, 30 s, 40 min."""
    if span_us % 60_000_000 == 0 and span_us:
        return f"{span_us // 60_000_000} min"
    return f"{span_us / 1e6:g} s" if span_us >= 1_000_000 else f"{span_us // 1000} ms"


def span(left_s: int) -> str:
    """A time that is left: 0:59, 44:58, 1:59:58."""
    minutes, seconds = divmod(max(0, left_s), 60)
    if minutes < 60:
        return f"{minutes}:{seconds:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
