"""What a restore takes, moves and leaves, whatever lies about under its names."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fleetd.host.command_line import main
from fleetd.store.database import open_existing
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk

Run = Callable[..., tuple[int, Any]]
DB, PART = Path("fleet.db"), Path(".fleet.db.restored")
RESTORE = ("restore", "--db", "fleet.db")
BOOKED = "SELECT count(*) FROM booking"


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A copy `b.db` without bookings; after it one was made. The daemon is down."""
    monkeypatch.chdir(desk.path.parent)
    monkeypatch.setattr("time.time", lambda: desk.clock.now_s)

    def call(*words: str) -> tuple[int, Any]:
        exit_code = main([*words, "--json"])
        return exit_code, json.loads(capsys.readouterr().out)

    assert call("backup", "--db", "fleet.db", "--out", "b.db")[0] == 0
    desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)
    return call


def booked(path: Path) -> int:
    with closing(open_existing(path)) as found:
        return int(found.row(BOOKED)[0])


def lose(desk: Desk) -> None:
    """The file is gone; what a daemon that was killed had beside it is left."""
    left = {name: Path(name).read_bytes() for name in ("fleet.db-wal", "fleet.db-shm")}
    assert left["fleet.db-wal"]
    desk.db.close()
    DB.unlink()
    for name, content in left.items():
        Path(name).write_bytes(content)


def test_a_log_that_was_left_is_not_played_into_the_copy(desk: Desk, run: Run) -> None:
    lose(desk)
    exit_code, answer = run(*RESTORE, "--from", "b.db")
    assert (exit_code, answer["refused"]) == (2, "wrong_usage")
    assert answer["text"].startswith("--db fleet.db-shm: is there already; give --replace")
    assert Path("fleet.db-wal").exists()
    exit_code, answer = run(*RESTORE, "--from", "b.db", "--replace")
    assert (exit_code, answer["lost"]) == (0, None)
    assert "What was left beside a database is now fleet.db.replaced-" in answer["text"]
    assert booked(DB) == 0
    assert sorted(path.name[-4:] for path in Path().glob("*.replaced-*")) == ["-shm", "-wal"]


def test_nor_is_a_rollback_journal(desk: Desk, run: Run) -> None:
    """As of one that was killed before its first transaction in the other mode was over."""
    desk.db.run("PRAGMA journal_mode = DELETE")
    desk.db.run("PRAGMA cache_size = 1")
    desk.db.run("BEGIN IMMEDIATE")
    desk.db.run("UPDATE booking SET starts_s = starts_s + 900")
    desk.db.run("UPDATE car SET name = hex(zeroblob(1000000))")  # more than the cache holds
    left = Path("fleet.db-journal").read_bytes()
    assert left
    desk.db.run("ROLLBACK")
    desk.db.close()
    DB.unlink()
    Path("fleet.db-journal").write_bytes(left)
    assert run(*RESTORE, "--from", "b.db")[0] == 2
    assert run(*RESTORE, "--from", "b.db", "--replace")[0] == 0
    assert not Path("fleet.db-journal").exists()
    assert booked(DB) == 0


@pytest.mark.parametrize("beside", ["-wal", "-shm", ""])
def test_nothing_that_was_kept_is_written_over(desk: Desk, run: Run, beside: str) -> None:
    desk.db.close()
    stamp = "20260401T000000Z"
    kept = Path(f"fleet.db.replaced-{stamp}{beside}")
    kept.write_bytes(b"of a restore before this one")
    before = DB.read_bytes()
    exit_code, answer = run(*RESTORE, "--from", "b.db", "--replace")
    assert (exit_code, answer["text"]) == (
        2, f"--db fleet.db: {kept} is there already; wait a second",
    )  # fmt: skip
    assert kept.read_bytes() == b"of a restore before this one"
    assert DB.read_bytes() == before


@pytest.mark.parametrize("name", [".fleet.db.restored", "..fleet.db.restored.part", "link"])
def test_what_a_restore_writes_itself_is_no_source(desk: Desk, run: Run, name: str) -> None:
    """It is all that is left, perhaps."""
    desk.db.close()
    DB.unlink()
    source = Path(name)
    if name == "link":
        Path("b.db").rename(PART)
        source.symlink_to(PART)
    else:
        Path("b.db").rename(source)
    before = source.read_bytes()
    exit_code, answer = run(*RESTORE, "--from", name)
    assert (exit_code, answer["refused"]) == (2, "wrong_usage")
    assert answer["text"] == (
        f"--from {name}: a restore writes under this name; rename the file first"
    )
    assert source.read_bytes() == before
    PART.rename("c.db") if name == "link" else source.rename("c.db")
    assert run(*RESTORE, "--from", "c.db")[0] == 0


def test_nor_is_the_database(desk: Desk, run: Run) -> None:
    desk.db.close()
    before = DB.read_bytes()
    for name in ("fleet.db", str(DB.absolute()), "./fleet.db"):
        exit_code, answer = run(*RESTORE, "--from", name, "--replace")
        assert (exit_code, "is the database itself; give a copy" in answer["text"]) == (2, True)
    assert DB.read_bytes() == before


def test_nothing_is_cleared_away_for_a_source_of_no_use(desk: Desk, run: Run) -> None:
    """What a restore that was cut off left may be the best that there is."""
    desk.db.close()
    Path("b.db").rename(PART)
    before = PART.read_bytes()
    Path("b.db").write_bytes(b"no database" * 1000)
    assert run(*RESTORE, "--from", "b.db", "--replace")[0] == 1
    exit_code, answer = run(*RESTORE, "--from", "missing", "--replace")
    assert (exit_code, answer["text"]) == (
        2, "--from missing: there is no such file; give one that `backup` wrote",
    )  # fmt: skip
    assert PART.read_bytes() == before


def test_a_backup_is_not_made_over_its_source(desk: Desk, run: Run) -> None:
    Path("b.db").rename(".c.db.part")
    exit_code, answer = run("backup", "--db", ".c.db.part", "--out", "c.db")
    assert (exit_code, answer["refused"]) == (2, "wrong_usage")
    assert booked(Path(".c.db.part")) == 0


def test_nor_is_a_folder_moved_aside(desk: Desk, run: Run) -> None:
    """Its files, and the copy itself perhaps, would be gone from where they are looked for."""
    Path("backups").mkdir()
    Path("b.db").rename("backups/b.db")
    exit_code, answer = run("restore", "--db", "backups", "--from", "backups/b.db", "--replace")
    assert (exit_code, answer["text"]) == (
        2, "--db backups: is a folder; give the database in it",
    )  # fmt: skip
    assert booked(Path("backups/b.db")) == 0


def test_a_car_that_was_shut_out_since_stays_so(desk: Desk, run: Run) -> None:
    desk.fleet.block_car(CAR, "Mori", "box stolen")
    exit_code, answer = run(*RESTORE, "--from", "b.db", "--replace")
    assert (exit_code, answer["cars_shut_out"]) == (0, [CAR])
    assert answer["text"].endswith(f"Blocked or retired since, and so they stay: {CAR}.")
    desk.restart()
    assert (desk.car_row().blocked_why, desk.car_row().retired_s) == ("box stolen", None)
    assert not desk.fleet.check_car_login(CAR, desk.identity.password.encode())
    desk.fleet.retire_car(CAR, "Mori", "sold")
    assert run("backup", "--db", "fleet.db", "--out", "c.db")[0] == 0
    desk.clock.now_s += 1
    assert run(*RESTORE, "--from", "b.db", "--replace")[1]["cars_shut_out"] == [CAR]
    desk.restart()
    assert desk.car_row().retired_s is not None
    desk.clock.now_s += 1
    assert run(*RESTORE, "--from", "c.db", "--replace")[1]["cars_shut_out"] == []


def test_a_database_from_before_there_were_blocks_shuts_nobody_out(desk: Desk, run: Run) -> None:
    with desk.db.transaction():
        for column in ("blocked_s", "blocked_by", "blocked_why", "retired_s"):
            desk.db.run(f"ALTER TABLE car DROP COLUMN {column}")
        desk.db.run("PRAGMA user_version = 9")
    exit_code, answer = run(*RESTORE, "--from", "b.db", "--replace")
    assert (exit_code, answer["cars_shut_out"]) == (0, [])
    assert answer["lost"]["bookings"] == 1
