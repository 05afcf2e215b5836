"""What the codes mean, in words for whoever watches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from firmware.wire.codes import STATE_NAMES
from firmware.wire.journal_format import EPOCH_2020_S
from fleetd.core.outlook import locked_itself
from fleetd.sentences import SENTENCES
from simulator.audit import AuditEvent, Reason

#: The words of refusals are the daemon's: one language of refusal.
WORDS = SENTENCES["en"]

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
    if not WORDS.knows(reason.code):
        return reason.code.replace("_", " ").capitalize() + "."
    said = WORDS.reason(reason.code, reason.inputs)
    if reason.code == "too_early" and reason.argument:
        at = datetime.fromtimestamp(reason.argument + EPOCH_2020_S, zone)
        return f"{said} {WORDS.remedy(reason.code, at=f'{at:%H:%M}')}"
    return said


def about_reasons(reasons: Sequence[Reason], zone: tzinfo | None) -> str:
    """All reasons, a sentence each."""
    return " ".join(about_reason(reason, zone) for reason in reasons)


def about_lock(events: Iterable[AuditEvent], profile: str) -> str:
    """A car that locked itself in use: why, and the way out by the terms; else ""."""
    code = locked_itself(event.code for event in events)
    return f"{WORDS.reason(code)} {WORDS.remedy(code, profile)}" if code else ""


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
