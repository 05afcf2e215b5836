"""The SQLite file: opened by the user alone, durable at each commit, migrated by numbered files."""

from __future__ import annotations

import os
import sqlite3
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleetd.store import lease, ledger_rows
from fleetd.store.unusable import DatabaseError, MissingDatabaseError

__all__ = [
    "APPLICATION_ID", "BUSY_S", "COMMIT_BOUNDS_S", "MIGRATIONS", "CommitTimes", "Database",
    "DatabaseError", "MissingDatabaseError", "create", "migrations", "newest_version",
    "open_as_it_is", "open_existing",
]  # fmt: skip

MIGRATIONS = Path(__file__).parent / "migrations"
#: "kagi", so that no other program's database is taken for ours.
APPLICATION_ID = 0x6B616769
#: What SQL alone cannot do of a migration, after its statements.
_MORE = {"0006_ledger": ledger_rows.chain_what_is_there}
BUSY_S = 5.0
_FILE_MODE = 0o600
COMMIT_BOUNDS_S = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


@dataclass(slots=True)
class CommitTimes:
    """How long commits that wrote took, all since the start: the disk's word on how it is."""

    #: Commits that took at most as long as the bound beside it, not counting the bounds below.
    counts: list[int] = field(default_factory=lambda: [0] * (len(COMMIT_BOUNDS_S) + 1))
    sum_s: float = 0.0

    def note(self, took_s: float) -> None:
        self.counts[bisect_left(COMMIT_BOUNDS_S, took_s)] += 1
        self.sum_s += took_s


class Database:
    """One connection. Changes happen inside `transaction` only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.commits = CommitTimes()

    def run(self, sql: str, *values: Any) -> int:
        """Carry out one statement; how many rows it touched."""
        return self.connection.execute(sql, values).rowcount

    def insert(self, sql: str, *values: Any) -> int:
        """Carry out an INSERT; the new row's number."""
        return self.connection.execute(sql, values).lastrowid or 0

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Any:
        """The first row, None without one."""
        return self.connection.execute(sql, values).fetchone()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing. IMMEDIATE: no other writer comes between reading and writing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            changes = self.connection.total_changes
            yield
            began_s = time.monotonic()
            self.connection.execute("COMMIT")
            if self.connection.total_changes != changes:  # else the disk was not asked
                self.commits.note(time.monotonic() - began_s)
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def give_up(self, savepoint: str) -> None:
        """Undo what came after the savepoint; the rest of the transaction stands."""
        if self.connection.in_transaction:  # SQLite may have rolled everything back itself
            self.connection.execute(f"ROLLBACK TO {savepoint}")
            self.connection.execute(f"RELEASE {savepoint}")

    def close(self) -> None:
        self.connection.close()


def create(path: Path) -> Database:
    """A new database with all tables; DatabaseError when something is there already."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _FILE_MODE))
    except FileExistsError:
        raise DatabaseError(f"{path}: is there already; choose another path") from None
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be created: {error.strerror}") from error
    database = _connect(path)
    database.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _make_durable(database)
    _migrate(database)
    return database


def open_existing(path: Path) -> Database:
    """Of our version. DatabaseError when it is missing, not ours, or of a newer program.

    So it is when the daemon of an older program is at work on it: that one would go on with
    tables that are not there any more.
    """
    database, version = _open(path)
    try:
        path.chmod(_FILE_MODE)
        _make_durable(database)
        if version < newest_version():
            _migrate_alone(database, path)
    except sqlite3.Error as error:
        database.close()
        raise DatabaseError(f"{path}: cannot be read as a database: {error}") from error
    except BaseException:
        database.close()
        raise
    return database


def open_as_it_is(path: Path) -> Database:
    """Of whatever version, and not brought to ours; DatabaseError as above."""
    return _open(path)[0]


def _open(path: Path) -> tuple[Database, int]:
    """With the version."""
    if path.is_dir():
        raise MissingDatabaseError(f"{path}: is a folder; give the database in it")
    if not path.is_file():
        raise MissingDatabaseError(f"{path}: there is no database; make one with: fleetd init")
    database = _connect(path)
    try:
        return database, _check(database, path)
    except sqlite3.Error as error:
        database.close()
        raise DatabaseError(f"{path}: cannot be read as a database: {error}") from error
    except BaseException:
        database.close()
        raise


def _check(database: Database, path: Path) -> int:
    """The version of a database that is ours; nothing is written before that is known."""
    application = database.row("PRAGMA application_id")[0]
    version: int = database.row("PRAGMA user_version")[0]
    newest = newest_version()
    if application != APPLICATION_ID:
        raise DatabaseError(f"{path}: is no database of this program; choose another path")
    if version > newest:
        raise DatabaseError(
            f"{path}: has version {version}, newer than this program's {newest}; "
            "run the newer program"
        )
    return version


def migrations() -> list[Path]:
    """In their order; each leads to the version that its name begins with."""
    return sorted(MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def newest_version() -> int:
    return _version_of(migrations()[-1])


def _version_of(path: Path) -> int:
    return int(path.name[:4])


def _connect(path: Path) -> Database:
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return Database(connection)


def _make_durable(database: Database) -> None:
    """A commit is on the disk. The files beside it (-wal, -shm) take the mode of the file."""
    database.run("PRAGMA journal_mode = WAL")
    database.run("PRAGMA synchronous = FULL")
    database.run("PRAGMA foreign_keys = ON")


def _migrate_alone(database: Database, path: Path) -> None:
    with lease.kept_from_others(path) as is_free:
        if not is_free:
            raise DatabaseError(
                f"{path}: a daemon of an older program serves it; restart the daemon first"
            )
        _migrate(database)


def _migrate(database: Database) -> None:
    """Each step in a transaction of its own with its number."""
    for path in migrations():
        with database.transaction():
            # Read here: another process may have taken the step since the file was opened.
            if database.row("PRAGMA user_version")[0] >= _version_of(path):
                continue
            for statement in _statements(path.read_text(encoding="utf-8")):
                database.run(statement)
            if path.stem in _MORE:
                _MORE[path.stem](database)
            database.run(f"PRAGMA user_version = {_version_of(path)}")


def _statements(text: str) -> Iterator[str]:
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
