"""The shapes of answers, for OpenAPI. Every field is always there unless it is said to be optional."""

from __future__ import annotations

from typing import Any

from fleetd.api.answers import UNITS
from fleetd.commands import VERBS
from fleetd.core import outlook
from fleetd.store import command_rows

Schema = dict[str, Any]

OPERATIONS = ("cancel", "change", "extend", *VERBS)


def _object(properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _text(what: str = "", choices: tuple[str, ...] = ()) -> Schema:
    found: Schema = {"type": "string"}
    if choices:
        found["enum"] = list(choices)
    return {**found, "description": what} if what else found


def _whole(what: str = "") -> Schema:
    return {"type": "integer", "description": what} if what else {"type": "integer"}


def _or_null(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "type": [schema["type"], "null"], "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


_AT = _whole("Unix seconds")
_READ_BACK = _or_null(_text("what the car saw afterwards; null: it has not said",
                            ("no", "yes", "cannot_tell")))  # fmt: skip
_EXPLAINED = {"code": _text(), "sentence": _text()}

SCHEMAS: dict[str, Schema] = {
    "Error": _object(
        {
            "error": _text("a code that never changes"),
            "sentence": _text("for people"),
            "limit": _whole("what was to be kept to"),
            "unit": _text("of limit and value", UNITS),
            "value": _whole("what was asked for"),
            "field": _text("which field of body or query"),
        },
        optional=("limit", "unit", "value", "field"),
    ),
    "Login": _object(
        {
            "token": _text("for the header Authorization: Bearer"),
            "must_change_password": {
                "type": "boolean",
                "description": "the token is good for nothing but POST /v1/password and logout",
            },
        }
    ),
    "Account": _object({"id": _text(), "kind": _text("", ("driver", "member"))}),
    "Cars": _object({"cars": _list_of(_object({"car": _text("12 hex digits"), "name": _text()}))}),
    "FreeTimes": _object(
        {"car": _text(), "free": _list_of(_object({"starts_s": _AT, "ends_s": _AT}))}
    ),
    "Receipt": _object(
        {
            "state": _text(
                "later: it is not sent to the car yet; not_needed: the car has no use for it",
                ("in_car", "on_its_way", "later", "not_needed"),
            ),
            "in_car_since_s": _or_null(_AT),
        }
    ),
    "Operation": _object(
        {
            "possible": {"type": "boolean", "description": "the car may still refuse"},
            "reason": _text("the code of what speaks against it"),
            "sentence": _text(),
            "possible_from_s": _AT,
        },
        optional=("reason", "sentence", "possible_from_s"),
    ),
    "Booking": _object(
        {
            "id": _whole(),
            "car": _text(),
            "driver": _text("the driver's ID"),
            "state": _text("", outlook.STATES),
            "starts_s": _AT,
            "ends_s": _AT,
            "made_s": _AT,
            "changes": _whole("how often it was changed"),
            "extensions": _whole("how often it was extended"),
            "started_s": _or_null(_AT),
            "ended_s": _or_null(_AT),
            "cancelled_s": _or_null(_AT),
            "cancel_percent": _or_null(_whole("of the time fee, for what was cancelled")),
            "cancel_percent_now": _or_null(_whole("of the time fee, if cancelled now")),
            "reopen_until_s": _or_null(_AT),
            "locked_itself": _or_null(
                _text("how, while in use; the remedy is to reunlock where the terms have it",
                      outlook.LOCKED_ITSELF)
            ),
            "warnings": {
                **_list_of(_object(_EXPLAINED)),
                "description": "what was left on or open at the end, while it can be put right",
            },
            "receipt": _reference("Receipt"),
            "last_command": {
                "anyOf": [_reference("Command"), {"type": "null"}],
                "description": "what was asked last, until the car tells of something later",
            },
            "operations": _object({name: _reference("Operation") for name in sorted(OPERATIONS)}),
        }
    ),
    "Bookings": _object({"bookings": _list_of(_reference("Booking"))}),
    "Command": _object(
        {
            "id": _text("16 hex digits"),
            "booking": _whole(),
            "verb": _text("", tuple(VERBS)),
            "status": _text(
                "unknown: it was sent and nothing came back; look at the car",
                (command_rows.PENDING, command_rows.ACCEPTED, command_rows.REFUSED,
                 command_rows.UNKNOWN),
            ),
            "reached_car": _text(
                "no: not sent yet, or never; cannot_tell: sent, and no answer so far",
                ("no", "cannot_tell", "yes"),
            ),
            "made_s": _AT,
            "expires_s": _whole("Unix seconds; the car does nothing after it"),
            "reasons": _list_of(
                _object(
                    {
                        **_EXPLAINED,
                        "inputs": _list_of(_text()),
                        "setting": _text(
                            "with cannot_tell: the car is set to refuse; trying again is in vain",
                            ("refuse",),
                        ),
                        "possible_from_s": _AT,
                        "argument": _whole(),
                    },
                    optional=("inputs", "setting", "possible_from_s", "argument"),
                )
            ),
            "warnings": _list_of(_object(_EXPLAINED)),
            "locked": _READ_BACK,
            "blocked": _READ_BACK,
            "enrolment": _or_null(
                _object(
                    {
                        "state": _text("open: the reader waits for a card",
                                       command_rows.ENROLMENTS),
                        "until_s": _whole("Unix seconds; when it waits no longer, about"),
                        "card": _or_null(_text("the last digits of the card that was touched")),
                    }
                )
            ),
        }
    ),
}  # fmt: skip
