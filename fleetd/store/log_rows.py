"""A car's records, and the log of the operations that made them: what rule 1 keeps together."""

from __future__ import annotations

from firmware.wire.chain import next_hash
from firmware.wire.codes import OP_PUT_BOOKING
from fleetd.core.car_copy import Records
from fleetd.store.car_rows import Car
from fleetd.store.database import Database


def records(db: Database, car: str) -> Records:
    """What the car should hold."""
    rows = db.rows("SELECT op, ident, record FROM car_record WHERE car = ? ORDER BY op, ident", car)
    return {(row[0], row[1]): row[2] for row in rows}


def cars_with(db: Database, op: int, ident: bytes) -> list[str]:
    """Cars that should hold this record."""
    rows = db.rows("SELECT car FROM car_record WHERE op = ? AND ident = ? ORDER BY car", op, ident)
    return [row[0] for row in rows]


def append(db: Database, car: Car, operations: list[tuple[int, bytes, bytes]], now_s: int) -> None:
    """Each operation: a revision, its hash, its line in the log, its record. Odd numbers put."""
    rev, hash8 = car.rev, car.hash
    for op, ident, record in operations:
        rev += 1
        hash8 = next_hash(hash8, op, record)
        db.run(
            "INSERT INTO car_log VALUES (?, ?, ?, ?, ?, ?)", car.id, rev, op, record, hash8, now_s
        )
        if op % 2:
            booking = int.from_bytes(ident) if op == OP_PUT_BOOKING else None
            db.run(
                "INSERT INTO car_record VALUES (?, ?, ?, ?, ?, ?, NULL, ?)"
                " ON CONFLICT (car, op, ident) DO UPDATE SET record = excluded.record,"
                " rev = excluded.rev, put_s = excluded.put_s, since_s = NULL",
                car.id, op, ident, record, rev, now_s, booking,
            )  # fmt: skip
        else:
            db.run(
                "DELETE FROM car_record WHERE car = ? AND op = ? AND ident = ?",
                car.id, op - 1, ident,
            )  # fmt: skip
    db.run("UPDATE car SET rev = ?, hash = ? WHERE id = ?", rev, hash8, car.id)


def hash_at(db: Database, car: Car, rev: int) -> bytes | None:
    """The hash of a revision of the current generation; None when it is not known any more."""
    if rev == car.rev:
        return car.hash
    if rev == car.base_rev:
        return car.base_hash
    row = db.row("SELECT hash FROM car_log WHERE car = ? AND rev = ?", car.id, rev)
    return None if row is None else row[0]


def operations_after(db: Database, car: Car, rev: int) -> list[tuple[int, bytes]]:
    """(op, record) of the revisions after this one."""
    rows = db.rows(
        "SELECT op, record FROM car_log WHERE car = ? AND rev > ? ORDER BY rev", car.id, rev
    )
    return [(row[0], row[1]) for row in rows]


def note_confirmed(db: Database, car: str, rev: int, now_s: int) -> None:
    """The car has everything up to this revision (rule 9)."""
    db.run(
        "UPDATE car_record SET since_s = ? WHERE car = ? AND rev <= ? AND since_s IS NULL",
        now_s, car, rev,
    )  # fmt: skip


def forget_confirmed(db: Database, car: str) -> None:
    """The car has lost its copy."""
    db.run("UPDATE car_record SET since_s = NULL WHERE car = ? AND since_s IS NOT NULL", car)


def confirmed_s(db: Database, car: str, op: int) -> int | None:
    """Since when the car has its terms (or its key); None when it has not."""
    row = db.row("SELECT since_s FROM car_record WHERE car = ? AND op = ?", car, op)
    return None if row is None else row[0]


def is_unconfirmed(db: Database, car: str, op: int) -> bool:
    """Whether the car is to have its terms (or its key) and has not said so."""
    row = db.row("SELECT since_s IS NULL FROM car_record WHERE car = ? AND op = ?", car, op)
    return row is not None and bool(row[0])


def last_rev_before(db: Database, car: str, at_s: int) -> int:
    """The newest revision that was written before then; 0 without one."""
    row = db.row("SELECT max(rev) FROM car_log WHERE car = ? AND at_s < ?", car, at_s)
    return row[0] or 0


def trim(db: Database, car: Car, base_rev: int) -> None:
    """Forget the log up to a revision, which becomes the base."""
    base_hash = hash_at(db, car, base_rev)
    if base_rev <= car.base_rev or base_hash is None:
        return
    db.run("DELETE FROM car_log WHERE car = ? AND rev <= ?", car.id, base_rev)
    db.run("UPDATE car SET base_rev = ?, base_hash = ? WHERE id = ?", base_rev, base_hash, car.id)


def begin_generation(db: Database, car: Car, gen: int, hash8: bytes) -> None:
    """A history of its own: nothing that was said before is a point of it."""
    db.run("DELETE FROM car_log WHERE car = ?", car.id)
    db.run(
        "UPDATE car SET gen = ?, hash = ?, base_rev = rev, base_hash = ?, is_known = 0"
        " WHERE id = ?",
        gen, hash8, hash8, car.id,
    )  # fmt: skip
    forget_confirmed(db, car.id)


def receipt(db: Database, car: str, booking: int) -> tuple[int, int | None] | None:
    """(written for the car at, in the car since); None when the car is not to have it."""
    row = db.row(
        "SELECT put_s, since_s FROM car_record WHERE car = ? AND booking = ?", car, booking
    )
    return None if row is None else (row[0], row[1])
