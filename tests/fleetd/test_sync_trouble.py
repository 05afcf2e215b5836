"""What must not disturb a car's copy: late and senseless frames, restored and cloned databases."""

import shutil
from pathlib import Path

from firmware.wire import kb1
from fleetd.store import log_rows
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, exchange, records_of, settle, wire

START_S, END_S = NOW_S + HOUR_S, NOW_S + 2 * HOUR_S


def test_a_hello_that_comes_late_changes_nothing(desk: Desk) -> None:
    car = wire(desk)
    old = car.hello_frame()
    desk.clock.now_s += 5
    number = desk.fleet.book(desk.driver, CAR, START_S, END_S)["id"]
    car.hello()
    exchange(desk, car)
    desk.fleet.receive(CAR, old)
    assert desk.taken() == []
    car.boot_anew()
    car.hello()
    exchange(desk, car)
    desk.fleet.receive(CAR, old)  # of a boot that is over
    assert desk.fleet.receipts(number)["state"] == "in_car"
    assert desk.car_row().boot == car.boot
    assert desk.fleet.counts["hello_stale"] == 2


def test_a_replayed_hello_does_not_silence_the_car(desk: Desk) -> None:
    """One of a boot never heard of passes for a new one, until the car speaks again."""
    car = wire(desk)
    kept = car.hello_frame()  # kept by somebody on the way
    car.boot_anew()
    car.hello()
    exchange(desk, car)
    desk.clock.now_s += 5
    desk.fleet.receive(CAR, kept)
    desk.taken()
    assert desk.car_row().boot != car.boot
    car.hello()
    assert desk.car_row().boot == car.boot
    desk.fleet.receive(CAR, kept)
    assert desk.car_row().boot == car.boot


def test_a_restored_database_starts_a_generation_of_its_own(desk: Desk, tmp_path: Path) -> None:
    """Rule 3: a car ahead means that the database went back."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(desk.path, tmp_path / "backup.db")
    desk.clock.now_s += 5
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    in_flight = desk.taken()
    for frame in in_flight:
        car.hear(frame)
    exchange(desk, car)
    assert len(car.records) == 1
    desk.db.close()
    shutil.copy(tmp_path / "backup.db", desk.path)
    desk.restart()
    desk.clock.now_s += 5
    car.hello()
    exchange(desk, car)
    assert desk.alarms() == ["database_forked"]
    assert (car.gen, car.records) == (2, {})
    for frame in in_flight:
        car.hear(frame)  # of the time before: never again
    assert car.records == {}
    exchange(desk, car)
    desk.clock.now_s += 5
    desk.fleet.book(desk.other, CAR, START_S, END_S)
    exchange(desk, car)
    assert car.records == records_of(desk.db)
    assert car.kinds[-1] == kb1.DELTA


def test_a_cloned_database_is_noticed(desk: Desk, tmp_path: Path) -> None:
    """Rule 3: same revision, other hash. The generation only rises."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(desk.path, tmp_path / "clone.db")
    desk.clock.now_s += 5
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    exchange(desk, car)
    # The clone books something else under the same revision.
    shutil.copy(tmp_path / "clone.db", tmp_path / "other.db")
    desk.db.close()
    desk.path = tmp_path / "other.db"
    desk.restart()
    desk.fleet.book(desk.other, CAR, START_S + HOUR_S, END_S + HOUR_S)
    assert desk.car_row().rev == car.rev
    desk.clock.now_s += 5
    car.hello()
    exchange(desk, car)
    assert "database_forked" in desk.alarms()
    assert car.gen == 2
    assert car.records == records_of(desk.db)


def test_two_clones_never_share_a_generation(desk: Desk, tmp_path: Path) -> None:
    """Rule 3: what one of them began is no point in the other's history."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(desk.path, tmp_path / "clone.db")
    desk.clock.now_s += 5
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    exchange(desk, car)
    points = []
    for name in ("a.db", "b.db"):
        shutil.copy(tmp_path / "clone.db", tmp_path / name)
        desk.path = tmp_path / name
        desk.restart()
        desk.clock.now_s += 5
        desk.fleet.receive(CAR, car.hello_frame())
        points.append(desk.car_row().point)
    assert points[0].gen == points[1].gen == 2
    assert points[0].hash8 != points[1].hash8


def test_what_another_process_writes_is_pushed(desk: Desk) -> None:
    """The command line works on the database while the daemon runs."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    beside = desk._fleet()
    beside.book(desk.driver, CAR, START_S, END_S)
    desk.taken()
    settle(desk, car, 2)
    assert car.records == records_of(desk.db)
    assert len(car.records) == 1


def test_frames_that_make_no_sense_are_counted(desk: Desk) -> None:
    car = wire(desk)
    good = car.hello_frame()
    desk.fleet.add_car("Suginami 2", "4b4700000002")
    desk.fleet.receive(CAR, good[:-1] + bytes([good[-1] ^ 1]))
    desk.fleet.receive(CAR, b"")
    desk.fleet.receive(CAR, bytes(2000))
    desk.fleet.receive("4b4700000002", good)
    desk.fleet.receive("4b47000000ff", good)
    desk.fleet.receive(CAR, car.frame(kb1.HELLO, b"short"))
    desk.fleet.receive(CAR, car.frame(99, b""))
    assert desk.fleet.counts == {
        "frame_not_signed": 4, "frame_of_unknown_car": 1, "frame_senseless": 1,
        "frame_of_unknown_kind": 1,
    }  # fmt: skip
    assert desk.taken() == []
    assert desk.car_row().heard_s == 0


def test_a_car_that_does_not_take_its_frames_is_left_in_peace(desk: Desk) -> None:
    """Poison records: the operator is told, the pushes go slowly."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.clock.now_s += 5
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    for _ in range(3):
        body = kb1.pack_nack(kb1.DELTA, kb1.NACK_SENSELESS, car.gen, car.rev)
        desk.fleet.receive(CAR, car.frame(kb1.NACK, body))
    assert desk.alarms() == ["frame_not_taken"]
    desk.taken()
    for _ in range(59):
        desk.clock.now_s += 1
        desk.fleet.tick()
    assert desk.taken() == []


def test_the_newest_telemetry_wins(desk: Desk) -> None:
    car = wire(desk)
    for at_s, battery_mv in ((10, 12600), (30, 12400), (20, 12500)):
        body = kb1.pack_telemetry(NOW_S + at_s, battery_mv, 1234, 1, 2, True)
        desk.fleet.receive(CAR, car.frame(kb1.TELEMETRY, body))
    assert desk.db.row("SELECT at_s, battery_mv FROM telemetry")[:] == (NOW_S + 30, 12400)


def test_the_log_is_trimmed_and_goes_on(desk: Desk) -> None:
    """Rule 6: what is acknowledged may go, and a point that is gone means a snapshot."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    early = (car.gen, car.rev, car.hash8, dict(car.records))
    for turn in range(120):
        desk.clock.now_s += 2
        starts_s = NOW_S + (2 + turn % 2) * HOUR_S
        number = desk.fleet.book(desk.driver, CAR, starts_s, starts_s + HOUR_S)["id"]
        exchange(desk, car)
        desk.clock.now_s += 2
        desk.fleet.cancel(desk.driver, number)
        exchange(desk, car)
    assert desk.db.row("SELECT count(*) FROM car_log")[0] <= 60
    row = desk.car_row()
    assert row.base_rev > 150
    assert log_rows.hash_at(desk.db, row, row.base_rev) == row.base_hash
    car.gen, car.rev, car.hash8, car.records = early
    car.boot_anew()
    del car.kinds[:]
    desk.clock.now_s += 2
    car.hello()
    exchange(desk, car)
    assert car.kinds[0] == kb1.SNAP
    assert car.records == records_of(desk.db)
