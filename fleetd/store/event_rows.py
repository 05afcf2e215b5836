"""What cars told: events once each, and which numbers are missing."""

from __future__ import annotations

from typing import Any, NamedTuple

from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S, HEAD_BYTES
from fleetd.core.audit import heads, parse_place
from fleetd.store.database import Database

#: A statement with so many rows takes a fifth less than one for each; the binding has ready ones.
_ROWS_MAX = 8
#: A driver did something with the car, or wanted to.
_DONE = (
    codes.AUDIT_START_REQUESTED, codes.AUDIT_REUNLOCKED, codes.AUDIT_END_REQUESTED,
    codes.AUDIT_REOPEN_REQUESTED, codes.AUDIT_REOPEN_LOCKED, codes.AUDIT_CARD_ENROLLED,
)  # fmt: skip
_REFUSED = (
    codes.AUDIT_START_REFUSED, codes.AUDIT_CARD_REFUSED, codes.AUDIT_END_REFUSED,
    codes.AUDIT_REOPEN_REFUSED, codes.AUDIT_COMMAND_REFUSED,
)  # fmt: skip
#: The second condition is what SQLite takes the index for: it holds events of bookings alone.
_OF_BOOKING = "booking = ? AND booking <> 0"
_NAMES_ANOTHER = (
    f"SELECT 1 FROM event WHERE {_OF_BOOKING} AND (code IN {_DONE} OR code IN {_REFUSED}"  # noqa: S608 - numbers
    " AND substr(body, ?, ?) <> ?) AND iif(clock_was_trusted, at_s, received_s) >= ? LIMIT 1"
)


class Journal(NamedTuple):
    """Complete up to `seq`; the car told of `next_seq` as the next; heard of first at `first_s`."""

    seq: int
    next_seq: int
    first_s: int


def journal(db: Database, car: str, number: int) -> Journal | None:
    """None for a journal never heard of."""
    row = db.row(
        "SELECT seq, next_seq, first_s FROM journal WHERE car = ? AND journal = ?", car, number
    )
    return None if row is None else Journal(*row)


def end_of_journal(db: Database, car: str, number: int) -> tuple[int, int, bytes] | None:
    """(complete up to, the next number that the car told of, hash of the last event)."""
    row = db.row(
        "SELECT seq, next_seq, hash FROM journal WHERE car = ? AND journal = ?", car, number
    )
    return None if row is None else (row[0], row[1], row[2])


def begin_journal(db: Database, car: str, number: int, now_s: int) -> bool:
    """Note a journal; True when the car had another one before."""
    had_other = db.row("SELECT 1 FROM journal WHERE car = ?", car) is not None
    db.run(
        "INSERT INTO journal (car, journal, seq, next_seq, first_s) VALUES (?, ?, 0, 0, ?)",
        car, number, now_s,
    )  # fmt: skip
    return had_other


def note_end(db: Database, car: str, number: int, seq: int, digest: bytes, added: int) -> None:
    """Everything up to here is in the database or known to be missing; the chain ends so."""
    db.run(
        "UPDATE journal SET seq = ?, hash = ?, events = events + ? WHERE car = ? AND journal = ?",
        seq, digest, added, car, number,
    )  # fmt: skip


def note_next_seq(db: Database, car: str, number: int, next_seq: int) -> None:
    """As the newest HELLO has it."""
    db.run(
        "UPDATE journal SET next_seq = ? WHERE car = ? AND journal = ?",
        next_seq, car, number,
    )  # fmt: skip


def _insert(rows: int) -> str:
    """Car, journal and time of arrival are those of all; seven values each for the rest."""
    own = [", ".join(f"?{4 + 7 * row + i}" for i in range(7)) for row in range(rows)]
    values = ", ".join(f"(?1, ?2, {one}, ?3)" for one in own)
    return (
        "INSERT INTO event (car, journal, seq, code, at_s, clock_was_trusted, booking, body, hash,"  # noqa: S608 - ours
        f" received_s) VALUES {values}"
    )


_INSERTS = [_insert(rows) for rows in range(_ROWS_MAX + 1)]


def add_all(
    db: Database,
    car: str,
    number: int,
    new: list[tuple[int, bytes]],
    digests: list[bytes],
    now_s: int,
) -> None:
    """Each with its hash. The key is unique: a second time is an error."""
    values: list[int | bytearray] = []
    for (seq, body), (code, at_2020_s, clock, booking), digest in zip(
        new, heads([body for _, body in new]), digests, strict=True
    ):
        # For each `bytes` sqlite3 looks for an adapter; a `bytearray` it takes as it is.
        values += (
            seq, code, at_2020_s + EPOCH_2020_S, 1 if clock == 1 else 0, booking, bytearray(body),
            bytearray(digest),
        )  # fmt: skip
    for at in range(0, len(values), 7 * _ROWS_MAX):
        own = values[at : at + 7 * _ROWS_MAX]
        db.connection.execute(_INSERTS[len(own) // 7], (car, number, now_s, *own))


def add_missing(
    db: Database, car: str, number: int, first_seq: int, last_seq: int, why: str, now_s: int
) -> None:
    db.run(
        "INSERT INTO missing_events VALUES (?, ?, ?, ?, ?, ?)",
        car, number, first_seq, last_seq, why, now_s,
    )  # fmt: skip


def names_command(db: Database, car: str, booking: int, command: bytes) -> bool:
    """Whether the car ever journaled that it received this command."""
    row = db.row(
        "SELECT 1 FROM event WHERE car = ? AND booking = ? AND code = ?"
        " AND substr(body, ?, ?) = ?",
        car, booking, codes.AUDIT_COMMAND_RECEIVED, HEAD_BYTES + 2, len(command), command,
    )  # fmt: skip
    return row is not None


def place_told(db: Database, car: str, command: bytes) -> tuple[int, ...] | None:
    """What the car told of its place when this command asked for it (POS-1): `parse_place`."""
    row = db.row(
        "SELECT body FROM event WHERE car = ? AND code = ? AND substr(body, ?, ?) = ?",
        car, codes.AUDIT_POSITION_REPORTED, HEAD_BYTES + 2, len(command), command,
    )  # fmt: skip
    return None if row is None else parse_place(row[0][HEAD_BYTES:])


def names_another(db: Database, booking: int, since_s: int, command: bytes) -> bool:
    """Was something done since then, or something refused that was not this command?"""
    row = db.row(_NAMES_ANOTHER, booking, HEAD_BYTES + 2, len(command), command, since_s)
    return row is not None


def of_car(db: Database, car: str) -> list[Any]:
    """(journal, seq, body) in order."""
    return db.rows("SELECT journal, seq, body FROM event WHERE car = ? ORDER BY journal, seq", car)


def of_booking(db: Database, booking: int) -> list[Any]:
    """Every column, in the order of arrival."""
    return db.rows(
        f"SELECT * FROM event WHERE {_OF_BOOKING} ORDER BY received_s, journal, seq",  # noqa: S608 - ours
        booking,
    )


def codes_of_booking(db: Database, booking: int) -> list[int]:
    """What happened, in the order in which it did."""
    rows = db.rows(
        f"SELECT event.code FROM event JOIN journal USING (car, journal) WHERE {_OF_BOOKING}"  # noqa: S608 - ours
        " ORDER BY first_s, journal, event.seq",
        booking,
    )
    return [row[0] for row in rows]


def missing(db: Database, car: str) -> list[Any]:
    """(journal, first, last, why)."""
    return db.rows(
        "SELECT journal, first_seq, last_seq, why FROM missing_events WHERE car = ?"
        " ORDER BY journal, first_seq",
        car,
    )


def count(db: Database) -> int:
    return int(db.row("SELECT count(*) FROM event")[0])
