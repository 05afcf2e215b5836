"""Trouble of one car stays that car's: work that fails is undone, counted, told, and no others' end.

A part of the tick that is about all cars is kept from the other parts in the same way.
"""

from __future__ import annotations

import logging
import sqlite3
import traceback
from collections.abc import Callable

from fleetd.store import notice_rows
from fleetd.turn import Turn

CAR_FAILED = "car_failed"
DAEMON_FAILED = "daemon_failed"

log = logging.getLogger(__name__)


def apart(turn: Turn, car: str, what: str, work: Callable[[], object]) -> bool:
    """Carry out work that is about one car (or "", about all); False when it failed.

    A database that fails is raised: it would fail for the others, too.
    """
    try:
        turn.attempt(work)
    except Exception as error:
        if is_of_database(turn, error):
            raise
        note(turn, car, what, error)
        return False
    return True


def is_of_database(turn: Turn, error: Exception) -> bool:
    """Full, locked, unreadable, damaged: nothing of this transaction can stand."""
    is_damaged = type(error) is sqlite3.DatabaseError
    is_over = not turn.db.connection.in_transaction  # SQLite itself has rolled everything back
    return is_damaged or is_over or isinstance(error, sqlite3.OperationalError)


def note(turn: Turn, car: str, what: str, error: Exception) -> None:
    """A bug that something brings out; `what`, of a small set, is undone already."""
    if car:
        link = turn.link(car)
        link.failures += 1
        count = link.failures
    else:
        turn.counts["part_failed"] += 1
        count = turn.counts["part_failed"]
    name = CAR_FAILED if car else DAEMON_FAILED
    notice_rows.raise_alarm(turn.db, name, car, turn.now_s, detail=what)
    tell(f"car {car}: {what}" if car else what, error, count)


def tell(what: str, error: Exception, count: int) -> None:
    """To the log, the 1st, 2nd, 4th, 8th ... time."""
    if count & (count - 1) == 0:
        # Without the exception's own text: it may hold what was in the frame.
        log.error(
            "%s failed and has no effect, number %d: %s\n%s",
            what, count, type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )  # fmt: skip
