"""`journal export`, `journal verify`, `journal checkpoint-key`: what an auditor gets and checks."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fleetd import technicians
from fleetd.arguments import DONE, USAGE, parser_of, run
from fleetd.core.ledger import utc
from fleetd.core.rules import load_profile
from fleetd.host import journal_verify
from fleetd.host.failures import EXPECTED, UsageError, failure
from fleetd.host.journal_parts import add, opened, reading, since_s
from fleetd.host.technician_commands import names_text
from fleetd.ledger import file as ledger_file
from fleetd.ledger import key as ledger_key
from fleetd.ledger.findings import counted
from fleetd.readers import is_unwritten
from fleetd.store import car_rows, fleet_rows, lease

_FILE_MODE = 0o600


def main(argv: list[str]) -> int:
    """The exit code."""
    return run(parser(), argv, _carry_out)


def _carry_out(arguments: argparse.Namespace) -> int:
    try:
        exit_code: int = arguments.run(arguments)
    except EXPECTED as error:
        if isinstance(error, OSError) and is_unwritten(error):
            raise
        found = failure(error, arguments.db)
        if arguments.json:
            print(json.dumps({"refused": found.code, "text": found.text}))
        else:
            print(found.text, file=sys.stderr)
        # Of `verify` 1 is a verdict, and there is none.
        return USAGE if arguments.run is journal_verify.verify_journal else found.exit_code
    return exit_code


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    found = parser_of(
        "-m fleetd journal",
        "What the cars told, chained and signed: see docs/journal.md.",
        "example:\n  python -m fleetd journal export --db fleet.db --out 2026.jsonl\n"
        "  python -m fleetd journal verify 2026.jsonl --key public.pem",
    )
    commands = found.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_export(commands)
    journal_verify.add_to(commands)
    key = add(
        commands, "checkpoint-key", "print the public key that signed journals are checked with",
        "python -m fleetd journal checkpoint-key --db fleet.db > public.pem",
        "Exit code 0: done; 1: it failed, and why; 2: wrong usage.",
    )  # fmt: skip
    key.add_argument("--db", required=True, type=Path, metavar="PATH", help="the database")
    key.add_argument("--new", action="store_true",
                     help="make a new key, because the old one is lost or was seen")  # fmt: skip
    key.add_argument("--json", action="store_true", help="answer in JSON")
    key.set_defaults(run=checkpoint_key)
    return found


def _add_export(commands: Any) -> None:
    export = add(
        commands, "export", "write events and checkpoints to a file",
        "python -m fleetd journal export --db fleet.db --out 2026.jsonl --since 2026-01-01",
        "Exit code 0: done; 1: it failed, and why; 2: wrong usage.\n"
        "The file names people's cards: it is for your eyes.",
    )  # fmt: skip
    export.add_argument("--db", required=True, type=Path, metavar="PATH", help="the database")
    export.add_argument("--out", required=True, type=Path, metavar="FILE",
                        help="a new file, readable by you alone")  # fmt: skip
    export.add_argument("--car", default="", help="of this car only, 12 hex digits")
    export.add_argument("--since", default="", metavar="DAY",
                        help="what came since that day, as 2026-04-01, the operator's time, or"
                        " since a moment as 2026-03-31T15:00:00Z; from the newest checkpoint"
                        " before it on")  # fmt: skip
    export.add_argument("--json", action="store_true", help="answer in JSON")
    export.set_defaults(run=export_journal)


def export_journal(arguments: argparse.Namespace) -> int:
    """Events and checkpoints as they are at one moment."""
    with opened(arguments.db) as store, reading(store):
        car = arguments.car.lower()
        if car and car_rows.find(store, car) is None:
            raise UsageError(f"--car {arguments.car}: there is none; see: fleetd status")
        lines = 0
        offset_s = load_profile(fleet_rows.profile(store)).utc_offset_s
        start_s = since_s(arguments.since, offset_s)
        with _new_file(arguments.out) as file:
            for line in ledger_file.lines(store, car, start_s):
                file.write(line + "\n")
                lines += 1
        # Names are nobody's signed word: they stand beside the file.
        people = technicians.log(store, car)
    asked = [*(["--car", car] if car else []), *(["--since", utc(start_s)] if start_s else [])]
    told = f"; a part, so give verify: {' '.join(asked)}" if asked else ""
    text = f"{arguments.out}: {counted(lines, 'line')}{told}{names_text(people)}"
    answer = {"out": str(arguments.out), "lines": lines, "technicians": people, "text": text}
    print(json.dumps(answer) if arguments.json else text)
    return DONE


def checkpoint_key(arguments: argparse.Namespace) -> int:
    """The public half; with --new of a new key."""
    with opened(arguments.db) as store:
        if arguments.new:
            with lease.held(arguments.db):
                signer, kept = ledger_key.renew(arguments.db)
            public = signer.verifier
            if kept is not None:
                print(f"the public half of the old key is in {kept}", file=sys.stderr)
        elif ledger_key.path_of(arguments.db).exists():
            public = ledger_key.public_half(arguments.db)
        else:
            public = ledger_key.provide(arguments.db, store).verifier
    answer = {"key": public.id, "pem": public.pem()}
    print(
        json.dumps(answer) if arguments.json else public.pem(),
        end="" if not arguments.json else "\n",
    )
    return DONE


@contextmanager
def _new_file(path: Path) -> Iterator[Any]:
    """Not there before; whole or not there after."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _FILE_MODE)
    except FileExistsError:
        raise UsageError(f"--out {path}: is there already; choose another file") from None
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            yield file
            file.flush()
            os.fsync(handle)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UsageError(f"--out {path}: cannot be written: {error.strerror}") from error
        raise
