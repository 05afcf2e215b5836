"""What has to reach people: mails in an outbox, alarms for the operator."""

from __future__ import annotations

import json
from typing import Any

from fleetd.store.database import Database

#: Alarms of one name about one car, and one booking or none, that are open at once.
OPEN_MAX = 16


def add_mail(
    db: Database,
    name: str,
    account: str,
    address: str,
    now_s: int,
    booking: int | None = None,
    content: dict[str, Any] | None = None,
) -> None:
    """Written in the transaction of what it tells of."""
    db.run(
        "INSERT INTO mail (name, account, address, booking, content, at_s)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        name, account, address, booking, json.dumps(content or {}), now_s,
    )  # fmt: skip


def unsent_mails(db: Database) -> list[dict[str, Any]]:
    return [dict(row) for row in db.rows("SELECT * FROM mail WHERE sent_s IS NULL ORDER BY id")]


def note_mail_sent(db: Database, mail: int, now_s: int) -> None:
    """Its content may hold a first password: it is not kept."""
    db.run("UPDATE mail SET sent_s = ?, content = '{}' WHERE id = ?", now_s, mail)


def raise_alarm(
    db: Database, name: str, car: str, now_s: int, booking: int = 0, detail: str = ""
) -> None:
    """Once, until it is cleared. `car` "": about the fleet.

    Of one name about the same at most so many are open as a person can read.
    """
    db.run(
        "INSERT INTO alarm (name, car, booking, detail, raised_s) SELECT ?1, ?2, ?3, ?4, ?5"
        " WHERE (SELECT count(*) FROM alarm WHERE name = ?1 AND car = ?2 AND booking = ?3"
        " AND cleared_s IS NULL) < ?6 ON CONFLICT DO NOTHING",
        name, car, booking, detail, now_s, OPEN_MAX,
    )  # fmt: skip


def raise_counted(db: Database, name: str, car: str, now_s: int, detail: str) -> None:
    """One alarm until it is cleared, with how often, and the newest detail."""
    again = db.run(
        "UPDATE alarm SET times = times + 1, detail = ?"
        " WHERE name = ? AND car = ? AND cleared_s IS NULL",
        detail, name, car,
    )  # fmt: skip
    if not again:
        raise_alarm(db, name, car, now_s, detail=detail)


def clear_alarm(db: Database, name: str, car: str, now_s: int, detail: str | None = None) -> None:
    """All of that name, or the one with this detail."""
    db.run(
        "UPDATE alarm SET cleared_s = ? WHERE name = ? AND car = ? AND cleared_s IS NULL"
        " AND detail = coalesce(?, detail)",
        now_s, name, car, detail,
    )  # fmt: skip


def clear_alarms_of_confirmed(db: Database, name: str, car: str, now_s: int) -> None:
    """Those about bookings that the car has by now, or that are not to come any more."""
    db.run(
        "UPDATE alarm SET cleared_s = ? WHERE name = ? AND car = ? AND cleared_s IS NULL"
        " AND (NOT EXISTS (SELECT 1 FROM booking WHERE booking.id = alarm.booking"
        " AND booking.status = 'booked' AND booking.ends_s > ?)"
        " OR EXISTS (SELECT 1 FROM car_record WHERE car_record.car = alarm.car"
        " AND car_record.booking = alarm.booking AND car_record.since_s IS NOT NULL))",
        now_s, name, car, now_s,
    )  # fmt: skip


def clear_alarm_by_hand(db: Database, number: int, who: str, why: str, now_s: int) -> bool:
    """False when there is none of this number that is open."""
    cleared = db.run(
        "UPDATE alarm SET cleared_s = ?, cleared_by = ?, cleared_why = ?"
        " WHERE id = ? AND cleared_s IS NULL",
        now_s, who, why, number,
    )  # fmt: skip
    return cleared == 1


def open_alarms(db: Database) -> list[dict[str, Any]]:
    rows = db.rows(
        "SELECT id, name, car, booking, detail, raised_s, times FROM alarm"
        " WHERE cleared_s IS NULL ORDER BY id"
    )
    return [dict(row) for row in rows]


def open_alarm_cars(db: Database, name: str) -> set[str]:
    """The cars that have this alarm now."""
    return {
        row[0]
        for row in db.rows("SELECT car FROM alarm WHERE name = ? AND cleared_s IS NULL", name)
    }


def all_alarms(db: Database, most: int) -> list[dict[str, Any]]:
    """The newest, those that are cleared among them."""
    rows = db.rows("SELECT * FROM alarm ORDER BY id DESC LIMIT ?", most)
    return [dict(row) for row in reversed(rows)]
