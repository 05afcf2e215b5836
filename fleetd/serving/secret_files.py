"""Files with keys in them: for the daemon's user alone, or the daemon does not start."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from fleetd.ledger import key as ledger_key

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def refuse(arguments: argparse.Namespace) -> str:
    """What is readable by others, in one sentence; empty when nothing is."""
    for option, path in _named(arguments):
        try:
            found = path.stat()
        except OSError:
            continue  # whoever opens it says so
        mode = stat.S_IMODE(found.st_mode)
        if mode & _OTHERS:
            return (
                f"{option} {path}: holds secrets and others can read or write it"
                f" (mode {mode:04o}); type: chmod 600 {path}"
            )
        if found.st_uid not in (os.geteuid(), 0):
            return (
                f"{option} {path}: holds secrets and belongs to another user (uid {found.st_uid});"
                f" run the daemon as that user, or type: chown {os.geteuid()} {path}"
            )
    return ""


def _named(arguments: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """The database with all that lies beside it under its name, and the files of the options."""
    db: Path = arguments.db
    yield "--db", db
    if db.parent.is_dir():
        for path in sorted(db.parent.glob(f"{db.name}?*")):
            if path.is_file() and not _is_for_all(path, db):
                yield "--db", path
    for name in ("tls_key", "broker_key", "broker_password_file"):
        path = getattr(arguments, name)
        if path is not None:
            yield f"--{name.replace('_', '-')}", path


def _is_for_all(path: Path, db: Path) -> bool:
    return path.name.endswith(".lock") or ledger_key.is_public_half(path, db)
