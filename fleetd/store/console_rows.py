"""Who may unlock boxes at their console, and whom which question was answered or PIN told."""

from __future__ import annotations

from typing import Any

from firmware.wire import codes
from firmware.wire.journal_format import HEAD_BYTES
from fleetd.store.database import Database


def put_technician(db: Database, name: str, level: int, now_s: int) -> None:
    """A new one, one with another level, or one who was removed."""
    db.run(
        "INSERT INTO technician VALUES (?, ?, ?, NULL) ON CONFLICT (name) DO UPDATE SET"
        " level = excluded.level, added_s = excluded.added_s, removed_s = NULL",
        name, level, now_s,
    )  # fmt: skip


def remove_technician(db: Database, name: str, now_s: int) -> bool:
    """False: there is none of that name."""
    return bool(
        db.run(
            "UPDATE technician SET removed_s = ? WHERE name = ? AND removed_s IS NULL", now_s, name
        )
    )


def level_of(db: Database, name: str) -> int:
    """0: nobody of that name may anything."""
    row = db.row("SELECT level FROM technician WHERE name = ? AND removed_s IS NULL", name)
    return 0 if row is None else int(row[0])


def technicians(db: Database) -> list[dict[str, Any]]:
    """Those who may something now."""
    rows = db.rows(
        "SELECT name, level, added_s FROM technician WHERE removed_s IS NULL ORDER BY name"
    )
    return [dict(row) for row in rows]


def add_answer(db: Database, who: str, car: str, level: int, nonce: bytes, now_s: int) -> None:
    db.run(
        "INSERT INTO console_answer (at_s, who, car, level, nonce) VALUES (?, ?, ?, ?, ?)",
        now_s, who, car, level, nonce,
    )  # fmt: skip


def answered(db: Database, car: str, nonce: bytes) -> list[str]:
    """Who asked for the answer, each once, the first first."""
    rows = db.rows(
        "SELECT who FROM console_answer WHERE car = ? AND nonce = ? GROUP BY who ORDER BY min(id)",
        car, nonce,
    )  # fmt: skip
    return [row[0] for row in rows]


def latest_answers(db: Database, most: int) -> list[dict[str, Any]]:
    """The newest first."""
    rows = db.rows(
        "SELECT at_s, who, car, level, CAST(nonce AS TEXT) AS nonce FROM console_answer"
        " ORDER BY id DESC LIMIT ?",
        most,
    )  # fmt: skip
    return [dict(row) for row in rows]


def add_pin(db: Database, who: str, car: str, day: str, identifier: bytes, now_s: int) -> None:
    """`day` as 2026-04-01."""
    db.run(
        "INSERT INTO console_pin (at_s, who, car, day, identifier) VALUES (?, ?, ?, ?, ?)",
        now_s, who, car, day, identifier,
    )  # fmt: skip


def had_pin(db: Database, car: str, identifier: bytes, day: str) -> list[str]:
    """Whom the PIN of this card, car and day was told, each once, the first first."""
    rows = db.rows(
        "SELECT who FROM console_pin WHERE car = ? AND identifier = ? AND day = ?"
        " GROUP BY who ORDER BY min(id)",
        car, identifier, day,
    )  # fmt: skip
    return [row[0] for row in rows]


def latest_pins(db: Database, most: int) -> list[dict[str, Any]]:
    """The newest first."""
    rows = db.rows(
        "SELECT at_s, who, car, day, identifier FROM console_pin ORDER BY id DESC LIMIT ?", most
    )
    return [dict(row) for row in rows]


def events_by_technicians(db: Database, car: str, most: int) -> list[Any]:
    """Of those that name a cause, the newest `most` of a technician's, oldest first; -1: all."""
    rows = db.rows(
        "SELECT car, at_s, body FROM event WHERE substr(body, ?, 1) = ? AND length(body) >= ?"
        " AND (car = ? OR ? = '') ORDER BY received_s DESC, at_s DESC, seq DESC LIMIT ?",
        HEAD_BYTES + 1, bytes((codes.BY_TECHNICIAN,)), HEAD_BYTES + 9, car, car, most,
    )  # fmt: skip
    return rows[::-1]
