"""What the operator does with one car on the host: `car terms`, `car rotate-key`."""

from __future__ import annotations

import argparse
import getpass
import time
from collections.abc import Callable
from typing import Any

from firmware.terms import TermsError
from fleetd.core import car_terms
from fleetd.service import Fleet
from fleetd.store.database import open_existing
from fleetd.usage import UsageError


def add(car_commands: Any, add_command: Callable[..., None]) -> None:
    """Both, below `car`; `add_command` as in command_line."""
    whose: dict[str, Any] = {"metavar": "CAR", "help": "12 hex digits"}
    who: dict[str, Any] = {"metavar": "NAME", "help": "who does it, for the record"}
    add_command(
        car_commands, "terms", "show or change what a car goes by", terms,
        "python -m fleetd car terms 4b4700000001 --db fleet.db --set relock_s=90"
        " --set no_sensor=lights,window",
        ("car", whose),
        ("--profile", {"metavar": "NAME", "help": f"one of {', '.join(car_terms.profiles())}"}),
        ("--set", {"metavar": "NAME=VALUE", "action": "append", "default": [],
                   "help": "a value of docs/profiles.md; NAME=default takes a change back"}),
        ("--show", {"action": "store_true", "help": "show every value"}),
        ("--who", who),
    )  # fmt: skip
    add_command(
        car_commands, "rotate-key", "give a car a new key, over the air", rotate_key,
        "python -m fleetd car rotate-key 4b4700000001 --db fleet.db",
        ("car", whose),
        ("--who", who),
    )  # fmt: skip


def terms(arguments: argparse.Namespace) -> dict[str, Any]:
    fleet = _open(arguments)
    changes = dict([_parse(text) for text in arguments.set])
    if arguments.profile or changes:
        try:
            found = fleet.set_car_terms(arguments.car, arguments.profile, changes, _who(arguments))
        except TermsError as error:
            raise UsageError(str(error)) from None
    else:
        found = fleet.car_terms(arguments.car)
    lines = [_headline(found)]
    if arguments.show:
        lines += [f"  {name} = {_shown(value)}" for name, value in sorted(found["values"].items())]
        lines += [
            f"{_day(row['at_s'], fleet)} {row['who']}: {row['what']} {row['detail']}"
            for row in found["history"]
        ]
    return {**found, "text": "\n".join(lines)}


def rotate_key(arguments: argparse.Namespace) -> dict[str, Any]:
    number = _open(arguments).rotate_key(arguments.car, _who(arguments))
    text = (
        f"car {arguments.car}: key {number} is made; it is in use when the car was heard under it"
    )
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


def _who(arguments: argparse.Namespace) -> str:
    if arguments.who is not None:
        return str(arguments.who)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("--who: the system does not tell who you are; give a name") from None


def _day(at_s: int, fleet: Fleet) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(at_s + fleet.rules.utc_offset_s))


def _open(arguments: argparse.Namespace) -> Fleet:
    return Fleet(open_existing(arguments.db), lambda _car, _frame: None, time.time)
