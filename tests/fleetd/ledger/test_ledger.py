"""The chain over what cars tell, and the checkpoints: made with the events, in one transaction."""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes, kb1
from fleetd.core.bounds import LEFT_OUT_MAX
from fleetd.ledger import database as ledger_database
from fleetd.ledger.check import Check
from fleetd.ledger.findings import Report
from fleetd.ledger.signing import EVERY_EVENTS, EVERY_S
from fleetd.service import Fleet
from fleetd.store import database, ledger_rows
from fleetd.store.database import MIGRATIONS, Database, open_existing
from tests.fleetd.ledger.journal_rig import SIGNER, checked, exported, small_journal, tell_all
from tests.fleetd.rig import CAR, Desk, ScriptedCar, exchange, wire


def report_of(db: Database) -> Report:
    return ledger_database.check(db, Check([SIGNER.verifier]))


def rows(desk: Desk) -> list[Any]:
    return desk.db.rows("SELECT car, journal, seq, body, hash FROM event ORDER BY 1, 2, 3")


def statements(desk: Desk) -> list[Any]:
    return [json.loads(row["statement"]) for row in ledger_rows.checkpoints(desk.db)]


def happen(car: ScriptedCar, count: int) -> None:
    for number in range(count):
        car.happen(codes.AUDIT_DOOR_OPENED, 0, bytes((number % 5,)))


def test_each_event_is_chained_to_the_one_before_it(desk: Desk) -> None:
    """The formula of docs/journal.md, written out here once more."""
    small_journal(desk)
    ends: dict[Any, bytes] = {}
    for car, journal, seq, body, digest in rows(desk):
        before = ends.get((car, journal), b"\0" * 32)
        numbers = journal.to_bytes(4) + seq.to_bytes(4) + len(body).to_bytes(2)
        due = hashlib.sha256(before + bytes.fromhex(car) + numbers + body).digest()
        assert digest == due, (car, journal, seq)
        ends[car, journal] = due
    assert len(ends) == 3
    held = desk.db.rows("SELECT car, journal, hash FROM journal")
    assert {(row[0], row[1]): row[2] for row in held} == ends


def test_the_same_events_give_the_same_chain_whenever_they_come(tmp_path: Path) -> None:
    """So a restored database that is told again comes to what was signed."""
    found = []
    for name, pause_s in (("a", 0), ("b", 7)):
        desk = Desk(tmp_path / f"{name}.db")
        car = wire(desk)
        happen(car, 20)
        for first in range(1, 21, 4 if pause_s else 8):
            desk.clock.now_s += pause_s
            desk.fleet.receive(CAR, car.events_frame(first, 8))
        found.append([tuple(row) for row in rows(desk)])
        desk.db.close()
    assert found[0] == found[1]
    assert len(found[0]) == 20


def test_a_checkpoint_an_hour_even_of_nothing_new(desk: Desk) -> None:
    desk.fleet.signer = SIGNER
    car = wire(desk)
    happen(car, 3)
    tell_all(desk, car)
    for _ in range(2 * EVERY_S // 50):
        desk.clock.now_s += 50
        desk.fleet.tick()
    found = statements(desk)
    assert [one["checkpoint"] for one in found] == [1, 2]
    assert [len(one["changed"]) for one in found] == [1, 0]
    assert [one["events"] for one in found] == [3, 3]
    assert [one["at"] for one in found] == ["2026-04-01T00:00:50Z", "2026-04-01T01:00:50Z"]


def test_a_checkpoint_after_a_thousand_events(desk: Desk) -> None:
    desk.fleet.signer = SIGNER
    desk.fleet.tick()
    car = wire(desk)
    happen(car, EVERY_EVENTS)
    for first in range(1, EVERY_EVENTS - 7, 8):
        desk.fleet.receive(CAR, car.events_frame(first, 8))
    desk.fleet.receive(CAR, car.events_frame(EVERY_EVENTS - 7, 7))
    desk.fleet.tick()
    assert len(statements(desk)) == 1
    desk.fleet.receive(CAR, car.events_frame(EVERY_EVENTS, 1))
    desk.fleet.tick()
    assert statements(desk)[1]["changed"][0][2:4] == [EVERY_EVENTS, EVERY_EVENTS]
    assert checked(exported(desk)).findings == []


def test_a_clock_that_was_set_back_does_not_stop_the_checkpoints(desk: Desk) -> None:
    desk.fleet.signer = SIGNER
    desk.fleet.tick()
    desk.clock.now_s -= 10 * EVERY_S
    for _ in range(3):
        desk.clock.now_s += 1
        desk.fleet.tick()
    assert len(statements(desk)) == 2
    report = checked(exported(desk))
    assert report.findings == []
    assert "the clock was set back" in report.notes[0]


def test_without_a_key_nothing_is_signed_and_all_is_chained(desk: Desk) -> None:
    car = wire(desk)
    happen(car, 3)
    tell_all(desk, car)
    desk.clock.now_s += 2 * EVERY_S
    desk.fleet.tick()
    assert statements(desk) == []
    assert report_of(desk.db).unsigned == 3


def test_numbers_beyond_the_last_one_are_senseless(desk: Desk) -> None:
    car = wire(desk)
    happen(car, 2)
    body = kb1.pack_events(car.journal, (1 << 32) - 1, car.events)
    for _ in range(3):
        desk.fleet.receive(CAR, car.frame(kb1.EVENTS, body))
        desk.clock.now_s += 200
    assert desk.fleet.counts["frame_senseless"] == 3
    assert rows(desk) == []
    for first_seq in ((1 << 32) - 1, LEFT_OUT_MAX + 2, LEFT_OUT_MAX + 1):
        assert rows(desk) == []
        body = kb1.pack_events(car.journal, first_seq, car.events[:1])
        for _ in range(2):
            desk.fleet.receive(CAR, car.frame(kb1.EVENTS, body))
            desk.clock.now_s += 200
    assert [row["seq"] for row in rows(desk)] == [LEFT_OUT_MAX + 1]
    assert [one.code for one in report_of(desk.db).findings] == ["not_signed"]


class Died(Exception):  # noqa: N818 - not an error of ours
    """The process, before a statement."""


class Dying:
    """Of a connection: nothing runs once `left` statements have. What stays is what was committed."""

    def __init__(self, real: sqlite3.Connection) -> None:
        self.real = real
        self.left = 1000

    def execute(self, sql: str, values: Any = ()) -> Any:
        self._pass(sql)
        return self.real.execute(sql, values)

    def executemany(self, sql: str, values: Any) -> Any:
        self._pass(sql)
        return self.real.executemany(sql, values)

    def _pass(self, sql: str) -> None:
        if self.left <= 0 and sql != "ROLLBACK":
            raise Died
        self.left -= 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def test_killed_between_any_two_statements_the_chain_is_whole(desk: Desk) -> None:
    """EACK comes after the commit of event and chain; a checkpoint is there whole or not at all."""
    car = wire(desk)
    happen(car, 16)
    desk.fleet.receive(CAR, car.events_frame(1, 8))
    desk.taken()
    desk.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    image = desk.path.read_bytes()
    frame = car.events_frame(9, 8)
    outcomes = []
    for number in range(60):
        desk.db.close()
        desk.path.write_bytes(image)
        desk.db = open_existing(desk.path)
        dying = Dying(desk.db.connection)
        fleet = Fleet(Database(dying), desk._send, desk.clock, desk.random.randbytes)  # type: ignore[arg-type]
        fleet.signer = SIGNER
        dying.left = number
        try:
            fleet.receive(CAR, frame)
            fleet.tick()
        except Died:
            is_dead = True
        else:
            is_dead = False
        confirmed, told, signed = len(desk.taken()), len(rows(desk)), len(statements(desk))
        assert told == 16 or not confirmed
        unsigned = [] if signed else ["not_signed"]
        assert [one.code for one in report_of(desk.db).findings] == unsigned
        outcomes.append((confirmed, told, signed))
        if not is_dead:
            break
    assert outcomes[0] == (0, 8, 0)
    assert outcomes[-1] == (1, 16, 1)
    assert {told for _, told, _ in outcomes} == {8, 16}


def test_two_daemons_on_one_database_do_not_fork_the_chain(desk: Desk) -> None:
    """The lock beside the file forbids it; the transaction and the unique key hold without it."""
    second = Fleet(open_existing(desk.path), desk._send, desk.clock, desk.random.randbytes)
    desk.fleet.signer = second.signer = SIGNER
    car = wire(desk)
    happen(car, 40)
    for first in range(1, 34):
        for fleet in (desk.fleet, second):
            fleet.receive(CAR, car.events_frame(first, 8))
        desk.clock.now_s += 600
        desk.fleet.tick()
        second.tick()
    exchange(desk, car)
    assert car.acked == 40
    report = report_of(desk.db)
    assert (report.findings, report.events, report.checkpoints) == ([], 40, 6)
    with pytest.raises(sqlite3.IntegrityError):
        desk.db.run("INSERT INTO event SELECT * FROM event LIMIT 1")
    second._db.close()


def test_what_was_there_before_is_chained_when_the_database_is_migrated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had always been; a fleet of before the chain loses nothing."""
    small_journal(desk)
    due = [tuple(row) for row in rows(desk)]
    heads = ledger_rows.heads(desk.db)
    for sql in (
        "DROP TABLE checkpoint", "DROP TABLE ledger", "ALTER TABLE event DROP COLUMN hash",
        "ALTER TABLE journal DROP COLUMN hash", "ALTER TABLE journal DROP COLUMN events",
        "ALTER TABLE journal DROP COLUMN signed_events",
    ):  # fmt: skip
        desk.db.run(sql)
    version = desk.db.row("PRAGMA user_version")[0]
    desk.db.run("PRAGMA user_version = 0")
    with monkeypatch.context() as patch:
        # That step alone, whatever came before and after it.
        patch.setattr(database, "migrations", lambda: [MIGRATIONS / "0006_ledger.sql"])
        desk.restart()
    desk.db.run(f"PRAGMA user_version = {version}")
    desk.restart()
    assert [tuple(row) for row in rows(desk)] == due
    assert ledger_rows.heads(desk.db) == heads
    desk.fleet.signer = SIGNER
    desk.fleet.tick()
    report = checked(exported(desk))
    assert (report.findings, report.events, report.checkpoints) == ([], 16, 1)
