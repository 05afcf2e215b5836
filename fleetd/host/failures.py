"""What went wrong, as an operator needs it: a code for programs, one sentence, an exit code.

What is no failure of the host - a bug - is not in here, and shows as one.
"""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from fleetd.core.rules import RulesError
from fleetd.store.database import DatabaseError
from fleetd.store.lease import ServedDatabaseError

FAILED, USAGE = 1, 2
WRONG_USAGE = "wrong_usage"
DAMAGED, SERVED, BUSY = "database_damaged", "database_served", "database_busy"
DISK_FULL, NO_ACCESS, IO_FAILED = "disk_full", "no_access", "io_failed"
BAD_PROFILE = "bad_profile"
BOX_FAILED = "box_failed"
#: What may be over the next time, without anybody's changing a file or a command line.
_PASSING = frozenset({SERVED, BUSY, DISK_FULL, IO_FAILED})

#: What to do, where the sentence of the error itself does not say it.
_REMEDIES = {
    DAMAGED: "take another copy, or another file",
    BUSY: "another program is writing to it; try again",
    DISK_FULL: "make room and try again",
    NO_ACCESS: "run this as the daemon's user, who may read and write file and folder",
    IO_FAILED: "look at the disk",
}
_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_IOERR: IO_FAILED,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_CANTOPEN: NO_ACCESS,
    sqlite3.SQLITE_READONLY: NO_ACCESS,
    sqlite3.SQLITE_PERM: NO_ACCESS,
    sqlite3.SQLITE_AUTH: NO_ACCESS,
}
_PRIMARY = 0xFF  # of an extended SQLite code
_ERRNO_CODES = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EACCES: NO_ACCESS,
    errno.EPERM: NO_ACCESS,
    errno.EROFS: NO_ACCESS,
    errno.ENOENT: WRONG_USAGE,
    errno.ENOTDIR: WRONG_USAGE,
    errno.EISDIR: WRONG_USAGE,
    errno.EEXIST: WRONG_USAGE,
    errno.ENAMETOOLONG: WRONG_USAGE,
    errno.ELOOP: WRONG_USAGE,
}


class UsageError(Exception):
    """What is wrong with the command line or a file that it names, in a sentence.

    Its cause says whether it is the disk after all.
    """


class BoxError(Exception):
    """A box at the end of a cable, or the cable, does not do what it should; one sentence."""


class DamagedDatabaseError(DatabaseError):
    """A database of which not every page and every reference is as it should be."""


#: What may come; which of SQLite's are bugs of ours `failure` knows.
EXPECTED = (UsageError, BoxError, DatabaseError, RulesError, OSError, sqlite3.DatabaseError)


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` WRONG_USAGE: another command line may do."""

    code: str
    text: str

    @property
    def exit_code(self) -> int:
        return USAGE if self.code == WRONG_USAGE else FAILED

    @property
    def may_pass(self) -> bool:
        """May a later try go well, with all files and the command line as they are?"""
        return self.code in _PASSING


def failure(error: Exception, db: Path | None) -> Failure:
    """Of one that is EXPECTED; a bug is raised again. `db`: what a bare SQLite error is about."""
    if isinstance(error, UsageError):
        code = _code_of(error.__cause__)
        return _told(code if code in (DISK_FULL, IO_FAILED) else WRONG_USAGE, error)
    if isinstance(error, BoxError):
        return Failure(BOX_FAILED, str(error))
    if isinstance(error, RulesError):
        return Failure(BAD_PROFILE, str(error))
    if isinstance(error, ServedDatabaseError):
        return Failure(SERVED, str(error))
    if isinstance(error, DamagedDatabaseError):
        return Failure(DAMAGED, str(error))
    if isinstance(error, DatabaseError):
        is_unread = isinstance(error.__cause__, sqlite3.Error)
        return _told(_code_of(error.__cause__) or (DAMAGED if is_unread else WRONG_USAGE), error)
    code = _code_of(error)
    if code is None or isinstance(error, BrokenPipeError):
        raise error
    if isinstance(error, OSError):
        return _told(code, f"{error.filename or db}: {error.strerror or error}")
    return _told(code, f"{db}: {error}")


def _code_of(error: BaseException | None) -> str | None:
    """None: it is none of the machine's."""
    if isinstance(error, OSError):
        return _ERRNO_CODES.get(error.errno or 0, IO_FAILED)
    if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return None
    if isinstance(error, sqlite3.DatabaseError):
        # One that Python itself raises has no code.
        return _SQLITE_CODES.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
    return None


def _told(code: str, said: object) -> Failure:
    remedy = _REMEDIES.get(code)
    return Failure(code, f"{said}; {remedy}" if remedy else str(said))
