"""What each car goes by, and who changed what of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fleetd.core.car_terms import Choice
from fleetd.store.database import Database


@dataclass(frozen=True, slots=True)
class CarTerms:
    """`untaken_s`: since when the car is spared the record that it did not take."""

    choice: Choice
    record: bytes
    set_s: int
    untaken_s: int | None


def find(db: Database, car: str) -> CarTerms | None:
    """None: the car goes by what its box was provisioned with."""
    row = db.row(
        "SELECT profile, changes, record, set_s, untaken_s FROM car_terms WHERE car = ?", car
    )
    if row is None:
        return None
    choice = Choice(row["profile"], json.loads(row["changes"]))
    return CarTerms(choice, row["record"], row["set_s"], row["untaken_s"])


def put(db: Database, car: str, choice: Choice, record: bytes, now_s: int) -> None:
    db.run(
        "INSERT OR REPLACE INTO car_terms VALUES (?, ?, ?, ?, ?, NULL)",
        car, choice.profile, json.dumps(choice.changes, sort_keys=True), record, now_s,
    )  # fmt: skip


def note_untaken(db: Database, car: str, now_s: int) -> None:
    db.run("UPDATE car_terms SET untaken_s = ? WHERE car = ?", now_s, car)


def note_change(db: Database, car: str, now_s: int, who: str, what: str, detail: str) -> None:
    """In the transaction of the change."""
    db.run(
        "INSERT INTO car_change (car, at_s, who, what, detail) VALUES (?, ?, ?, ?, ?)",
        car, now_s, who, what, detail,
    )  # fmt: skip


def changes(db: Database, car: str) -> list[dict[str, Any]]:
    """Oldest first."""
    rows = db.rows("SELECT at_s, who, what, detail FROM car_change WHERE car = ? ORDER BY id", car)
    return [dict(row) for row in rows]
