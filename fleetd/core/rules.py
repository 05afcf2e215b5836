"""An operator's rules (BOOK-1 to BOOK-11, START-1, REOPEN-4, ENROL-1), range-checked: only data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROFILES = Path(__file__).parent.parent / "profiles"

#: name, least, most
_LIMITS = {
    "utc_offset_min": (-720, 840),
    "grid_min": (1, 60),
    "shortest_min": (1, 1440),
    "longest_min": (60, 44640),
    "ahead_months": (1, 24),
    "open_max": (1, 1000),
    "gap_min": (0, 1440),
    "changes_max": (0, 1000),
    "change_until_min": (0, 1440),
    "extensions_max": (0, 1000),
    "cancel_free_until_min": (0, 10080),
    "cancel_late_percent": (0, 100),
    "cancel_started_percent": (0, 100),
    "start_early_s": (0, 3600),
    "reopen_window_s": (60, 3600),
    "enrol_s": (10, 600),
}
_FLAGS = ("reunlock", "enrolment")


class RulesError(ValueError):
    """A profile that cannot be used; the text says which value, why and what to do."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Durations in seconds; what each is for stands in docs/rules.md."""

    utc_offset_s: int
    grid_s: int
    shortest_s: int
    longest_s: int
    ahead_months: int
    open_max: int
    gap_s: int
    changes_max: int
    change_until_s: int
    extensions_max: int
    cancel_free_until_s: int
    cancel_late_percent: int
    cancel_started_percent: int
    start_early_s: int
    reopen_window_s: int
    enrol_s: int
    has_reunlock: bool
    has_enrolment: bool


def names() -> list[str]:
    """The profiles that there are."""
    return sorted(path.stem for path in PROFILES.glob("*.json"))


def load_profile(name: str) -> Rules:
    """The rules of a shipped profile."""
    if name not in names():
        raise RulesError(f"profile {name!r}: there is none; choose one of {', '.join(names())}")
    return load_rules(json.loads((PROFILES / f"{name}.json").read_text(encoding="utf-8")))


def load_rules(raw: dict[str, Any]) -> Rules:
    """RulesError names the first key that is unknown, missing or out of range."""
    for name in raw:
        if name not in _LIMITS and name not in _FLAGS:
            raise RulesError(f"{name}: unknown; remove it")
    for name, (least, most) in _LIMITS.items():
        value = raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise RulesError(f"{name}: {value!r} is no whole number from {least} to {most}")
    for name in _FLAGS:
        if not isinstance(raw.get(name), bool):
            raise RulesError(f"{name}: {raw.get(name)!r} is neither true nor false")
    if raw["shortest_min"] > raw["longest_min"]:
        raise RulesError("shortest_min: above longest_min; nothing could be booked")
    return Rules(
        utc_offset_s=60 * raw["utc_offset_min"],
        grid_s=60 * raw["grid_min"],
        shortest_s=60 * raw["shortest_min"],
        longest_s=60 * raw["longest_min"],
        ahead_months=raw["ahead_months"],
        open_max=raw["open_max"],
        gap_s=60 * raw["gap_min"],
        changes_max=raw["changes_max"],
        change_until_s=60 * raw["change_until_min"],
        extensions_max=raw["extensions_max"],
        cancel_free_until_s=60 * raw["cancel_free_until_min"],
        cancel_late_percent=raw["cancel_late_percent"],
        cancel_started_percent=raw["cancel_started_percent"],
        start_early_s=raw["start_early_s"],
        reopen_window_s=raw["reopen_window_s"],
        enrol_s=raw["enrol_s"],
        has_reunlock=raw["reunlock"],
        has_enrolment=raw["enrolment"],
    )
