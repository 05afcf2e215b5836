"""The fleet itself: one row."""

from __future__ import annotations

from fleetd.store.database import Database, DatabaseError


def add(db: Database, profile: str, now_s: int) -> None:
    db.run("INSERT INTO fleet VALUES (1, ?, ?)", profile, now_s)


def profile(db: Database) -> str:
    """The name of the operator's terms."""
    row = db.row("SELECT profile FROM fleet")
    if row is None:
        raise DatabaseError("the database was never finished; delete it and run: fleetd init")
    return str(row[0])
