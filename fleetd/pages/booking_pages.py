"""The next bookings, one booking, and its change, cancellation and extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleetd.api import booking_calls
from fleetd.api.answers import Answer, Wrong
from fleetd.api.calls import Asked
from fleetd.core.days import DAY_S
from fleetd.core.refused import Refused
from fleetd.pages import outcomes, telling
from fleetd.pages.forms import new_key
from fleetd.pages.rendering import GoTo, Page
from fleetd.pages.visit import Visit

UPCOMING = 3
#: How soon an open page asks for news.
FOLLOW_MS = 5000
_DONE = ("book", "change", "cancel", "extend", "password")


def upcoming(visit: Visit) -> Page | GoTo:
    more = visit.query.get("all") == "1"
    limit = booking_calls.UPCOMING_MAX if more else UPCOMING + 1
    found = visit.ask(booking_calls.upcoming, query={"limit": limit})["bookings"]
    shown = found if more else found[:UPCOMING]
    values = {
        "cards": [_card(visit, booking) for booking in shown],
        "has_more": len(found) > len(shown),
        "done": _done(visit),
        **_who(visit),
    }
    title = visit.words.text("page", "bookings_title")
    return Page("bookings.html", title, values, live="live/bookings.html", every_ms=FOLLOW_MS)


def one(visit: Visit) -> Page | GoTo:
    booking = visit.ask(booking_calls.see, path=visit.path)
    values = {
        "card": _card(visit, booking, is_whole=True),
        "done": _done(visit),
        **_who(visit),
    }
    title = visit.words.text("page", "booking_title", n=booking["id"])
    return Page("booking.html", title, values, live="live/booking.html", every_ms=FOLLOW_MS)


def show_cancel(visit: Visit) -> Page | GoTo:
    return _cancel(visit)


def cancel(visit: Visit) -> Page | GoTo:
    return _do(visit, "cancel", booking_calls.cancel, {}, _cancel)


def show_extend(visit: Visit) -> Page | GoTo:
    return _extend(visit)


def extend(visit: Visit) -> Page | GoTo:
    by_s = visit.form.get("by_s", "")
    body = {"by_s": int(by_s)} if by_s.isascii() and by_s.isdecimal() and len(by_s) < 10 else {}
    return _do(visit, "extend", booking_calls.extend, body, _extend)


def show_change(visit: Visit) -> Page | GoTo:
    return _change(visit)


def change(visit: Visit) -> Page | GoTo:
    body = {}
    for name in ("starts", "ends"):
        day_s = visit.times.read_day(visit.form.get(f"{name}_day", ""))
        clock_s = visit.times.read_clock(visit.form.get(f"{name}_clock", ""))
        if day_s is not None and clock_s is not None and day_s + clock_s >= 0:
            body[f"{name}_s"] = day_s + clock_s
    return _do(visit, "change", booking_calls.change, body, _change)


def _do(
    visit: Visit,
    verb: str,
    call: Callable[[Asked], Answer],
    body: dict[str, int],
    again: Callable[[Visit, Any], Page],
) -> Page | GoTo:
    """Make the call and go to the booking; or show the form again with what stands in the way."""
    key = visit.key
    try:
        visit.ask(call, path=visit.path, body=body, key=key)
    except (Wrong, Refused) as error:
        if error.code in ("not_logged_in", "password_must_change", "no_booking"):
            raise
        return again(visit, telling.refused(visit, error, body))
    return GoTo(f"/bookings/{visit.path['booking']}?done={verb}")


def _cancel(visit: Visit, problem: Any = None) -> Page:
    booking = visit.ask(booking_calls.see, path=visit.path)
    percent = booking["cancel_percent_now"]
    more = {
        "percent": percent,
        "free_until": visit.times.duration(visit.fleet.rules.cancel_free_until_s),
    }
    return _form(visit, "cancel", booking, problem, more)


def _extend(visit: Visit, problem: Any = None) -> Page:
    booking = visit.ask(booking_calls.see, path=visit.path)
    row = visit.fleet.booking(visit.account(), booking["id"])
    grid_s, times = visit.fleet.rules.grid_s, visit.times
    steps = [
        {
            "by_s": by_s,
            "end": times.clock_seen(booking["ends_s"] + by_s),
            "more": times.duration(by_s),
        }
        for by_s in range(grid_s, row["extend_s_max"] + grid_s, grid_s)
    ]
    more = {"steps": steps, "left": visit.fleet.rules.extensions_max - booking["extensions"]}
    return _form(visit, "extend", booking, problem, more)


def _change(visit: Visit, problem: Any = None) -> Page:
    booking = visit.ask(booking_calls.see, path=visit.path)
    times, rules = visit.times, visit.fleet.rules
    fields = {
        f"{name}_{part}": visit.form.get(f"{name}_{part}", write(booking[f"{name}_s"]))
        for name in ("starts", "ends")
        for part, write in (("day", times.day_field), ("clock", times.clock))
    }
    more = {
        "fields": fields,
        "clocks": [times.clock(times.day_start(times.now_s) + at_s)
                   for at_s in range(0, DAY_S, rules.grid_s)],
        "first_day": times.day_field(times.now_s),
        "free": _free(visit, booking),
        "left": rules.changes_max - booking["changes"],
    }  # fmt: skip
    return _form(visit, "change", booking, problem, more)


def _free(visit: Visit, booking: dict[str, Any]) -> list[str]:
    """When the car is free on the booking's day, as if the booking were not."""
    if not visit.is_driver():
        return []
    times = visit.times
    day_s = times.day_start(booking["starts_s"])
    found = visit.fleet.free_times(
        visit.account(), booking["car"], day_s, day_s + 2 * DAY_S, booking["id"]
    )
    return [f"{times.date(starts_s)} {times.span(starts_s, ends_s)}" for starts_s, ends_s in found]


def _form(
    visit: Visit, verb: str, booking: dict[str, Any], problem: Any, more: dict[str, Any]
) -> Page:
    """A page to confirm, or only to say why not."""
    operation = booking["operations"][verb]
    if not operation["possible"] and problem is None:
        problem = telling.problem(visit, operation["reason"])
    values = {
        "problem": problem,
        "verb": verb,
        "card": telling.card(visit, booking),
        "is_possible": operation["possible"],
        "key": new_key(),
        **more,
    }
    status = telling.status_of(problem["code"]) if problem and visit.form else 200
    return Page(f"{verb}.html", visit.words.text("buttons", verb), values, status)


def _who(visit: Visit) -> dict[str, Any]:
    """A member's ID sees bookings, and hears why there is no button."""
    found = telling.problem(visit, "member_cannot_book")
    return {
        "is_driver": visit.is_driver(),
        "member_reason": found["reason"],
        "member_remedy": found["remedy"],
    }


def _card(visit: Visit, booking: dict[str, Any], *, is_whole: bool = False) -> dict[str, Any]:
    """With what came of the last operation, whose page may have been left or never been (END-2)."""
    found = telling.card(visit, booking, is_whole=is_whole)
    warnings = [telling.problem(visit, one["code"]) for one in booking["warnings"]]
    return {**found, "last": outcomes.last(visit, booking), "warnings": warnings}


def _done(visit: Visit) -> str:
    """What was just done, for a line above."""
    done = visit.query.get("done", "")
    return visit.words.text("done", done) if done in _DONE else ""
