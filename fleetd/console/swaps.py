"""`car swap-box`, `car swap-key`: another box, or another key, for a car that is in the fleet."""

from __future__ import annotations

import argparse
import json
from typing import Any

from firmware.terms import TermsError
from fleetd.console import answering, provision, steps
from fleetd.console.client import AnswerError, BoxClient
from fleetd.console.line import Line
from fleetd.console.steps import Record, StepError
from fleetd.host.failures import UsageError
from fleetd.host.parts import BY, Answer, Commands, open_fleet, who_does
from fleetd.service import Fleet

_PORT: dict[str, Any] = {"metavar": "PORT", "help": "of the box, as /dev/ttyUSB0"}
_CAR: dict[str, Any] = {"metavar": "CAR", "help": "12 hex digits"}
#: What opens the box enough to lay it bare.
_LEVEL = 2


def add_to(commands: Commands) -> None:
    """Below `car`."""
    commands.add(
        "car swap-box", "put another, bare box into a car; its bookings come along", swap_box,
        "python -m fleetd car swap-box /dev/ttyUSB0 4b4700000001 --db fleet.db --board pi"
        " --host fleet.example.org --tls --ca ca.pem --by mori",
        ("port", _PORT), ("car", _CAR), *provision.BOX_OPTIONS, *provision.WHO_OPTIONS,
    )  # fmt: skip
    commands.add(
        "car swap-key", "give a car another first key, over the cable", swap_key,
        "python -m fleetd car swap-key /dev/ttyUSB0 4b4700000001 --db fleet.db --by mori",
        ("port", _PORT), ("car", _CAR), *provision.WHO_OPTIONS,
    )  # fmt: skip
    commands.add(
        "car keep-box", "give up a swap that was begun: what is in service stays", keep_box,
        "python -m fleetd car keep-box 4b4700000001 --db fleet.db --by mori",
        ("car", _CAR), BY,
    )  # fmt: skip


def swap_box(arguments: argparse.Namespace) -> Answer:
    """As `provision`, for a car that has a box; that one is refused from the first HELLO on."""
    try:
        return provision.commission(arguments, is_swap=True)
    except TermsError as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        raise StepError(f"interrupted; {steps.WAY_OUT}") from None


def keep_box(arguments: argparse.Namespace) -> Answer:
    car = arguments.car.lower()
    open_fleet(arguments).give_up_box(car, who_does(arguments))
    return {"car": car, "text": f"car {car}: what is in service stays; the new identity is void"}


def swap_key(arguments: argparse.Namespace) -> Answer:
    """The box keeps everything else, its journal and its copy too."""
    try:
        return _swap_key(arguments)
    except KeyboardInterrupt:
        raise StepError(f"interrupted; {steps.WAY_OUT}") from None


def _swap_key(arguments: argparse.Namespace) -> Answer:
    fleet, who = open_fleet(arguments), who_does(arguments)
    car = arguments.car.lower()
    record = Record(car, told=provision.progress)
    record.add("car", car, car=car)
    with Line(arguments.port) as line:
        client = BoxClient(line)
        found = steps.look(client)
        if "bare" not in found and found.get("car") != car:
            raise StepError(f"the box is that of car {found.get('car')}, not of {car}")
        waited = fleet.box_waits(car)
        identity = fleet.prepare_box(car, who, is_new_box=False)
        if "bare" in found or not (waited and _has_new_key(client, fleet, who)):
            if "bare" not in found:
                _lay_bare(client, fleet, car, who)
            own = {"car": car, "key": identity.key, "password": identity.password}
            digest = steps.put_file(client, steps.CONFIG, json.dumps(own).encode(), keeps=True)
            record.add("box.json", f"its key and password changed, SHA-256 {digest[:16]}",
                       sha256=digest)  # fmt: skip
            found = steps.await_box(client, car)
        record.add("box", f"program {found.get('program', '?')}", program=found.get("program"))
        heard = steps.await_hello(fleet, car, arguments.patience, record)
    return provision.finish(record, f"New key of car {car} by {who}", passed=True, heard=heard)


def _has_new_key(client: BoxClient, fleet: Fleet, who: str) -> bool:
    """After an interruption: whether the box answers to the new key already."""
    try:
        client.unlock(1, answering.from_fleet(fleet, who, is_next=True))
    except AnswerError:
        return False
    client.ask("lock", may_repeat=True)
    return True


def _lay_bare(client: BoxClient, fleet: Fleet, car: str, who: str) -> None:
    client.unlock(_LEVEL, answering.from_fleet(fleet, who))
    told = client.ask("bare")
    if not told.ok:
        raise StepError(told.sentence)
    steps.await_box(client, car, is_bare=True)
