"""A database as it lies there: changed by hand, restored from a backup, its journal checked."""

import json
import re
import shutil
from pathlib import Path

import pytest

from fleetd.ledger import database as ledger_database
from fleetd.ledger.check import Check
from fleetd.ledger.earlier import Earlier
from fleetd.ledger.findings import Report
from fleetd.store.database import open_existing
from tests.fleetd.ledger.journal_rig import (
    SIGNER,
    checked,
    checkpoint,
    copy_of,
    exported,
    small_journal,
    tell_all,
)
from tests.fleetd.rig import CAR, Desk, wire

_INSERTED = (
    "INSERT INTO event SELECT car, journal, 99, code, at_s, clock_was_trusted, booking, body,"
    " received_s, hash FROM event WHERE seq = 14"
)


GONE = (
    "checkpoint 3 of kept.jsonl, of 2026-04-01T03:00:00Z, is not here, this ends at checkpoint"
    " 2: this is older, or its end was cut off, or the database was restored"
)


def report_of(desk: Desk, *earlier: Earlier) -> Report:
    return ledger_database.check(desk.db, Check([SIGNER.verifier], earlier))


def test_a_database_that_nobody_touched_is_whole(desk: Desk) -> None:
    small_journal(desk)
    report = report_of(desk)
    assert (report.findings, report.events, report.checkpoints) == ([], 16, 4)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM event WHERE seq = 3 AND car LIKE '%1'", "event 3 is missing"),
        ("DELETE FROM event WHERE seq = 14", "expected 10 up to 13"),
        ("UPDATE event SET body = x'00' WHERE seq = 4 AND car LIKE '%1'", "does not follow event 3"),
        ("UPDATE event SET booking = 8 WHERE seq = 7", "expected (21, "),
        ("UPDATE event SET at_s = at_s + 1 WHERE seq = 12", "expected (15, "),
        ("UPDATE event SET seq = 10 WHERE seq = 7", "events 7 to 9 are missing"),
        ("UPDATE event SET hash = x'' WHERE seq = 13", "hash"),
        ("UPDATE journal SET seq = 15 WHERE seq = 14", "up to 14"),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 14", "with another hash"),
        ("UPDATE journal SET events = 0 WHERE seq = 14", "0 events up to 14"),
        ("DELETE FROM checkpoint WHERE number = 2", "expected checkpoint 2, this is 3"),
        ("DELETE FROM checkpoint WHERE number = 1", "expected checkpoint 1, this is 2"),
        ("DELETE FROM checkpoint WHERE number = 4", "13 events were signed; the checkpoints"),
        ("UPDATE checkpoint SET statement = '{}' WHERE number = 3", "has not the fields"),
        ("UPDATE checkpoint SET statement = 'x' || char(10) WHERE number = 3", "is no line"),
        ("UPDATE checkpoint SET signature = zeroblob(64) WHERE number = 3", "does not hold"),
        ("UPDATE ledger SET fleet = 'other'", "names fleet other"),
        (_INSERTED, "events 15 to 98 are missing"),
    ],
)  # fmt: skip
def test_what_was_changed_by_hand_is_found(desk: Desk, sql: str, words: str) -> None:
    small_journal(desk)
    assert desk.db.run(sql) >= 1
    found = [str(one) for one in report_of(desk).findings]
    assert any(words in one for one in found), found
    assert not any(re.search(r"\bline \d", one) for one in found)


def test_after_a_restore_the_chain_is_whole_and_the_earlier_checkpoint_shows_the_loss(
    desk: Desk, tmp_path: Path
) -> None:
    """What was confirmed to the car after the backup is gone; the database alone cannot know."""
    car = wire(desk)
    desk.fleet.signer = SIGNER
    for _ in range(2):
        car.happen(8)
        tell_all(desk, car)
        checkpoint(desk)
    copy_of(desk, tmp_path / "backup.db")
    for _ in range(5):
        car.happen(9)
    tell_all(desk, car)
    checkpoint(desk)
    earlier = Earlier("kept.jsonl", [SIGNER.verifier])
    earlier.read(exported(desk))

    desk.db.close()
    for path in desk.path.parent.glob("fleet.db*"):
        path.unlink()
    shutil.copy(tmp_path / "backup.db", desk.path)
    desk.restart()
    desk.fleet.signer = SIGNER
    assert report_of(desk).findings == []
    lost = "checkpoint 3 of kept.jsonl names event 7, this ends at 2"
    found = [str(one) for one in report_of(desk, earlier).findings]
    assert found == [GONE, f"car {CAR}, journal 00000011, event 7: {lost}"]

    # The car goes on: it keeps nothing of what was confirmed, so a hole stays for ever.
    car.boot_anew()
    car.happen(10)
    for _ in range(70):
        car.tell()
        desk.clock.now_s += 2
    car.tell()
    checkpoint(desk)
    report = report_of(desk)
    assert report.findings == []
    assert report.notes == [
        f"car {CAR}, journal 00000011: events 3 to 7 never came; the chain goes on without them"
    ]
    found = [str(one) for one in report_of(desk, earlier).findings]
    restored = "checkpoint 3 of kept.jsonl is another one: the database was restored or cloned"
    assert restored in found
    assert any(
        "checkpoint 3 of kept.jsonl names event 7, which is not here" in one for one in found
    )


def test_events_that_come_again_after_a_restore_are_those_that_were_signed(
    desk: Desk, tmp_path: Path
) -> None:
    """A car that was not told of the commit sends them again: the earlier checkpoint holds."""
    car = wire(desk)
    desk.fleet.signer = SIGNER
    checkpoint(desk)
    copy_of(desk, tmp_path / "backup.db")
    for _ in range(5):
        car.happen(9)
    frame = car.events_frame(1, 5)
    desk.fleet.receive(CAR, frame)
    checkpoint(desk)
    earlier = Earlier("kept.jsonl", [SIGNER.verifier])
    earlier.read(exported(desk))
    desk.db.close()
    for path in desk.path.parent.glob("fleet.db*"):
        path.unlink()
    shutil.copy(tmp_path / "backup.db", desk.path)
    desk.restart()
    assert [one.seq for one in report_of(desk, earlier).findings] == [0, 5]
    desk.fleet.receive(CAR, frame)
    # The events are those that were signed; the checkpoint itself is gone with the database.
    assert [one.seq for one in report_of(desk, earlier).findings] == [0]


def test_a_copy_of_the_database_has_no_key_in_it(desk: Desk, tmp_path: Path) -> None:
    small_journal(desk)
    copy_of(desk, tmp_path / "backup.db")
    private = bytes(range(32))
    assert private not in (tmp_path / "backup.db").read_bytes()
    store = open_existing(tmp_path / "backup.db")
    report = ledger_database.check(store, Check([SIGNER.verifier]))
    assert (report.findings, report.unsigned) == ([], 3)
    store.close()
    assert private.hex() not in json.dumps(exported(desk))
    assert private.hex() not in json.dumps(desk.fleet.status())
    assert checked(exported(desk)).findings == []
