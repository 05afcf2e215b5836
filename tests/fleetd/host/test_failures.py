"""A machine in trouble gets one sentence, a code and an exit code; a bug stays one."""

import errno
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest

from fleetd.host.command_line import main
from fleetd.host.failures import failure
from fleetd.store import fleet_rows, lease
from fleetd.store.database import Database, DatabaseError, open_existing
from tests.fleetd.rig import Desk

Run = Callable[..., str]
STATUS = ("status", "--db", "fleet.db")
EXPORT = ("journal", "export", "--db", "fleet.db", "--out", "j")
VERIFY = ("journal", "verify", "--db", "fleet.db", "--key", "public.pem")
ADD_CAR = ("car", "add", "--db", "fleet.db", "--name", "A", "--out", "a.json")
BOTH = pytest.mark.parametrize("words", [STATUS, EXPORT])


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The sentence; the same to people and programs."""
    monkeypatch.chdir(desk.path.parent)
    main(["journal", "checkpoint-key", "--db", "fleet.db"])
    Path("public.pem").write_text(capsys.readouterr().out)

    def call(*words: str, exit_code: int, code: str) -> str:
        assert main([*words]) == exit_code
        seen = capsys.readouterr()
        assert (seen.out, seen.err.count("\n")) == ("", 1)
        assert main([*words, "--json"]) == exit_code
        answer: Any = json.loads(capsys.readouterr().out)
        assert answer["refused"] == code
        assert answer["text"] + "\n" == seen.err
        return str(answer["text"])

    return call


def failing(number: int, name: str | None = None) -> Callable[..., NoReturn]:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise OSError(number, os.strerror(number), name)

    return fail


@BOTH
def test_a_file_that_is_not_ours(
    run: Run, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "chmod", failing(errno.EPERM, "fleet.db"))
    told = run(*words, exit_code=1, code="no_access")
    assert told.startswith("fleet.db: Operation not permitted; run this as the daemon's user")


@BOTH
def test_a_database_that_cannot_be_opened(desk: Desk, run: Run, words: tuple[str, ...]) -> None:
    desk.db.close()
    Path("fleet.db-wal").mkdir()
    told = run(*words, exit_code=1, code="no_access")
    assert "unable to open database file; run this as the daemon's user" in told


def test_a_database_that_another_writes_to(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the car is left that was not added; its identity is no car's."""
    monkeypatch.setattr("fleetd.store.database.BUSY_S", 0.0)
    desk.db.run("BEGIN IMMEDIATE")
    told = run(*ADD_CAR, exit_code=1, code="database_busy")
    assert told == "fleet.db: database is locked; another program is writing to it; try again"
    assert not Path("a.json").exists()


@BOTH
def test_terms_that_this_program_has_not(desk: Desk, run: Run, words: tuple[str, ...]) -> None:
    desk.db.run("UPDATE fleet SET profile = 'unheard of'")
    told = run(*words, *(("--since", "2026-04-01") if words == EXPORT else ()), exit_code=1,
               code="bad_profile")  # fmt: skip
    assert told.startswith("profile 'unheard of': there is none; choose one of ")


@BOTH
def test_a_damaged_database(desk: Desk, run: Run, words: tuple[str, ...]) -> None:
    desk.db.close()
    Path("fleet.db").write_bytes(b"nothing that can be read" * 300)
    told = run(*words, exit_code=1, code="database_damaged")
    assert told.startswith("fleet.db: cannot be read as a database: file is not a database; take")


def test_verify_has_a_verdict_or_none(desk: Desk, run: Run) -> None:
    """1 is "not all there"; a database that cannot be read says nothing of the kind."""
    desk.db.close()
    Path("fleet.db").write_bytes(b"nothing that can be read" * 300)
    run(*VERIFY, exit_code=2, code="database_damaged")


def test_verify_of_a_database_that_is_not_there(run: Run) -> None:
    """It is missed before its key is."""
    told = run("journal", "verify", "--db", "other.db", exit_code=2, code="wrong_usage")
    assert told == "other.db: there is no database; make one with: fleetd init"


def test_another_daemon(desk: Desk, run: Run) -> None:
    words = ("journal", "checkpoint-key", "--db", "fleet.db", "--new")
    with lease.held(desk.path):
        told = run(*words, exit_code=1, code="database_served")
    assert told == "fleet.db: another daemon serves it; end that one first"


@pytest.mark.parametrize("words", [EXPORT, ADD_CAR])
def test_a_full_disk(run: Run, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a file is worse than none."""
    before = sorted(path.name for path in Path().iterdir())
    monkeypatch.setattr("os.fsync", failing(errno.ENOSPC))
    told = run(*words, exit_code=1, code="disk_full")
    assert told == (
        f"--out {words[-1]}: cannot be written: No space left on device; make room and try again"
    )
    assert sorted(path.name for path in Path().iterdir()) == before


def test_a_car_whose_commit_fails_leaves_no_identity(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last statement does what a disk does that is full at COMMIT."""

    def fail(database: Database, *_: Any) -> NoReturn:
        assert Path("a.json").exists()
        pages = database.row("PRAGMA page_count")[0]
        database.run(f"PRAGMA max_page_count = {pages}")
        database.run("CREATE TABLE large AS SELECT zeroblob(1000000)")
        raise AssertionError("it was not full")

    monkeypatch.setattr("fleetd.pushes.want_push", lambda turn, _: fail(turn.db))
    told = run(*ADD_CAR, exit_code=1, code="disk_full")
    assert told == "fleet.db: database or disk is full; make room and try again"
    assert not Path("a.json").exists()
    monkeypatch.undo()
    with closing(open_existing(desk.path)) as found:
        assert found.row("SELECT count(*) FROM car WHERE name = 'A'")[0] == 0
        assert fleet_rows.profile(found) == "top24-2023"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EIO, errno.EMFILE])
def test_a_path_that_is_wrong_is_usage_and_a_machine_that_fails_is_not(number: int) -> None:
    db = Path("f.db")
    assert failure(OSError(number, "x", "y"), db).exit_code == 1
    assert failure(FileNotFoundError(errno.ENOENT, "x", "y"), db).exit_code == 2
    assert failure(OSError("no number"), db).text == "f.db: no number; look at the disk"
    assert failure(DatabaseError("x"), db).code == "wrong_usage"


def test_a_bug_is_not_told_as_trouble_of_the_machine() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    for sql in ("SELECT * FROM none", "SELEC", "INSERT INTO t VALUES (1), (1)", "SELECT ?"):
        with pytest.raises(sqlite3.Error) as caught:
            connection.execute(sql)
        with pytest.raises(type(caught.value)):
            failure(caught.value, Path("f.db"))
    with pytest.raises(BrokenPipeError):
        failure(BrokenPipeError(errno.EPIPE, "x"), None)
