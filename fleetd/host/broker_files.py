"""`fleetd broker-files`: the files by which Mosquitto knows the cars and the daemon."""

from __future__ import annotations

import argparse
import os
import secrets
from pathlib import Path

from fleetd.core.broker_secrets import SALT_BYTES, hashed, shared_key
from fleetd.host.failures import UsageError
from fleetd.host.parts import Answer, Commands
from fleetd.ledger.findings import counted
from fleetd.store import broker_rows
from fleetd.store.database import open_existing

DAEMON = "fleetd"
#: The daemon's own password, for `serve --broker-password-file`.
DAEMON_PASSWORD = "fleetd.password"  # noqa: S105 - a file's name
PASSWORDS, KEYS = "passwords", "keys"
_FILE_MODE = 0o600


def add_to(commands: Commands) -> None:
    commands.add(
        "broker-files", "write Mosquitto's files of passwords and keys, for all cars", write,
        "python -m fleetd broker-files --db fleet.db --out /etc/mosquitto/fleet",
        ("--out", {"required": True, "type": Path, "metavar": "FOLDER",
                   "help": "where passwords, keys and fleetd.password go; a later run renews them"}),
    )  # fmt: skip


def write(arguments: argparse.Namespace) -> Answer:
    out = arguments.out
    if not out.is_dir():
        raise UsageError(f"--out {out}: is no folder; make it first, for the broker's user alone")
    cars = broker_rows.cars(open_existing(arguments.db))
    lines = [f"{car}:{kept}\n" for car, _, kept in cars if kept]
    without = [car for car, _, kept in cars if not kept]
    try:
        password, is_new = _daemon_password(out / DAEMON_PASSWORD)
        lines.insert(0, f"{DAEMON}:{hashed(password, secrets.token_bytes(SALT_BYTES))}\n")
        _replace(out / PASSWORDS, "".join(lines))
        _replace(out / KEYS, "".join(f"{car}:{shared_key(key).hex()}\n" for car, key, _ in cars))
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written: {error.strerror}") from error
    text = (
        f"{out}: {PASSWORDS} and {KEYS} for {counted(len(cars), 'car')} and the daemon; have the broker read"
        " them anew (SIGHUP)"
    )
    if is_new:
        text += f"\nthe daemon's password is in {out / DAEMON_PASSWORD}, and nowhere else"
    if without:
        text += f"\nby key alone, as they were added by an earlier program: {', '.join(without)}"
    return {"out": str(out), "cars": len(cars), "by_key_alone": without, "text": text}


def _daemon_password(path: Path) -> tuple[str, bool]:
    """Made once, then kept; whether it is new."""
    if path.exists():
        return path.read_text(encoding="utf-8").strip(), False
    password = secrets.token_hex(24)
    _replace(path, password + "\n")
    return password, True


def _replace(path: Path, text: str) -> None:
    """Never half, never readable by others, and still of whom it was: the broker's user."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    owner = path if path.exists() else path.parent
    if os.geteuid() == 0:
        os.chown(part, owner.stat().st_uid, owner.stat().st_gid)
    part.replace(path)
