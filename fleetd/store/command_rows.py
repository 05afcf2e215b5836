"""Commands of the phone and of the operator, from the button to the car's answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from firmware.wire.codes import VERB_ENROL
from fleetd.store.database import Database

# What came of an enrolment.
OPEN = "open"
REGISTERED = "registered"
TIME_OVER = "time_over"
ENROLMENTS = (OPEN, REGISTERED, TIME_OVER, "card_of_somebody_else", "card_replaced_since")

PENDING = "pending"
ACCEPTED = "accepted"
REFUSED = "refused"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Command:
    """`boot`: the boot of the car that it was sent to last.

    A driver's has driver, key and booking; the operator's has `who` and `why` instead.
    """

    id: bytes
    driver: str | None
    key: str | None
    car: str
    booking: int | None
    verb: int
    who: str | None
    why: str | None
    status: str
    made_s: int
    expires_s: int
    boot: bytes | None
    sent_s: int | None
    reasons: str
    warnings: str
    locked: int | None
    blocked: int | None
    enrolment: str | None
    enrol_until_s: int | None
    card: str | None


_SELECT = f"SELECT {', '.join(Command.__slots__)} FROM command "  # noqa: S608 - our own names


def add(
    db: Database,
    ident: bytes,
    driver: str,
    key: str,
    car: str,
    booking: int,
    verb: int,
    made_s: int,
    expires_s: int,
) -> None:
    db.run(
        "INSERT INTO command (id, driver, key, car, booking, verb, status, made_s, expires_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ident, driver, key, car, booking, verb, PENDING, made_s, expires_s,
    )  # fmt: skip


def add_of_operator(
    db: Database, ident: bytes, car: str, who: str, why: str, verb: int, made_s: int, expires_s: int
) -> None:
    """About no booking (POS-1, STAFF-CAR-1)."""
    db.run(
        "INSERT INTO command (id, car, verb, who, why, status, made_s, expires_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ident, car, verb, who, why, PENDING, made_s, expires_s,
    )  # fmt: skip


def find(db: Database, ident: bytes) -> Command | None:
    row = db.row(_SELECT + "WHERE id = ?", ident)
    return None if row is None else Command(*row)


def find_by_key(db: Database, driver: str, key: str) -> Command | None:
    row = db.row(_SELECT + "WHERE driver = ? AND key = ?", driver, key)
    return None if row is None else Command(*row)


def last_of_booking(db: Database, driver: str, booking: int) -> Command | None:
    """The one that was made last."""
    row = db.row(
        _SELECT + "WHERE driver = ? AND booking = ? ORDER BY made_s DESC, rowid DESC LIMIT 1",
        driver, booking,
    )  # fmt: skip
    return None if row is None else Command(*row)


def pending_of_car(db: Database, car: str) -> list[Command]:
    rows = db.rows(_SELECT + "WHERE car = ? AND status = 'pending' ORDER BY made_s, id", car)
    return [Command(*row) for row in rows]


def pending(db: Database) -> list[Command]:
    rows = db.rows(_SELECT + "WHERE status = 'pending' ORDER BY made_s, id")
    return [Command(*row) for row in rows]


def note_sent(db: Database, ident: bytes, boot: bytes, now_s: int) -> None:
    db.run("UPDATE command SET boot = ?, sent_s = ? WHERE id = ?", boot, now_s, ident)


def end(
    db: Database,
    ident: bytes,
    status: str,
    now_s: int,
    reasons: list[dict[str, Any]],
    warnings: list[str],
    read_back: tuple[int, int] | None = None,
) -> None:
    """`read_back`: locked, blocked, as the car saw them afterwards."""
    locked, blocked = read_back or (None, None)
    db.run(
        "UPDATE command SET status = ?, ended_s = ?, reasons = ?, warnings = ?, locked = ?,"
        " blocked = ? WHERE id = ?",
        status, now_s, json.dumps(reasons), json.dumps(warnings), locked, blocked, ident,
    )  # fmt: skip


def open_enrolment(db: Database, ident: bytes, car: str, until_s: int) -> None:
    """The reader waits for a card. What came of it already stays."""
    db.run(
        "UPDATE command SET enrolment = 'open', enrol_until_s = ?"
        " WHERE id = ? AND car = ? AND verb = ? AND enrolment IS NULL",
        until_s, ident, car, VERB_ENROL,
    )  # fmt: skip


#: Found by its driver, whose commands are few: there is no index of all by their booking.
_OF_BOOKING = (
    "driver = (SELECT driver.id FROM booking JOIN driver ON driver.number = booking.driver"
    " WHERE booking.id = ?1) AND booking = ?1 AND car = ?2 "
)


def enrolment_is_asked(db: Database, car: str, booking: int) -> bool:
    """Whether the driver asked this car for it, and no card has come of that yet."""
    row = db.row(
        f"SELECT 1 FROM command WHERE {_OF_BOOKING} AND verb = ?3"  # noqa: S608 - ours
        " AND (enrolment = 'open' OR enrolment IS NULL AND status <> 'refused')",
        booking, car, VERB_ENROL,
    )  # fmt: skip
    return row is not None


def end_enrolments(db: Database, car: str, booking: int, outcome: str, card: str) -> int:
    """Of all that are open: a later one began the time anew. How many those were."""
    return db.run(
        f"UPDATE command SET enrolment = ?3, card = ?4 WHERE {_OF_BOOKING}"  # noqa: S608 - ours
        " AND enrolment = 'open'",
        booking, car, outcome, card or None,
    )  # fmt: skip


def end_unopened_enrolment(db: Database, car: str, booking: int, outcome: str, card: str) -> None:
    """Of the oldest one of which nothing was heard, and now the card."""
    db.run(
        "UPDATE command SET enrolment = ?3, card = ?4 WHERE id = (SELECT id FROM command"  # noqa: S608 - ours
        f" WHERE {_OF_BOOKING} AND verb = ?5 AND enrolment IS NULL"
        " AND status <> 'refused' ORDER BY made_s, id LIMIT 1)",
        booking, car, outcome, card, VERB_ENROL,
    )  # fmt: skip
