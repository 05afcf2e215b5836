"""The files of a desk in its folder: written whole, renamed into place, readable by their user."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

_FILE_MODE = 0o600
_FOLDER_MODE = 0o700


class StateError(Exception):
    """The folder cannot be used; the text says which, why and what to do."""


def write_whole(path: Path, data: bytes | bytearray) -> None:
    """At any moment the file holds all of the old or all of the new."""
    beside = path.with_name(f".{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    beside.replace(path)


def write_json(path: Path, value: Any) -> None:
    write_whole(path, json.dumps(value, ensure_ascii=False).encode() + b"\n")


def read_json(path: Path) -> dict[str, Any] | None:
    """None when there is no such file; StateError when it holds something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no JSON"
        raise StateError(f"{path}: cannot be read, {reason}; move it away to begin anew") from None
    if not isinstance(found, dict):
        raise StateError(f"{path}: holds no state; move it away to begin anew")
    return found


def make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(_FOLDER_MODE)
    except OSError as error:
        raise StateError(f"{path}: cannot be made a folder: {error.strerror}") from None


def lock(path: Path) -> int:
    """Only one process at a time has it; it is free again when that process is gone."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
    except OSError as error:
        raise StateError(f"{path}: cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise StateError(
            f"{path.parent}: another process uses it; end that one, or choose another --state"
        ) from None
    return handle
