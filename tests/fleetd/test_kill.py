"""The daemon is killed between any two statements: nothing is half, nothing is doubled."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.wire import codes, frames, kb1
from firmware.wire.chain import next_hash
from tests.fleetd.day_of_a_car import BOOKINGS, EVENTS, NEW_CARD
from tests.fleetd.rig import CAR, Desk, apply

KILLS = 48


def run(folder: Path, statement: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.fleetd.day_of_a_car", str(folder), str(statement)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def prepare(folder: Path) -> None:
    folder.mkdir()
    desk = Desk(folder / "f.db", "jparc-2023")
    desk.db.close()
    kept = {"key": desk.identity.key, "driver": desk.driver, "other": desk.other, "number": 1}
    (folder / "kept.json").write_text(json.dumps(kept))


def check(folder: Path) -> None:
    """What holds after any number of kills."""
    db = sqlite3.connect(folder / "f.db")
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    # Log, hash and records agree.
    rev, hash8, base_rev, base_hash = db.execute(
        "SELECT rev, hash, base_rev, base_hash FROM car"
    ).fetchone()
    records: dict[tuple[int, bytes], bytes] = {}
    assert base_rev == 0
    for number, op, record, logged in db.execute(
        "SELECT rev, op, record, hash FROM car_log ORDER BY rev"
    ).fetchall():
        base_rev += 1
        base_hash = next_hash(base_hash, op, record)
        assert (number, logged) == (base_rev, base_hash)
        apply(records, op, record)
    assert (rev, hash8) == (base_rev, base_hash)
    held = db.execute("SELECT op, ident, record FROM car_record").fetchall()
    assert {(op, ident): record for op, ident, record in held} == records
    # No booking without its mail, its request and its line in the log; none of it without one.
    bookings = [row[0] for row in db.execute("SELECT id FROM booking ORDER BY id")]
    for sql in (
        "SELECT booking FROM mail WHERE name = 'booking_made' ORDER BY booking",
        "SELECT booking FROM request ORDER BY booking",
    ):
        assert [row[0] for row in db.execute(sql)] == bookings
    logged_ids = {
        int.from_bytes(row[0][:4]) for row in db.execute("SELECT record FROM car_log WHERE op = 1")
    }
    assert logged_ids == set(bookings)
    # Events: each number once, from 1 on, and all that was confirmed.
    events = [row[0] for row in db.execute("SELECT seq FROM event ORDER BY seq")]
    assert events == list(range(1, len(events) + 1))
    assert db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0] == len(events)
    assert confirmed(folder) <= len(events)
    ended = db.execute("SELECT count(*) FROM event WHERE code = 21").fetchone()[0]
    mailed = db.execute("SELECT count(*) FROM mail WHERE name = 'end_accepted'").fetchone()[0]
    assert mailed == ended
    # A card told of is the driver's, in the cars and in a mail; all of that or nothing (ENROL-1).
    enrolled = db.execute("SELECT count(*) FROM event WHERE code = 29").fetchone()[0]
    registered = db.execute("SELECT count(*) FROM mail WHERE name = 'card_registered'").fetchone()[
        0
    ]
    cards = [row[0] for row in db.execute("SELECT identifier FROM card WHERE driver = 1")]
    assert registered == enrolled
    assert cards == [NEW_CARD] * enrolled
    assert [ident for op, ident in records if op == codes.OP_PUT_CARD] == cards
    db.close()


def confirmed(folder: Path) -> int:
    """The highest number that the car was told is committed."""
    key_hex = json.loads((folder / "kept.json").read_text())["key"]
    key = frames.direction_key(bytes.fromhex(key_hex), frames.DOWN)
    highest = 0
    path = folder / "sent"
    for line in path.read_text().split() if path.exists() else []:
        opened = frames.open_frame((key,), bytes.fromhex(CAR), bytes.fromhex(line))
        assert opened is not None
        if opened[0] == kb1.EACK:
            highest = max(highest, kb1.unpack_eack(opened[1])[1])
    return highest


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many there are in a day without a kill."""
    folder = tmp_path_factory.mktemp("whole") / "day"
    prepare(folder)
    done = run(folder, 0)
    assert done.returncode == 0, done.stderr
    check(folder)
    return int(done.stdout)


@pytest.mark.parametrize("part", range(4))
def test_killed_at_any_statement_and_started_again(
    tmp_path: Path, statements: int, part: int
) -> None:
    """SAFE-5, and protocol rule 1: log and business change in one transaction."""
    chance = random.Random(part)
    for number in range(KILLS // 8):
        folder = tmp_path / str(number)
        prepare(folder)
        for _ in range(2):
            killed = run(folder, chance.randint(1, statements))
            assert killed.returncode in (-signal.SIGKILL, 0), killed.stderr
            check(folder)
        done = run(folder, 0)
        assert done.returncode == 0, done.stderr
        check(folder)
        db = sqlite3.connect(folder / "f.db")
        assert (
            db.execute("SELECT count(*) FROM booking WHERE status = 'over'").fetchone()[0]
            == BOOKINGS
        )
        assert db.execute("SELECT count(*) FROM event").fetchone()[0] == EVENTS
        assert db.execute("SELECT count(*) FROM command").fetchone()[0] == BOOKINGS + 1
        db.close()
