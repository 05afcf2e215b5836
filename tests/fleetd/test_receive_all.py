"""Frames that come together are committed together, and each counts for itself."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import frames, kb1
from fleetd.store import event_rows, log_rows
from fleetd.store.database import Database
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar


def desk_with_car(folder: Path) -> tuple[Desk, ScriptedCar, list[bytes]]:
    desk = Desk(folder / "fleet.db")
    sent: list[bytes] = []
    car = ScriptedCar(CAR, desk.identity.key, sent.append, desk.clock)
    desk.fleet.connected(CAR)
    return desk, car, sent


def events_frame(car: ScriptedCar, first_seq: int, count: int) -> bytes:
    bodies = [bytes((30, 0, 0, 0, n, 1, 0, 0, 0, 0, 1)) for n in range(count)]
    return car.frame(kb1.EVENTS, kb1.pack_events(7, first_seq, bodies))


def kinds(desk: Desk, car: ScriptedCar) -> list[int]:
    key = frames.direction_key(bytes.fromhex(desk.identity.key), frames.DOWN)
    opened = [frames.open_frame((key,), bytes.fromhex(CAR), frame) for frame in desk.taken()]
    assert None not in opened
    return [one[0] for one in opened if one is not None]


def test_each_frame_of_a_batch_is_answered_after_one_commit(tmp_path: Path) -> None:
    desk, car, _ = desk_with_car(tmp_path)
    commits: list[str] = []
    desk.db.connection.set_trace_callback(commits.append)
    desk.fleet.receive_all([(CAR, events_frame(car, 1 + 8 * n, 8)) for n in range(6)])
    desk.db.connection.set_trace_callback(None)
    assert commits.count("COMMIT") == 1
    assert event_rows.count(desk.db) == 48
    assert kinds(desk, car) == [kb1.EACK] * 6


def test_a_senseless_frame_takes_nothing_with_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    desk, car, _ = desk_with_car(tmp_path)
    good = events_frame(car, 1, 3)
    senseless = car.frame(kb1.EVENTS, b"\0\0\0\7\0\0\0\4\2" + b"\1")  # it says two, and has none
    foreign = bytes(40)
    desk.fleet.receive_all([(CAR, senseless), (CAR, foreign), (CAR, good), (CAR, senseless)])
    assert event_rows.count(desk.db) == 3
    assert kinds(desk, car) == [kb1.EACK]
    assert desk.fleet.counts["frame_senseless"] == 2
    assert desk.fleet.counts["frame_not_signed"] == 1


@pytest.mark.parametrize("error", [KeyError("secret"), sqlite3.IntegrityError("secret")])
def test_a_bug_that_one_frame_brings_out_is_its_own_trouble(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    """The others of the batch are kept and answered; what is logged tells where, not what."""
    desk, car, _ = desk_with_car(tmp_path)
    genuine = event_rows.note_end

    def stumble(db: Database, car_id: str, journal: int, seq: int, *rest: Any) -> None:
        if seq == 6:
            raise error
        genuine(db, car_id, journal, seq, *rest)

    monkeypatch.setattr(event_rows, "note_end", stumble)
    good, bad = events_frame(car, 1, 3), events_frame(car, 4, 3)
    desk.fleet.receive_all([(CAR, good), (CAR, bad), (CAR, good), (CAR, bad), (CAR, bad)])
    assert event_rows.count(desk.db) == 3
    assert kinds(desk, car) == [kb1.EACK] * 2
    assert (desk.fleet.counts["frame_failed"], desk.fleet.counts["database_failed"]) == (3, 0)
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2, "the 1st and 2nd"
    assert type(error).__name__ in caplog.text
    assert "in stumble" in caplog.text
    assert "secret" not in "".join(record.getMessage() for record in caplog.records)


def test_a_hello_that_failed_was_not_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves by what was undone; the car is prompted, and what comes then is heard."""
    desk, car, _ = desk_with_car(tmp_path)
    asking = car.hello_frame(asking=True)

    def stumble(*_arguments: object) -> None:
        raise KeyError

    with monkeypatch.context() as patched:
        patched.setattr(log_rows, "records", stumble)
        desk.fleet.receive(CAR, asking)
    assert desk.fleet.counts["frame_failed"] == 1
    desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)
    assert desk.sent == []
    desk.fleet.tick()
    assert kinds(desk, car) == [kb1.TIME]
    desk.fleet.receive(CAR, asking)
    assert kinds(desk, car) == [kb1.SNAP]


@pytest.mark.parametrize("error", [sqlite3.DatabaseError, MemoryError])
def test_what_takes_the_transaction_with_it_is_no_single_frames_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """A damaged file; SQLite without memory has rolled back on its own."""
    desk, car, _ = desk_with_car(tmp_path)

    def fail(db: Database, *_arguments: object) -> None:
        if error is MemoryError:
            db.run("ROLLBACK")
        raise error("gone")

    monkeypatch.setattr(event_rows, "note_end", fail)
    batch = [(CAR, car.hello_frame()), (CAR, events_frame(car, 1, 3))]
    if error is MemoryError:
        with pytest.raises(MemoryError):
            desk.fleet.receive_all(batch)
    else:
        desk.fleet.receive_all(batch)
    assert desk.fleet.counts["frame_failed"] == 0
    assert desk.fleet.counts["database_failed"] == (error is sqlite3.DatabaseError)
    assert desk.sent == []
    assert event_rows.count(desk.db) == 0
    assert desk.car_row().boot == b""
    desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)
    assert desk.sent == [], "its HELLO was not heard"


def test_when_the_commit_fails_nothing_of_the_batch_is_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, car, _ = desk_with_car(tmp_path)

    def fail(*_arguments: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(event_rows, "note_end", fail)
        desk.fleet.receive_all([(CAR, car.hello_frame()), (CAR, events_frame(car, 1, 3))])
    assert desk.sent == []
    assert event_rows.count(desk.db) == 0
    assert desk.fleet.counts["database_failed"] == 1
    desk.fleet.receive_all([(CAR, events_frame(car, 1, 3))])
    assert kinds(desk, car) == [kb1.EACK]
    assert event_rows.count(desk.db) == 3
