"""A database that is full or fails: nothing is confirmed that is not committed (SAFE-5)."""

import resource
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes, kb1
from fleetd.store import car_rows
from tests.fleetd.daemon import Daemon, LiveCar, Phone, until
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, exchange, settle, wire
from tests.fleetd.serving.test_serve import book, rows, until_in_car


class Failing:
    """A connection whose commits fail, before they are done or after (an error of fsync)."""

    def __init__(self, connection: sqlite3.Connection, *, after: bool) -> None:
        self._connection = connection
        self._after = after
        self.failed = 0

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def total_changes(self) -> int:
        return self._connection.total_changes

    def execute(self, sql: str, values: Any = ()) -> Any:
        if sql == "COMMIT":
            if self._after:
                self._connection.execute(sql)
            self.failed += 1
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, values: Any) -> Any:
        return self._connection.executemany(sql, values)


def full_journal(desk: Desk) -> Any:
    """A car with 40 events to tell."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    number = desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)["id"]
    exchange(desk, car)
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    for _ in range(39):
        car.happen(codes.AUDIT_DOOR_OPENED, number, b"\0" * 90)
    return car


def tell_all(desk: Desk, car: Any) -> None:
    """Until it knows that all are kept, or nobody answers any more."""
    before = -1
    while car.acked != before:
        before = car.acked
        car.tell()
        exchange(desk, car)


def kept(desk: Desk) -> list[int]:
    return [row[0] for row in desk.db.rows("SELECT seq FROM event ORDER BY seq")]


def test_full_means_no_confirmation_and_room_means_all_of_it(desk: Desk) -> None:
    car = full_journal(desk)
    pages = desk.db.row("PRAGMA page_count")[0]
    desk.db.run(f"PRAGMA max_page_count = {pages + 1}")
    tell_all(desk, car)
    assert car.acked < 40
    assert kept(desk) == list(range(1, car.acked + 1))
    assert desk.fleet.counts["database_failed"] >= 1
    told = car.acked
    for _ in range(3):
        car.tell()
        assert desk.taken() == []
    assert car.acked == told
    desk.db.run("PRAGMA max_page_count = 1000000")
    desk.taken()
    tell_all(desk, car)
    assert car.acked == 40
    assert kept(desk) == list(range(1, 41))


@pytest.mark.parametrize("after", [False, True])
def test_a_commit_that_fails_confirms_nothing(desk: Desk, *, after: bool) -> None:
    """Whether it was done all the same nobody knows: the car tells again, and it counts once."""
    car = full_journal(desk)
    connection: Any = desk.db.connection
    failing: Any = Failing(connection, after=after)
    desk.db.connection = failing
    for _ in range(2):
        car.tell()
        car.hello()
    with pytest.raises(sqlite3.OperationalError):
        desk.fleet.tick()
    assert desk.taken() == []
    assert car.acked == 0
    assert failing.failed >= 3
    desk.db.connection = connection
    assert kept(desk) == (list(range(1, 9)) if after else [])
    tell_all(desk, car)
    assert car.acked == 40
    assert kept(desk) == list(range(1, 41))
    assert desk.db.row("SELECT status FROM booking")[0] == "in_use"


def test_no_command_leaves_that_is_not_kept(desk: Desk) -> None:
    """A command that was sent and forgotten could be done twice."""
    car = full_journal(desk)
    connection: Any = desk.db.connection
    failing: Any = Failing(connection, after=False)
    desk.db.connection = failing
    with pytest.raises(sqlite3.OperationalError):
        desk.fleet.operate(desk.driver, 1, "start", "k")
    assert desk.taken() == []
    desk.db.connection = connection
    desk.fleet.operate(desk.driver, 1, "start", "k")
    exchange(desk, car)
    assert [act.verb for act in car.acts] == [codes.VERB_START]
    assert kb1.CMD in car.kinds


@pytest.mark.parametrize("after", [False, True])
def test_a_start_goes_to_the_boot_that_is_there(desk: Desk, *, after: bool) -> None:
    """A HELLO whose commit failed was not heard: nothing leaves by it, and the car is prompted."""
    car = full_journal(desk)
    desk.fleet.disconnected(CAR)
    car.boot_anew()
    desk.clock.now_s += 20
    desk.fleet.connected(CAR)
    connection: Any = desk.db.connection
    failing: Any = Failing(connection, after=after)
    desk.db.connection = failing
    car.hello()
    desk.db.connection = connection
    assert desk.fleet.counts["database_failed"] == 1
    desk.fleet.operate(desk.driver, 1, "start", "k")
    assert desk.taken() == []
    car.kinds.clear()
    settle(desk, car, 2)
    assert car.kinds[0] == kb1.TIME
    assert [act.verb for act in car.acts] == [codes.VERB_START]
    assert car.acts[0].boot == car.boot


def test_who_asked_in_vain_is_answered_when_it_asks_again(desk: Desk) -> None:
    car = full_journal(desk)
    asking = car.hello_frame(asking=True)
    connection: Any = desk.db.connection
    failing: Any = Failing(connection, after=False)
    desk.db.connection = failing
    desk.clock.now_s += 5
    desk.fleet.receive(CAR, asking)
    assert desk.taken() == []
    desk.db.connection = connection
    desk.fleet.receive(CAR, asking)
    exchange(desk, car)
    assert len(car.times) == 2


def test_a_failure_that_lasts_makes_no_storm_of_prompts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    car.times.clear()

    def fail(*_arguments: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(car_rows, "note_hello", fail)
        desk.clock.now_s += 1
        car.hello()
        settle(desk, car, 180)
    assert 2 <= len(car.times) <= 4
    assert desk.fleet.counts["database_failed"] == 1 + len(car.times)
    settle(desk, car, 61)
    assert desk.fleet.counts["database_failed"] <= 5


def test_a_daemon_without_room_says_so_and_goes_on(tmp_path: Path) -> None:
    """The real program, whose files may not grow any more, and then may again."""
    daemon = Daemon(tmp_path)
    car = LiveCar(daemon)
    try:
        phone = Phone(daemon)
        phone.log_in()
        car.connect()
        until_in_car(phone, number := book(phone))
        size = daemon.db.with_name("fleet.db-wal").stat().st_size
        _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, hard))
        status, said = phone.ask("POST", f"/v1/bookings/{number}/cancel", "c")
        assert (status, said["error"]) == (503, "database_busy")
        car.script.happen(codes.AUDIT_UNLOCKED, number, car.script.use_detail())
        car.script.tell()
        until(lambda: "nothing is confirmed" in daemon.log.read_text(), "word of the failure")
        assert daemon.process.poll() is None
        assert rows(daemon, "SELECT count(*) FROM event") == [0]
        assert car.script.acked == 0
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        until(lambda: "the database works again" in daemon.log.read_text(), "word of the end")
        car.script.tell()
        until(lambda: car.script.acked == 1, "confirmation of the event")
        assert rows(daemon, "SELECT seq FROM event") == [1]
        assert daemon.stop() == 0
        log = daemon.log.read_text()
        assert log.count("nothing is confirmed to cars meanwhile") == 1
        assert "Traceback" not in log
    finally:
        car.leave()
        if daemon.process.poll() is None:
            daemon.kill()
