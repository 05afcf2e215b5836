"""Copies of a database in use, and a copy taken into use again (protocol rule 3, SAFE-5)."""

import json
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes
from fleetd.host.command_line import main
from fleetd.store import fleet_rows, lease
from fleetd.store.database import create, open_as_it_is
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, exchange, records_of, settle, wire

Run = Callable[..., tuple[int, Any, str]]
START_S, END_S = NOW_S + HOUR_S, NOW_S + 2 * HOUR_S


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(desk.path.parent)
    monkeypatch.setattr("time.time", lambda: desk.clock.now_s)

    def call(*words: str) -> tuple[int, Any, str]:
        exit_code = main([*words, "--json"])
        seen = capsys.readouterr()
        return exit_code, json.loads(seen.out), seen.err

    return call


def backup(run: Run, out: str = "b.db") -> None:
    exit_code, answer, _ = run("backup", "--db", "fleet.db", "--out", out)
    assert exit_code == 0, answer


def restore(run: Run, desk: Desk, *more: str) -> Any:
    """The daemon is down meanwhile."""
    desk.db.close()
    exit_code, answer, _ = run("restore", "--from", "b.db", "--db", "fleet.db", *more)
    assert exit_code == 0, answer
    desk.restart()
    return answer


def test_a_copy_of_a_database_in_use_is_whole_and_for_the_user_alone(desk: Desk, run: Run) -> None:
    """What is committed and not yet in the file itself is in it, and what is not committed is not."""
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    assert Path("fleet.db-wal").stat().st_size > 0
    with desk.db.transaction():
        desk.db.run("UPDATE fleet SET profile = 'unheard of'")
        backup(run)
        desk.db.run("UPDATE fleet SET profile = 'top24-2023'")
    assert stat.S_IMODE(Path("b.db").stat().st_mode) == 0o600
    assert sorted(path.name for path in Path().iterdir() if "b.db" in path.name) == ["b.db"]
    with closing(open_as_it_is(Path("b.db"))) as copy:
        assert copy.row("PRAGMA journal_mode")[0] == "delete"
        assert fleet_rows.profile(copy) == "top24-2023"
        assert copy.row("SELECT count(*) FROM booking")[0] == 1
        assert fleet_rows.backup_made_s(copy) == desk.clock.now_s
    assert fleet_rows.backup_made_s(desk.db) is None


def test_nothing_is_overwritten_and_nothing_half_is_left(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(run)
    before = Path("b.db").read_bytes()
    exit_code, answer, _ = run("backup", "--db", "fleet.db", "--out", "b.db")
    assert (exit_code, answer["text"]) == (
        2, "--out b.db: is there already; choose another file",
    )  # fmt: skip
    assert Path("b.db").read_bytes() == before
    Path(".c.db.part").write_text("of one that was killed")

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("fleetd.host.backup.sync", full)
        exit_code, answer, _ = run("backup", "--db", "fleet.db", "--out", "c.db")
    assert (exit_code, answer["refused"]) == (1, "disk_full")
    assert answer["text"] == (
        "c.db: the copy cannot be made: [Errno 28] No space left on device; make room and try again"
    )
    assert not list(Path().glob("*c.db*"))


def test_damage_shows_when_the_copy_is_made(desk: Desk, run: Run) -> None:
    desk.db.run("PRAGMA foreign_keys = OFF")
    desk.db.run("DELETE FROM member")
    exit_code, answer, _ = run("backup", "--db", "fleet.db", "--out", "b.db")
    assert (exit_code, answer["refused"]) == (1, "database_damaged")
    assert "is damaged: rows of driver that stand alone: 2;" in answer["text"]
    assert not Path("b.db").exists()


def test_in_a_folder_copies_are_named_by_time_and_old_ones_go(desk: Desk, run: Run) -> None:
    Path("kept").mkdir()
    Path("kept/other.db").write_text("somebody else's")
    for _ in range(4):
        desk.clock.now_s += 86400
        answer = run("backup", "--db", "fleet.db", "--out", "kept", "--keep", "2")[1]
    assert [Path(path).name for path in answer["removed"]] == ["fleet-20260403T000000Z.db"]
    assert answer["text"].endswith("; older ones that are gone: 1")
    assert sorted(path.name for path in Path("kept").iterdir()) == [
        "fleet-20260404T000000Z.db", "fleet-20260405T000000Z.db", "other.db",
    ]  # fmt: skip


def test_the_copy_just_made_stays_whatever_others_are_called(desk: Desk, run: Run) -> None:
    """A clock was a year ahead, then right again: what it named is left to whoever knows."""
    Path("kept").mkdir()
    ahead = ["fleet-20270401T000000Z.db", "fleet-20270402T000000Z.db"]
    for name in ahead:
        Path("kept", name).write_text("of a clock that was ahead")
    for _ in range(3):
        desk.clock.now_s += 86400
        exit_code, answer, _ = run("backup", "--db", "fleet.db", "--out", "kept", "--keep", "2")
        assert exit_code == 0
        assert Path(answer["out"]).exists()
    assert sorted(path.name for path in Path("kept").iterdir()) == [
        "fleet-20260403T000000Z.db", "fleet-20260404T000000Z.db", *ahead,
    ]  # fmt: skip


def test_an_old_change_in_flight_is_never_taken_after_a_restore(desk: Desk, run: Run) -> None:
    """Protocol rules 2 to 4: generations only rise, the car ends up with what the copy says."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    backup(run)
    desk.clock.now_s += 5
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    in_flight = desk.taken()
    answer = restore(run, desk, "--replace")
    assert answer["lost"] == {"bookings": 1, "drivers": 0, "cars": 0, "events": 0}
    assert desk.car_row().gen == 2
    assert desk.fleet.status()["cars"][0]["revocation_not_confirmed_since_s"] == desk.clock.now_s
    desk.clock.now_s += 5
    car.hello()
    exchange(desk, car)
    assert (car.gen, car.records) == (2, {})
    for frame in in_flight:
        car.hear(frame)
    assert (car.gen, car.records) == (2, {})
    assert desk.alarms() == ["database_restored"]
    exchange(desk, car)
    number = desk.fleet.book(desk.other, CAR, START_S, END_S)["id"]
    settle(desk, car, 3)
    assert car.records == records_of(desk.db)
    assert number > 10_000  # never a number that the car may still know as another's


def test_a_change_that_came_first_gives_way_all_the_same(desk: Desk, run: Run) -> None:
    """Protocol rule 3, from an old database that had begun generations of its own."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    backup(run)
    desk.db.run("UPDATE car SET gen = 7")
    car.gen = 7
    desk.clock.now_s += 5
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    exchange(desk, car)
    assert len(car.records) == 1
    restore(run, desk, "--replace")
    assert desk.car_row().gen == 8
    desk.clock.now_s += 5
    car.hello()
    exchange(desk, car)
    assert (car.gen, car.records) == (8, {})
    assert desk.alarms() == ["database_restored"]


def test_what_is_lost_is_told_and_what_waits_ends(desk: Desk, run: Run) -> None:
    """Events that the car has freed since, commands that nobody can tell the end of, log-ins."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    number = desk.fleet.book(desk.driver, CAR, START_S - HOUR_S, END_S)["id"]
    settle(desk, car, 3)
    desk.fleet.change_password(
        desk.fleet.login(desk.driver, desk.password), desk.password, "long enough"
    )
    command = desk.fleet.operate(desk.driver, number, "start", "k")
    backup(run)
    exchange(desk, car)
    assert desk.fleet.command(command)["status"] == "accepted"
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.happen(codes.AUDIT_DOOR_OPENED, number)
    car.tell()
    exchange(desk, car)
    assert car.acked == 2
    answer = restore(run, desk, "--replace")
    assert (answer["commands_unknown"], answer["log_ins_ended"]) == (1, 1)
    assert answer["lost"]["events"] == 2
    assert "2 events that the cars keep no longer" in answer["text"]
    assert desk.fleet.command(command)["status"] == "unknown"
    with closing(open_as_it_is(Path(answer["kept"]))) as old:
        assert old.row("SELECT count(*) FROM event")[0] == 2
    # Answering late does not make it known.
    car.boot_anew()
    desk.clock.now_s += 5
    car.hello()
    exchange(desk, car)
    assert car.records == records_of(desk.db)


def test_without_the_old_database_nobody_can_tell(desk: Desk, run: Run) -> None:
    backup(run)
    desk.db.close()
    Path("fleet.db").unlink()
    answer = restore(run, desk)
    assert (answer["lost"], answer["kept"]) == (None, None)
    assert "cannot be told" in answer["text"]
    (alarm,) = desk.fleet.status()["alarms"]
    assert (alarm["name"], alarm["car"], alarm["detail"]) == (
        "database_restored", "", "backup of 2026-04-01 09:00",
    )  # fmt: skip


def refused(run: Run, *more: str, code: str = "wrong_usage") -> str:
    before = {path: path.read_bytes() for path in Path().iterdir() if path.suffix == ".db"}
    exit_code, answer, _ = run("restore", "--from", "b.db", "--db", "fleet.db", *more)
    assert (exit_code, answer["refused"]) == (2 if code == "wrong_usage" else 1, code)
    assert before == {path: path.read_bytes() for path in Path().iterdir() if path.suffix == ".db"}
    return str(answer["text"])


def test_a_restore_that_must_not_be_is_refused_and_changes_nothing(desk: Desk, run: Run) -> None:
    backup(run)
    desk.db.close()
    good = Path("b.db").read_bytes()
    assert refused(run) == "--db fleet.db: is there already; give --replace to keep it beside"
    with lease.held(Path("fleet.db")):
        assert "another daemon serves it" in refused(run, "--replace", code="database_served")
    Path("b.db").write_bytes(good[:-4096])
    assert "malformed" in refused(run, "--replace", code="database_damaged")
    Path("b.db").write_bytes(good[:40960] + b"\xa5" * 4096 + good[45056:])
    assert "b.db: cannot be read as a whole: " in refused(run, "--replace", code="database_damaged")
    Path("b.db").write_bytes(b"no database, whatever it says" * 200)
    told = refused(run, "--replace", code="database_damaged")
    assert "cannot be read as a database" in told
    Path("b.db").write_bytes(good)
    newer = sqlite3.connect("b.db")
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    assert "newer than this program" in refused(run, "--replace")
    Path("b.db").unlink()
    create(Path("b.db")).close()
    assert "never finished" in refused(run, "--replace")
    assert not list(Path().glob(".fleet.db*"))


def test_one_that_was_killed_leaves_nothing_that_is_taken_for_real(desk: Desk, run: Run) -> None:
    backup(run)
    for name in (".fleet.db.restored", ".fleet.db.restored-wal"):
        Path(name).write_bytes(b"half" * 1000)
    restore(run, desk, "--replace")
    assert not list(Path().glob(".fleet.db*"))
    assert desk.fleet.status()["cars"][0]["gen"] == 2


def test_a_damaged_database_is_kept_and_replaced(desk: Desk, run: Run) -> None:
    backup(run)
    desk.db.close()
    Path("fleet.db").write_bytes(b"nothing that can be read" * 300)
    answer = restore(run, desk, "--replace")
    assert answer["lost"] is None
    assert Path(answer["kept"]).read_bytes().startswith(b"nothing that can be read")
