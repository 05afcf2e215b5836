"""The chain over a car's events, and the statements about it that are signed (docs/journal.md)."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

HASH_BYTES = 32
SIGNATURE_BYTES = 64
#: Before the first event of a journal, and before the first checkpoint.
START = bytes(HASH_BYTES)
_LINK = struct.Struct(">32s6sIIH")
_HEAD = struct.Struct(">6sIIQ32s")
#: A statement with these fields, in this order, and no others is one.
_FIELDS = (
    "checkpoint", "fleet", "at", "events", "journals", "heads", "changed", "before", "key",
)  # fmt: skip

#: (car, journal): whose chain it is.
Chain = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: number of its last event, how many there are, hash over all of them."""

    seq: int = 0
    events: int = 0
    hash: bytes = START


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says. `changed`: the heads that are not those of the checkpoint before."""

    number: int
    fleet: str
    at: str
    events: int
    journals: int
    heads: bytes
    changed: tuple[tuple[Chain, Head], ...]
    before: bytes
    key: str

    def text(self) -> str:
        """As it is signed."""
        changed = [
            [car, f"{journal:08x}", head.seq, head.events, head.hash.hex()]
            for (car, journal), head in self.changed
        ]
        values = (
            self.number, self.fleet, self.at, self.events, self.journals, self.heads.hex(),
            changed, self.before.hex(), self.key,
        )  # fmt: skip
        return compact(dict(zip(_FIELDS, values, strict=True)))


def link(before: bytes, car: bytes, journal: int, seq: int, body: bytes) -> bytes:
    """The hash of an event: over the hash before it, car (6 bytes), journal, number, and the event.

    When it came is not in it: the same events give the same hashes in every database.
    """
    return chained(before, car, journal, [(seq, body)])[0]


def chained(
    before: bytes, car: bytes, journal: int, events: Iterable[tuple[int, bytes]]
) -> list[bytes]:
    """The hash of each of (number, event), as `link` makes it."""
    digest, digests, pack = before, [], _LINK.pack
    for seq, body in events:
        digest = sha256(pack(digest, car, journal, seq, len(body)) + body).digest()
        digests.append(digest)
    return digests


def digest_of_heads(heads: Iterable[tuple[Chain, Head]]) -> bytes:
    """One hash over the ends of all chains, in the order of car and journal."""
    state = sha256()
    for (car, journal), head in sorted(heads, key=lambda one: one[0]):
        state.update(_HEAD.pack(bytes.fromhex(car), journal, head.seq, head.events, head.hash))
    return state.digest()


def checkpoint_hash(statement: str, signature: bytes) -> bytes:
    """What the next checkpoint names as `before`."""
    return sha256(statement.encode() + signature).digest()


def compact(value: Any) -> str:
    """JSON in one way only: no spaces, ASCII, keys in their order."""
    return json.dumps(value, separators=(",", ":"))


def utc(at_s: int) -> str:
    """Unix seconds as 2026-04-01T00:00:00Z."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_statement(found: object) -> Statement:
    """From JSON; ValueError when it is none, or not written as `text` writes it."""
    if not isinstance(found, dict) or tuple(found) != _FIELDS:
        raise ValueError("has not the fields of a checkpoint")
    numbers = [found[name] for name in ("checkpoint", "events", "journals")]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("has a number that is none")
    if not all(isinstance(found[name], str) for name in ("fleet", "at", "heads", "before", "key")):
        raise ValueError("has a text that is none")
    statement = Statement(
        found["checkpoint"], found["fleet"], found["at"], found["events"], found["journals"],
        _hash(found["heads"]), parse_heads(found["changed"]), _hash(found["before"]), found["key"],
    )  # fmt: skip
    if statement.text() != compact(found):
        raise ValueError("is not written as a checkpoint is")
    return statement


def parse_heads(found: object) -> tuple[tuple[Chain, Head], ...]:
    """Ends of chains as lists of car, journal, number, events, hash; ValueError for anything else."""
    if not isinstance(found, list):
        raise ValueError("names no journals")  # noqa: TRY004 - of the file, not of the program
    return tuple(_parse_head(one) for one in found)


def _parse_head(found: object) -> tuple[Chain, Head]:
    if not isinstance(found, list) or len(found) != 5:
        raise ValueError("names a journal without saying where it ends")
    car, journal, seq, events, digest = found
    if not all(type(number) is int and 0 <= number < 1 << 32 for number in (seq, events)):
        raise ValueError("names a journal with a number that is none")
    return parse_chain(car, journal), Head(seq, events, _hash(digest))


def parse_chain(car: object, journal: object) -> Chain:
    """From their hex digits; ValueError when they are not as they are written."""
    if not isinstance(car, str) or not isinstance(journal, str):
        raise ValueError("names no car and journal")  # noqa: TRY004 - likewise
    if bytes.fromhex(car).hex() != car or len(car) != 12:
        raise ValueError(f"names car {car[:20]!r}, which is not 12 hex digits")
    if bytes.fromhex(journal).hex() != journal or len(journal) != 8:
        raise ValueError(f"names journal {journal[:20]!r}, which is not 8 hex digits")
    return car, int(journal, 16)


def _hash(found: object) -> bytes:
    if not isinstance(found, str) or len(found) != 2 * HASH_BYTES:
        raise ValueError("has a hash that is not 64 hex digits")
    return bytes.fromhex(found)
