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
from pathlib import Path
from typing import Any

from fleetd.host import restore_source
from fleetd.host.backup import sync, write_copy
from fleetd.host.failures import UsageError
from fleetd.host.parts import Answer, Commands
from fleetd.host.restore_source import Copy
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
    shut_out: list[Any] = field(default_factory=list)
    progress: dict[str, Any] | None = None


def add_to(commands: Commands) -> None:
    commands.add(
        "restore", "take a copy of the database into use; tells what is lost", restore,
        "python -m fleetd restore --from /backup/fleet.db --db fleet.db --replace",
        ("--from", {"required": True, "type": Path, "metavar": "FILE", "dest": "source",
                    "help": "what `backup` wrote; it stays as it is"}),
        ("--replace", {"action": "store_true",
                       "help": "there is a database: keep it beside under another name"}),
        ("--other-fleet", {"action": "store_true",
                           "help": "take a copy of another fleet than that of the database"}),
        ("--no-backup-time", {"action": "store_true",
                              "help": "take a file that `backup` did not write"}),
    )  # fmt: skip


def restore(arguments: argparse.Namespace) -> Answer:
    db, source = arguments.db, arguments.source
    if db.is_dir():
        raise UsageError(f"--db {db}: is a folder; give the database in it")
    with lease.held(db, even_if_missing=True):
        there = _files_of(db)
        if there and not arguments.replace:
            raise UsageError(
                f"--db {there[-1]}: is there already; give --replace to keep it beside"
            )
        part = db.with_name(f".{db.name}.restored")
        restore_source.refuse_own(source, db, part)
        old = _look_at(db)
        now_s = int(time.time())
        with closing(open_as_it_is(source)) as found:
            copy = restore_source.check(found, source)
            restore_source.refuse_strange(copy, source, may_lack_time=arguments.no_backup_time)
            is_other = restore_source.refuse_other(
                copy, source, db, may_be_other=arguments.other_fleet
            )
            if is_other:
                old.progress, old.shut_out = None, []
            _forget(part)  # of a restore that was cut off
            try:
                write_copy(found, part, None)
                answer = _tell_copy(part, source, old, copy, now_s)
                kept = _move_aside(db, now_s)
                if is_other:
                    restore_source.move_key(db, kept[-1])
                part.replace(db)
                sync(db.parent)
            except OSError as error:
                raise DatabaseError(f"{db}: cannot be put in place: {error.strerror}") from error
            finally:
                _forget(part)
    lines = answer.pop("lines")
    if kept:
        lines.insert(1, _tell_kept(kept, is_database=there[-1] == db, is_other=is_other))
    if key := restore_source.tell_key(copy, db):
        lines.append(key)
    return {
        **answer,
        "is_other_fleet": is_other,
        "kept": str(kept[-1]) if kept else None,
        "text": "\n".join([f"{db}: {lines[0]}", *lines[1:]]),
    }


def _tell_kept(kept: list[Path], *, is_database: bool, is_other: bool) -> str:
    if not is_database:
        return f"What was left beside a database is now {' and '.join(map(str, kept))}."
    if is_other:
        return f"The database of another fleet that was there is now {kept[-1]}, its key beside."
    return f"The database that was there is now {kept[-1]}."


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
                restore_rows.shut_out(found), restore_rows.progress(found),
            )  # fmt: skip
    except (DatabaseError, sqlite3.Error):
        return Old()


def _tell_copy(part: Path, source: Path, old: Old, copy: Copy, now_s: int) -> Answer:
    """Everything that makes a past database a present one, in one transaction."""
    made = copy.as_of()
    with closing(open_existing(part)) as db:
        with db.transaction():
            cars = restore_rows.begin_generations(db, old.generations, now_s, secrets.token_bytes)
            restore_rows.skip_numbers(db, old.numbers)
            shut_out = restore_rows.keep_shut_out(db, old.shut_out)
            commands = restore_rows.end_pending_commands(db, now_s)
            log_ins = restore_rows.end_log_ins(db)
            fleet_rows.forget_backup(db)
            detail = f"backup of {made}" if copy.made_s is not None else f"a file of {made}"
            notice_rows.raise_alarm(db, DATABASE_RESTORED, "", now_s, detail=detail)
        lost = _losses(db, old)
        db.run("PRAGMA journal_mode = DELETE")
    gone = (
        f"Cars that get a new copy of their bookings when they come: {cars}; pending commands that"
        f" are unknown now: {commands}; log-ins that are over: {log_ins}."
    )
    as_of = f"restored as of {made} from {source}."
    if copy.made_s is None:
        as_of = (
            f"restored from {source}, which does not say when it was made; its file was written"
            f" {made}, and what follows goes by that."
        )
    lines = [as_of, gone, *_tell_losses(lost, made)]
    if shut_out:
        lines.append(f"Blocked or retired since, and so they stay: {', '.join(shut_out)}.")
    return {
        "from": str(source), "fleet": copy.fleet, "backup_made_s": copy.made_s,
        "file_written_s": copy.file_s, "cars": cars, "commands_unknown": commands,
        "log_ins_ended": log_ins, "cars_shut_out": shut_out, "lost": lost, "lines": lines,
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
            "How much that is cannot be told: no database of this fleet that can be read was in its"
            " place."
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
    kept = db.with_name(f"{db.name}.replaced-{restore_source.stamp(now_s)}")
    if taken := _files_of(kept):
        raise UsageError(f"--db {db}: {taken[-1]} is there already; wait a second")
    moved = []
    for path in _files_of(db):
        to = Path(f"{kept}{path.name.removeprefix(db.name)}")
        path.rename(to)
        moved.append(to)
    return moved
