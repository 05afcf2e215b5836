"""The file: the user's alone, durable, migrated, and refused where it is not ours."""

import sqlite3
import stat
from pathlib import Path

import pytest

from fleetd.store import booking_rows, fleet_rows
from fleetd.store.database import DatabaseError, create, migrations, open_existing


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
    assert db.row("PRAGMA user_version")[0] == len(migrations())
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
    assert f"version 99, newer than this program's {len(migrations())}" in refusal(
        tmp_path / "f.db"
    )


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
    number = len(migrations()) + 1
    (folder / f"{number:04d}_more.sql").write_text(
        "CREATE TABLE more (x);\nCREATE TABLE fleet (y);\n"
    )
    monkeypatch.setattr("fleetd.store.database.MIGRATIONS", folder)
    assert "table fleet already exists" in refusal(tmp_path / "f.db")
    (folder / f"{number:04d}_more.sql").write_text("CREATE TABLE more (x);\n")
    db = open_existing(tmp_path / "f.db")
    assert db.row("PRAGMA user_version")[0] == number
    db.close()


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
