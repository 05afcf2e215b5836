"""Frames that come together are committed together, and each counts for itself."""

import sqlite3
from pathlib import Path

import pytest

from firmware.wire import frames, kb1
from fleetd.store import event_rows
from tests.fleetd.rig import CAR, Desk, ScriptedCar


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
