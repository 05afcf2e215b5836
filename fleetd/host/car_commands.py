"""What the operator does with one car on the host: `car terms`, `rotate-key`, `block`, `retire`."""

from __future__ import annotations

import argparse
from typing import Any

from firmware.terms import TermsError
from fleetd.core import car_terms
from fleetd.host.failures import UsageError
from fleetd.host.parts import (
    BY,
    Answer,
    Commands,
    Option,
    one_line,
    open_fleet,
    show_time,
    who_does,
)
from fleetd.ledger.findings import counted


def add_to(commands: Commands) -> None:
    """All of them below `car`."""
    whose: dict[str, Any] = {"type": str.lower, "metavar": "CAR", "help": "12 hex digits"}
    commands.add(
        "car terms", "show or change what a car goes by", terms,
        "python -m fleetd car terms 4b4700000001 --db fleet.db --set relock_s=90"
        " --set no_sensor=lights,window",
        ("car", whose),
        ("--profile", {"metavar": "NAME", "help": f"one of {', '.join(car_terms.profiles())}"}),
        ("--set", {"metavar": "NAME=VALUE", "action": "append", "default": [],
                   "help": "a value of docs/profiles.md; NAME=default takes a change back"}),
        ("--show", {"action": "store_true", "help": "show every value"}),
        BY,
    )  # fmt: skip
    commands.add(
        "car rotate-key", "give a car a new key, over the air", rotate_key,
        "python -m fleetd car rotate-key 4b4700000001 --db fleet.db",
        ("car", whose),
        BY,
    )  # fmt: skip
    why: Option = ("--why", {"required": True, "help": "what has happened, for the record"})
    for name, what, run in (
        ("block", "shut a car out, until it is unblocked: its key or its box is stolen", block),
        ("unblock", "let a car in again", unblock),
        ("retire", "shut a car out for good", retire),
    ):
        commands.add(
            f"car {name}", what, run,
            f"python -m fleetd car {name} 4b4700000001 --db fleet.db --why 'box stolen'",
            ("car", whose), BY, why,
        )  # fmt: skip


def block(arguments: argparse.Namespace) -> Answer:
    count = open_fleet(arguments).block_car(*_asked(arguments))
    return _shut_out(arguments.car, "blocked", count)


def unblock(arguments: argparse.Namespace) -> Answer:
    open_fleet(arguments).unblock_car(*_asked(arguments))
    text = f"car {arguments.car} is unblocked; it is served from its next HELLO on"
    return {"car": arguments.car, "text": text}


def retire(arguments: argparse.Namespace) -> Answer:
    count = open_fleet(arguments).retire_car(*_asked(arguments))
    return _shut_out(arguments.car, "retired", count)


def _asked(arguments: argparse.Namespace) -> tuple[str, str, str]:
    return arguments.car, who_does(arguments), one_line("--why", arguments.why)


def _shut_out(car: str, word: str, bookings: int) -> Answer:
    text = f"car {car} is {word}: nothing that it says counts, and nothing is said to it"
    if bookings:
        text += f"; {counted(bookings, 'booking')} of it to be moved by you"
    return {"car": car, "bookings": bookings, "text": text}


def terms(arguments: argparse.Namespace) -> Answer:
    fleet = open_fleet(arguments)
    changes = dict([_parse(text) for text in arguments.set])
    if arguments.profile or changes:
        try:
            found = fleet.set_car_terms(
                arguments.car, arguments.profile, changes, who_does(arguments)
            )
        except TermsError as error:
            raise UsageError(str(error)) from None
    else:
        found = fleet.car_terms(arguments.car)
    lines = [_headline(found)]
    if arguments.show:
        lines += [f"  {name} = {_shown(value)}" for name, value in sorted(found["values"].items())]
        lines += [
            f"{show_time(row['at_s'], fleet.rules.utc_offset_s)} {row['who']}: {row['what']} {row['detail']}"
            for row in found["history"]
        ]
    return {**found, "text": "\n".join(lines)}


def rotate_key(arguments: argparse.Namespace) -> Answer:
    number = open_fleet(arguments).rotate_key(arguments.car, who_does(arguments))
    text = f"car {arguments.car}: key {number} is made; it is in use as soon as the car is heard under it"
    return {"car": arguments.car, "number": number, "text": text}


def _headline(found: dict[str, Any]) -> str:
    if found["profile"] is None:
        return f"car {found['car']} goes by what its box was provisioned with"
    changes = ", ".join(f"{name}={_shown(value)}" for name, value in found["changes"].items())
    text = f"car {found['car']}: {found['profile']}{', ' + changes if changes else ''}"
    if found["untaken_since_s"]:
        return f"{text}; the car cannot take it, and goes by what its box was provisioned with"
    return f"{text}; {'in the car' if found['in_car_since_s'] else 'on its way to the car'}"


def _parse(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--set {text}: write it as NAME=VALUE, for instance relock_s=90")
    return name, car_terms.parse(name, value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
