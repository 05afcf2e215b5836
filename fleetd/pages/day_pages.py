"""Cars, the free quarter hours of a day, and a new booking."""

from __future__ import annotations

from typing import Any

from fleetd.api import booking_calls
from fleetd.api.answers import Wrong
from fleetd.core.days import DAY_S, add_months
from fleetd.core.refused import Refused
from fleetd.pages import telling
from fleetd.pages.forms import new_key
from fleetd.pages.rendering import GoTo, Page
from fleetd.pages.visit import Visit

_HOUR_S = 3600


def cars(visit: Visit) -> Page | GoTo:
    found = visit.ask(booking_calls.cars)["cars"]
    refusal = None if visit.is_driver() else telling.problem(visit, "member_cannot_book")
    values = {"cars": found, "problem": refusal}
    return Page("cars.html", visit.words.text("page", "cars_title"), values)


def day(visit: Visit) -> Page | GoTo:
    times = visit.times
    car = visit.path["car"]
    name = _car_name(visit)
    chosen = visit.query.get("day", "")
    asked_s = times.read_day(chosen) if chosen else times.day_start(times.now_s)
    today_s = times.day_start(times.now_s)
    last_s = add_months(times.now_s, visit.fleet.rules.ahead_months, visit.fleet.rules.utc_offset_s)
    problem = None
    if asked_s is None:
        problem = telling.problem(visit, "bad_field")
    elif asked_s < today_s:
        problem = telling.problem(visit, "in_the_past")
    elif asked_s > last_s:
        problem = telling.problem(visit, "too_far")
    day_s = today_s if problem or asked_s is None else asked_s
    values = {
        "problem": problem,
        "car": car,
        "car_name": name,
        "days": [
            _tab(visit, name, at_s, day_s)
            for name, at_s in (("today", today_s), ("tomorrow", today_s + DAY_S))
        ],
        "day": times.day(day_s),
        "day_field": times.day_field(day_s),
        "first_day": times.day_field(today_s),
        "last_day": times.day_field(last_s),
        "rows": _rows(visit, car, day_s),
    }
    return Page("day.html", name, values, 422 if problem else 200)


def show_book(visit: Visit) -> Page | GoTo:
    return _book(visit)


def book(visit: Visit) -> Page | GoTo:
    body: dict[str, Any] = {"car": visit.path["car"]}
    for name, found in (("starts_s", visit.query), ("ends_s", visit.form)):
        value = _whole(found.get(name, ""))
        if value is not None:
            body[name] = value
    key = visit.key
    try:
        made = visit.ask(booking_calls.book, body=body, key=key)
    except (Wrong, Refused) as error:
        if error.code in ("not_logged_in", "password_must_change", "no_car"):
            raise
        return _book(visit, telling.refused(visit, error, body))
    return GoTo(f"/bookings/{made['id']}?done=book")


def _book(visit: Visit, problem: Any = None) -> Page:
    """The end is chosen here, among those that the car has room for."""
    times, rules = visit.times, visit.fleet.rules
    starts_s = _whole(visit.query.get("starts_s", ""))
    if starts_s is None:
        raise Wrong("bad_field")
    car = visit.path["car"]
    name = _car_name(visit)
    free = visit.fleet.free_times(
        visit.account(), car, starts_s, starts_s + rules.longest_s + rules.grid_s
    )
    latest_s = min(free[0][1], starts_s + rules.longest_s) if free and free[0][0] == starts_s else 0
    ends = [
        {"ends_s": ends_s, "end": times.clock(ends_s), "day": times.date(ends_s),
         "length": times.duration(ends_s - starts_s)}
        for ends_s in range(starts_s + rules.shortest_s, latest_s + 1, rules.grid_s)
    ]  # fmt: skip
    if not ends and problem is None:
        problem = telling.problem(visit, "overlaps")
    values = {
        "problem": problem,
        "car": car,
        "car_name": name,
        "starts_s": starts_s,
        "start": times.clock(starts_s),
        "start_day": times.day(starts_s),
        "start_date": times.date(starts_s),
        "day_field": times.day_field(starts_s),
        "ends": ends,
        "chosen": _whole(visit.form.get("ends_s", "")) or starts_s + 4 * rules.grid_s,
        "free_until": times.duration(rules.cancel_free_until_s),
        "late_percent": rules.cancel_late_percent,
        "key": new_key(),
    }
    status = telling.status_of(problem["code"]) if problem else 200
    return Page("book.html", visit.words.text("page", "book_title"), values, status)


def _tab(visit: Visit, name: str, at_s: int, chosen_s: int) -> dict[str, Any]:
    return {
        "name": visit.words.text("times", f"{name}_alone"),
        "date": visit.times.date(at_s),
        "day": visit.times.day_field(at_s),
        "is_chosen": at_s == chosen_s,
    }


def _rows(visit: Visit, car: str, day_s: int) -> list[dict[str, Any]]:
    """Hours with a free quarter in them; between those what is taken, in one line each."""
    times, rules = visit.times, visit.fleet.rules
    account = visit.account()
    free = visit.fleet.free_times(account, car, day_s, day_s + DAY_S + rules.longest_s)
    starts = {
        at_s
        for starts_s, ends_s in free
        for at_s in range(starts_s, ends_s - rules.shortest_s + 1, rules.grid_s)
        if at_s < day_s + DAY_S
    }
    rows: list[dict[str, Any]] = []
    taken_from_s = None
    past_s = max(0, times.now_s - day_s) // _HOUR_S * _HOUR_S
    for hour_s in range(day_s + past_s, day_s + DAY_S, _HOUR_S):
        quarters = range(hour_s, hour_s + _HOUR_S, rules.grid_s)
        if starts.isdisjoint(quarters):
            taken_from_s = hour_s if taken_from_s is None else taken_from_s
            continue
        if taken_from_s is not None:
            rows.append({"taken": times.span(taken_from_s, hour_s)})
            taken_from_s = None
        cells = [{"at_s": at_s, "text": times.clock(at_s), "is_free": at_s in starts}
                 for at_s in quarters]  # fmt: skip
        rows.append({"taken": "", "cells": cells})
    if taken_from_s is not None:
        rows.append({"taken": f"{times.clock(taken_from_s)} –"})
    return rows


def _car_name(visit: Visit) -> str:
    """Refused for whoever cannot book, and for a car that is not there."""
    visit.fleet.driver_of(visit.token)
    name = telling.cars_by_id(visit).get(visit.path["car"])
    if name is None:
        raise Refused("no_car")
    return name


def _whole(text: str) -> int | None:
    """None for what is no time."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None
