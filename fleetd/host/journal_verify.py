"""`journal verify`: is a journal all there and unaltered, as far as it was asked for?"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fleetd.arguments import DONE
from fleetd.core import rules
from fleetd.host.failures import UsageError
from fleetd.host.journal_parts import add, opened, reading, since_s
from fleetd.ledger import database as ledger_database
from fleetd.ledger import key as ledger_key
from fleetd.ledger.check import Check
from fleetd.ledger.earlier import Earlier
from fleetd.ledger.findings import Report, counted
from fleetd.ledger.scope import Asked, Scope

FOUND = 1
_CAR = re.compile(r"[0-9a-f]{12}")
#: Of a line: the first one of a fleet of 100,000 cars has 10 MB.
_LINE_MAX = 1 << 26


def add_to(commands: Any) -> None:
    verify = add(
        commands, "verify", "check that nothing was removed, altered, inserted or reordered",
        "python -m fleetd journal verify 2026.jsonl --key public.pem",
        "A file of one car, or of what came since a day, is whole only if that was asked for: give\n"
        "--car, --since as to the export.\n\n"
        "Exit code 0: all that was asked for is there and unaltered; 1: it is not, and where;\n"
        "2: wrong usage, no journal, or it could not be read. What came after the newest\n"
        "checkpoint is chained, but not signed.",
    )  # fmt: skip
    verify.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a journal's export")
    verify.add_argument("--db", type=Path, metavar="PATH", help="a database instead of a file")
    verify.add_argument("--key", type=Path, action="append", default=[], metavar="PUBLIC.pem",
                        help="the key that signed it; again for an older one (default with --db:"
                        " the one beside the database, which proves less)")  # fmt: skip
    verify.add_argument("--car", default="",
                        help="the file has to be of this car only, 12 hex digits")  # fmt: skip
    verify.add_argument("--since", default="", metavar="DAY",
                        help="the file has to hold what came since that day, Japan's time, or since"
                        " a moment as 2026-03-31T15:00:00Z")  # fmt: skip
    verify.add_argument("--earlier", type=Path, action="append", default=[], metavar="FILE",
                        help="an earlier export: its checkpoints, and what they name, must still"
                        " be there")  # fmt: skip
    verify.add_argument("--bytes-only", action="store_true",
                        help="do not compare the words, which another version wrote")  # fmt: skip
    verify.add_argument("--json", action="store_true", help="answer in JSON")
    verify.set_defaults(run=verify_journal)


def verify_journal(arguments: argparse.Namespace) -> int:
    """Tells all that is wrong."""
    if (arguments.file is None) == (arguments.db is None):
        raise UsageError("give a file, or --db with a database")
    asked = _asked(arguments)
    keys = [_public(path) for path in arguments.key]
    if arguments.db is not None and not keys:
        with opened(arguments.db):  # says what is wrong with it before its key is looked for
            pass
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
    check = Check(keys, earlier, asked=asked, has_words=not arguments.bytes_only)
    if arguments.db is None:
        for line in _lines_of(arguments.file):
            check.feed(line)
        if not check.is_journal:
            raise UsageError(f"{arguments.file}: is no journal; write one: fleetd journal export")
        report = check.finish()
    else:
        with opened(arguments.db) as store, reading(store):
            report = ledger_database.check(store, check)
    _tell(report, check.scope, str(arguments.file or arguments.db), as_json=arguments.json)
    return FOUND if report.findings else DONE


def _asked(arguments: argparse.Namespace) -> Asked:
    car = arguments.car.lower()
    if arguments.db is not None and (car or arguments.since):
        raise UsageError("--car, --since: a database is checked as a whole; leave them out")
    if car and not _CAR.fullmatch(car):
        raise UsageError(f"--car {arguments.car}: is no car; it has 12 hex digits")
    # Which profile it is of no file says for certain: the earliest midnight misses nothing.
    offset_s = max(rules.load_profile(name).utc_offset_s for name in rules.names())
    return Asked(car, since_s(arguments.since, offset_s))


def _tell(report: Report, scope: Scope, name: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**report.as_json(), "scope": scope.as_json()}))
        return
    for finding in report.findings:
        print(finding)
    for note in report.notes:
        print(f"note: {note}")
    print(f"scope: {scope}")
    events, signed = counted(report.events, "event"), counted(report.checkpoints, "checkpoint")
    counts = f"{events}, {signed}"
    if report.findings:
        print(f"{name}: {counted(len(report.findings), 'finding')} in {counts}")
    elif scope.is_part:
        print(f"{name}: the part that was asked for is there and unaltered: {counts}")
    else:
        print(f"{name}: all there and unaltered: {counts}")


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
