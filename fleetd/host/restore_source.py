"""What a restore looks at before it takes a copy: is it whole, which fleet's is it, and when was it made?"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleetd.core.ledger import parse_statement
from fleetd.core.rules import load_profile
from fleetd.host.backup import VERSION_WITH_TIME, check_whole, is_same, part_of, version
from fleetd.host.failures import UsageError
from fleetd.host.parts import show_time
from fleetd.ledger import key as ledger_key
from fleetd.ledger.reading import parse_line
from fleetd.store import fleet_rows, ledger_rows
from fleetd.store.database import Database, DatabaseError, open_as_it_is

#: The first version in which a fleet has a name of its own, and a journal that is signed.
VERSION_WITH_FLEET = 6


@dataclass(frozen=True, slots=True)
class Copy:
    """What is known of it."""

    #: When `backup` made it; None: `backup` did not, or that of a program of long ago.
    made_s: int | None
    #: When its file was written last.
    file_s: int
    utc_offset_s: int
    #: "": older than such names are.
    fleet: str
    #: Which key signed its newest checkpoint; "" without any.
    key: str

    def as_of(self) -> str:
        """Of when it is, as far as anybody can say."""
        if self.made_s is not None:
            return show_time(self.made_s, self.utc_offset_s)
        return show_time(self.file_s, self.utc_offset_s)


def check(found: Database, source: Path) -> Copy:
    """Damage shows before anything is touched."""
    try:
        check_whole(found, source)
        made_s = fleet_rows.backup_made_s(found) if version(found) >= VERSION_WITH_TIME else None
        offset_s = load_profile(fleet_rows.profile(found)).utc_offset_s
        fleet, key = _signed(found)
    except sqlite3.Error as error:
        raise DatabaseError(f"{source}: cannot be read as a whole: {error}") from error
    return Copy(made_s, int(source.stat().st_mtime), offset_s, fleet, key)


def refuse_strange(copy: Copy, source: Path, *, may_lack_time: bool) -> None:
    """UsageError for one that `backup` did not write."""
    if copy.made_s is None and not may_lack_time:
        raise UsageError(
            f"--from {source}: does not say when it was made, so `backup` of this program did not"
            " write it: it may be cut off in the midst of a transaction; give a copy that `backup`"
            f" wrote, or --no-backup-time to take it as of {copy.as_of()}, the time of its file"
        )


def refuse_other(copy: Copy, source: Path, db: Path, *, may_be_other: bool) -> bool:
    """UsageError for a copy of another fleet than that whose place it takes; whether it is one."""
    there = _fleet_of(db)
    if not there or not copy.fleet or copy.fleet == there:
        return False
    if not may_be_other:
        raise UsageError(
            f"--from {source}: is of fleet {copy.fleet}; --db {db} is of fleet {there}; give a copy"
            " of that one, or --other-fleet to have the other one in its place"
        )
    return True


def refuse_own(source: Path, db: Path, part: Path) -> None:
    """What a restore itself writes, moves or clears away is no source of it."""
    if not source.is_file():
        raise UsageError(f"--from {source}: there is no such file; give one that `backup` wrote")
    if is_same(source, db):
        raise UsageError(f"--from {source}: is the database itself; give a copy of it")
    if is_same(source, part) or is_same(source, part_of(part)):
        raise UsageError(
            f"--from {source}: a restore writes under this name; rename the file first"
        )


def tell_key(copy: Copy, db: Path) -> str:
    """What is to be done about the journal's key, which no copy holds; "" when nothing is."""
    path = ledger_key.path_of(db)
    if not copy.key:
        return ""
    if not os.path.lexists(path):
        return (
            f"{path} is not there, and without it the daemon does not start: put it back from its"
            f" own copy, or, if that is lost: fleetd journal checkpoint-key --db {db} --new"
        )
    try:
        there = ledger_key.public_half(db).id
    except DatabaseError as error:
        return str(error)
    if there == copy.key:
        return ""
    return (
        f"{path} is key {there}; the copy's journal was signed with {copy.key}: put that one back,"
        " or have the journal checked with the public halves of both"
    )


def move_key(db: Path, kept: Path) -> None:
    """With its database: no fleet signs with another's."""
    path = ledger_key.path_of(db)
    if os.path.lexists(path):
        path.rename(path.with_name(f"{kept.name}.journal-key"))


def stamp(now_s: int) -> str:
    return datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")


def _signed(found: Database) -> tuple[str, str]:
    """(fleet, key of the newest checkpoint)."""
    if version(found) < VERSION_WITH_FLEET:
        return "", ""
    newest: Any = ledger_rows.newest_checkpoint(found)
    key = ""
    if newest is not None:
        with suppress(ValueError):  # whoever verifies the journal says so
            key = parse_statement(parse_line(newest["statement"])).key
    return ledger_rows.fleet(found), key


def _fleet_of(db: Path) -> str:
    """Of what is there; "" when that cannot be read."""
    if not db.exists():
        return ""
    try:
        with closing(open_as_it_is(db)) as found:
            return _signed(found)[0]
    except (DatabaseError, sqlite3.Error):
        return ""
