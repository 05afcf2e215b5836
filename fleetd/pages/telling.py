"""Bookings, refusals and the answers of cars, as a page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetd.api.answers import STATUS_OF, Wrong, refusal_by_rules
from fleetd.core import outlook
from fleetd.core.refused import Refused
from fleetd.pages.rendering import Page
from fleetd.pages.visit import Visit

#: What a driver may want in each state; the first that is possible is the large button.
WANTED = {
    outlook.BOOKED: ("start", "change", "cancel"),
    outlook.WAITING_TO_START: ("start", "change", "cancel", "enrol"),
    outlook.IN_USE: ("end", "extend", "reunlock", "enrol"),
    outlook.REOPEN_POSSIBLE: ("reopen",),
    outlook.REOPENED: ("lock",),
}
#: The same where the car has locked itself.
_WANTED_WHEN_LOCKED = ("reunlock", "end", "extend", "enrol")
ALL = ("start", "change", "cancel", "end", "extend", "reunlock", "reopen", "lock", "enrol")
#: Refusals of conflict, where no other status is known.
_CONFLICT = 409
_FORBIDDEN = 403


def status_of(code: str) -> int:
    """The HTTP status of a page that says no."""
    return _FORBIDDEN if code == "bad_form" else STATUS_OF.get(code, _CONFLICT)


def problem(
    visit: Visit, code: str, details: Mapping[str, Any] | None = None, setting: str = ""
) -> dict[str, str]:
    """What stands in the way, what to do (on the car's `setting`), and the limit that was met."""
    words = visit.words
    limit = ""
    if details and "limit" in details and words.has("limits", details.get("unit", "")):
        unit, bound = details["unit"], details["limit"]
        said = visit.times.duration(bound) if unit == "s" else str(bound)
        limit = words.text("limits", unit, n=said)
    return {
        "code": code,
        "reason": words.reason(code),
        "remedy": words.remedy(code, visit.fleet.profile, setting=setting),
        "limit": limit,
    }


def refused(visit: Visit, error: Wrong | Refused, asked: Mapping[str, Any]) -> dict[str, str]:
    """The same of what a call said."""
    if isinstance(error, Wrong):
        return problem(visit, error.code, error.details)
    body = refusal_by_rules(error.code, visit.fleet.rules, dict(asked)).body
    return problem(visit, error.code, body)


def error(visit: Visit, code: str) -> Page:
    """A page that only says no."""
    title = visit.words.text("page", "error_title")
    values = {"problem": problem(visit, code), "again": code == "bad_form"}
    return Page("error.html", title, values, status_of(code))


def cars_by_id(visit: Visit) -> dict[str, str]:
    """Their names."""
    return visit.fleet.car_names()


def card(visit: Visit, booking: Mapping[str, Any], *, is_whole: bool = False) -> dict[str, Any]:
    """A booking as the API shows it, in words; `is_whole`: with what nobody would look for."""
    times, words = visit.times, visit.words
    locked = booking["locked_itself"]
    wanted = _WANTED_WHEN_LOCKED if locked else WANTED.get(booking["state"], ())
    others = tuple(verb for verb in ALL if verb not in wanted) if is_whole else ()
    operations = booking["operations"]
    buttons = [
        {"verb": verb, "text": words.text("buttons", verb),
         "href": f"/bookings/{booking['id']}/{verb}"}
        for verb in (*wanted, *others)
        if operations[verb]["possible"]
    ]  # fmt: skip
    return {
        "id": booking["id"],
        "car": cars_by_id(visit).get(booking["car"], booking["car"]),
        "driver": booking["driver"],
        "state": booking["state"],
        "state_name": words.text("states", booking["state"]),
        "day": times.day(booking["starts_s"]),
        "span": times.span(booking["starts_s"], booking["ends_s"]),
        "buttons": buttons,
        "missing": _missing(visit, wanted, operations),
        "others": _missing(visit, others, operations),
        "note": _note(visit, booking),
        "last": None,
        "warnings": [],
        "trouble": problem(visit, locked) if locked else None,
        "receipt": _receipt(visit, booking["receipt"]),
    }


def _missing(
    visit: Visit, wanted: tuple[str, ...], operations: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Why there is no button. What the terms do not have at all is not spoken of."""
    codes = {verb: operations[verb].get("reason", "") for verb in wanted}
    if "member_cannot_book" in codes.values():
        return []  # said once for the whole page
    return [
        {
            "text": visit.words.text("buttons", verb),
            "why": possible_from(visit, operations[verb]) or visit.words.reason(code),
        }
        for verb, code in codes.items()
        if code and code != "not_allowed_in_profile"
    ]


def possible_from(visit: Visit, found: Mapping[str, Any]) -> str:
    """From when it is possible, where that is known."""
    if "possible_from_s" not in found:
        return ""
    at = visit.times.clock_seen(found["possible_from_s"])
    return visit.words.remedy("too_early", at=at)


def _note(visit: Visit, booking: Mapping[str, Any]) -> str:
    if booking["state"] == outlook.REOPEN_POSSIBLE:
        until = visit.times.clock_seen(booking["reopen_until_s"])
        return visit.words.text("page", "reopen_until", at=until)
    if booking["state"] == outlook.REOPENED:
        return visit.words.text("page", "lock_again")
    if booking["state"] == outlook.CANCELLED and booking["cancel_percent"]:
        return visit.words.text("page", "cancelled_fee", n=booking["cancel_percent"])
    return ""


def _receipt(visit: Visit, receipt: Mapping[str, Any]) -> dict[str, str] | None:
    """Whether the car has the booking; None when it need not."""
    state = receipt["state"]
    if state == "not_needed":
        return None
    since_s = receipt["in_car_since_s"]
    at = visit.times.clock_seen(since_s) if since_s else ""
    return {"state": state, "text": visit.words.text("receipts", state, at=at)}
