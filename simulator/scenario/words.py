"""The vocabulary of stories, and the nearest known word to one that is not in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from firmware.wire import code_names
from firmware.wire.codes import STATE_NAMES
from simulator.scenario.problem import WordError

STORY_KEYS = (
    "title", "rules", "profile", "now", "network", "car", "cards", "bookings", "steps",
)  # fmt: skip
STEP_KEYS = ("at", "after", "do", "see", "within", "never", "during")
BOOKING_KEYS = ("id", "driver", "start", "end")

YES_NO = ("yes", "no")
NETWORK = ("up", "down")
CAR_SETTINGS: dict[str, tuple[str, ...]] = {
    "key_box": ("knob", "connector"),
    "reader": YES_NO,
    "gear_sensor": YES_NO,
    "smart_key": YES_NO,
    "cannot_tell": ("ask_again", "staff_review", "refuse"),
}

DOORS = ("driver", "passenger", "rear-left", "rear-right", "trunk")
GEARS = ("P", "R", "N", "D")

STATES = tuple(STATE_NAMES)
READER = tuple(code_names.LAMP_NAMES.values())
#: Refusals of bookings, which the centre alone decides.
BOOKING_REASONS = (
    "off_grid",
    "too_short",
    "too_long",
    "too_far",
    "too_many",
    "overlaps",
    "driver_busy",
    "gap",
    "changes_used",
    "change_too_late",
    "extensions_used",
    "no_room",
    "not_started",
    "member_cannot_book",
)
REASONS = (*code_names.REASON_NAMES.values(), *BOOKING_REASONS)
EVENTS = tuple(code_names.AUDIT_NAMES.values())
WARNINGS = tuple(code_names.WARNING_NAMES.values())
INPUTS = tuple(code_names.INPUT_NAMES.values())
MAILS = (
    "booking_made",
    "booking_changed",
    "booking_cancelled",
    "booking_extended",
    "end_accepted",
    "card_registered",
    "member_registered",
    "driver_registered",
    "password_reset",
    "delay_warning",
)
SITE = ("pending", "accepted", "refused", "unknown")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one; None when none does."""
    by_folded = {one.casefold().replace("_", "-"): one for one in known}
    close = difflib.get_close_matches(
        word.casefold().replace("_", "-"), list(by_folded), n=1, cutoff=0.6
    )
    return by_folded[close[0]] if close else None


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """The sentence about a word that is not known."""
    words = list(known)
    guess = nearest(word, words)
    hint = f"did you mean {guess}?" if guess else f"expected one of {', '.join(words) or 'none'}"
    return f"{kind} {word} is not known; {hint}" if word else f"no {kind} here; {hint}"


def check(kind: str, word: str, known: Iterable[str]) -> str:
    """The word itself; WordError when it is none of the known ones."""
    words = list(known)
    if word not in words:
        raise WordError(unknown(kind, word, words))
    return word
