"""What is late: looked up for alarms, for `status` and for metrics."""

from __future__ import annotations

from typing import Any

from fleetd.store.database import Database

_NEEDED = (
    "EXISTS (SELECT 1 FROM booking WHERE booking.car = car.id AND"
    " (booking.status IN ('in_use', 'reopened') OR booking.status = 'booked'"
    " AND booking.starts_s <= ? AND booking.ends_s > ?))"
)


def not_heard_since(db: Database, before_s: int, soon_s: int, now_s: int) -> list[Any]:
    """(car, heard, added, is needed): those silent for longer, heard 0 for never."""
    return db.rows(
        f"SELECT id, heard_s, added_s, {_NEEDED} FROM car"  # noqa: S608 - our own text
        " WHERE max(heard_s, added_s) <= ? AND blocked_s IS NULL ORDER BY id",
        soon_s, now_s, before_s,
    )  # fmt: skip


def heard(db: Database) -> list[int]:
    """When each car was heard last, but those that are shut out; 0 for never."""
    return [row[0] for row in db.rows("SELECT heard_s FROM car WHERE blocked_s IS NULL")]


def shut_out(db: Database) -> tuple[int, int]:
    """How many cars are blocked, and how many retired."""
    row = db.row(
        "SELECT total(retired_s IS NULL), total(retired_s IS NOT NULL) FROM car"
        " WHERE blocked_s IS NOT NULL"
    )
    return int(row[0]), int(row[1])


def revoked(db: Database) -> list[Any]:
    """(car, since): cars that may hold what is not to hold any more; a blocked one still opens."""
    return db.rows(
        "SELECT id, revoked_s FROM car WHERE revoked_s IS NOT NULL AND retired_s IS NULL"
        " ORDER BY id"
    )


def starts_lacked(db: Database, until_s: int, now_s: int) -> list[int]:
    """When the bookings start that are not in their cars."""
    rows = db.rows(
        "SELECT booking.starts_s FROM booking LEFT JOIN car_record"
        " ON car_record.car = booking.car AND car_record.booking = booking.id"
        " WHERE booking.status = 'booked' AND booking.starts_s <= ? AND booking.ends_s > ?"
        " AND car_record.since_s IS NULL",
        until_s, now_s,
    )  # fmt: skip
    return [row[0] for row in rows]


def backlogs(db: Database) -> list[int]:
    """Of each car with any, how many events its newest HELLO told of that it has not yet told."""
    rows = db.rows(
        "SELECT car.next_seq - 1 - coalesce(journal.seq, 0) AS untold FROM car LEFT JOIN journal"
        " ON journal.car = car.id AND journal.journal = car.journal"
        " WHERE car.blocked_s IS NULL AND untold > 0"
    )
    return [row[0] for row in rows]


def missing(db: Database) -> dict[str, int]:
    """How many events will never come, by why."""
    rows = db.rows(
        "SELECT why, sum(last_seq - first_seq + 1) FROM missing_events"
        " JOIN car ON car.id = car AND blocked_s IS NULL GROUP BY why"
    )
    return {row[0]: row[1] for row in rows}


def commands(db: Database) -> list[Any]:
    """(verb, status, how many)."""
    return db.rows("SELECT verb, status, count(*) FROM command GROUP BY verb, status")


def waiting(db: Database) -> list[int]:
    """Since when each car lacks something."""
    rows = db.rows("SELECT behind_s FROM car WHERE behind_s IS NOT NULL AND blocked_s IS NULL")
    return [row[0] for row in rows]


def alarms(db: Database) -> dict[str, int]:
    rows = db.rows("SELECT name, count(*) FROM alarm WHERE cleared_s IS NULL GROUP BY name")
    return {row[0]: row[1] for row in rows}


def open_count(db: Database, name: str, car: str) -> int:
    row = db.row(
        "SELECT count(*) FROM alarm WHERE name = ? AND car = ? AND cleared_s IS NULL", name, car
    )
    return int(row[0])


def is_known(db: Database, name: str, car: str, since_s: int) -> bool:
    """Is there an alarm that is open, or was raised since then and cleared by a person?"""
    row = db.row(
        "SELECT 1 FROM alarm WHERE name = ? AND car = ?"
        " AND (cleared_s IS NULL OR cleared_by <> '' AND raised_s >= ?)",
        name, car, since_s,
    )  # fmt: skip
    return row is not None


def seen_to(db: Database, name: str) -> dict[str, int]:
    """Of each car, when the newest alarm of this name was raised that a person has cleared."""
    rows = db.rows(
        "SELECT car, max(raised_s) FROM alarm WHERE name = ? AND cleared_by <> '' GROUP BY car",
        name,
    )
    return {row[0]: row[1] for row in rows}


def mails_unsent(db: Database) -> int:
    return int(db.row("SELECT count(*) FROM mail WHERE sent_s IS NULL")[0])


def checkpointed_s(db: Database) -> int | None:
    """When the journal was signed last; None where that is not done."""
    if not _has(db, "checkpoint", "at_s"):
        return None
    found: int | None = db.row("SELECT max(at_s) FROM checkpoint")[0]
    return found


def key_slots(db: Database) -> dict[str, int]:
    """How many cars speak under their first key, the newest, and the one before it."""
    rows = db.rows("SELECT key_slot, count(*) FROM car GROUP BY key_slot")
    found = {row[0]: row[1] for row in rows}
    return {name: found.get(slot, 0) for slot, name in enumerate(("first", "newest", "former"))}


def _has(db: Database, table: str, column: str) -> bool:
    sql = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
    return db.row(sql, table, column) is not None
