"""A daemon's database in memory, and the people in it."""

from __future__ import annotations

import re
import sqlite3
from itertools import count

from fleetd.core import passwords, rules
from fleetd.store import account_rows, fleet_rows
from fleetd.store.database import Database, migrations

#: Where a story's terms are none of the operators', these rules hold for bookings.
DEFAULT_PROFILE = "top24-2023"
_DRIVER = re.compile(r"[A-Z]{3}[0-9]{5}(?!000)[0-9]{3}", re.ASCII)
#: Drivers whose names are not of that form are members of their own.
_OTHER = "ZZZ%05d001"
_MAIL = "driver@example.org"
#: No password leads to it, and so nobody logs in.
_NO_HASH = b""


def profile_of(name: str) -> str:
    """The daemon's profile of that name, or the default."""
    return name if name in rules.names() else DEFAULT_PROFILE


def open_in_memory(profile: str, now_s: int) -> Database:
    """With all tables and no people; gone with its connection."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    for path in migrations():
        connection.executescript(path.read_text(encoding="utf-8"))
    connection.execute("PRAGMA foreign_keys = ON")
    database = Database(connection)
    with database.transaction():
        fleet_rows.add(database, profile, now_s)
    return database


class People:
    """Drivers by the names that stories give them.

    They are customers from before: nobody registers them, no mail goes out, and as nobody logs
    in with a password none is made, which would take longer than the whole story.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._idents: dict[str, str] = {}

    @property
    def idents(self) -> dict[str, str]:
        """The daemon's driver ID by name."""
        return self._idents

    def driver(self, name: str, now_s: int) -> str:
        """The daemon's ID of that driver, who is there from now on."""
        if name not in self._idents:
            ident = name if _DRIVER.fullmatch(name) and self._is_free(name) else self._next_ident()
            self._add(ident, name, now_s)
            self._idents[name] = ident
        return self._idents[name]

    def _next_ident(self) -> str:
        return next(ident for ident in (_OTHER % n for n in count(1)) if self._is_free(ident))

    def _is_free(self, ident: str) -> bool:
        return account_rows.driver(self._db, ident) is None

    def _add(self, ident: str, name: str, now_s: int) -> None:
        member = ident[:-3]
        salt = bytes(passwords.SALT_BYTES)
        with self._db.transaction():
            if account_rows.member_mail(self._db, member) is None:
                account_rows.add_account(self._db, member, salt, _NO_HASH)
                account_rows.add_member(self._db, member, member, _MAIL, now_s)
            account_rows.add_account(self._db, ident, salt, _NO_HASH)
            account_rows.add_driver(self._db, ident, member, name, _MAIL, "", now_s)
