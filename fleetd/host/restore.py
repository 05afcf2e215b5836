"""Take a copy into use: no car may take its past for the present, and the operator learns the price.

The copy gets its place when everything in it is told; until then the old database stays as it is.
"""

from __future__ import annotations

import argparse
import secrets
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleetd.core.rules import load_profile
from fleetd.host.backup import VERSION_WITH_TIME, check_whole, sync, version, write_copy
from fleetd.host.parts import Answer, Commands, UsageError, show_time
from fleetd.store import fleet_rows, lease, notice_rows, restore_rows
from fleetd.store.database import Database, DatabaseError, open_as_it_is, open_existing

DATABASE_RESTORED = "database_restored"
#: The files of a database, the one that would be mistaken for another's first.
_BESIDE = ("-wal", "-shm", "")


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
        if db.exists() and not arguments.replace:
            raise UsageError(f"--db {db}: is there already; give --replace to keep it beside")
        old = _look_at(db)
        now_s = int(time.time())
        part = db.with_name(f".{db.name}.restored")
        _forget(part)  # of a restore that was cut off
        try:
            made_s = _copy(source, part)
            answer = _tell_copy(part, source, old, made_s, now_s)
            kept = _move_aside(db, now_s) if db.exists() else None
            part.replace(db)
            sync(db.parent)
        except OSError as error:
            raise DatabaseError(f"{db}: cannot be put in place: {error.strerror}") from None
        finally:
            _forget(part)
    lines = answer.pop("lines")
    if kept is not None:
        lines.insert(1, f"The database that was there is now {kept}.")
    return {
        **answer,
        "kept": kept and str(kept),
        "text": "\n".join([f"{db}: {lines[0]}", *lines[1:]]),
    }


def _copy(source: Path, part: Path) -> int:
    """When it was made. Damage shows before anything else is touched."""
    with closing(open_as_it_is(source)) as found:
        try:
            check_whole(found, source)
        except sqlite3.Error as error:
            raise DatabaseError(f"{source}: is damaged: {error}; take another copy") from None
        made_s = fleet_rows.backup_made_s(found) if version(found) >= VERSION_WITH_TIME else None
        load_profile(fleet_rows.profile(found))
        write_copy(found, part, None)
    return int(source.stat().st_mtime) if made_s is None else made_s


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
        f"New copies of the bookings for {cars} cars when they come; pending commands that are"
        f" unknown now: {commands}; log-ins that are over: {log_ins}."
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
            f"The old database had {lost['bookings']} bookings, {lost['drivers']} drivers and"
            f" {lost['cars']} cars that this one has not, and {lost['events']} events that the"
            " cars keep no longer."
        )
    return [since, much]


def _move_aside(db: Path, now_s: int) -> Path:
    """With what lies beside it, first of all what another database would take for its own."""
    try:
        with closing(open_as_it_is(db)) as found:
            found.run("PRAGMA wal_checkpoint(TRUNCATE)")
    except (DatabaseError, sqlite3.Error):
        pass  # it is kept as it is
    stamp = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = db.with_name(f"{db.name}.replaced-{stamp}")
    if kept.exists():
        raise UsageError(f"--db {db}: {kept} is there already; wait a second")
    for beside in _BESIDE:
        path = Path(f"{db}{beside}")
        if path.exists():
            path.rename(f"{kept}{beside}")
    return kept
