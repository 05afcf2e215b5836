"""Take a copy into use: no car may take its past for the present, and the operator learns the price.

The copy gets its place when everything in it is told; until then the old database stays as it is.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleetd.core.rules import load_profile
from fleetd.host.backup import (
    VERSION_WITH_TIME,
    check_whole,
    is_same,
    part_of,
    sync,
    version,
    write_copy,
)
from fleetd.host.failures import UsageError
from fleetd.host.parts import Answer, Commands, show_time
from fleetd.ledger.findings import counted
from fleetd.store import fleet_rows, lease, notice_rows, restore_rows
from fleetd.store.database import Database, DatabaseError, open_as_it_is, open_existing

DATABASE_RESTORED = "database_restored"
#: The files of a database, those first that SQLite would play into another of the name.
_BESIDE = ("-wal", "-journal", "-shm", "")


@dataclass(slots=True)
class Old:
    """The database whose place the copy takes; `progress` None: it is not there, or unreadable."""

    generations: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    progress: dict[str, Any] | None = None


def add_to(commands: Commands) -> None:
    commands.add(
        "restore", "take a copy of the database into use; tells what is lost", restore,
        "python -m fleetd restore --from /backup/fleet.db --db fleet.db --replace",
        ("--from", {"required": True, "type": Path, "metavar": "FILE", "dest": "source",
                    "help": "what `backup` wrote; it stays as it is"}),
        ("--replace", {"action": "store_true",
                       "help": "there is a database: keep it beside under another name"}),
    )  # fmt: skip


def restore(arguments: argparse.Namespace) -> Answer:
    db, source = arguments.db, arguments.source
    with lease.held(db, even_if_missing=True):
        there = _files_of(db)
        if there and not arguments.replace:
            raise UsageError(
                f"--db {there[-1]}: is there already; give --replace to keep it beside"
            )
        part = db.with_name(f".{db.name}.restored")
        _refuse_own(source, db, part)
        old = _look_at(db)
        now_s = int(time.time())
        with closing(open_as_it_is(source)) as found:
            made_s = _check(found, source)
            _forget(part)  # of a restore that was cut off
            try:
                write_copy(found, part, None)
                answer = _tell_copy(part, source, old, made_s, now_s)
                kept = _move_aside(db, now_s)
                part.replace(db)
                sync(db.parent)
            except OSError as error:
                raise DatabaseError(f"{db}: cannot be put in place: {error.strerror}") from error
            finally:
                _forget(part)
    lines = answer.pop("lines")
    if kept:
        told = f"The database that was there is now {kept[-1]}."
        if there[-1] != db:
            told = f"What was left beside a database is now {' and '.join(map(str, kept))}."
        lines.insert(1, told)
    return {
        **answer,
        "kept": str(kept[-1]) if kept else None,
        "text": "\n".join([f"{db}: {lines[0]}", *lines[1:]]),
    }


def _check(found: Database, source: Path) -> int:
    """When the copy was made. Damage shows before anything is touched."""
    try:
        check_whole(found, source)
        made_s = fleet_rows.backup_made_s(found) if version(found) >= VERSION_WITH_TIME else None
        load_profile(fleet_rows.profile(found))
    except sqlite3.Error as error:
        raise DatabaseError(f"{source}: cannot be read as a whole: {error}") from error
    return int(source.stat().st_mtime) if made_s is None else made_s


def _refuse_own(source: Path, db: Path, part: Path) -> None:
    """What a restore itself writes, moves or clears away is no source of it."""
    if not source.is_file():
        raise UsageError(f"--from {source}: there is no such file; give one that `backup` wrote")
    if is_same(source, db):
        raise UsageError(f"--from {source}: is the database itself; give a copy of it")
    if is_same(source, part) or is_same(source, part_of(part)):
        raise UsageError(
            f"--from {source}: a restore writes under this name; rename the file first"
        )


def _files_of(db: Path) -> list[Path]:
    """Those that are there; the database itself last."""
    return [path for beside in _BESIDE if os.path.lexists(path := Path(f"{db}{beside}"))]


def _forget(part: Path) -> None:
    for beside in _BESIDE:
        Path(f"{part}{beside}").unlink(missing_ok=True)


def _look_at(db: Path) -> Old:
    """Cars may be further than the copy: what the old one knows of that is worth a look."""
    if not db.exists():
        return Old()
    try:
        with closing(open_as_it_is(db)) as found:
            return Old(
                restore_rows.generations(found), restore_rows.last_numbers(found),
                restore_rows.progress(found),
            )  # fmt: skip
    except (DatabaseError, sqlite3.Error):
        return Old()


def _tell_copy(part: Path, source: Path, old: Old, made_s: int, now_s: int) -> Answer:
    """Everything that makes a past database a present one, in one transaction."""
    with closing(open_existing(part)) as copy:
        offset_s = load_profile(fleet_rows.profile(copy)).utc_offset_s
        with copy.transaction():
            cars = restore_rows.begin_generations(copy, old.generations, now_s, secrets.token_bytes)
            restore_rows.skip_numbers(copy, old.numbers)
            commands = restore_rows.end_pending_commands(copy, now_s)
            log_ins = restore_rows.end_log_ins(copy)
            fleet_rows.forget_backup(copy)
            detail = f"backup of {show_time(made_s, offset_s)}"
            notice_rows.raise_alarm(copy, DATABASE_RESTORED, "", now_s, detail=detail)
        lost = _losses(copy, old)
        copy.run("PRAGMA journal_mode = DELETE")
    made = show_time(made_s, offset_s)
    gone = (
        f"Cars that get a new copy of their bookings when they come: {cars}; pending commands that"
        f" are unknown now: {commands}; log-ins that are over: {log_ins}."
    )
    lines = [f"restored as of {made} from {source}.", gone, *_tell_losses(lost, made)]
    return {
        "from": str(source), "backup_made_s": made_s, "cars": cars, "commands_unknown": commands,
        "log_ins_ended": log_ins, "lost": lost, "lines": lines,
    }  # fmt: skip


def _losses(copy: Database, old: Old) -> dict[str, int] | None:
    """None: nobody can tell. Events of which the old one knew: cars have freed them since."""
    if old.progress is None:
        return None
    own = restore_rows.progress(copy)
    had = old.progress
    return {
        "bookings": len(had["bookings"] - own["bookings"]),
        "drivers": len(had["drivers"] - own["drivers"]),
        "cars": len(had["cars"] - own["cars"]),
        "events": sum(
            max(0, seq - own["events"].get(key, 0)) for key, seq in had["events"].items()
        ),
    }


def _tell_losses(lost: dict[str, int] | None, made: str) -> list[str]:
    since = (
        f"What people did since {made} is not in it: bookings, changes, cancellations,"
        " new passwords and cards."
    )
    if lost is None:
        much = (
            "How much that is cannot be told: no database that can be read was in its place."
            " Events that cars told since are gone; each car's hole becomes an alarm events_lost."
        )
    else:
        much = (
            f"The old database had {counted(lost['bookings'], 'booking')},"
            f" {counted(lost['drivers'], 'driver')} and {counted(lost['cars'], 'car')} that this"
            f" one has not, and {counted(lost['events'], 'event')} that the cars keep no longer."
        )
    return [since, much]


def _move_aside(db: Path, now_s: int) -> list[Path]:
    """All that is there under its name, whole or left over; where it is now."""
    try:
        with closing(open_as_it_is(db)) as found:
            found.run("PRAGMA wal_checkpoint(TRUNCATE)")
    except (DatabaseError, sqlite3.Error):
        pass  # it is kept as it is
    stamp = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = db.with_name(f"{db.name}.replaced-{stamp}")
    if taken := _files_of(kept):
        raise UsageError(f"--db {db}: {taken[-1]} is there already; wait a second")
    moved = []
    for path in _files_of(db):
        to = Path(f"{kept}{path.name.removeprefix(db.name)}")
        path.rename(to)
        moved.append(to)
    return moved
