"""What a broker must know of the cars to let each of them in, and nobody else."""

from __future__ import annotations

from typing import Any

from fleetd.store.database import Database


def note_password(db: Database, car: str, hashed: str) -> None:
    """As the broker's own file has it; the password itself is nowhere."""
    db.run("UPDATE car SET broker_password = ? WHERE id = ?", hashed, car)


def cars(db: Database) -> list[Any]:
    """(car, its key, what checks its password): of the box that waits for its HELLO, if one does.

    Cars that are shut out are not among them.
    """
    return db.rows(
        "SELECT id, coalesce(next_box.key, car.key) AS key,"
        " coalesce(next_box.broker_password, car.broker_password) AS broker_password"
        " FROM car LEFT JOIN next_box ON next_box.car = car.id WHERE blocked_s IS NULL ORDER BY id"
    )
