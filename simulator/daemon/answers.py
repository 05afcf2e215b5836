"""What the daemon answers to requests, as the simulation shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware.wire.code_names import INPUT_NAMES
from firmware.wire.journal_format import EPOCH_2020_S
from fleetd.core.refused import Refused
from fleetd.service import Fleet
from simulator.audit import Reason
from simulator.centre import ACCEPTED, REFUSED, Command, OnRefusal

Note = Callable[[str], None]

_BITS = {name: 1 << bit for bit, name in INPUT_NAMES.items()}


def reason_of_refused(refused: Refused) -> Reason:
    """A refusal by the daemon itself."""
    return Reason(refused.code, refused.argument)


def reason_of_car(said: dict[str, Any]) -> Reason:
    """A reason that the car gave, as the daemon describes it; arguments as the car counts them."""
    if "inputs" in said:
        return Reason(said["code"], sum(_BITS[name] for name in said["inputs"]))
    if "possible_from_s" in said:
        return Reason(said["code"], said["possible_from_s"] - EPOCH_2020_S)
    return Reason(said["code"], said.get("argument", 0))


class Answers:
    """Follows the requests that the daemon may yet say something new about."""

    def __init__(self, fleet: Fleet, note: Note) -> None:
        self._fleet = fleet
        self._note = note
        self._open: list[Command] = []
        self.on_refusal: OnRefusal = _ignore

    def follow(self, command: Command) -> None:
        """From now on."""
        self._open.append(command)

    def look(self) -> None:
        """Take in what is new. After "unknown" the truth may yet come."""
        for command in tuple(self._open):
            said = self._fleet.command(command.ident)
            if said["status"] != command.status:
                command.status = said["status"]
                command.reasons = [reason_of_car(one) for one in said["reasons"]]
                command.warnings = said["warnings"]
                if command.status in (ACCEPTED, REFUSED):
                    self._open.remove(command)
                self._tell(command)

    def decide(self, command: Command, refusal: Reason | None) -> None:
        """The centre alone ends it."""
        command.status = REFUSED if refusal else ACCEPTED
        command.reasons = [refusal] if refusal else []
        self._tell(command)

    def _tell(self, command: Command) -> None:
        reasons = ", ".join(map(str, command.reasons))
        self._note(f"{command.verb} {command.status}" + (f": {reasons}" if reasons else ""))
        for warning in command.warnings:
            self._note(f"warning {warning}")
        if command.status == REFUSED:
            self.on_refusal(command.reasons)


def _ignore(_reasons: list[Reason]) -> None:
    pass
