"""Bookings over HTTP: made, seen, changed, extended, cancelled, and refused with status and limit."""

from typing import Any

import pytest

from firmware.wire import codes
from tests.fleetd.api.phone import Phone, Reply, phone_of
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, exchange, settle, wire

TWO = NOW_S + 2 * HOUR_S
FOUR = NOW_S + 4 * HOUR_S


def book(phone: Phone, starts_s: int = TWO, ends_s: int = FOUR, key: str = "book-1") -> Reply:
    return phone.post("/v1/bookings", key, car=CAR, starts_s=starts_s, ends_s=ends_s)


def start(desk: Desk, car: ScriptedCar, booking: int) -> None:
    car.happen(codes.AUDIT_UNLOCKED, booking, car.use_detail())
    car.tell()
    exchange(desk, car)


def possible(booking: dict[str, Any]) -> set[str]:
    return {name for name, one in booking["operations"].items() if one["possible"]}


def reason(booking: dict[str, Any], name: str) -> str:
    return str(booking["operations"][name]["reason"])


def test_a_booking_is_made_and_seen(desk: Desk) -> None:
    phone = phone_of(desk)
    assert phone.get("/v1/cars").body == {"cars": [{"car": CAR, "name": "Suginami 1"}]}
    made = book(phone)
    assert made.status == 201
    assert made.headers["location"] == f"/v1/bookings/{made.body['id']}"
    assert made.body["state"] == "booked"
    assert made.body["receipt"] == {"state": "on_its_way", "in_car_since_s": None}
    assert possible(made.body) == {"change", "cancel"}
    too_early = made.body["operations"]["start"]
    assert (too_early["reason"], too_early["possible_from_s"]) == ("too_early", TWO - 14 * 60)
    assert phone.get(made.headers["location"]).body == made.body
    assert phone.get("/v1/bookings").body == {"bookings": [made.body]}
    assert desk.mails().count("booking_made") == 1


def test_the_next_ones_come_first_and_only_so_many(desk: Desk) -> None:
    phone = phone_of(desk)
    for number in (3, 1, 2, 0):
        book(phone, TWO + number * HOUR_S, TWO + (number + 1) * HOUR_S, f"key-{number}")
    found = phone.get("/v1/bookings").body["bookings"]
    assert [one["starts_s"] for one in found] == [TWO, TWO + HOUR_S, TWO + 2 * HOUR_S]
    assert len(phone.get("/v1/bookings?limit=50").body["bookings"]) == 4
    desk.clock.now_s = TWO + HOUR_S
    found = phone.get("/v1/bookings").body["bookings"]
    assert found[0]["starts_s"] == TWO + HOUR_S  # the first one's time is over


def test_the_same_key_books_once(desk: Desk) -> None:
    phone = phone_of(desk)
    first, again = book(phone), book(phone)
    assert (again.status, again.body) == (201, first.body)
    assert book(phone, FOUR, FOUR + HOUR_S).error == (409, "key_reused")
    assert len(phone.get("/v1/bookings?limit=50").body["bookings"]) == 1
    assert desk.mails().count("booking_made") == 1
    # Keys are the driver's own.
    assert book(phone_of(desk, desk.other), FOUR, FOUR + HOUR_S).status == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 81, "tab\there"])
def test_a_change_needs_a_key(desk: Desk, key: str) -> None:
    phone = phone_of(desk)
    reply = phone.ask("POST", "/v1/bookings", b"{}", idempotency_key=key)
    assert reply.error == (400, "bad_key")


@pytest.mark.parametrize(
    ("starts_s", "ends_s", "status", "code", "limit", "value"),
    [
        (TWO + 1, FOUR, 422, "off_grid", 900, None),
        (TWO, TWO + 900, 422, "too_short", 1800, 900),
        (TWO, TWO + 73 * HOUR_S, 422, "too_long", 72 * HOUR_S, 73 * HOUR_S),
        (FOUR, TWO, 422, "too_short", 1800, -2 * HOUR_S),
        (NOW_S - HOUR_S, TWO, 422, "in_the_past", None, None),
        (NOW_S + 100 * 86400, NOW_S + 100 * 86400 + HOUR_S, 422, "too_far", 3, None),
    ],
)
def test_a_booking_against_the_rules_gets_its_limit(
    desk: Desk, starts_s: int, ends_s: int, status: int, code: str, limit: int | None,
    value: int | None,
) -> None:  # fmt: skip
    """BOOK-1, BOOK-2, BOOK-3."""
    phone = phone_of(desk)
    reply = book(phone, starts_s, ends_s)
    assert reply.error == (status, code)
    assert (reply.body.get("limit"), reply.body.get("value")) == (limit, value)
    assert phone.get("/v1/bookings").body == {"bookings": []}


def test_a_booking_in_anothers_way_is_a_conflict(desk: Desk) -> None:
    """BOOK-5 and overlaps."""
    phone, other = phone_of(desk), phone_of(desk, desk.other)
    book(phone)
    assert book(other).error == (409, "overlaps")
    second = desk.fleet.add_car("Suginami 2").car
    reply = phone.post("/v1/bookings", "k2", car=second, starts_s=TWO, ends_s=FOUR)
    assert reply.error == (409, "driver_busy")
    reply = phone.post("/v1/bookings", "k3", car="0" * 12, starts_s=TWO, ends_s=FOUR)
    assert reply.error == (404, "no_car")


def test_somebody_elses_booking_is_none(desk: Desk) -> None:
    made = book(phone_of(desk)).body["id"]
    other = phone_of(desk, desk.other)
    here = f"/v1/bookings/{made}"
    for reply in (
        other.get(here),
        other.get(f"{here}/receipt"),
        other.post(f"{here}/change", "k", starts_s=TWO, ends_s=FOUR),
        other.post(f"{here}/cancel", "k"),
        other.post(f"{here}/extend", "k", by_s=900),
        other.post(f"{here}/commands", "k", verb="start"),
    ):
        assert reply.error == (404, "no_booking")
        assert reply.body == other.get("/v1/bookings/4711").body


@pytest.mark.parametrize("number", ["0", "-1", "x", "4294967296", "9" * 5000, "１", "1.0", "%31x"])
def test_a_number_that_is_none_is_no_booking(desk: Desk, number: str) -> None:
    assert phone_of(desk).get(f"/v1/bookings/{number}").error == (404, "no_booking")


def test_a_change_and_a_cancellation_are_carried_out_once(desk: Desk) -> None:
    """BOOK-7, BOOK-9."""
    phone = phone_of(desk)
    here = f"/v1/bookings/{book(phone).body['id']}"
    for _ in range(2):
        changed = phone.post(f"{here}/change", "change-1", starts_s=TWO + HOUR_S, ends_s=FOUR)
        assert (changed.status, changed.body["changes"]) == (200, 1)
        assert changed.body["starts_s"] == TWO + HOUR_S
    assert changed.body["cancel_percent_now"] == 0
    desk.clock.now_s = TWO + 30 * 60
    assert phone.get(here).body["cancel_percent_now"] == 50
    for _ in range(2):
        gone = phone.post(f"{here}/cancel", "cancel-1")
        assert (gone.body["state"], gone.body["cancel_percent"]) == ("cancelled", 50)
    assert possible(gone.body) == set()
    assert phone.post(f"{here}/cancel", "cancel-2").error == (409, "change_too_late")
    assert desk.mails().count("booking_cancelled") == 1
    assert phone.get("/v1/bookings").body == {"bookings": []}


def test_the_states_and_buttons_of_a_use(desk: Desk) -> None:
    """START-1, BOOK-12, REOPEN-1, REOPEN-3, and BOOK-8 by its button."""
    phone, car = phone_of(desk), wire(desk)
    number = book(phone).body["id"]
    here = f"/v1/bookings/{number}"
    assert phone.post(f"{here}/extend", "k0", by_s=900).error == (409, "not_started")
    desk.clock.now_s = TWO - 14 * 60
    waiting = phone.get(here).body
    assert (waiting["state"], possible(waiting)) == ("waiting_to_start", {"start", "cancel"})
    assert reason(waiting, "change") == "change_too_late"

    desk.fleet.connected(CAR)
    car.hello()
    settle(desk, car, 3)
    receipt = phone.get(f"{here}/receipt").body
    assert receipt["state"] == "in_car"
    assert TWO - 14 * 60 <= receipt["in_car_since_s"] <= desk.clock.now_s

    start(desk, car, number)
    in_use = phone.get(here).body
    assert (in_use["state"], possible(in_use)) == ("in_use", {"end", "extend"})
    assert reason(in_use, "reunlock") == "not_allowed_in_profile"
    assert reason(in_use, "start") == "already_started"
    for _ in range(2):
        longer = phone.post(f"{here}/extend", "extend-1", by_s=900)
        assert (longer.body["ends_s"], longer.body["extensions"]) == (FOUR + 900, 1)
    assert phone.post(f"{here}/extend", "k1", by_s=901).error == (422, "off_grid")

    car.happen(codes.AUDIT_ENDED, number, car.use_detail())
    car.tell()
    ended = phone.get(here).body
    assert (ended["state"], possible(ended)) == ("reopen_possible", {"reopen"})
    assert ended["reopen_until_s"] == ended["ended_s"] + 600
    car.happen(codes.AUDIT_REOPENED, number, b"")
    exchange(desk, car)
    car.tell()
    reopened = phone.get(here).body
    assert (reopened["state"], possible(reopened)) == ("reopened", {"lock"})
    exchange(desk, car)
    car.happen(codes.AUDIT_REOPEN_LOCKED, number, b"")
    car.tell()
    over = phone.get(here).body
    assert (over["state"], possible(over)) == ("over", set())
    assert reason(over, "reopen") == "reopen_over"


def test_free_times_are_those_that_can_be_booked(desk: Desk) -> None:
    phone, other = phone_of(desk), phone_of(desk, desk.other)
    book(other)
    found = phone.get(f"/v1/cars/{CAR}/free-times?from_s={NOW_S}&to_s={NOW_S + 6 * HOUR_S}").body
    assert found["free"] == [
        {"starts_s": NOW_S, "ends_s": TWO},
        {"starts_s": FOUR, "ends_s": NOW_S + 6 * HOUR_S},
    ]
    for number, free in enumerate(found["free"]):
        assert book(phone, free["starts_s"], free["ends_s"], f"k{number}").status == 201
    assert phone.get("/v1/cars/00/free-times?from_s=0&to_s=9").error == (404, "no_car")


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "from_s"), ("from_s=1", "to_s"), ("from_s=x&to_s=2", "from_s"),
     ("from_s=2&to_s=2", "to_s"), ("from_s=0&to_s=8640001", "to_s"), ("from_s=1&from_s=1", "from_s"),
     ("from_s=0&to_s=1&more=1", "more"), ("from_s=-1&to_s=1", "from_s"),
     ("from_s=0&to_s=" + "9" * 5000, "to_s")],
)  # fmt: skip
def test_a_wrong_query_names_the_field(desk: Desk, query: str, field: str) -> None:
    reply = phone_of(desk).get(f"/v1/cars/{CAR}/free-times?{query}")
    assert reply.error == (400, "bad_field")
    assert reply.body["field"] == field


def test_a_licence_that_is_over_takes_the_start_away(desk: Desk) -> None:
    driver, _ = desk.fleet.add_driver("KAG00001", "Aoki Mai", "m@example.org", "2026-04-01")
    phone = phone_of(desk, driver)
    desk.fleet.add_booking(driver, CAR, NOW_S, NOW_S + 48 * HOUR_S)
    (booking,) = phone.get("/v1/bookings").body["bookings"]
    assert booking["operations"]["start"] == {"possible": True}
    desk.clock.now_s = NOW_S + 15 * HOUR_S  # midnight: the second of April
    (booking,) = phone.get("/v1/bookings").body["bookings"]
    assert reason(booking, "start") == "licence_expired"
    refused = phone.post(f"/v1/bookings/{booking['id']}/commands", "k", verb="start")
    assert refused.error == (409, "licence_expired")
