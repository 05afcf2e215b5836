"""A copy of the database while the daemon runs: checked, for the user alone, whole or not there."""

from __future__ import annotations

import argparse
import os
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from fleetd.arguments import whole
from fleetd.host.failures import DamagedDatabaseError, UsageError
from fleetd.host.parts import Answer, Commands
from fleetd.store import fleet_rows
from fleetd.store.database import Database, DatabaseError, newest_version, open_as_it_is

#: The first version that says when a copy was made.
VERSION_WITH_TIME = 7
#: Copies in a folder.
KEPT_MAX = 100_000
_FILE_MODE = 0o600
_PART = ".part"
_NAME = re.compile(r"fleet-\d{8}T\d{6}Z\.db")


def add_to(commands: Commands) -> None:
    commands.add(
        "backup", "copy the database, also while the daemon runs", backup,
        "python -m fleetd backup --db fleet.db --out /backup/fleet.db\n"
        "  python -m fleetd backup --db fleet.db --out /backup --keep 14",
        ("--out", {"required": True, "type": Path, "metavar": "PATH",
                   "help": "a new file, or a folder: then the file's name is the time"}),
        ("--keep", {"type": whole(1, KEPT_MAX), "metavar": "N",
                    "help": "in a folder: leave this one and the N - 1 before it (default: all)"}),
    )  # fmt: skip


def backup(arguments: argparse.Namespace) -> Answer:
    """Into a file beside the place, which takes its name when it is whole and checked."""
    now_s = int(time.time())
    out = arguments.out
    is_in_folder = out.is_dir()
    if is_in_folder:
        out /= datetime.fromtimestamp(now_s, UTC).strftime("fleet-%Y%m%dT%H%M%SZ.db")
    if arguments.keep is not None and not is_in_folder:
        raise UsageError(f"--keep {arguments.keep}: is a count of files, and --out a folder then")
    if out.exists():
        raise UsageError(f"--out {out}: is there already; choose another file")
    if is_same(arguments.db, part_of(out)):
        raise UsageError(f"--db {arguments.db}: is where the copy is made; rename it first")
    with closing(open_as_it_is(arguments.db)) as source:
        copied = write_copy(source, out, now_s)
    old = [] if arguments.keep is None else _forget_old(out, arguments.keep)
    text = f"{out}: {copied:,} bytes, checked"
    if old:
        text += f"; older ones that are gone: {len(old)}"
    return {"out": str(out), "bytes": copied, "made_s": now_s, "removed": old, "text": text}


def write_copy(source: Database, out: Path, made_s: int | None) -> int:
    """Its size. DatabaseError when it is not whole; then there is no file."""
    part = part_of(out)
    try:
        _make_empty(part)
        with closing(sqlite3.connect(part, isolation_level=None)) as connection:
            # All pages in one go: one moment of the fleet, while its daemon goes on writing.
            source.connection.backup(connection)
            connection.row_factory = sqlite3.Row
            copy = Database(connection)
            if made_s is not None and version(copy) >= VERSION_WITH_TIME:
                fleet_rows.note_backup(copy, made_s)
            copy.run("PRAGMA journal_mode = DELETE")  # no second file that must go with it
            check_whole(copy, out)
        sync(part)
        part.replace(out)
        sync(out.parent)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(f"{out}: the copy cannot be made: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return out.stat().st_size


def part_of(out: Path) -> Path:
    """Where a copy is made until it is whole."""
    return out.with_name(f".{out.name}{_PART}")


def is_same(path: Path, other: Path) -> bool:
    """By whatever name, and if neither is there."""
    try:
        return path.samefile(other)
    except FileNotFoundError:
        return path.resolve() == other.resolve()


def version(db: Database) -> int:
    return int(db.row("PRAGMA user_version")[0])


def check_whole(db: Database, name: Path) -> None:
    """DatabaseError unless every page and every reference is as it should be."""
    found = db.row("PRAGMA integrity_check")[0]
    if found != "ok":
        raise DamagedDatabaseError(f"{name}: is damaged: {found}; take another copy")
    broken = db.rows("PRAGMA foreign_key_check")
    if broken:
        raise DamagedDatabaseError(
            f"{name}: is damaged: rows of {broken[0][0]} that stand alone: {len(broken)};"
            " take another copy"
        )
    if version(db) > newest_version():
        raise DatabaseError(f"{name}: is of a newer program; run that one")


def _make_empty(path: Path) -> None:
    path.unlink(missing_ok=True)  # of a copy that was cut off
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE))


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget_old(out: Path, keep: int) -> list[str]:
    """By name, which is the time. Neither `out` nor what a clock that was ahead named later."""
    ours = sorted(
        path
        for path in out.parent.iterdir()
        if _NAME.fullmatch(path.name) and path.name <= out.name
    )
    for path in ours[:-keep]:
        path.unlink()
    return [str(path) for path in ours[:-keep]]
