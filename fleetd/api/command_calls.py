"""What the phone asks a car to do, and what came of it."""

from __future__ import annotations

from fleetd.api.answers import Answer, Wrong
from fleetd.api.booking_calls import booking_number
from fleetd.api.calls import ACCOUNT, Asked, Call
from fleetd.api.command_shape import show_command
from fleetd.api.fields import Text
from fleetd.commands import VERBS
from fleetd.core.refused import Refused


def operate(asked: Asked) -> Answer:
    """The same key: the same command, as it stands now."""
    number = booking_number(asked)
    asked.fleet.booking(asked.account, number)  # somebody else's booking is none
    ident = asked.fleet.operate(asked.account, number, asked.body["verb"], asked.key)
    shown = show_command(asked.fleet.command(ident))
    return Answer(202, shown, {"Location": f"/v1/commands/{ident}"})


def see(asked: Asked) -> Answer:
    found = asked.fleet.command(asked.path["command"])
    try:
        asked.fleet.booking(asked.account, found["booking"])
    except Refused:
        raise Wrong("no_command") from None
    return Answer(200, show_command(found))


CALLS = (
    Call(
        "POST", "/v1/bookings/{booking}/commands", operate,
        "Ask the car to do something; it is done once at most", "Command", status=202,
        needs_key=True, body={"verb": Text("what to do", 20, choices=tuple(VERBS))},
        codes=("no_booking", "car_blocked", "not_allowed_in_profile", "licence_expired",
               "in_maintenance", "busy", "key_reused"),
    ),
    Call(
        "GET", "/v1/commands/{command}", see,
        "pending until the car answered or the time is over; then accepted, refused (by the car, "
        "or because it could not be reached) or unknown (sent, and never answered)",
        "Command", needs=ACCOUNT, codes=("no_command",),
    ),
)  # fmt: skip
