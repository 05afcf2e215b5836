"""Commands as phone and operator see them: what was asked, and what came of it."""

from __future__ import annotations

import json
from typing import Any

from firmware.wire import kb1
from firmware.wire.code_names import VERB_NAMES
from fleetd.core.refused import Refused
from fleetd.store import command_rows, event_rows
from fleetd.store.command_rows import Command
from fleetd.turn import Turn


def describe(turn: Turn, ident_hex: str) -> dict[str, Any]:
    """All but the key; Refused("no_command") when there is none."""
    is_hex = len(ident_hex) == 2 * kb1.COMMAND_BYTES and set(ident_hex) <= set("0123456789abcdef")
    command = command_rows.find(turn.db, bytes.fromhex(ident_hex)) if is_hex else None
    if command is None:
        raise Refused("no_command")
    return _describe(command)


def last_of_booking(turn: Turn, driver: str, booking: int) -> dict[str, Any] | None:
    """The driver's newest; None when something was done with the car since, at the car too."""
    command = command_rows.last_of_booking(turn.db, driver, booking)
    if command is None or event_rows.names_another(turn.db, booking, command.made_s, command.id):
        return None
    return _describe(command)


def _describe(command: Command) -> dict[str, Any]:
    return {
        "id": command.id.hex(),
        "car": command.car,
        "driver": command.driver,
        "booking": command.booking,
        "who": command.who,
        "why": command.why,
        "verb": VERB_NAMES[command.verb],
        "status": command.status,
        "reasons": json.loads(command.reasons),
        "warnings": json.loads(command.warnings),
        "locked": _read_back(command.locked),
        "blocked": _read_back(command.blocked),
        "made_s": command.made_s,
        "expires_s": command.expires_s,
        "was_sent": command.sent_s is not None,
        "enrolment": command.enrolment,
        "enrol_until_s": command.enrol_until_s,
        "card": command.card,
    }


def _read_back(value: int | None) -> str | None:
    """None: the car has not said."""
    return None if value is None else ("no", "yes", "cannot_tell")[value]
