"""What the operator does on the host: init, member add, car add, book, status."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from fleetd import car_commands as care_of_cars
from fleetd.core.refused import Refused
from fleetd.core.rules import load_profile, names
from fleetd.sentences import sentence
from fleetd.service import Fleet
from fleetd.store import fleet_rows, lease
from fleetd.store.database import DatabaseError, create, open_existing
from fleetd.usage import UsageError
from fleetd.vehicles import Identity

DONE, REFUSED, USAGE = 0, 1, 2
DEFAULT_PROFILE = "top24-2023"


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    found = argparse.ArgumentParser(
        prog="python -m fleetd",
        description="The daemon of a car-sharing fleet, and what its operator does on the host.",
        epilog="example:\n  python -m fleetd init --db fleet.db --profile jparc-2023\n\n"
        "Exit code 0: done; 1: the answer is no; 2: wrong usage.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = found.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(
        commands, "init", "make a new database", init,
        "python -m fleetd init --db fleet.db --profile top24-2023",
        ("--profile", {"metavar": "NAME", "default": DEFAULT_PROFILE,
                       "help": f"the operator's terms: {', '.join(names())}"}),
    )  # fmt: skip
    _add_registrations(commands)
    _add(
        commands, "book", "book a car for a driver, by the rules", book,
        "python -m fleetd book --db fleet.db --driver KAG00001001 --car 4b4700000001"
        " --start 2026-04-01T10:00 --end 2026-04-01T12:00",
        ("--driver", {"required": True, "help": "the driver's ID"}),
        ("--car", {"required": True, "help": "12 hex digits"}),
        ("--start", {"required": True, "metavar": "TIME", "help": "the operator's local time"}),
        ("--end", {"required": True, "metavar": "TIME"}),
    )  # fmt: skip
    _add(
        commands, "status", "cars, alarms and what waits", status,
        "python -m fleetd status --db fleet.db --json",
    )  # fmt: skip
    commands.add_parser("serve", help="run the daemon", add_help=False)
    return found


def _add_registrations(commands: Any) -> None:
    member = commands.add_parser("member", help="members and their drivers")
    member_commands = member.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
    _add(
        member_commands, "add", "add a member and the member's first driver", add_member,
        "python -m fleetd member add --db fleet.db --name 'Aoki Yui' --mail yui@example.org"
        " --card 0101060112AB34CD",
        ("--name", {"required": True, "help": "the member's name"}),
        ("--mail", {"required": True, "help": "where the first passwords go"}),
        ("--id", {"default": "", "help": "three letters and five digits (default: the next)"}),
        ("--licence-until", {"default": "", "metavar": "DAY", "help": "last day, as 2028-03-31"}),
        ("--card", {"default": "", "metavar": "IDM", "help": "the driver's card, 16 hex digits"}),
        ("--show-passwords", {"action": "store_true",
                              "help": "print the first passwords, for a fleet without mail"}),
    )  # fmt: skip
    car = commands.add_parser("car", help="cars")
    car_commands = car.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
    _add(
        car_commands, "add", "add a car; writes its identity, key and password", add_car,
        "python -m fleetd car add --db fleet.db --name 'Suginami 1' --out suginami-1.json",
        ("--name", {"required": True, "help": "what people call it"}),
        ("--id", {"default": "", "help": "12 hex digits (default: by chance)"}),
        ("--out", {"required": True, "metavar": "FILE",
                   "help": "a new file for the identity, readable by you alone"}),
    )  # fmt: skip
    care_of_cars.add(car_commands, _add)


def _add(
    commands: Any,
    name: str,
    what: str,
    run: Callable[[argparse.Namespace], dict[str, Any]],
    example: str,
    *options: tuple[str, dict[str, Any]],
) -> None:
    found = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--db", required=True, type=Path, metavar="PATH", help="the database")
    for option, settings in options:
        found.add_argument(option, **settings)
    found.add_argument("--json", action="store_true", help="answer in JSON")
    found.set_defaults(run=run)


def main(argv: list[str]) -> int:
    """The exit code."""
    if argv[:1] == ["serve"]:
        from importlib import import_module

        exit_code: int = import_module("fleetd.serve").main(argv[1:])
        return exit_code
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as leaving:
        return DONE if leaving.code in (0, None) else USAGE
    try:
        answer = arguments.run(arguments)
    except Refused as refused:
        return _fail(arguments, refused.code, sentence(refused.code), REFUSED)
    except (UsageError, DatabaseError) as error:
        return _fail(arguments, "wrong_usage", str(error), USAGE)
    print(json.dumps(answer) if arguments.json else answer["text"])
    return DONE


def init(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.profile not in names():
        raise UsageError(
            f"--profile {arguments.profile}: there is none; choose one of {', '.join(names())}"
        )
    load_profile(arguments.profile)
    store = create(arguments.db)
    with store.transaction():
        fleet_rows.add(store, arguments.profile, int(time.time()))
    store.close()
    text = f"{arguments.db}: a new fleet on the terms of {arguments.profile}"
    return {"db": str(arguments.db), "profile": arguments.profile, "text": text}


def add_member(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.card and not re.fullmatch(r"[0-9A-Fa-f]{16}", arguments.card):
        raise UsageError("--card: a card's identifier is 16 hex digits, as 0101060112AB34CD")
    fleet = _open(arguments)
    made = fleet.register(
        arguments.name, arguments.mail, arguments.id, arguments.licence_until,
        bytes.fromhex(arguments.card),
    )  # fmt: skip
    answer: dict[str, Any] = {"member": made.member, "driver": made.driver}
    text = f"member {made.member}, driver {made.driver}; first passwords go to {arguments.mail}"
    if arguments.show_passwords:
        answer["member_password"] = made.member_password
        answer["driver_password"] = made.driver_password
        text += (
            f"\nfirst passwords: {made.member_password} (member), {made.driver_password} (driver)"
        )
    return {**answer, "text": text}


def add_car(arguments: argparse.Namespace) -> dict[str, Any]:
    fleet = _open(arguments)
    out = Path(arguments.out)

    def deliver(identity: Identity) -> None:
        kept = {"car": identity.car, "key": identity.key, "password": identity.password}
        _write_secret(out, json.dumps(kept) + "\n")

    identity = fleet.add_car(arguments.name, arguments.id, deliver)
    text = f"car {identity.car}; its key and password are in {out}, and nowhere else to be read"
    return {"car": identity.car, "out": str(out), "text": text}


def _write_secret(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
    except FileExistsError:
        raise UsageError(f"--out {path}: is there already; choose another file") from None
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written: {error.strerror}") from None


def book(arguments: argparse.Namespace) -> dict[str, Any]:
    fleet = _open(arguments)
    offset_s = fleet.rules.utc_offset_s
    starts_s = _time("--start", arguments.start, offset_s)
    ends_s = _time("--end", arguments.end, offset_s)
    made = fleet.book(arguments.driver, arguments.car, starts_s, ends_s)
    text = (
        f"booking {made['id']}: car {made['car']} for {made['driver']},"
        f" {_show(starts_s, offset_s)} to {_show(ends_s, offset_s)}"
    )
    return {**made, "text": text}


def status(arguments: argparse.Namespace) -> dict[str, Any]:
    fleet = _open(arguments)
    found = {**fleet.status(), "is_served": lease.is_held(arguments.db)}
    offset_s = fleet.rules.utc_offset_s
    lines = [f"{len(found['cars'])} cars, {found['events']} events, {found['mails_unsent']} mails"]
    for car in found["cars"]:
        heard = f"heard {_show(car['heard_s'], offset_s)}" if car["heard_s"] else "never heard"
        step = "in step" if car["is_in_step"] else "not in step"
        line = f"{car['car']} {car['name']}: {heard}, {step} ({car['gen']}.{car['rev']})"
        since_s = car["revocation_not_confirmed_since_s"]
        if since_s:
            line += f", revocation not confirmed since {_show(since_s, offset_s)}"
        if car["in_maintenance_since_s"]:
            line += f", in maintenance since {_show(car['in_maintenance_since_s'], offset_s)}"
        lines.append(line)
    for alarm in found["alarms"]:
        about = f" booking {alarm['booking']}" if alarm["booking"] else ""
        since = _show(alarm["raised_s"], offset_s)
        lines.append(
            f"alarm {alarm['name']}: car {alarm['car']}{about} since {since} {alarm['detail']}".rstrip()
        )
    lines.append(_tell_line(found, offset_s))
    return {**found, "text": "\n".join(lines)}


def _tell_line(found: dict[str, Any], offset_s: int) -> str:
    line = found["line"]
    if not found["is_served"] or line is None:
        return "no daemon is running"
    since = _show(line["since_s"], offset_s)
    return f"cars come by {line['way']}, {line['trouble'] or 'in order'}, since {since}"


def _open(arguments: argparse.Namespace) -> Fleet:
    return Fleet(open_existing(arguments.db), lambda _car, _frame: None, time.time)


def _time(option: str, text: str, offset_s: int) -> int:
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


def _show(at_s: int, offset_s: int) -> str:
    local = datetime.fromtimestamp(at_s, UTC) + timedelta(seconds=offset_s)
    return local.strftime("%Y-%m-%d %H:%M")


def _fail(arguments: argparse.Namespace, code: str, text: str, exit_code: int) -> int:
    if arguments.json:
        print(json.dumps({"refused": code, "text": text}))
    else:
        print(text, file=sys.stderr)
    return exit_code
