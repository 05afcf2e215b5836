"""How a fleet begins: its database, members, cars, and a booking at the desk."""

from __future__ import annotations

import argparse
import json
import re
import time
from importlib import import_module
from pathlib import Path

from fleetd.core.rules import load_profile, names
from fleetd.host.failures import UsageError
from fleetd.host.parts import (
    Answer,
    Commands,
    open_fleet,
    read_time,
    show_time,
    write_secret,
)
from fleetd.store import fleet_rows
from fleetd.store.database import create
from fleetd.vehicles import Identity

DEFAULT_PROFILE = "top24-2023"


def add_to(commands: Commands) -> None:
    commands.add(
        "init", "make a new database", init,
        "python -m fleetd init --db fleet.db --profile top24-2023",
        ("--profile", {"metavar": "NAME", "default": DEFAULT_PROFILE,
                       "help": f"the operator's terms: {', '.join(names())} (%(default)s)"}),
    )  # fmt: skip
    commands.group("member", "members and their drivers")
    commands.add(
        "member add", "add a member and the member's first driver", add_member,
        "python -m fleetd member add --db fleet.db --name 'Aoki Yui' --mail yui@example.org"
        " --card 0101060112AB34CD",
        ("--name", {"required": True, "help": "the member's name"}),
        ("--mail", {"required": True,
                    "help": "where the first passwords go, once something sends mails"}),
        ("--id", {"default": "", "help": "three letters and five digits (default: the next)"}),
        ("--licence-until", {"default": "", "metavar": "DAY", "help": "last day, as 2028-03-31"}),
        ("--card", {"default": "", "metavar": "IDM", "help": "the driver's card, 16 hex digits"}),
        ("--show-passwords", {"action": "store_true",
                              "help": "print the first passwords: fleetd itself sends no mails yet"}),
    )  # fmt: skip
    commands.group("car", "cars")
    commands.add(
        "car add", "add a car; writes its identity, key and password", add_car,
        "python -m fleetd car add --db fleet.db --name 'Suginami 1' --out suginami-1.json",
        ("--name", {"required": True, "help": "what people call it"}),
        ("--id", {"default": "", "help": "12 hex digits (default: by chance)"}),
        ("--out", {"required": True, "metavar": "FILE",
                   "help": "a new file for the identity, readable by you alone"}),
    )  # fmt: skip
    commands.add(
        "book", "book a car for a driver, by the rules", book,
        "python -m fleetd book --db fleet.db --driver KAG00001001 --car 4b4700000001"
        " --start 2026-04-01T10:00 --end 2026-04-01T12:00",
        ("--driver", {"required": True, "help": "the driver's ID"}),
        ("--car", {"required": True, "help": "12 hex digits"}),
        ("--start", {"required": True, "metavar": "TIME", "help": "the operator's local time"}),
        ("--end", {"required": True, "metavar": "TIME"}),
    )  # fmt: skip


def init(arguments: argparse.Namespace) -> Answer:
    if arguments.profile not in names():
        raise UsageError(
            f"--profile {arguments.profile}: there is none; choose one of {', '.join(names())}"
        )
    load_profile(arguments.profile)
    store = create(arguments.db)
    with store.transaction():
        fleet_rows.add(store, arguments.profile, int(time.time()))
    import_module("fleetd.ledger.key").provide(arguments.db, store)
    store.close()
    text = f"{arguments.db}: a new fleet on the terms of {arguments.profile}"
    return {"db": str(arguments.db), "profile": arguments.profile, "text": text}


def add_member(arguments: argparse.Namespace) -> Answer:
    if arguments.card and not re.fullmatch(r"[0-9A-Fa-f]{16}", arguments.card):
        raise UsageError("--card: a card's identifier is 16 hex digits, as 0101060112AB34CD")
    fleet = open_fleet(arguments)
    made = fleet.register(
        arguments.name, arguments.mail, arguments.id, arguments.licence_until,
        bytes.fromhex(arguments.card),
    )  # fmt: skip
    answer: Answer = {"member": made.member, "driver": made.driver}
    text = f"member {made.member}, driver {made.driver}"
    if arguments.show_passwords:
        answer["member_password"] = made.member_password
        answer["driver_password"] = made.driver_password
        text += (
            f"\nfirst passwords: {made.member_password} (member), {made.driver_password} (driver)"
        )
    else:
        text += (
            f"; the first passwords are in mails to {arguments.mail}, which wait: this version"
            " sends none, only --show-passwords tells them"
        )
    return {**answer, "text": text}


def add_car(arguments: argparse.Namespace) -> Answer:
    fleet = open_fleet(arguments)
    out = Path(arguments.out)
    written: list[Path] = []

    def deliver(identity: Identity) -> None:
        kept = {"car": identity.car, "key": identity.key, "password": identity.password}
        write_secret(out, json.dumps(kept) + "\n")
        written.append(out)

    try:
        identity = fleet.add_car(arguments.name, arguments.id, deliver)
    except Exception:
        for path in written:
            path.unlink(missing_ok=True)  # of a car that there is not
        raise
    text = f"car {identity.car}; its key and password are in {out}, and nowhere else to be read"
    return {"car": identity.car, "out": str(out), "text": text}


def book(arguments: argparse.Namespace) -> Answer:
    fleet = open_fleet(arguments)
    offset_s = fleet.rules.utc_offset_s
    starts_s = read_time("--start", arguments.start, offset_s)
    ends_s = read_time("--end", arguments.end, offset_s)
    made = fleet.book(arguments.driver, arguments.car, starts_s, ends_s)
    text = (
        f"booking {made['id']}: car {made['car']} for {made['driver']},"
        f" {show_time(starts_s, offset_s)} to {show_time(ends_s, offset_s)}"
    )
    return {**made, "text": text}
