"""Cars and their free times; bookings seen, made, changed, extended, cancelled."""

from __future__ import annotations

from typing import Any

from fleetd.api.answers import Answer, Wrong
from fleetd.api.calls import ACCOUNT, Asked, Call
from fleetd.api.command_shape import show_command
from fleetd.api.fields import Text, Whole, whole_of_digits
from fleetd.sentences import explain

UPCOMING_MAX = 50
FREE_TIMES_SPAN_S_MAX = 100 * 86400
_CAR_DIGITS = 12
_BOOKING_MAX = 0xFFFFFFFF

_STARTS = Whole("the beginning, Unix seconds on the operator's grid")
_ENDS = Whole("the end, likewise")
_TIMES = {"starts_s": _STARTS, "ends_s": _ENDS}
_TIME_CODES = (
    "in_the_past", "off_grid", "too_short", "too_long", "too_far", "overlaps", "gap",
    "driver_busy", "no_room", "licence_expired", "key_reused",
)  # fmt: skip


def cars(asked: Asked) -> Answer:
    return Answer(200, {"cars": asked.fleet.cars()})


def free_times(asked: Asked) -> Answer:
    from_s, to_s = asked.query["from_s"], asked.query["to_s"]
    if not from_s < to_s <= from_s + FREE_TIMES_SPAN_S_MAX:
        raise Wrong("bad_field", field="to_s", limit=FREE_TIMES_SPAN_S_MAX, unit="s",
                    value=to_s - from_s)  # fmt: skip
    found = asked.fleet.free_times(asked.account, asked.path["car"], from_s, to_s)
    times = [{"starts_s": starts_s, "ends_s": ends_s} for starts_s, ends_s in found]
    return Answer(200, {"car": asked.path["car"], "free": times})


def upcoming(asked: Asked) -> Answer:
    found = asked.fleet.upcoming(asked.account, asked.query["limit"])
    return Answer(200, {"bookings": [show_booking(row, asked.is_driver) for row in found]})


def see(asked: Asked) -> Answer:
    row = asked.fleet.booking(asked.account, booking_number(asked))
    return Answer(200, show_booking(row, asked.is_driver))


def receipt(asked: Asked) -> Answer:
    number = booking_number(asked)
    asked.fleet.booking(asked.account, number)
    return Answer(200, _receipt(asked.fleet.receipts(number)))


def book(asked: Asked) -> Answer:
    made = asked.fleet.book(
        asked.account, asked.body["car"], asked.body["starts_s"], asked.body["ends_s"], asked.key
    )
    found = _after(asked, made["id"])
    return Answer(201, found, {"Location": f"/v1/bookings/{made['id']}"})


def change(asked: Asked) -> Answer:
    number = booking_number(asked)
    starts_s, ends_s = asked.body["starts_s"], asked.body["ends_s"]
    asked.fleet.change(asked.account, number, starts_s, ends_s, asked.key)
    return Answer(200, _after(asked, number))


def cancel(asked: Asked) -> Answer:
    number = booking_number(asked)
    asked.fleet.cancel(asked.account, number, asked.key)
    return Answer(200, _after(asked, number))


def extend(asked: Asked) -> Answer:
    number = booking_number(asked)
    asked.fleet.extend(asked.account, number, asked.body["by_s"], asked.key)
    return Answer(200, _after(asked, number))


def booking_number(asked: Asked) -> int:
    """Of the path; what cannot be one is none."""
    number = whole_of_digits(asked.path["booking"])
    if number is None or number > _BOOKING_MAX:
        raise Wrong("no_booking")
    return number


def _after(asked: Asked, number: int) -> dict[str, Any]:
    return show_booking(asked.fleet.booking(asked.account, number), is_driver=True)


def show_booking(row: dict[str, Any], is_driver: bool) -> dict[str, Any]:
    """What the schema Booking says, of what the fleet keeps."""
    operations = {
        name: _operation(code if is_driver else "member_cannot_book", row)
        for name, code in sorted(row["objections"].items())
    }
    shown = (
        "id", "car", "driver", "state", "starts_s", "ends_s", "made_s", "changes", "extensions",
        "started_s", "ended_s", "cancelled_s", "cancel_percent", "cancel_percent_now",
    )  # fmt: skip
    return {
        **{name: row[name] for name in shown},
        "reopen_until_s": row["window_until_s"] if row["state"] == "reopen_possible" else None,
        "locked_itself": row["locked_itself"],
        "warnings": [{"code": code, "sentence": explain(code)} for code in row["warnings"]],
        "receipt": _receipt(row["receipt"]),
        "last_command": row["last_command"] and show_command(row["last_command"]),
        "operations": operations,
    }


def _operation(code: str, row: dict[str, Any]) -> dict[str, Any]:
    if not code:
        return {"possible": True}
    found = {"possible": False, "reason": code, "sentence": explain(code)}
    if code == "too_early":
        found["possible_from_s"] = row["start_from_s"]
    return found


def _receipt(found: dict[str, Any]) -> dict[str, Any]:
    return {"state": found["state"], "in_car_since_s": found["in_car_since_s"]}


CALLS = (
    Call("GET", "/v1/cars", cars, "All cars", "Cars", needs=ACCOUNT),
    Call(
        "GET", "/v1/cars/{car}/free-times", free_times, "When this driver could book the car",
        "FreeTimes", codes=("no_car", "car_blocked"),
        query={"from_s": Whole("Unix seconds"), "to_s": Whole("Unix seconds, 100 days at most")},
    ),
    Call(
        "GET", "/v1/bookings", upcoming,
        "The next bookings: in use, to come, or still to be reopened; by their start", "Bookings",
        needs=ACCOUNT, query={"limit": Whole("so many at most", 1, UPCOMING_MAX, default=3)},
    ),
    Call(
        "POST", "/v1/bookings", book, "Book a car", "Booking", status=201, needs_key=True,
        body={"car": Text("12 hex digits", _CAR_DIGITS), **_TIMES},
        codes=("no_car", "car_blocked", "too_many", *_TIME_CODES),
    ),
    Call(
        "GET", "/v1/bookings/{booking}", see, "One booking, an old one too", "Booking",
        needs=ACCOUNT, codes=("no_booking",),
    ),
    Call(
        "GET", "/v1/bookings/{booking}/receipt", receipt,
        "Whether the car has the booking, and since when", "Receipt", needs=ACCOUNT,
        codes=("no_booking",),
    ),
    Call(
        "POST", "/v1/bookings/{booking}/change", change, "Other times", "Booking",
        needs_key=True, body=_TIMES,
        codes=("no_booking", "car_blocked", "change_too_late", "changes_used", *_TIME_CODES),
    ),
    Call(
        "POST", "/v1/bookings/{booking}/cancel", cancel, "Give it back", "Booking",
        needs_key=True, codes=("no_booking", "change_too_late", "key_reused"),
    ),
    Call(
        "POST", "/v1/bookings/{booking}/extend", extend, "A later end, while in use", "Booking",
        needs_key=True, body={"by_s": Whole("seconds more, on the grid", 1, 31 * 86400)},
        codes=("no_booking", "not_started", "booking_over", "extensions_used", "off_grid",
               "no_room", "driver_busy", "licence_expired", "key_reused"),
    ),
)  # fmt: skip
