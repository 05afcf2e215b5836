"""One daemon a database: a lock beside the file, which the kernel lets go with the process."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fleetd.store.unusable import DatabaseError

_FILE_MODE = 0o600
#: `is_held` holds the lock for a moment.
_TRIES = 10
_WAIT_S = 0.05
#: What this process holds: a lock of its own would keep it from itself.
_held_here: set[Path] = set()


class ServedDatabaseError(DatabaseError):
    """A daemon runs on it."""


@contextmanager
def held(database: Path, *, even_if_missing: bool = False) -> Iterator[None]:
    """ServedDatabaseError when another daemon has it. Nothing is left to clear away after a kill."""
    if not even_if_missing and not database.is_file():
        yield  # whoever opens it says so
        return
    path = _path(database)
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _FILE_MODE)
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be opened: {error.strerror}") from error
    try:
        for _ in range(_TRIES):
            if _try(handle, fcntl.LOCK_EX):
                break
            time.sleep(_WAIT_S)
        else:
            raise ServedDatabaseError(f"{database}: another daemon serves it; end that one first")
        _held_here.add(path)
        yield
    finally:
        _held_here.discard(path)
        os.close(handle)


@contextmanager
def kept_from_others(database: Path) -> Iterator[bool]:
    """Whether no other process serves it; then none begins to before the end of this."""
    path = _path(database)
    handle = None
    try:
        if path not in _held_here:
            # No lock is made here: where there is none, nobody has ever served it.
            with suppress(FileNotFoundError):
                handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        yield handle is None or _try(handle, fcntl.LOCK_SH)
    finally:
        if handle is not None:
            os.close(handle)


def is_held(database: Path) -> bool:
    """Does a daemon run on this database?"""
    try:
        handle = os.open(_path(database), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _try(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def _path(database: Path) -> Path:
    """The same for every way to name the file."""
    real = database.resolve()
    return real.with_name(real.name + ".lock")


def _try(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
