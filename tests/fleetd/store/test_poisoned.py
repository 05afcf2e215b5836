"""Databases from before there were bounds: what a poisoned number did there is healed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetd.service import Fleet
from fleetd.store import database
from fleetd.store.database import create, migrations, open_existing
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Clock, Desk, command_in, exchange, settle, wire

MOST = 0xFFFFFFFF
BEFORE_BOUNDS = next(path for path in migrations() if path.stem.endswith("_bounds"))


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the last version without bounds, with a car that was poisoned in every field."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in migrations():
        if path.name < BEFORE_BOUNDS.name:
            (folder / path.name).write_text(path.read_text())
    path = tmp_path / "old.db"
    with monkeypatch.context() as before:
        before.setattr(database, "MIGRATIONS", folder)
        create(path).close()
    return path


def poison(desk: Desk) -> None:
    """As HELLOs and events could before."""
    db = desk.db
    boot = b"the boot"
    db.run("UPDATE car SET counter = ?, uptime_s = ?, boot = ?", MOST, MOST, boot)
    db.run("INSERT OR REPLACE INTO car_boot VALUES (?, ?, ?, 1, 0, ?)", CAR, boot, MOST, NOW_S)
    db.run("INSERT INTO journal (car, journal, seq, next_seq, first_s) VALUES (?, 17, 0, ?, 1)",
           CAR, MOST)  # fmt: skip
    db.run("UPDATE booking SET started_s = ?, ended_s = ?", NOW_S, NOW_S - HOUR_S)
    for number in range(66):
        db.run(
            "INSERT INTO alarm (name, car, detail, raised_s) VALUES ('journal_replaced', ?, ?, ?)",
            CAR, f"journal {number:08x}", NOW_S + number,
        )  # fmt: skip
    db.run("INSERT INTO alarm (name, car, raised_s) VALUES ('car_cloned', ?, ?)", CAR, NOW_S)


def migrate(desk: Desk, old: Path) -> None:
    """The rows of today's database as one of the version before, opened by today's program."""
    db = desk.db
    db.run("ATTACH ? AS old", str(old))
    db.run("PRAGMA foreign_keys = OFF")
    for (table,) in db.rows("SELECT name FROM old.sqlite_master WHERE type = 'table'"):
        if table == "sqlite_sequence":
            continue
        names = ", ".join(row["name"] for row in db.rows(f"PRAGMA old.table_info({table})"))
        db.run(f"DELETE FROM old.{table}")
        db.run(f"INSERT INTO old.{table} ({names}) SELECT {names} FROM main.{table}")
    db.close()
    desk.path = old
    desk.db = open_existing(old)
    desk.fleet = Fleet(desk.db, desk._send, desk.clock, desk.random.randbytes)


def test_the_cars_commands_work_again(desk: Desk, old: Path) -> None:
    desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)
    car = wire(desk)
    poison(desk)
    migrate(desk, old)
    assert desk.db.row("PRAGMA user_version")[0] == database.newest_version()
    assert desk.db.rows("PRAGMA foreign_key_check") == []
    assert desk.fleet.figures()["events_not_told_max"] == 0
    assert [(one["name"], one["times"]) for one in desk.fleet.status()["alarms"]] == [
        ("journal_replaced", 66), ("car_cloned", 1),
    ]  # fmt: skip
    assert desk.db.row("SELECT needs_review FROM booking")[0] == 1
    desk.fleet.connected(CAR)
    car.boot = b"the boot"  # of which the thief had spoken
    car.hello()
    settle(desk, car, 3)
    ident = desk.fleet.ask_position(CAR, "Mori", "healed?")
    assert command_in(desk).counter == 1
    desk.clock.now_s += 6
    desk.fleet.tick()
    exchange(desk, car)
    assert desk.fleet.command(ident)["status"] == "accepted"


def test_what_was_in_order_stays(desk: Desk, old: Path) -> None:
    assert isinstance(desk.clock, Clock)
    desk.db.run("UPDATE car SET counter = 2147483647, uptime_s = 5, boot = x'01'")
    migrate(desk, old)
    row = desk.car_row()
    assert (row.counter, row.uptime_s, row.boot) == (2147483647, 5, b"\x01")
    assert (row.blocked_s, row.retired_s) == (None, None)
