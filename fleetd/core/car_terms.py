"""What a car goes by: an operator's profile, what differs from it, what the car has (rule 10)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from firmware import terms
from firmware.terms import TermsError
from fleetd.core.rules import Rules

PROFILES = Path(terms.__file__).parent / "profiles"
#: Of the car, not of the profile; `key_box` is in both, and the car's is what counts.
SETTINGS = (
    "cannot_tell", "gear_sensor", "key_box", "no_door", "no_sensor", "reader", "smart_key",
)  # fmt: skip
#: Whoever writes a name without a value wants the profile's, or what a car has by default.
DEFAULT = "default"
_LISTS = ("no_door", "no_sensor")
_ABOUT_FILES = ("format", "check")


@dataclass(frozen=True, slots=True)
class Choice:
    """`changes`: what differs from the profile of that name, and what the car has, by name."""

    profile: str
    changes: dict[str, Any] = field(default_factory=dict)


def profiles() -> list[str]:
    """The profiles that there are."""
    return sorted(path.stem for path in PROFILES.glob("*.json"))


@cache
def _file(name: str) -> dict[str, Any]:
    if name not in profiles():
        raise TermsError(f"profile {name}: there is none; choose one of {', '.join(profiles())}")
    found: dict[str, Any] = json.loads((PROFILES / f"{name}.json").read_text(encoding="utf-8"))
    terms.load_terms(found)
    return found


def _profile(name: str) -> dict[str, Any]:
    return {name: value for name, value in _file(name).items() if name not in _ABOUT_FILES}


def values(choice: Choice) -> dict[str, Any]:
    """Every value by its name; settings only where they were given."""
    return _profile(choice.profile) | choice.changes


def record(choice: Choice) -> bytes:
    """For the car; TermsError says which value cannot be, why, and what to do."""
    found = values(choice)
    for name in found:
        if name not in _profile(choice.profile) and name not in SETTINGS:
            known = sorted({*_profile(choice.profile), *SETTINGS})
            raise TermsError(f"{name}: unknown; remove it (known: {', '.join(known)})")
    settings = {name: choice.changes[name] for name in SETTINGS if name in choice.changes}
    raw = {name: found[name] for name in _profile(choice.profile)}
    loaded = terms.load_terms({**raw, "format": _file(choice.profile)["format"]})
    return terms.pack_record(loaded, terms.load_settings(settings, loaded))


def files(choice: Choice) -> tuple[dict[str, Any], dict[str, Any]]:
    """(terms, settings) as the files of a box have them; TermsError as `record`."""
    record(choice)
    found, own = values(choice), _profile(choice.profile)
    raw = {name: found[name] for name in own}
    settings = {name: value for name, value in choice.changes.items() if name not in own}
    return {**raw, "format": _file(choice.profile)["format"]}, settings


def changed(choice: Choice, profile: str | None, changes: dict[str, Any]) -> Choice:
    """Another profile, other values; what is DEFAULT is changed no more."""
    found = {**choice.changes, **changes}
    kept = {name: value for name, value in found.items() if value != DEFAULT}
    return Choice(profile or choice.profile, kept)


def choice_of(profile: str, raw: dict[str, Any], settings: dict[str, Any]) -> Choice:
    """What a box with these files goes by: `raw` as a profile's file, `settings` as a car's."""
    own = _profile(profile)
    changes = {name: raw[name] for name in own if name in raw and raw[name] != own[name]}
    given = {name: value for name, value in settings.items() if name not in _ABOUT_FILES}
    return Choice(profile, changes | given)


def parse(name: str, text: str) -> Any:
    """A value as people write it: true, 60, voice, or for a list: lights,window."""
    if text == DEFAULT:
        return DEFAULT
    if name in _LISTS:
        return [one for one in text.split(",") if one]
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdecimal() else text


def rules_with(rules: Rules, choice: Choice) -> Rules:
    """The fleet's rules, with what this car's terms say of the same things."""
    found = values(choice)
    return replace(
        rules,
        start_early_s=found["start_early_s"],
        reopen_window_s=found["reopen_window_s"],
        enrol_s=found["enrol_s"],
        has_reunlock=found["reunlock"],
        has_enrolment=found["enrolment"],
    )
