"""What the operator's commands share: how one is declared, how it opens the fleet, how it answers."""

from __future__ import annotations

import argparse
import getpass
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from fleetd.car_terms import WHO_CHARACTERS_MAX
from fleetd.host.failures import UsageError
from fleetd.service import Fleet
from fleetd.store.database import open_existing

Answer = dict[str, Any]
#: A word of the command line and what argparse is told about it.
Option = tuple[str, dict[str, Any]]
#: The person behind a command, by whose name it is recorded; see `who_does`.
BY: Option = (
    "--by",
    {"metavar": "NAME", "help": "who does it, for the record (default: your login)"},
)


class Commands:
    """All commands. `add("car add", ...)`: words in front of the last one are groups."""

    def __init__(self, found: argparse.ArgumentParser) -> None:
        self._all = found.add_subparsers(dest="command", required=True, metavar="COMMAND")
        self._groups: dict[str, argparse.ArgumentParser] = {}
        self._members: dict[str, Any] = {}

    def group(self, name: str, what: str) -> None:
        """Words that go before others; declared before the first of them."""
        made = self._all.add_parser(
            name, help=what, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        self._groups[name] = made
        self._members[name] = made.add_subparsers(
            dest="subcommand", required=True, metavar="COMMAND"
        )

    def add(
        self,
        name: str,
        what: str,
        run: Callable[[argparse.Namespace], Answer],
        example: str,
        *options: Option,
    ) -> None:
        """`run`: its answer has a `text`, and with `exit_code` another one than 0."""
        group, _, last = name.rpartition(" ")
        if group and not self._groups[group].epilog:  # the first one stands for all of them
            self._groups[group].epilog = f"example:\n  {example}"
        found = (self._members[group] if group else self._all).add_parser(
            last,
            help=what,
            description=f"{what[0].upper()}{what[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        found.add_argument("--db", "--database", dest="db", required=True, type=Path,
                           metavar="PATH", help="the database")  # fmt: skip
        for option, settings in options:
            found.add_argument(option, **settings)
        found.add_argument("--json", action="store_true", help="answer in JSON")
        found.set_defaults(run=run)

    def add_program(self, name: str, what: str) -> None:
        """A command with a command line of its own."""
        self._all.add_parser(name, help=what, add_help=False)


def open_fleet(arguments: argparse.Namespace) -> Fleet:
    """Beside the daemon, if one runs: it sends what is written here."""
    return Fleet(open_existing(arguments.db), lambda _car, _frame: None, time.time)


def who_does(arguments: argparse.Namespace) -> str:
    """The name given with --by, else that of the login."""
    if arguments.by is not None:
        return one_line("--by", arguments.by)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("--by: the system does not tell who you are; give a name") from None


def one_line(option: str, text: str) -> str:
    """Words that go into a record, without blanks around them."""
    told = text.strip()
    if not told or len(told) > WHO_CHARACTERS_MAX or not told.isprintable():
        raise UsageError(
            f"{option}: give 1 to {WHO_CHARACTERS_MAX} characters, all of them in one line"
        )
    return told


def write_secret(path: Path, text: str) -> None:
    """A new file for the user alone, on the disk when this returns, or not there."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise UsageError(f"--out {path}: is there already; choose another file") from None
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise UsageError(f"--out {path}: cannot be written: {error.strerror}") from error


def read_time(option: str, text: str, offset_s: int) -> int:
    """Without an offset of its own it is the operator's local time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: is no time; write it as 2026-04-01T10:00") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=timezone(timedelta(seconds=offset_s)))
    at_s = found.timestamp()
    if at_s < 0 or at_s >= 2**32:
        raise UsageError(f"{option} {text}: is out of range; give a time before 2106")
    return int(at_s)


def show_time(at_s: int, offset_s: int) -> str:
    """The operator's local time."""
    local = datetime.fromtimestamp(at_s, UTC) + timedelta(seconds=offset_s)
    return local.strftime("%Y-%m-%d %H:%M")
