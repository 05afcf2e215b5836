"""`journal export`, `journal verify`, `journal checkpoint-key`: what an auditor gets and checks."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fleetd import technicians
from fleetd.arguments import DONE, USAGE, parser_of, run
from fleetd.core.rules import load_profile
from fleetd.host.failures import EXPECTED, UsageError, failure
from fleetd.host.technician_commands import names_text
from fleetd.ledger import database as ledger_database
from fleetd.ledger import file as ledger_file
from fleetd.ledger import key as ledger_key
from fleetd.ledger.check import Check, Earlier
from fleetd.ledger.findings import Report, counted
from fleetd.store import car_rows, fleet_rows, lease
from fleetd.store.database import Database, open_existing

FOUND = 1
_FILE_MODE = 0o600
#: Of a line: the first one of a fleet of 100,000 cars has 10 MB.
_LINE_MAX = 1 << 26


def main(argv: list[str]) -> int:
    """The exit code."""
    return run(parser(), argv, _carry_out)


def _carry_out(arguments: argparse.Namespace) -> int:
    try:
        exit_code: int = arguments.run(arguments)
    except EXPECTED as error:
        found = failure(error, arguments.db)
        if arguments.json:
            print(json.dumps({"refused": found.code, "text": found.text}))
        else:
            print(found.text, file=sys.stderr)
        # Of `verify` FOUND is a verdict, and there is none.
        return USAGE if arguments.run is verify_journal else found.exit_code
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
    _add_verify(commands)
    key = _add(
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
    export = _add(
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
                        help="what came since that day, as 2026-04-01, the operator's time; from"
                        " the newest checkpoint before it on")  # fmt: skip
    export.add_argument("--json", action="store_true", help="answer in JSON")
    export.set_defaults(run=export_journal)


def _add_verify(commands: Any) -> None:
    verify = _add(
        commands, "verify", "check that nothing was removed, altered, inserted or reordered",
        "python -m fleetd journal verify 2026.jsonl --key public.pem",
        "Exit code 0: all is there and unaltered; 1: it is not, and where; 2: wrong usage, no\n"
        "journal, or it could not be read. What came after the newest checkpoint is chained, but not signed.",
    )  # fmt: skip
    verify.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a journal's export")
    verify.add_argument("--db", type=Path, metavar="PATH", help="a database instead of a file")
    verify.add_argument("--key", type=Path, action="append", default=[], metavar="PUBLIC.pem",
                        help="the key that signed it; again for an older one (default with --db:"
                        " the one beside the database, which proves less)")  # fmt: skip
    verify.add_argument("--earlier", type=Path, action="append", default=[], metavar="FILE",
                        help="an earlier export: what its checkpoints name must still be"
                        " there")  # fmt: skip
    verify.add_argument("--bytes-only", action="store_true",
                        help="do not compare the words, which another version wrote")  # fmt: skip
    verify.add_argument("--json", action="store_true", help="answer in JSON")
    verify.set_defaults(run=verify_journal)


def _add(commands: Any, name: str, what: str, example: str, codes: str) -> Any:
    return commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}\n\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def export_journal(arguments: argparse.Namespace) -> int:
    """Events and checkpoints as they are at one moment."""
    with _opened(arguments.db) as store, _reading(store):
        car = arguments.car.lower()
        if car and car_rows.find(store, car) is None:
            raise UsageError(f"--car {arguments.car}: there is none; see: fleetd status")
        lines = 0
        with _new_file(arguments.out) as file:
            for line in ledger_file.lines(store, car, _since_s(store, arguments.since)):
                file.write(line + "\n")
                lines += 1
        # Names are nobody's signed word: they stand beside the file.
        people = technicians.log(store, car)
    text = f"{arguments.out}: {counted(lines, 'line')}{names_text(people)}"
    answer = {"out": str(arguments.out), "lines": lines, "technicians": people, "text": text}
    print(json.dumps(answer) if arguments.json else text)
    return DONE


def verify_journal(arguments: argparse.Namespace) -> int:
    """Tells all that is wrong."""
    if (arguments.file is None) == (arguments.db is None):
        raise UsageError("give a file, or --db with a database")
    keys = [_public(path) for path in arguments.key]
    if arguments.db is not None and not keys:
        keys = [ledger_key.public_half(arguments.db)]
    if not keys:
        raise UsageError("--key: give the public key; it comes from: fleetd journal checkpoint-key")
    earlier = []
    for path in arguments.earlier:
        known = Earlier(path.name, keys)
        known.read(_lines_of(path))
        if not known.statements:
            raise UsageError(f"--earlier {path}: has no checkpoint that is signed with the key")
        earlier.append(known)
    check = Check(keys, earlier, has_words=not arguments.bytes_only)
    if arguments.db is None:
        for line in _lines_of(arguments.file):
            check.feed(line)
        if not check.is_journal:
            raise UsageError(f"{arguments.file}: is no journal; write one: fleetd journal export")
        report = check.finish()
    else:
        with _opened(arguments.db) as store, _reading(store):
            report = ledger_database.check(store, check)
    _tell(report, str(arguments.file or arguments.db), as_json=arguments.json)
    return FOUND if report.findings else DONE


def _tell(report: Report, name: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_json()))
        return
    for finding in report.findings:
        print(finding)
    for note in report.notes:
        print(f"note: {note}")
    events, signed = counted(report.events, "event"), counted(report.checkpoints, "checkpoint")
    counts = f"{events}, {signed}"
    if report.findings:
        print(f"{name}: {counted(len(report.findings), 'finding')} in {counts}")
    else:
        print(f"{name}: all there and unaltered: {counts}")


def checkpoint_key(arguments: argparse.Namespace) -> int:
    """The public half; with --new of a new key."""
    with _opened(arguments.db) as store:
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
def _opened(path: Path) -> Iterator[Database]:
    with closing(open_existing(path)) as store:
        yield store


@contextmanager
def _reading(store: Database) -> Iterator[None]:
    """One moment of the database; a daemon that runs goes on writing."""
    store.run("BEGIN")
    try:
        yield
    finally:
        store.run("ROLLBACK")


def _since_s(store: Database, day: str) -> int:
    if not day:
        return 0
    try:
        midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except ValueError:
        raise UsageError(f"--since {day}: is no day; write it as 2026-04-01") from None
    return int(midnight.timestamp()) - load_profile(fleet_rows.profile(store)).utc_offset_s


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


def _public(path: Path) -> ledger_key.Verifier:
    try:
        return ledger_key.load_public(path)
    except ValueError as error:
        raise UsageError(f"--key {error}") from None


def _lines_of(path: Path) -> Iterable[str]:
    """Without their ends; what is no text has marks in it that no journal has."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            while line := file.readline(_LINE_MAX):
                yield line.removesuffix("\n")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
