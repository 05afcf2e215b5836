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


def put_counts(db: Database, counts: dict[str, int]) -> None:
    """What the daemon has counted, in the place of what was there."""
    db.run("DELETE FROM daemon_count")
    for name, value in counts.items():
        db.run("INSERT INTO daemon_count VALUES (?, ?)", name, value)


def counts(db: Database) -> dict[str, int]:
    return {row[0]: row[1] for row in db.rows("SELECT name, value FROM daemon_count ORDER BY name")}


def note_backup(db: Database, now_s: int) -> None:
    """In the copy, not in what it was made of."""
    db.run("INSERT OR REPLACE INTO backup VALUES (1, ?)", now_s)


def backup_made_s(db: Database) -> int | None:
    """None: this is no copy, or has been in use since."""
    row = db.row("SELECT made_s FROM backup")
    return None if row is None else int(row[0])


def forget_backup(db: Database) -> None:
    db.run("DELETE FROM backup")
