"""Whose copy a restore takes, when it was made, and the key that no copy holds."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fleetd.host.command_line import main
from fleetd.ledger import key as ledger_key
from fleetd.store import ledger_rows
from fleetd.store.database import DatabaseError, open_as_it_is
from tests.fleetd.ledger.journal_rig import small_journal
from tests.fleetd.rig import Desk

Run = Callable[..., tuple[int, Any]]
DB, KEY = Path("fleet.db"), Path("fleet.db.journal-key")
RESTORE = ("restore", "--db", "fleet.db", "--replace", "--from")


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Beside a fleet with a journal that its key has signed: a copy `b.db`, and another fleet's."""
    monkeypatch.chdir(desk.path.parent)
    monkeypatch.setattr("time.time", lambda: desk.clock.now_s)

    def call(*words: str) -> tuple[int, Any]:
        desk.clock.now_s += 1
        exit_code = main([*words, "--json"])
        return exit_code, json.loads(capsys.readouterr().out)

    signer = ledger_key.make(desk.path)
    monkeypatch.setattr("tests.fleetd.ledger.journal_rig.SIGNER", signer)
    small_journal(desk)
    assert call("backup", "--db", "fleet.db", "--out", "b.db")[0] == 0
    assert call("init", "--db", "other.db")[0] == 0
    assert call("backup", "--db", "other.db", "--out", "o.db")[0] == 0
    desk.db.close()
    return call


def fleet_of(path: Path) -> str:
    with closing(open_as_it_is(path)) as found:
        return ledger_rows.fleet(found)


def contents() -> dict[Path, bytes]:
    files = (path for path in Path().iterdir() if path.is_file() and path.suffix != ".lock")
    return {path: path.read_bytes() for path in files}


def untouched(run: Run, *words: str) -> str:
    before = contents()
    exit_code, answer = run(*RESTORE, *words)
    assert (exit_code, answer["refused"]) == (2, "wrong_usage")
    assert before == contents()
    return str(answer["text"])


def test_a_copy_of_another_fleet_is_refused_and_says_whose(run: Run) -> None:
    ours, other = fleet_of(DB), fleet_of(Path("o.db"))
    assert ours != other
    assert untouched(run, "o.db") == (
        f"--from o.db: is of fleet {other}; --db fleet.db is of fleet {ours}; give a copy of that"
        " one, or --other-fleet to have the other one in its place"
    )


def test_another_fleet_takes_the_place_when_told_so_and_not_the_key(run: Run) -> None:
    key = KEY.read_bytes()
    exit_code, answer = run(*RESTORE, "o.db", "--other-fleet")
    assert (exit_code, answer["is_other_fleet"], answer["lost"]) == (0, True, None)
    assert fleet_of(DB) == fleet_of(Path("o.db")) == answer["fleet"]
    kept = Path(answer["kept"])
    assert f"The database of another fleet that was there is now {kept}," in answer["text"]
    # What was there is a whole fleet under its new name: with the key that goes with it.
    assert ledger_key.path_of(kept).read_bytes() == key
    assert not KEY.exists()
    exit_code, answer = run(*RESTORE, "b.db", "--other-fleet")
    assert exit_code == 0
    assert f"{KEY.absolute()} is not there, and without it the daemon does not" in answer["text"]


def test_the_same_fleet_needs_no_option_and_keeps_its_key(run: Run) -> None:
    key = KEY.read_bytes()
    exit_code, answer = run(*RESTORE, "b.db", "--other-fleet")  # nor does it do any harm
    assert (exit_code, answer["is_other_fleet"]) == (0, False)
    assert answer["text"].startswith("fleet.db: restored as of 2026-04-01 ")
    assert "key" not in answer["text"]
    assert KEY.read_bytes() == key


@pytest.mark.parametrize("how", ["the file itself", "one that was in use", "of long ago"])
def test_what_backup_never_wrote_is_refused_and_says_so(run: Run, how: str) -> None:
    if how == "one that was in use":
        shutil.move("b.db", "u.db")
        with sqlite3.connect("u.db") as db:
            db.execute("DELETE FROM backup")
        db.close()
    else:
        shutil.copy("fleet.db", "u.db")
    if how == "of long ago":
        with sqlite3.connect("u.db") as db:
            db.execute("DROP TABLE backup")
            db.execute("PRAGMA user_version = 6")
        db.close()
    os.utime("u.db", (1_774_990_800, 1_774_990_800))
    told = untouched(run, "u.db")
    assert told.startswith("--from u.db: does not say when it was made, so `backup` of this")
    assert told.endswith("--no-backup-time to take it as of 2026-04-01 06:00, the time of its file")
    if how == "of long ago":
        return  # an upgrade from there is not what is shown here
    exit_code, answer = run(*RESTORE, "u.db", "--no-backup-time")
    assert (exit_code, answer["backup_made_s"], answer["file_written_s"]) == (
        0,
        None,
        1_774_990_800,
    )
    assert answer["text"].startswith(
        "fleet.db: restored from u.db, which does not say when it was made; its file was written"
        " 2026-04-01 06:00, and what follows goes by that.\n"
    )
    with closing(open_as_it_is(DB)) as found:
        row = found.row("SELECT detail FROM alarm WHERE name = 'database_restored'")
    assert row[0] == "a file of 2026-04-01 06:00"


def test_a_lost_machine_is_told_which_key_to_put_back(run: Run) -> None:
    """Into an empty folder; then with a key that is another's, and with the right one."""
    Path("new").mkdir()
    words = ("restore", "--from", "b.db", "--db", "new/fleet.db")
    path = Path("new/fleet.db.journal-key").absolute()
    exit_code, answer = run(*words)
    assert exit_code == 0
    assert answer["text"].splitlines()[-1] == (
        f"{path} is not there, and without it the daemon does not start: put it back from its own"
        " copy, or, if that is lost: fleetd journal checkpoint-key --db new/fleet.db --new"
    )
    missing = pytest.raises(DatabaseError, match="is missing; put it back from its copy")
    with closing(open_as_it_is(Path("new/fleet.db"))) as store, missing:
        ledger_key.provide(Path("new/fleet.db"), store)
    shutil.copy("other.db.journal-key", path)
    other, ours = (ledger_key.public_half(Path(name)).id for name in ("other.db", "fleet.db"))
    exit_code, answer = run(*words, "--replace")
    assert exit_code == 0
    assert answer["text"].splitlines()[-1] == (
        f"{path} is key {other}; the copy's journal was signed with {ours}: put that one back, or"
        " have the journal checked with the public halves of both"
    )
    path.write_text("no key")
    assert "is no Ed25519 key in PEM" in run(*words, "--replace")[1]["text"]
    shutil.copy(KEY, path)
    Path("new/fleet.db").unlink()
    assert "key" not in run(*words)[1]["text"]
