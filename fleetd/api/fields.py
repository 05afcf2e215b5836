"""What is read of a request: bounded before it is read, checked before it is used."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fleetd.api.answers import Wrong

BODY_BYTES_MAX = 4096
BODY_WITHIN_S = 10.0
TIME_S_MAX = 0xFFFFFFFF


class Field(Protocol):
    """A field of a body or a query."""

    @property
    def default(self) -> int | str | None:
        """None: the field must be there."""

    def check(self, name: str, value: Any) -> Any:
        """The value to use; Wrong otherwise."""

    def schema(self) -> dict[str, Any]:
        """For OpenAPI."""


@dataclass(frozen=True, slots=True)
class Text:
    """`is_secret`: the value is never repeated in an answer."""

    what: str
    characters_max: int
    is_secret: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("bad_field", field=name)
        if len(value) > self.characters_max:
            raise Wrong("bad_field", field=name, limit=self.characters_max, unit="characters",
                        value=len(value))  # fmt: skip
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            raise Wrong("bad_field", field=name)  # half a character is not text
        if self.choices and value not in self.choices:
            raise Wrong("bad_field", field=name)
        return value

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "string", "maxLength": self.characters_max}
        if self.choices:
            found["enum"] = list(self.choices)
        if self.is_secret:
            found["format"] = "password"
        if self.default is not None:
            found["default"] = self.default
        return {**found, "description": self.what}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; in a query its decimal digits."""

    what: str
    least: int = 0
    most: int = TIME_S_MAX
    default: int | None = None

    def check(self, name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong("bad_field", field=name)
        if value < self.least:
            raise Wrong("bad_field", field=name, limit=self.least, value=value)
        if value > self.most:
            # A number of any length may have come; it is not sent back.
            raise Wrong("bad_field", field=name, limit=self.most)
        return value

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "integer", "minimum": self.least, "maximum": self.most}
        if self.default is not None:
            found["default"] = self.default
        return {**found, "description": self.what}


def whole_of_digits(text: str) -> int | None:
    """None for anything but up to ten decimal digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None


def check_fields(fields: Mapping[str, Field], found: Mapping[str, Any]) -> dict[str, Any]:
    """Every field, defaults filled in; Wrong names the first that is unknown, missing or bad."""
    for name in found:
        if name not in fields:
            raise Wrong("bad_field", field=name[:80].encode("ascii", "replace").decode())
    values = {}
    for name, field in fields.items():
        if name in found:
            values[name] = field.check(name, found[name])
        elif field.default is not None:
            values[name] = field.default
        else:
            raise Wrong("bad_field", field=name)
    return values


def check_query(fields: Mapping[str, Field], query: list[tuple[str, str]]) -> dict[str, Any]:
    """As `check_fields`; a name that comes twice is wrong."""
    found: dict[str, Any] = {}
    for name, text in query:
        if name in found:
            raise Wrong("bad_field", field=name[:80].encode("ascii", "replace").decode())
        number = whole_of_digits(text) if isinstance(fields.get(name), Whole) else None
        found[name] = text if number is None else number
    return check_fields(fields, found)


async def read_object(stream: AsyncIterator[bytes], headers: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object of a body; an empty body is an empty object."""
    body = await read_body(stream, headers)
    if not body:
        return {}
    if media_type(headers) != "application/json":
        raise Wrong("not_json")
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Wrong("bad_json") from None
    if not isinstance(found, dict):
        raise Wrong("bad_json")
    return found


async def read_body(stream: AsyncIterator[bytes], headers: Mapping[str, str]) -> bytes:
    """All of it, if it is small and comes in time."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:10]) > BODY_BYTES_MAX:
        raise Wrong("too_large", limit=BODY_BYTES_MAX, unit="bytes")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for part in stream:
                body += part
                if len(body) > BODY_BYTES_MAX:
                    raise Wrong("too_large", limit=BODY_BYTES_MAX, unit="bytes")
    except TimeoutError:
        raise Wrong("too_slow", limit=int(BODY_WITHIN_S), unit="s") from None
    return bytes(body)


def media_type(headers: Mapping[str, str]) -> str:
    """In small letters, without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers must not take two different values from one body."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")
