"""What a database must be told that was a copy until now, and what it lacks beside another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleetd.core.sync import GEN_MAX
from fleetd.store import car_rows, log_rows
from fleetd.store.database import Database

#: What a lost database may have given out is never given again: a car may still tell of it.
NUMBERS_SKIPPED = 10_000
NUMBERED = ("booking", "driver")
#: The first version in which a car can be shut out.
_VERSION_WITH_BLOCKS = 10


def generations(db: Database) -> dict[str, int]:
    """Each car's; of a database of any version."""
    return {row[0]: row[1] for row in db.rows("SELECT id, gen FROM car")}


def last_numbers(db: Database) -> dict[str, int]:
    """The highest that were ever given."""
    return {row[0]: row[1] for row in db.rows("SELECT name, seq FROM sqlite_sequence")}


def shut_out(db: Database) -> list[Any]:
    """(car, since, by, why, retired since) of those that are; of a database of any version."""
    if db.row("PRAGMA user_version")[0] < _VERSION_WITH_BLOCKS:
        return []
    return db.rows(
        "SELECT id, blocked_s, blocked_by, blocked_why, retired_s FROM car"
        " WHERE blocked_s IS NOT NULL ORDER BY id"
    )


def keep_shut_out(db: Database, replaced: list[Any]) -> list[str]:
    """Cars that the replaced database shut out and the copy did not: a stolen box stays outside."""
    return [
        car
        for car, *how in replaced
        if db.run(
            "UPDATE car SET blocked_s = ?1, blocked_by = ?2, blocked_why = ?3, retired_s = ?4"
            " WHERE id = ?5 AND (blocked_s IS NULL OR retired_s IS NULL AND ?4 IS NOT NULL)",
            *how, car,
        )
    ]  # fmt: skip


def begin_generations(
    db: Database, replaced: dict[str, int], now_s: int, entropy: Callable[[int], bytes]
) -> int:
    """Above the copy's and the replaced database's: every car gets a snapshot. How many cars."""
    cars = car_rows.everyone(db)
    for car in cars:
        gen = min(max(car.gen, replaced.get(car.id, 0)) + 1, GEN_MAX)
        log_rows.begin_generation(db, car, gen, entropy(8))
        car_rows.note_behind(db, car.id, now_s, revokes=True)
    return len(cars)


def skip_numbers(db: Database, replaced: dict[str, int]) -> None:
    own = last_numbers(db)
    for name in NUMBERED:
        last = max(own.get(name, 0), replaced.get(name, 0)) + NUMBERS_SKIPPED
        if db.run("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", last, name) == 0:
            db.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, last)


def end_pending_commands(db: Database, now_s: int) -> int:
    """Nobody can tell what came of them."""
    return db.run(
        "UPDATE command SET status = 'unknown', ended_s = ? WHERE status = 'pending'", now_s
    )


def end_log_ins(db: Database) -> int:
    """One that was ended since would be good again."""
    return db.run("DELETE FROM token")


def progress(db: Database) -> dict[str, Any]:
    """How far a database had come: what can be compared with another one."""
    count = "SELECT count(*) FROM "
    return {
        "bookings": {row[0] for row in db.rows("SELECT id FROM booking")},
        "drivers": {row[0] for row in db.rows("SELECT id FROM driver")},
        "cars": {row[0] for row in db.rows("SELECT id FROM car")},
        "events": {
            (row[0], row[1]): row[2] for row in db.rows("SELECT car, journal, seq FROM journal")
        },
        "mails_unsent": db.row(count + "mail WHERE sent_s IS NULL")[0],
    }
