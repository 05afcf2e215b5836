"""The chained journal: where each chain ends, and what the daemon has signed about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fleetd.core.ledger import START, Chain, Head, link

if TYPE_CHECKING:
    from fleetd.store.database import Database


def fleet(db: Database) -> str:
    """By chance, made with the database."""
    return str(db.row("SELECT fleet FROM ledger")[0])


def heads(db: Database) -> list[tuple[Chain, Head]]:
    """Of the journals that have events, in the order of car and journal."""
    rows = db.rows(
        "SELECT car, journal, seq, events, hash FROM journal WHERE events > 0 ORDER BY car, journal"
    )
    return [((row[0], row[1]), Head(row[2], row[3], row[4])) for row in rows]


def unsigned_count(db: Database) -> int:
    """Events that no checkpoint names yet."""
    return int(db.row("SELECT coalesce(sum(events - signed_events), 0) FROM journal")[0])


def signed_count(db: Database) -> int:
    """Events that some checkpoint names."""
    return int(db.row("SELECT coalesce(sum(signed_events), 0) FROM journal")[0])


def unsigned_heads(db: Database) -> list[tuple[Chain, Head]]:
    """Where chains end that have grown since the newest checkpoint."""
    rows = db.rows(
        "SELECT car, journal, seq, events, hash FROM journal WHERE events <> signed_events"
        " ORDER BY car, journal"
    )
    return [((row[0], row[1]), Head(row[2], row[3], row[4])) for row in rows]


def newest_checkpoint(db: Database) -> Any:
    """Every column; None before the first."""
    return db.row("SELECT * FROM checkpoint ORDER BY number DESC LIMIT 1")


def checkpoints(db: Database, first: int = 1, before: int = 1 << 62) -> Iterator[Any]:
    """(statement, signature) in order, from one number on and up to another; one at a time."""
    yield from db.connection.execute(
        "SELECT statement, signature FROM checkpoint WHERE number >= ? AND number < ?"
        " ORDER BY number",
        (first, before),
    )


def first_checkpoint_since(db: Database, at_s: int) -> int:
    """Its number; without any, the one that the next will have."""
    since = db.row("SELECT min(number) FROM checkpoint WHERE at_s >= ?", at_s)[0]
    newest = db.row("SELECT max(number) FROM checkpoint")[0]
    return int(since or (newest or 0) + 1)


def add_checkpoint(db: Database, number: int, at_s: int, statement: str, signature: bytes) -> None:
    """With it all that is there is signed."""
    db.run("INSERT INTO checkpoint VALUES (?, ?, ?, ?)", number, at_s, statement, signature)
    db.run("UPDATE journal SET signed_events = events WHERE signed_events <> events")


def chains(db: Database) -> list[Chain]:
    """All that have events, whatever `journal` says of them."""
    rows = db.rows("SELECT DISTINCT car, journal FROM event ORDER BY car, journal")
    return [(row[0], row[1]) for row in rows]


def end(db: Database, chain: Chain) -> Head | None:
    """What `journal` says of a chain."""
    row = db.row("SELECT seq, events, hash FROM journal WHERE car = ? AND journal = ?", *chain)
    return None if row is None else Head(row[0], row[1], row[2])


def last_event(db: Database, chain: Chain) -> tuple[int, int, bytes]:
    """(number, how many there are, hash); zeros without any."""
    row = db.row("SELECT max(seq), count(*), hash FROM event WHERE car = ? AND journal = ?", *chain)
    return (row[0], row[1], row[2]) if row[1] else (0, 0, START)


def events(db: Database, chain: Chain, after_seq: int, to_seq: int) -> list[Any]:
    """(seq, body, hash, code, at_s, clock_was_trusted, booking) in order."""
    return db.rows(
        "SELECT seq, body, hash, code, at_s, clock_was_trusted, booking FROM event"
        " WHERE car = ? AND journal = ? AND seq > ? AND seq <= ? ORDER BY seq",
        *chain, after_seq, to_seq,
    )  # fmt: skip


def chain_what_is_there(db: Database) -> None:
    """Of a database from before there was a chain."""
    for car, journal in chains(db):
        digest, count = START, 0
        car_bytes = bytes.fromhex(car)
        rows = db.rows(
            "SELECT seq, body FROM event WHERE car = ? AND journal = ? ORDER BY seq", car, journal
        )
        for seq, body in rows:
            digest, count = link(digest, car_bytes, journal, seq, body), count + 1
            db.run(
                "UPDATE event SET hash = ? WHERE car = ? AND journal = ? AND seq = ?",
                digest, car, journal, seq,
            )  # fmt: skip
        db.run(
            "UPDATE journal SET hash = ?, events = ? WHERE car = ? AND journal = ?",
            digest, count, car, journal,
        )  # fmt: skip
