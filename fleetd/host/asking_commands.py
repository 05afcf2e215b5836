"""What the operator asks a car over the air, and waits for: `car position`, `car maintenance`."""

from __future__ import annotations

import argparse
import time
from typing import Any

from fleetd.arguments import whole
from fleetd.commands import EXPIRY_S
from fleetd.core.audit import NOWHERE
from fleetd.host.failures import FAILED
from fleetd.host.parts import BY, Answer, Commands, one_line, open_fleet, who_does
from fleetd.sentences import for_operator
from fleetd.service import Fleet

#: The daemon ends a command after `EXPIRY_S`; it looks once a second.
_WAIT_S = EXPIRY_S + 10
_LOOK_EVERY_S = 0.2
_PLACE = ("latitude_udeg", "longitude_udeg")


def add_to(commands: Commands) -> None:
    """Both, below `car`."""
    whose: dict[str, Any] = {"type": str.lower, "metavar": "CAR", "help": "12 hex digits"}
    why: dict[str, Any] = {"required": True, "metavar": "TEXT", "help": "why, for the record"}
    wait: dict[str, Any] = {
        "type": whole(0, 300, "seconds"), "default": _WAIT_S, "metavar": "SECONDS",
        "help": "how long to wait for the answer (%(default)s); 0: do not",
    }  # fmt: skip
    commands.add(
        "car position", "ask a car where it is", position,
        "python -m fleetd car position 4b4700000001 --db fleet.db --why 'overdue, no answer'",
        ("car", whose),
        ("--why", why),
        BY,
        ("--wait", wait),
    )  # fmt: skip
    commands.add(
        "car maintenance", "take a parked car out of service, or back", maintenance,
        "python -m fleetd car maintenance 4b4700000001 on --db fleet.db --why 'new tyres'",
        ("car", whose),
        ("turn", {"choices": ("on", "off"), "help": "on: no driver can start it"}),
        ("--why", why),
        BY,
        ("--wait", wait),
    )  # fmt: skip


def position(arguments: argparse.Namespace) -> Answer:
    """POS-1."""
    fleet = open_fleet(arguments)
    ident = fleet.ask_position(*_asked(arguments))
    until_s = time.monotonic() + arguments.wait
    found = _await_answer(fleet, ident, until_s)
    if found["status"] != "accepted":
        return _unanswered(found)
    # The answer says that the car tells; its event, where it is.
    while (place := fleet.place_told(arguments.car, ident)) is None and _may_look(until_s):
        pass
    if place is None:
        text = f"car {arguments.car} has not told yet where it is; ask again"
        return {**found, "place": None, "text": text, "exit_code": FAILED}
    if place == NOWHERE:
        text = f"car {arguments.car} cannot tell where it is"
    else:
        latitude, longitude = (f"{value / 1e6:.6f}" for value in place)
        text = f"car {arguments.car} is at {latitude}, {longitude}"
    return {**found, "place": dict(zip(_PLACE, place, strict=False)), "text": text}


def maintenance(arguments: argparse.Namespace) -> Answer:
    """STAFF-CAR-1."""
    fleet = open_fleet(arguments)
    is_on = arguments.turn == "on"
    ask = fleet.begin_maintenance if is_on else fleet.end_maintenance
    ident = ask(*_asked(arguments))
    found = _await_answer(fleet, ident, time.monotonic() + arguments.wait)
    if found["status"] != "accepted":
        return _unanswered(found)
    state = "in maintenance: no driver can start it" if is_on else "back in service"
    return {**found, "text": f"car {arguments.car} is {state}"}


def _asked(arguments: argparse.Namespace) -> tuple[str, str, str]:
    return arguments.car, who_does(arguments), one_line("--why", arguments.why)


def _await_answer(fleet: Fleet, ident: str, until_s: float) -> dict[str, Any]:
    """The daemon beside us sends it, hears the answer, or ends it."""
    while (found := fleet.command(ident))["status"] == "pending" and _may_look(until_s):
        pass
    return found


def _may_look(until_s: float) -> bool:
    """Once more, after a while; False when the time is over."""
    if time.monotonic() >= until_s:
        return False
    time.sleep(_LOOK_EVERY_S)
    return True


def _unanswered(found: dict[str, Any]) -> Answer:
    """Refused, unknown or still on its way: why, and what to do."""
    text = " ".join(for_operator(one["code"], one.get("inputs", ())) for one in found["reasons"])
    if not text and found["was_sent"]:
        text = "the car does not answer; it may have done it all the same: see status"
    elif not text:
        text = "not sent yet; is the daemon running (fleetd status)?"
    return {**found, "text": f"car {found['car']}: {text}", "exit_code": FAILED}
