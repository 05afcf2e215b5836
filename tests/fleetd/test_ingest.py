"""What cars tell: each event once, confirmed after its commit, with what follows from it."""

import sqlite3
import struct
from typing import Any

import pytest

from firmware.wire import codes, kb1
from firmware.wire.journal_format import NO_IDENT, pack_refusal
from fleetd.core import audit
from fleetd.core.ledger import START, link
from fleetd.store import event_rows
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, exchange, settle, wire

START_S, END_S = NOW_S + HOUR_S, NOW_S + 2 * HOUR_S


def booked(desk: Desk, driver: str = "", start_h: int = 1) -> int:
    starts_s = NOW_S + start_h * HOUR_S
    number: int = desk.fleet.book(driver or desk.driver, CAR, starts_s, starts_s + HOUR_S)["id"]
    return number


def numbers(desk: Desk) -> list[int]:
    return [row["seq"] for row in event_rows.of_car(desk.db, CAR)]


def status(desk: Desk, booking: int) -> str:
    found: str = desk.fleet.booking("KAG00001", booking)["status"]
    return found


def drive(desk: Desk, car: ScriptedCar, booking: int) -> None:
    """From the unlock to the end, told at once."""
    car.happen(codes.AUDIT_UNLOCKED, booking, car.use_detail())
    desk.clock.now_s += 1800
    car.happen(codes.AUDIT_ENDED, booking, car.use_detail(odometer_m=13_000))
    car.tell()
    exchange(desk, car)


def test_events_are_stored_once_however_often_they_come(desk: Desk) -> None:
    """SAFE-5."""
    car = wire(desk)
    for _ in range(20):
        car.happen(codes.AUDIT_DOOR_OPENED, 0, b"\0")
    first = car.events_frame(1, 8)
    later = car.events_frame(9, 8)
    for frame in (later, first, first, later, later, first):
        desk.fleet.receive(CAR, frame)
    assert numbers(desk) == list(range(1, 17))
    bodies = [row["body"] for row in event_rows.of_car(desk.db, CAR)]
    assert bodies == car.events[:16]
    exchange(desk, car)
    assert car.acked == 16


@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 23])
def test_a_frame_of_any_length_is_kept_whole(desk: Desk, count: int) -> None:
    """SAFE-5: every column of every event, chained; unreadable ones among them."""
    car = wire(desk)
    for number in range(count):
        car.happen(codes.AUDIT_DOOR_OPENED + number % 2, number, bytes((number,)))
    car.events[0] = b"\x05"  # cut short
    car.events[-1] = car.events[-1][:5] + b"\2" + car.events[-1][6:]  # a clock of no kind
    desk.fleet.receive(CAR, car.events_frame(1, count))
    before = START
    for row, (seq, body) in zip(
        desk.db.rows("SELECT * FROM event ORDER BY seq"), enumerate(car.events, 1), strict=True
    ):
        event = audit.parse_event(body)
        before = link(before, bytes.fromhex(CAR), car.journal, seq, body)
        assert dict(row) == {
            "car": CAR, "journal": car.journal, "seq": seq, "code": event.code,
            "at_s": event.at_s, "clock_was_trusted": event.clock_was_trusted,
            "booking": event.booking, "body": body, "received_s": int(desk.clock.now_s),
            "hash": before,
        }  # fmt: skip
    assert event_rows.end_of_journal(desk.db, CAR, car.journal) == (count, 0, before)


class FailingDisk:
    """A connection whose commits fail, as on a disk that is full."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(sql, *values)


def test_nothing_is_confirmed_that_is_not_committed(desk: Desk) -> None:
    car = wire(desk)
    car.happen(codes.AUDIT_KEY_OUT)
    desk.db.run(
        "CREATE TRIGGER no_event BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    car.tell()
    assert desk.taken() == []
    assert desk.fleet.counts["frame_failed"] == 1
    desk.db.run("DROP TRIGGER no_event")
    sound = desk.db.connection
    desk.db.connection = FailingDisk(sound)  # type: ignore[assignment]
    car.tell()
    assert desk.taken() == []
    assert desk.fleet.counts["database_failed"] == 1
    desk.db.connection = sound
    car.tell()
    exchange(desk, car)
    assert car.acked == 1


def test_an_event_twice_is_an_error_of_the_database_itself(desk: Desk) -> None:
    """SAFE-5: (car, journal, number) is unique."""
    car = wire(desk)
    car.happen(codes.AUDIT_KEY_OUT)
    car.tell()
    with pytest.raises(sqlite3.IntegrityError):
        desk.db.run("INSERT INTO event SELECT * FROM event")


def test_a_gap_is_kept_as_what_is_missing(desk: Desk) -> None:
    """SAFE-5: what is lost is known to be lost."""
    car = wire(desk)
    for _ in range(12):
        car.happen(codes.AUDIT_KEY_OUT)
    desk.fleet.receive(CAR, car.events_frame(1, 3))
    car.events[9] = car.events[9][:0]
    car.happen(codes.AUDIT_GAP, 0, struct.pack(">I", 7))
    car.events[9] = car.events.pop()
    desk.fleet.receive(CAR, car.events_frame(10, 3))
    assert numbers(desk) == [1, 2, 3, 10, 11, 12]
    missing = desk.fleet.status()["cars"][0]["missing_events"]
    assert missing == [{"journal": car.journal, "first": 4, "last": 10, "why": "gap"}]
    exchange(desk, car)
    assert car.acked == 12


def test_what_another_database_confirmed_is_noted_as_lost(desk: Desk) -> None:
    """A restored database must not wait for ever for what the car has freed."""
    car = wire(desk)
    for _ in range(9):
        car.happen(codes.AUDIT_KEY_OUT)
    car.acked = 6
    for _ in range(60):
        car.tell()
        desk.clock.now_s += 2
    assert numbers(desk) == []
    car.tell()
    assert numbers(desk) == [7, 8, 9]
    assert desk.alarms() == ["events_lost"]
    missing = desk.fleet.status()["cars"][0]["missing_events"]
    assert missing == [{"journal": car.journal, "first": 1, "last": 6, "why": "lost"}]
    exchange(desk, car)
    assert car.acked == 9


def test_a_new_journal_begins_at_one_again(desk: Desk) -> None:
    car = wire(desk)
    car.happen(codes.AUDIT_KEY_OUT)
    car.tell()
    exchange(desk, car)
    car.journal, car.events, car.acked = 0x22, [], 0
    car.happen(codes.AUDIT_KEY_IN)
    car.tell()
    exchange(desk, car)
    assert car.acked == 1
    assert desk.alarms() == ["journal_replaced"]
    rows = event_rows.of_car(desk.db, CAR)
    assert [(row["journal"], row["seq"]) for row in rows] == [(0x11, 1), (0x22, 1)]


def test_a_day_of_one_booking(desk: Desk) -> None:
    number = booked(desk)
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.clock.now_s = START_S
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail(odometer_m=1000))
    car.tell()
    exchange(desk, car)
    assert status(desk, number) == "in_use"
    desk.clock.now_s = END_S - 600
    car.happen(codes.AUDIT_ENDED, number, car.use_detail(odometer_m=13_000))
    car.tell()
    exchange(desk, car)
    found = desk.fleet.booking(desk.driver, number)
    assert found["status"] == "ended"
    assert (found["started_s"], found["ended_s"]) == (START_S, END_S - 600)
    assert (found["start_odometer_m"], found["end_odometer_m"]) == (1000, 13_000)
    assert found["end_latitude_udeg"] == 35_700_000
    assert desk.mails()[-2:] == ["booking_made", "end_accepted"]
    settle(desk, car, 2)
    assert len(car.records) == 1  # still needed for the reopen window
    car.happen(codes.AUDIT_WINDOW_OVER, number, b"\0")
    car.tell()
    settle(desk, car, 2)
    assert status(desk, number) == "over"
    assert len(car.records) == 1  # its driver may come again and hear that it is over
    desk.clock.now_s = END_S
    settle(desk, car, 20)
    assert car.records == {}


def test_book_14_the_reopen_window_closes_by_the_cars_events(desk: Desk) -> None:
    """REOPEN-4: a reopen with a lock after it ends the wait at once."""
    number = booked(desk, start_h=0)
    car = wire(desk)
    desk.clock.now_s = NOW_S - 60
    drive(desk, car, number)
    now_s = int(desk.clock.now_s)
    running_s = now_s - now_s % 900
    with pytest.raises(Exception, match="no_room"):
        desk.fleet.book(desk.other, CAR, running_s, running_s + HOUR_S)
    car.happen(codes.AUDIT_REOPENED, number, b"\x01")
    car.happen(codes.AUDIT_REOPEN_LOCKED, number, b"\x01")
    car.tell()
    assert desk.fleet.book(desk.other, CAR, running_s, running_s + HOUR_S)["id"]


def test_start_10_a_start_closes_the_window_of_the_driver_before(desk: Desk) -> None:
    first, second = booked(desk, start_h=1), booked(desk, desk.other, 2)
    car = wire(desk)
    desk.clock.now_s = START_S
    drive(desk, car, first)
    car.happen(codes.AUDIT_UNLOCKED, second, car.use_detail(driver=2))
    car.tell()
    assert (status(desk, first), status(desk, second)) == ("over", "in_use")


def test_events_that_come_late_say_when_it_was(desk: Desk) -> None:
    number = booked(desk)
    car = wire(desk)
    desk.clock.now_s = START_S
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    desk.clock.now_s = START_S + 1800
    car.happen(codes.AUDIT_ENDED, number, car.use_detail())
    desk.clock.now_s = END_S + 5 * HOUR_S
    car.hello()
    exchange(desk, car)
    assert len(car.records) == 1  # past, but the car had not told everything
    car.tell()
    exchange(desk, car)
    found = desk.fleet.booking(desk.driver, number)
    assert (found["started_s"], found["ended_s"]) == (START_S, START_S + 1800)
    assert len(desk.fleet.events_of(number)) == 2


def test_a_cancelled_booking_that_an_offline_car_started(desk: Desk) -> None:
    number = booked(desk)
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.fleet.cancel(desk.driver, number)
    desk.clock.now_s = START_S
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.tell()
    assert status(desk, number) == "in_use"
    assert desk.alarms() == ["cancelled_booking_used"]


def test_book_15_the_next_driver_is_told_once(desk: Desk) -> None:
    late, following = booked(desk, start_h=1), booked(desk, desk.other, 2)
    car = wire(desk)
    desk.clock.now_s = START_S
    car.happen(codes.AUDIT_UNLOCKED, late, car.use_detail())
    car.tell()
    desk.clock.now_s = END_S - 1
    desk.fleet.tick()
    assert "delay_warning" not in desk.mails()
    refused = pack_refusal(codes.BY_CARD, NO_IDENT, [(codes.NOT_RETURNED, 0)])
    car.happen(codes.AUDIT_START_REFUSED, 0, refused)
    car.happen(codes.AUDIT_START_REFUSED, 0, refused)
    car.tell()
    desk.clock.now_s = END_S + 60
    desk.fleet.tick()
    warned = [mail for mail in desk.fleet.unsent_mails() if mail["name"] == "delay_warning"]
    assert [(mail["account"], mail["booking"]) for mail in warned] == [(desk.other, following)]


def test_book_15_a_delay_is_seen_without_a_touch(desk: Desk) -> None:
    late = booked(desk, start_h=1)
    booked(desk, desk.other, 2)
    car = wire(desk)
    desk.clock.now_s = START_S
    car.happen(codes.AUDIT_UNLOCKED, late, car.use_detail())
    car.tell()
    desk.clock.now_s = END_S
    desk.fleet.tick()
    assert desk.mails().count("delay_warning") == 1


def test_an_event_of_another_cars_booking_changes_nothing(desk: Desk) -> None:
    identity = desk.fleet.add_car("Suginami 2", "4b4700000002")
    number = booked(desk)
    other = ScriptedCar(
        identity.car,
        identity.key,
        lambda frame: desk.fleet.receive(identity.car, frame),
        desk.clock,
    )
    other.happen(codes.AUDIT_UNLOCKED, number, other.use_detail())
    other.tell()
    assert status(desk, number) == "booked"
    assert desk.fleet.counts["event_of_foreign_booking"] == 1
    assert len(event_rows.of_car(desk.db, identity.car)) == 1


def test_senseless_events_are_kept_and_confirmed(desk: Desk) -> None:
    car = wire(desk)
    car.events = [b"", b"\xff" * 200, b"\x15", struct.pack(">BIBI", 4, 2**32 - 1, 9, 2**32 - 1)]
    car.tell()
    exchange(desk, car)
    assert car.acked == 4
    body = kb1.pack_events(car.journal, 5, [b"abc"])
    desk.fleet.receive(CAR, car.frame(kb1.EVENTS, body[:-1]))
    assert desk.fleet.counts["frame_senseless"] == 1
    assert len(numbers(desk)) == 4
