"""The fleet itself, and how its cars come to the daemon: a row each."""

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


def put_line(db: Database, way: str, trouble: str, now_s: int) -> None:
    """`trouble` is empty when cars can come."""
    db.run("INSERT OR REPLACE INTO line VALUES (1, ?, ?, ?)", way, trouble, now_s)


def line(db: Database) -> dict[str, str | int] | None:
    """None before a daemon ran."""
    row = db.row("SELECT way, trouble, since_s FROM line")
    return None if row is None else dict(row)
