"""Answers and refusals, with their HTTP status. A refusal is a code, a sentence, and the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fleetd.core import passwords
from fleetd.core.rules import Rules
from fleetd.sentences import explain


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` None: no content."""

    status: int
    body: dict[str, Any] | None
    headers: dict[str, str] = field(default_factory=dict)


#: Everything else is a conflict with how things stand: 409.
STATUS_OF = {
    "bad_field": 400,
    "bad_json": 400,
    "bad_key": 400,
    "not_logged_in": 401,
    "wrong_login": 401,
    "member_cannot_book": 403,
    "password_must_change": 403,
    "no_booking": 404,
    "no_car": 404,
    "no_command": 404,
    "no_path": 404,
    "wrong_method": 405,
    "too_slow": 408,
    "too_large": 413,
    "not_json": 415,
    "in_the_past": 422,
    "off_grid": 422,
    "password_too_long": 422,
    "password_too_short": 422,
    "password_unchanged": 422,
    "too_far": 422,
    "too_long": 422,
    "too_short": 422,
    "too_many_tries": 429,
    "internal": 500,
    "database_busy": 503,
    "overloaded": 503,
}
CONFLICT = 409

Limit = tuple[int, str]
_LIMITS: dict[str, Callable[[Rules], Limit]] = {
    "off_grid": lambda rules: (rules.grid_s, "s"),
    "too_short": lambda rules: (rules.shortest_s, "s"),
    "too_long": lambda rules: (rules.longest_s, "s"),
    "too_far": lambda rules: (rules.ahead_months, "months"),
    "too_many": lambda rules: (rules.open_max, "bookings"),
    "gap": lambda rules: (rules.gap_s, "s"),
    "changes_used": lambda rules: (rules.changes_max, "changes"),
    "change_too_late": lambda rules: (rules.change_until_s, "s"),
    "extensions_used": lambda rules: (rules.extensions_max, "extensions"),
    "password_too_short": lambda _: (passwords.PASSWORD_CHARACTERS_MIN, "characters"),
    "password_too_long": lambda _: (passwords.PASSWORD_CHARACTERS_MAX, "characters"),
}
UNITS = ("s", "months", "bookings", "changes", "extensions", "characters", "bytes")


class Wrong(Exception):  # noqa: N818 - it is an answer, not an error
    """A request that cannot be carried out as it is; `details` goes into the answer."""

    def __init__(
        self, code: str, headers: dict[str, str] | None = None, **details: int | str
    ) -> None:
        super().__init__(code)
        self.code = code
        self.headers = headers or {}
        self.details = details


def refusal(code: str, headers: dict[str, str] | None = None, **details: int | str) -> Answer:
    """The one form of all that is not done."""
    status = STATUS_OF.get(code, CONFLICT)
    found = dict(headers or {})
    if status == STATUS_OF["not_logged_in"]:
        found["WWW-Authenticate"] = 'Bearer realm="fleetd"'
    return Answer(status, {"error": code, "sentence": explain(code), **details}, found)


def refusal_by_rules(code: str, rules: Rules, asked: dict[str, Any]) -> Answer:
    """A refusal of the fleet, with the limit of the operator's terms and the value that met it."""
    details: dict[str, int | str] = {}
    if code in _LIMITS:
        details["limit"], details["unit"] = _LIMITS[code](rules)
    value = _value(code, asked)
    if value is not None:
        details["value"] = value
    # After a restart only the fleet remembers the wrong tries.
    waits = {"Retry-After": str(passwords.WAIT_S)} if code == "too_many_tries" else None
    return refusal(code, waits, **details)


def _value(code: str, asked: dict[str, Any]) -> int | None:
    if code in ("too_short", "too_long") and "starts_s" in asked:
        return int(asked["ends_s"] - asked["starts_s"])
    if code in ("password_too_short", "password_too_long"):
        return len(asked["new"])
    return int(asked["by_s"]) if code == "off_grid" and "by_s" in asked else None
