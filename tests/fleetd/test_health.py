"""Alarms for what is late: each is raised once, tells since when, and ends with its cause."""

from typing import Any

import pytest

from firmware import storage_codes
from firmware.wire import codes
from fleetd.core.health import LEASE_S, SILENT_IDLE_S, SILENT_S, storage_words
from fleetd.store import notice_rows
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, exchange, wire

DAY_S = 24 * HOUR_S


def watch(desk: Desk, after_s: int = 0) -> list[str]:
    """The daemon has run all the time; the alarms after a while."""
    desk.fleet.tick()
    desk.clock.now_s += after_s
    desk.fleet.tick()
    desk.taken()
    return desk.alarms()


def details(desk: Desk) -> dict[str, str]:
    return {alarm["name"]: alarm["detail"] for alarm in desk.fleet.status()["alarms"]}


def heard(desk: Desk) -> Any:
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    return car


def test_a_car_that_nobody_needs_is_missed_after_a_day(desk: Desk) -> None:
    car = heard(desk)
    assert watch(desk, SILENT_IDLE_S - 10) == []
    assert watch(desk, 10) == ["car_silent"]
    assert details(desk) == {"car_silent": "last heard 24 h ago"}
    assert watch(desk, DAY_S) == ["car_silent"]
    car.hello()
    assert watch(desk, 10) == []


def test_a_car_that_is_needed_soon_is_missed_after_an_hour(desk: Desk) -> None:
    """With a booking within 12 hours, or a use that runs."""
    heard(desk)
    start_s = NOW_S + SILENT_S + 12 * HOUR_S
    desk.fleet.book(desk.driver, CAR, start_s, start_s + HOUR_S)
    assert watch(desk, SILENT_S - 10) == []
    assert watch(desk, 10) == ["car_silent"]
    assert details(desk) == {"car_silent": "last heard 60 min ago, needed soon"}


def test_a_booking_that_is_far_makes_no_hurry(desk: Desk) -> None:
    heard(desk)
    start_s = NOW_S + 3 * DAY_S
    desk.fleet.book(desk.driver, CAR, start_s, start_s + HOUR_S)
    assert watch(desk, 5 * HOUR_S) == []


@pytest.mark.parametrize("status", ["in_use", "reopened"])
def test_a_use_that_runs_makes_a_car_needed(desk: Desk, status: str) -> None:
    heard(desk)
    number = desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)["id"]
    desk.db.run("UPDATE booking SET status = ? WHERE id = ?", status, number)
    assert watch(desk, SILENT_S) == ["car_silent"]


def test_one_that_was_never_there_is_missed_when_somebody_wants_it(desk: Desk) -> None:
    assert watch(desk, 10 * DAY_S) == []
    now_s = int(desk.clock.now_s) // 900 * 900
    desk.fleet.book(desk.driver, CAR, now_s + 6 * HOUR_S, now_s + 7 * HOUR_S)
    assert watch(desk, 10) == ["car_silent"]
    assert details(desk) == {"car_silent": "never heard, needed soon"}


def test_a_daemon_that_was_down_gives_cars_time_to_come(desk: Desk) -> None:
    """Nobody is missed before somebody could listen for an hour; without a broker nobody can."""
    car = heard(desk)
    desk.clock.now_s += 3 * DAY_S
    desk.restart()
    assert watch(desk) == []
    desk.fleet.note_line("broker mqtt.example.org", "not connected yet")
    assert watch(desk, 2 * DAY_S) == []
    desk.fleet.note_line("broker mqtt.example.org", "")
    assert watch(desk, SILENT_S - 10) == []
    assert watch(desk, 10) == ["car_silent"]
    car.hello()
    assert watch(desk, 10) == []


def test_a_daemon_that_restarts_each_night_misses_cars_all_the_same(desk: Desk) -> None:
    """What a car's day is does not begin anew with the daemon's."""
    heard(desk)
    for _ in range(2):
        assert watch(desk, DAY_S // 2 - 10) == []
        desk.restart()
    assert watch(desk, SILENT_S - 10) == []
    assert watch(desk, 10) == ["car_silent"]
    assert details(desk) == {"car_silent": "last heard 24 h ago"}


def test_a_look_at_many_late_cars_reads_the_alarms_once(desk: Desk) -> None:
    """Else the look is quadratic: each car's question would go over every car's alarm."""
    for number in range(7):
        desk.fleet.add_car(f"Suginami {number + 2}", f"4b47000001{number:02d}")
    desk.db.run("UPDATE car SET heard_s = ?, revoked_s = ?", NOW_S, NOW_S)
    raised = watch(desk, LEASE_S)
    assert raised == ["car_silent"] * 8 + ["revocation_unconfirmed"] * 8
    asked: list[str] = []
    desk.db.connection.set_trace_callback(asked.append)
    desk.clock.now_s += 10
    desk.fleet.tick()
    desk.db.connection.set_trace_callback(None)
    about = [sql for sql in asked if "FROM alarm WHERE name" in sql]
    assert 0 < len(about) < 8, about
    for sql in about:
        plan = [row[3] for row in desk.db.rows(f"EXPLAIN QUERY PLAN {sql}")]
        assert not [step for step in plan if step.startswith("SCAN alarm")], (sql, plan)


def test_who_has_seen_to_it_is_not_told_again(desk: Desk) -> None:
    """Until the car was there once more."""
    car = heard(desk)
    assert watch(desk, DAY_S) == ["car_silent"]
    (alarm,) = desk.fleet.status()["alarms"]
    now_s = int(desk.clock.now_s)
    assert notice_rows.clear_alarm_by_hand(desk.db, alarm["id"], "Sato", "in the garage", now_s)
    assert not notice_rows.clear_alarm_by_hand(desk.db, alarm["id"], "Sato", "again", now_s)
    assert watch(desk, DAY_S) == []
    car.hello()
    assert watch(desk, DAY_S) == ["car_silent"]


def test_what_a_car_may_still_hold_after_the_lease(desk: Desk) -> None:
    """Protocol rule 7: past 72 h no card starts it, and somebody has to go there."""
    car = heard(desk)
    number = desk.fleet.book(desk.driver, CAR, NOW_S + 2 * HOUR_S, NOW_S + 3 * HOUR_S)["id"]
    exchange(desk, car)
    desk.fleet.cancel(desk.driver, number)
    desk.taken()
    assert "revocation_unconfirmed" not in watch(desk, LEASE_S - 10)
    assert desk.fleet.figures()["revocations_unconfirmed"][3600] == 1
    assert "revocation_unconfirmed" in watch(desk, 10)
    assert details(desk)["revocation_unconfirmed"] == "3 days ago"
    car.hello()
    exchange(desk, car)
    desk.clock.now_s += 5
    desk.fleet.tick()
    exchange(desk, car)
    assert watch(desk, 10) == []
    assert desk.fleet.figures()["revocation_s_max"] == 0


def test_a_storage_that_fails_is_told_in_words(desk: Desk) -> None:
    car = heard(desk)
    bits = storage_codes.WORN | storage_codes.OPENED_FAILED
    car.happen(codes.AUDIT_FAULT, detail=bytes((codes.FAULT_JOURNAL_FAILED, bits)))
    car.happen(codes.AUDIT_FAULT, detail=bytes((codes.FAULT_CACHE_FAILED, storage_codes.MENDED)))
    car.happen(codes.AUDIT_FAULT, detail=b"")
    car.tell()
    assert [(alarm["name"], alarm["detail"]) for alarm in desk.fleet.status()["alarms"]] == [
        ("storage_failed", "journal: cannot be read or written, sectors are worn out"),
        ("storage_failed", "copy of the bookings: wrong bits were set right"),
    ]


def test_a_battery_is_an_alarm_until_the_car_says_that_it_is_better(desk: Desk) -> None:
    """POWER-1: each level is told once, with its volts, however often the car finds it."""
    car = heard(desk)
    low, critical = codes.FAULT_BATTERY_LOW, codes.FAULT_BATTERY_CRITICAL

    def tell(code: int, fault: int, tenths: int) -> dict[str, str]:
        car.happen(code, detail=bytes((fault, tenths)))
        car.tell()
        return details(desk)

    assert tell(codes.AUDIT_FAULT, low, 121) == {"battery_low": "12.1 V"}
    assert tell(codes.AUDIT_FAULT, low, 120) == {"battery_low": "12.1 V"}
    assert tell(codes.AUDIT_FAULT, critical, 0) == {"battery_low": "12.1 V", "battery_critical": ""}
    assert tell(codes.AUDIT_FAULT_CLEARED, codes.FAULT_READER_SILENT, 0) != {}
    assert tell(codes.AUDIT_FAULT_CLEARED, critical, 128) == {"battery_low": "12.1 V"}
    assert tell(codes.AUDIT_FAULT_CLEARED, low, 128) == {}


def test_a_missing_antenna_is_an_alarm_until_the_car_says_that_it_is_there(desk: Desk) -> None:
    """The position's; without it a car that is looked for cannot say where it is (POS-1)."""
    car = heard(desk)
    fault = codes.FAULT_ANTENNA_MISSING

    def tell(code: int, antenna: int) -> dict[str, str]:
        car.happen(code, detail=bytes((fault, antenna)))
        car.tell()
        return details(desk)

    assert tell(codes.AUDIT_FAULT, codes.ANTENNA_OPEN) == {"antenna_missing": "not connected"}
    assert tell(codes.AUDIT_FAULT, codes.ANTENNA_OPEN) == {"antenna_missing": "not connected"}
    assert desk.fleet.figures()["alarms_open"] == {"antenna_missing": 1}
    assert tell(codes.AUDIT_FAULT_CLEARED, codes.ANTENNA_OK) == {}
    assert tell(codes.AUDIT_FAULT, codes.ANTENNA_SHORT) == {"antenna_missing": "shorted"}
    car.happen(codes.AUDIT_RESET, detail=b"\0")  # it looks anew, and tells again if it must
    car.tell()
    assert details(desk) == {}


def test_a_box_that_starts_anew_judges_its_battery_anew(desk: Desk) -> None:
    car = heard(desk)
    car.happen(codes.AUDIT_FAULT, detail=bytes((codes.FAULT_BATTERY_CRITICAL, 118)))
    car.tell()
    assert details(desk) == {"battery_critical": "11.8 V"}
    car.happen(codes.AUDIT_RESET, detail=b"\0")
    car.tell()
    assert details(desk) == {}


def test_a_storage_fault_that_ends_raises_nothing(desk: Desk) -> None:
    car = heard(desk)
    bits = bytes((codes.FAULT_JOURNAL_FAILED, storage_codes.WORN))
    car.happen(codes.AUDIT_FAULT_CLEARED, detail=bits)
    car.tell()
    assert details(desk) == {}


def test_every_bit_of_a_storage_fault_has_its_words() -> None:
    """docs/storage.md; a new one is no fault."""
    told = storage_codes.trouble_of(0xFF, True, 1, 1) | storage_codes.FULL
    for bit in (1 << number for number in range(8)):
        words = storage_words(codes.FAULT_JOURNAL_FAILED, bit)
        assert ("code" in words) == (not told & bit), bit


def test_a_booking_that_its_car_lacks_is_an_alarm_an_hour_before(desk: Desk) -> None:
    """Protocol rule 9."""
    desk.fleet.book(desk.driver, CAR, NOW_S + 2 * HOUR_S, NOW_S + 3 * HOUR_S)
    assert watch(desk, HOUR_S - 10) == []
    assert desk.fleet.figures()["bookings_not_in_car"] == {
        HOUR_S: 0, 6 * HOUR_S: 1, 24 * HOUR_S: 1, 72 * HOUR_S: 1,
    }  # fmt: skip
    assert watch(desk, 10) == ["booking_not_in_car", "car_silent"]
    assert desk.fleet.figures()["bookings_not_in_car"][HOUR_S] == 1


def test_figures_of_events_and_commands(desk: Desk) -> None:
    """The backlog is what a car has told of in its HELLO."""
    car = heard(desk)
    number = desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)["id"]
    exchange(desk, car)
    for _ in range(20):
        car.happen(codes.AUDIT_DOOR_OPENED)
    car.tell()
    exchange(desk, car)
    desk.clock.now_s += 1
    car.hello()
    desk.fleet.operate(desk.driver, number, "start", "k")
    found = desk.fleet.figures()
    assert (found["events_not_told"], found["events_not_told_max"]) == (12, 12)
    assert found["commands"] == {"start pending": 1}
    exchange(desk, car)
    assert desk.fleet.figures()["commands"] == {"start accepted": 1}
    desk.fleet.note_counts({"mqtt_connects": 3})
    counted = desk.fleet.status()["counted"]
    assert (counted["cars_connected"], counted["mqtt_connects"]) == (1, 3)
