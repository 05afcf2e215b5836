"""The document at /openapi.json, made of the same rows as the calls, so that it cannot differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fleetd.api.answers import CONFLICT, STATUS_OF
from fleetd.api.calls import NOBODY, TOKEN, Call
from fleetd.api.schemas import SCHEMAS

_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
#: Refusals that every call with a body, a token, or a key may give.
_OF_BODY = ("bad_field", "bad_json", "too_large", "not_json", "too_slow")
_OF_TOKEN = ("not_logged_in",)
_OF_ACCOUNT = ("not_logged_in", "password_must_change")
_OF_ALL = ("internal", "database_busy")


def document(calls: Iterable[Call]) -> dict[str, Any]:
    """OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _describe(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kagibako",
            "version": "1",
            "description": "Bookings and cars for drivers. Times are Unix seconds. Whatever is "
            "not done is answered with a code that never changes and a sentence.",
        },
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": call.summary,
        "operationId": f"{call.run.__name__}_{call.run.__module__.rpartition('.')[2]}",
        "parameters": _parameters(call),
        "responses": {str(call.status): _done(call), **_refusals(call)},
    }
    if call.needs != NOBODY:
        found["security"] = [{"token": []}]
    if call.body:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _body(call)}},
        }
    return found


def _body(call: Call) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: field.schema() for name, field in call.body.items()},
        "required": list(call.body),
        "additionalProperties": False,
    }


def _parameters(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", call.path)
    ]
    for name, field in call.query.items():
        needed = field.default is None
        found.append({"name": name, "in": "query", "required": needed, "schema": field.schema()})
    if call.needs_key:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 80},
                "description": "made up by the caller and used again when the same is tried "
                "again: it is then done once",
            }
        )
    return found


def _done(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {"description": HTTPStatus(call.status).phrase}
    if call.answer:
        reference = {"$ref": f"#/components/schemas/{call.answer}"}
        found["content"] = {"application/json": {"schema": reference}}
    return found


def _refusals(call: Call) -> dict[str, Any]:
    codes = [*call.codes, *_OF_ALL]
    if call.method == "POST":
        codes += _OF_BODY
    if call.query:
        codes.append("bad_field")
    if call.needs_key:
        codes.append("bad_key")
    if call.needs == TOKEN:
        codes += _OF_TOKEN
    elif call.needs != NOBODY:
        codes += _OF_ACCOUNT
    if call.needs == "driver":
        codes.append("member_cannot_book")
    by_status: dict[int, set[str]] = {}
    for code in codes:
        by_status.setdefault(STATUS_OF.get(code, CONFLICT), set()).add(code)
    return {
        str(status): {"description": ", ".join(sorted(found)), "content": _ERROR}
        for status, found in sorted(by_status.items())
    }
