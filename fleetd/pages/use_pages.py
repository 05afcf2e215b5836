"""What the car is asked to do: a page to confirm it, and one that follows it to the answer."""

from __future__ import annotations

from typing import Any

from fleetd.api import booking_calls, command_calls
from fleetd.api.answers import Wrong
from fleetd.commands import EXPIRY_S, VERBS
from fleetd.core.outlook import RELOCKED
from fleetd.core.refused import Refused
from fleetd.pages import enrolling, outcomes, telling
from fleetd.pages.booking_pages import FOLLOW_MS
from fleetd.pages.forms import new_key
from fleetd.pages.rendering import GoTo, Page
from fleetd.pages.visit import Visit
from fleetd.store.command_rows import ACCEPTED, PENDING, UNKNOWN

#: An answer may still come so long after the command's end, and is waited for.
LATE_S = 600
#: After an accepted command its event follows; so long the page looks for it.
EVENT_S = 60
_REMINDERS_MAX = 5
#: How soon an open page asks again, by the phase; and how soon it is loaded anew without script.
_EVERY_MS = {"not_sent": 500, "asking": 500, "still": 1000, UNKNOWN: 3000}
_REFRESH_S = {PENDING: 2, UNKNOWN: 5}


def confirm(visit: Visit) -> Page | GoTo:
    return _confirm(visit)


def operate(visit: Visit) -> Page | GoTo:
    """The same form again: the same command."""
    verb = _verb(visit)
    key = visit.key
    path = {"booking": visit.path["booking"]}
    try:
        made = visit.ask(command_calls.operate, path=path, body={"verb": verb}, key=key)
    except (Wrong, Refused) as error:
        if error.code in ("not_logged_in", "password_must_change", "no_booking"):
            raise
        return _confirm(visit, telling.refused(visit, error, {}))
    return GoTo(f"/commands/{made['id']}")


def progress(visit: Visit) -> Page | GoTo:
    command = visit.ask(command_calls.see, path=visit.path)
    booking = visit.ask(booking_calls.see, path={"booking": str(command["booking"])})
    now_s = visit.times.now_s
    found = outcomes.told(visit, command, booking["car"])
    is_followed = not booking["operations"][command["verb"]]["possible"]
    status = command["status"]
    every_ms, refresh_s = _EVERY_MS.get(found["phase"], FOLLOW_MS), _REFRESH_S.get(status, 0)
    if status == UNKNOWN and now_s > command["expires_s"] + LATE_S:
        refresh_s = 0
    if status == ACCEPTED and not is_followed and now_s < command["expires_s"] + EVENT_S:
        every_ms, refresh_s = 1000, 2
    values: dict[str, Any] = {
        "way_out": _way_out(visit, command),
        "is_pending": status == PENDING,
        "bar": _bar(visit, command, now_s) if status == PENDING else None,
        "warnings": [telling.problem(visit, one["code"]) for one in command["warnings"]],
        "seen": _seen(visit, command),
        "card": telling.card(visit, booking),
        "is_driver": visit.is_driver(),
        **found,
    }
    if command["enrolment"]:
        every_ms, refresh_s = enrolling.pace(command["enrolment"], now_s)
    title = visit.words.text("buttons", command["verb"])
    say = " ".join([values["headline"], *(reason["reason"] for reason in values["reasons"])])
    return Page(
        "progress.html", title, values, live="live/progress.html",
        every_ms=every_ms, refresh_s=refresh_s, say=say,
    )  # fmt: skip


def _bar(visit: Visit, command: dict[str, Any], now_s: int) -> dict[str, Any]:
    """How long it may still take."""
    return {
        "label": visit.words.text("page", "waiting"),
        "hint": visit.words.text("page", "at_most", n=EXPIRY_S),
        "most_s": EXPIRY_S,
        "waited_s": min(max(0, now_s - command["made_s"]), EXPIRY_S),
    }


def _way_out(visit: Visit, command: dict[str, Any]) -> str:
    """START-6: what to do, on the operator's terms, should the car lock itself again."""
    if command["status"] != ACCEPTED or command["verb"] not in ("start", "reunlock"):
        return ""
    remedy = visit.words.remedy(RELOCKED, visit.fleet.profile)
    return visit.words.text("page", "if_it_locks", remedy=remedy)


def _verb(visit: Visit) -> str:
    verb = visit.path["verb"]
    if verb not in VERBS:
        raise Wrong("no_path")
    return verb


def _confirm(visit: Visit, problem: Any = None) -> Page:
    verb = _verb(visit)
    booking = visit.ask(booking_calls.see, path={"booking": visit.path["booking"]})
    operation = booking["operations"][verb]
    if not operation["possible"] and problem is None:
        problem = telling.problem(visit, operation["reason"])
    names = [f"{verb}_{number}" for number in range(1, _REMINDERS_MAX + 1)]
    values = {
        "problem": problem,
        "verb": verb,
        "question": visit.words.text("questions", verb),
        "reminders": [
            visit.words.text("reminders", name)
            for name in names
            if visit.words.has("reminders", name)
        ],
        "card": telling.card(visit, booking),
        "is_possible": operation["possible"],
        "from": telling.possible_from(visit, operation),
        "key": new_key(),
    }
    status = telling.status_of(problem["code"]) if problem and visit.form else 200
    return Page("confirm.html", visit.words.text("buttons", verb), values, status)


def _seen(visit: Visit, command: dict[str, Any]) -> list[dict[str, str]]:
    """What the car saw of its doors and its engine afterwards, if it has said."""
    return [
        {
            "what": visit.words.text("seen", what),
            "text": visit.words.text("seen", f"{what}_{found}"),
        }
        for what, found in (("locked", command["locked"]), ("blocked", command["blocked"]))
        if found is not None
    ]
