"""What the phone asks a car to do, and what came of it."""

from __future__ import annotations

from typing import Any

from fleetd.api.answers import Answer, Wrong
from fleetd.api.booking_calls import booking_number
from fleetd.api.calls import ACCOUNT, Asked, Call
from fleetd.api.fields import Text
from fleetd.commands import VERBS
from fleetd.core.refused import Refused
from fleetd.sentences import explain
from fleetd.store.command_rows import PENDING, UNKNOWN


def operate(asked: Asked) -> Answer:
    """The same key: the same command, as it stands now."""
    number = booking_number(asked)
    asked.fleet.booking(asked.account, number)  # somebody else's booking is none
    ident = asked.fleet.operate(asked.account, number, asked.body["verb"], asked.key)
    shown = _show(asked.fleet.command(ident))
    return Answer(202, shown, {"Location": f"/v1/commands/{ident}"})


def see(asked: Asked) -> Answer:
    found = asked.fleet.command(asked.path["command"])
    try:
        asked.fleet.booking(asked.account, found["booking"])
    except Refused:
        raise Wrong("no_command") from None
    return Answer(200, _show(found))


def _show(found: dict[str, Any]) -> dict[str, Any]:
    """What the schema Command says, of what the fleet keeps."""
    shown = ("id", "booking", "verb", "status", "locked", "blocked", "made_s", "expires_s")
    return {
        **{name: found[name] for name in shown},
        "reached_car": _reached_car(found),
        "reasons": [
            {**reason, "sentence": explain(reason["code"], reason.get("inputs", ()))}
            for reason in found["reasons"]
        ],
        "warnings": [{"code": code, "sentence": explain(code)} for code in found["warnings"]],
        "enrolment": _enrolment(found),
    }


def _enrolment(found: dict[str, Any]) -> dict[str, Any] | None:
    """ENROL-1: whether the reader waits for a card, and what came of it."""
    if found["enrolment"] is None:
        return None
    return {
        "state": found["enrolment"],
        "until_s": found["enrol_until_s"],
        "card": found["card"],
    }


def _reached_car(found: dict[str, Any]) -> str:
    """Sent is not received: only the car's own answer proves that."""
    if not found["was_sent"]:
        return "no"
    return "cannot_tell" if found["status"] in (PENDING, UNKNOWN) else "yes"


CALLS = (
    Call(
        "POST", "/v1/bookings/{booking}/commands", operate,
        "Ask the car to do something; it is done once at most", "Command", status=202,
        needs_key=True, body={"verb": Text("what to do", 20, choices=tuple(VERBS))},
        codes=("no_booking", "not_allowed_in_profile", "licence_expired", "in_maintenance", "busy",
               "key_reused"),
    ),
    Call(
        "GET", "/v1/commands/{command}", see,
        "pending until the car answered or the time is over; then accepted, refused (by the car, "
        "or because it could not be reached) or unknown (sent, and never answered)",
        "Command", needs=ACCOUNT, codes=("no_command",),
    ),
)  # fmt: skip
