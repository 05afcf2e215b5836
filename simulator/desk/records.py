"""What the daemon's database says that no call tells: all bookings of the car, cards, mails.

Read beside the running daemon, never written.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """A booking; `driver` is the driver's ID."""

    number: int
    driver: str
    starts_s: int
    ends_s: int
    status: str
    #: Left so at the end (END-2).
    lights_on: int = 0
    window_open: int = 0


class Records:
    """`look` is cheap as long as nothing has changed."""

    def __init__(self, path: Path, car: str) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro"
        self._car = car
        self._db: sqlite3.Connection | None = None
        self._version = -1
        self.bookings: list[Row] = []
        #: Names of mails, oldest first.
        self.mails: list[str] = []
        #: Driver's ID -> the identifier of the card, 16 hex digits.
        self.cards: dict[str, str] = {}
        #: The car has said that it has everything.
        self.is_in_step = False

    def look(self) -> bool:
        """Whether something is new; a database that cannot be read just now says nothing."""
        try:
            if self._db is None:
                self._db = sqlite3.connect(self._uri, uri=True, timeout=0.1)
            version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
            if version == self._version:
                return False
            self._read(self._db)
            self._version = version
        except sqlite3.Error:
            self.close()
            return False
        return True

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        self._version = -1

    def _read(self, db: sqlite3.Connection) -> None:
        rows = db.execute(
            "SELECT booking.id, driver.id, starts_s, ends_s, status,"
            " end_lights_on, end_window_open FROM booking"
            " JOIN driver ON driver.number = booking.driver WHERE car = ?"
            " ORDER BY starts_s, booking.id",
            (self._car,),
        )
        self.bookings = [Row(*row) for row in rows]
        found = db.execute(
            "SELECT heard_s, behind_s FROM car WHERE id = ?", (self._car,)
        ).fetchone()
        self.is_in_step = found is not None and bool(found[0]) and found[1] is None
        cards = db.execute(
            "SELECT driver.id, hex(identifier) FROM card JOIN driver ON driver.number = card.driver"
        )
        self.cards = dict(cards.fetchall())
        self.mails = [str(row[0]) for row in db.execute("SELECT name FROM mail ORDER BY id")]
