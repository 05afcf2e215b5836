"""F28 at the daemon: started <= ended <= received + 300 s, whatever the car's clock says."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S, HEAD_BYTES, pack_event
from fleetd.core.bounds import within
from fleetd.store import event_rows
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, online

DAY_S = 24 * HOUR_S
START_S, END_S = NOW_S + HOUR_S, NOW_S + 2 * HOUR_S
LAST_S = EPOCH_2020_S + 0xFFFFFFFF


def booked(desk: Desk) -> int:
    number: int = desk.fleet.book(desk.driver, CAR, START_S, END_S)["id"]
    return number


def tell(
    desk: Desk, car: ScriptedCar, code: int, at_s: int, booking: int, *, trusted: int = 1
) -> None:
    detail = car.use_detail() if code in (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED) else b""
    car.events.append(pack_event(code, at_s - EPOCH_2020_S, trusted, booking, detail))
    desk.fleet.receive(CAR, car.events_frame(len(car.events), 1))


def use(desk: Desk, started_s: int, ended_s: int) -> dict[str, Any]:
    """Told at once, each when the booking begins and an hour later."""
    car, number = online(desk), booked(desk)
    desk.clock.now_s = START_S
    tell(desk, car, codes.AUDIT_UNLOCKED, started_s, number)
    desk.clock.now_s = END_S
    tell(desk, car, codes.AUDIT_ENDED, ended_s, number)
    return desk.fleet.booking(desk.driver, number)


@pytest.mark.parametrize(
    ("started_s", "ended_s", "believed"),
    [
        (START_S, START_S - 25 * HOUR_S, (START_S, START_S)),  # a day back, during the use
        (START_S, END_S + DAY_S, (START_S, END_S + 300)),
        (START_S + DAY_S, END_S + DAY_S, (START_S + 300, END_S + 300)),
        (START_S + DAY_S, EPOCH_2020_S, (START_S + 300, START_S + 300)),
        (EPOCH_2020_S, END_S, (NOW_S + 3 - 300, END_S)),  # before anybody booked it
        (LAST_S, LAST_S, (START_S + 300, END_S + 300)),
        (LAST_S, EPOCH_2020_S, (START_S + 300, START_S + 300)),
    ],
)
def test_no_negative_use_and_none_in_2156(
    desk: Desk, started_s: int, ended_s: int, believed: tuple[int, int]
) -> None:
    found = use(desk, started_s, ended_s)
    assert (found["started_s"], found["ended_s"]) == believed
    assert found["status"] == "ended"
    assert found["needs_review"] == 1
    changed = (started_s != believed[0]) + (ended_s != believed[1])
    assert desk.fleet.counts["event_time_bounded"] == changed
    assert desk.alarms() == ["time_not_believed"] * changed
    rows = [row["body"] for row in event_rows.of_car(desk.db, CAR)]
    raw = [struct.unpack(">BI", body[: HEAD_BYTES - 5])[1] + EPOCH_2020_S for body in rows]
    assert raw == [started_s, ended_s], "what the car said stays as it said it"


@pytest.mark.parametrize("ahead_s", [-200, -1, 0, 1, 300])
def test_a_clock_that_is_off_as_clocks_are_is_believed(desk: Desk, ahead_s: int) -> None:
    found = use(desk, START_S + ahead_s, END_S + ahead_s)
    assert (found["started_s"], found["ended_s"]) == (START_S + ahead_s, END_S + ahead_s)
    assert (found["needs_review"], desk.alarms()) == (0, [])


def test_what_comes_days_late_is_when_it_was(desk: Desk) -> None:
    car, number = online(desk), booked(desk)
    desk.clock.now_s = END_S + 9 * DAY_S
    for code, at_s in ((codes.AUDIT_UNLOCKED, START_S), (codes.AUDIT_ENDED, END_S)):
        tell(desk, car, code, at_s, number)
    found = desk.fleet.booking(desk.driver, number)
    assert (found["started_s"], found["ended_s"]) == (START_S, END_S)
    assert desk.fleet.counts["event_time_bounded"] == 0


def test_a_start_without_a_clock_and_an_end_with_one(desk: Desk) -> None:
    """Told late: nobody knows when the start was, so the use is for a person to look at."""
    car, number = online(desk), booked(desk)
    desk.clock.now_s = END_S + DAY_S
    tell(desk, car, codes.AUDIT_UNLOCKED, EPOCH_2020_S, number, trusted=0)
    tell(desk, car, codes.AUDIT_ENDED, END_S, number)
    found = desk.fleet.booking(desk.driver, number)
    assert found["started_s"] == found["ended_s"] == END_S + DAY_S
    assert found["needs_review"] == 1


def test_maintenance_has_begun_by_now(desk: Desk) -> None:
    car = online(desk)
    tell(desk, car, codes.AUDIT_TECHNICIAN_IN, LAST_S, 0)
    (row,) = desk.fleet.status()["cars"]
    assert row["in_maintenance_since_s"] == int(desk.clock.now_s)


def test_within() -> None:
    assert [within(at_s, 10, 20) for at_s in (9, 10, 15, 20, 21)] == [10, 10, 15, 20, 20]
    assert within(15, 30, 20) == 30, "no end before its start, even if our clock was set back"
