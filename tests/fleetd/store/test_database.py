"""The file: the user's alone, durable, migrated, and refused where it is not ours."""

import fcntl
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from fleetd.store import booking_rows, car_rows, command_rows, database, fleet_rows, lease
from fleetd.store.database import (
    DatabaseError,
    create,
    migrations,
    newest_version,
    open_as_it_is,
    open_existing,
)
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk


def test_file_and_what_lies_beside_it_are_for_the_user_alone(tmp_path: Path) -> None:
    db = create(tmp_path / "f.db")
    with db.transaction():
        fleet_rows.add(db, "top24-2023", 1)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"f.db": 0o600, "f.db-wal": 0o600, "f.db-shm": 0o600}
    db.close()
    (tmp_path / "f.db").chmod(0o644)
    open_existing(tmp_path / "f.db").close()
    assert stat.S_IMODE((tmp_path / "f.db").stat().st_mode) == 0o600


def test_commits_are_durable(tmp_path: Path) -> None:
    create(tmp_path / "f.db").close()
    db = open_existing(tmp_path / "f.db")
    assert db.row("PRAGMA journal_mode")[0] == "wal"
    assert db.row("PRAGMA synchronous")[0] == 2
    assert db.row("PRAGMA foreign_keys")[0] == 1
    assert db.row("PRAGMA user_version")[0] == newest_version()
    db.close()


def refusal(path: Path) -> str:
    with pytest.raises(DatabaseError) as caught:
        open_existing(path)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_what_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path) -> None:
    assert "there is no database" in refusal(tmp_path / "missing.db")
    (tmp_path / "text").write_text("not a database at all, but long enough to be looked at" * 50)
    assert "cannot be read as a database" in refusal(tmp_path / "text")
    assert (tmp_path / "text").read_text().startswith("not a database")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (x)")
    other.close()
    before = (tmp_path / "other.db").read_bytes()
    assert "no database of this program" in refusal(tmp_path / "other.db")
    assert (tmp_path / "other.db").read_bytes() == before


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    db = create(tmp_path / "f.db")
    db.run("PRAGMA user_version = 99")
    db.close()
    assert f"version 99, newer than this program's {newest_version()}" in refusal(tmp_path / "f.db")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    create(tmp_path / "f.db").close()
    with pytest.raises(DatabaseError, match="is there already"):
        create(tmp_path / "f.db")
    with pytest.raises(DatabaseError, match="cannot be created"):
        create(tmp_path / "nowhere" / "f.db")


def test_a_creation_that_was_cut_off_is_told(tmp_path: Path) -> None:
    create(tmp_path / "f.db").close()
    db = open_existing(tmp_path / "f.db")
    with pytest.raises(DatabaseError, match="never finished"):
        fleet_rows.profile(db)
    db.close()


def test_a_migration_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in migrations():
        (folder / path.name).write_text(path.read_text())
    create(tmp_path / "f.db").close()
    number = newest_version() + 1
    (folder / f"{number:04d}_more.sql").write_text(
        "CREATE TABLE more (x);\nCREATE TABLE fleet (y);\n"
    )
    monkeypatch.setattr("fleetd.store.database.MIGRATIONS", folder)
    assert "table fleet already exists" in refusal(tmp_path / "f.db")
    (folder / f"{number:04d}_more.sql").write_text("CREATE TABLE more (x);\n")
    db = open_existing(tmp_path / "f.db")
    assert db.row("PRAGMA user_version")[0] == number
    db.close()


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of the first version."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / migrations()[0].name).write_text(migrations()[0].read_text())
    path = tmp_path / "f.db"
    with monkeypatch.context() as first:
        first.setattr("fleetd.store.database.MIGRATIONS", folder)
        create(path).close()
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as found:
        return int(found.execute("PRAGMA user_version").fetchone()[0])


def test_a_database_is_not_migrated_under_an_older_daemon(old: Path) -> None:
    """Whose lock another process holds; its tables would change beneath it."""
    lock = old.with_name("f.db.lock")
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert refusal(old) == (
            f"{old}: a daemon of an older program serves it; restart the daemon first"
        )
        assert version(old) == 1
    open_existing(old).close()
    assert version(old) == newest_version()
    with lock.open("w") as other:  # a daemon of this version is no hindrance
        fcntl.flock(other, fcntl.LOCK_EX)
        open_existing(old).close()


def test_the_daemon_itself_migrates(old: Path) -> None:
    with lease.held(old):
        open_existing(old).close()
    assert version(old) == newest_version()


def test_no_daemon_begins_during_a_migration(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one served it before."""
    monkeypatch.setattr(lease, "_WAIT_S", 0)
    with lease.held(old):
        pass
    with lease.kept_from_others(old) as is_free:
        assert is_free
        with pytest.raises(DatabaseError, match="another daemon"), lease.held(old):
            pass
    with lease.held(old):
        pass


def test_a_step_that_another_process_took_is_not_taken_again(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commands at the same time; the version was looked up by both before either migrated."""
    genuine = database._make_durable
    others: list[int] = []

    def other_comes_first(store: database.Database) -> None:
        if not others:
            others.append(1)
            open_existing(old).close()
        genuine(store)

    monkeypatch.setattr(database, "_make_durable", other_comes_first)
    open_existing(old).close()
    assert version(old) == newest_version()


def test_only_commits_that_wrote_are_timed(tmp_path: Path) -> None:
    db = create(tmp_path / "f.db")
    before = sum(db.commits.counts)
    for _ in range(5):
        with db.transaction():
            db.row("SELECT count(*) FROM fleet")
    assert sum(db.commits.counts) == before
    with db.transaction():
        fleet_rows.add(db, "top24-2023", 1)
    assert sum(db.commits.counts) == before + 1
    assert db.commits.sum_s > 0
    db.close()


def test_a_database_of_the_first_version_keeps_its_commands(old: Path) -> None:
    db = open_as_it_is(old)
    now_s = 1775001600
    with db.transaction():
        for account in ("KAG00001", "KAG00001001"):
            db.run("INSERT INTO account VALUES (?, x'00', x'00', 0, 0, 0)", account)
        db.run("INSERT INTO member VALUES ('KAG00001', 'n', 'm', ?)", now_s)
        db.run("INSERT INTO driver VALUES (7, 'KAG00001001', 'KAG00001', 'n', 'm', '', ?)", now_s)
        car_rows.add(db, CAR, "Suginami 1", bytes(32), b"h", now_s)
        db.run(
            "INSERT INTO booking (id, car, driver, starts_s, ends_s, status, made_s)"
            " VALUES (3, ?, 7, 1, 2, 'booked', 1)",
            CAR,
        )
        db.run(
            "INSERT INTO command (id, driver, key, car, booking, verb, status, made_s, expires_s,"
            " boot, sent_s, reasons) VALUES (x'0102030405060708', 'KAG00001001', 'k', ?, 3, 1,"
            " 'pending', 10, 40, x'aa', 11, '[1]')",
            CAR,
        )
    assert db.row("PRAGMA user_version")[0] == 1
    db.close()

    db = open_existing(old)
    assert db.row("PRAGMA user_version")[0] == newest_version()
    (kept,) = command_rows.pending_of_car(db, CAR)
    assert (kept.id, kept.driver, kept.key) == (bytes(range(1, 9)), "KAG00001001", "k")
    assert (kept.booking, kept.verb, kept.made_s, kept.expires_s) == (3, 1, 10, 40)
    assert (kept.boot, kept.sent_s, kept.reasons, kept.who, kept.why) == (
        b"\xaa", 11, "[1]", None, None,
    )  # fmt: skip
    with db.transaction():
        command_rows.add_of_operator(db, bytes(8), CAR, "desk", "overdue", 7, 20, 50)
    assert len(command_rows.pending(db)) == 2
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        command_rows.add(db, bytes(7) + b"1", "KAG00001001", "k", CAR, 3, 1, 10, 40)
    assert db.rows("PRAGMA foreign_key_check") == []
    db.close()


@pytest.mark.parametrize(
    "columns",
    [
        {"driver": "KAG00001001"},
        {"who": None},
        {"why": None},
        {"booking": 1},
        {"key": "k"},
    ],
)
def test_a_command_is_a_drivers_or_the_operators(
    desk: Desk, columns: dict[str, int | str | None]
) -> None:
    desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)
    command = desk.fleet.ask_position(CAR, "desk", "overdue")
    (name, value) = next(iter(columns.items()))
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"), desk.db.transaction():
        desk.db.run(f"UPDATE command SET {name} = ? WHERE id = ?", value, bytes.fromhex(command))


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    db = create(tmp_path / "f.db")

    def fail() -> None:
        with db.transaction():
            fleet_rows.add(db, "top24-2023", 1)
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert db.row("SELECT count(*) FROM fleet")[0] == 0
    assert not db.connection.in_transaction
    with pytest.raises(ValueError, match="nobody may set: id"):
        booking_rows.change(db, 1, {"id": 2})
    db.close()
