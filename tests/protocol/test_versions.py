"""Each released version's vectors are read and written by today's code (protocol, "versions").

Old car with new centre and the reverse: what an old side sends is understood as it was meant; what today's
side sends begins with the old bytes, so that an old receiver, which ignores bytes behind a body, reads
what it always read. Records, frames' heads, tags, keys, topics and the chain are the same to the byte.
The strangers of this folder are a second old side: they are written from the page of 1.0.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from firmware import tables
from firmware.wire import chain, frames, kb1, kb1_centre
from tools import tree

RELEASED = sorted((tree.ROOT / "tests" / "vectors").glob("kb1-*.json"))
BYTES_FIELDS = ("boot", "nonce", "hash8", "command", "warnings")

Fields = dict[str, Any]


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def vectors(request: pytest.FixtureRequest) -> Any:
    return json.loads(request.param.read_text(encoding="utf-8"))


def test_version_1_0_is_kept() -> None:
    assert [path.name for path in RELEASED][:1] == ["kb1-1.0.json"]


def values_of(fields: Fields) -> Fields:
    """Fields as the code has them."""
    found: Fields = {
        name: bytes.fromhex(value) if name in BYTES_FIELDS else value
        for name, value in fields.items()
    }
    if "ops" in found:
        found["ops"] = [(op, bytes.fromhex(record)) for op, record in found["ops"]]
    if "events" in found:
        found["events"] = [bytes.fromhex(event) for event in found["events"]]
    if "reasons" in found:
        found["reasons"] = [tuple(reason) for reason in found["reasons"]]
    return found


def as_tuple(found: Any, names: list[str]) -> tuple[Any, ...]:
    return tuple(getattr(found, name) for name in names)


PACK: dict[str, Callable[[Fields], bytes]] = {
    "HELLO": lambda f: kb1.pack_hello(kb1.Hello(**f)),
    "EVENTS": lambda f: kb1.pack_events(*f.values()),
    "RESULT": lambda f: kb1.pack_result(*f.values()),
    "NACK": lambda f: kb1.pack_nack(*f.values()),
    "TELEMETRY": lambda f: kb1.pack_telemetry(*f.values()),
    "DELTA": lambda f: kb1_centre.pack_delta(*f.values()),
    "TIME": lambda f: kb1_centre.pack_time(*f.values()),
    "CMD": lambda f: kb1_centre.pack_command(kb1.Command(**f)),
    "EACK": lambda f: kb1_centre.pack_eack(*f.values()),
    "SNAP": lambda f: kb1_centre.pack_snap(*f.values()),
}
UNPACK: dict[str, Callable[[bytes, list[str]], Any]] = {
    "HELLO": lambda b, names: as_tuple(kb1_centre.unpack_hello(b), names),
    "EVENTS": lambda b, _: kb1_centre.unpack_events(b),
    "RESULT": lambda b, _: kb1_centre.unpack_result(b),
    "NACK": lambda b, _: kb1_centre.unpack_nack(b),
    "TELEMETRY": lambda b, _: kb1_centre.unpack_telemetry(b),
    "DELTA": lambda b, _: kb1.unpack_delta(b),
    "TIME": lambda b, _: kb1.unpack_time(b),
    "CMD": lambda b, names: as_tuple(kb1.unpack_command(b), names),
    "EACK": lambda b, _: kb1.unpack_eack(b),
    "SNAP": lambda b, _: kb1.unpack_snap(b),
}


def test_what_an_old_side_sends_is_understood(vectors: Any) -> None:
    car = bytes.fromhex(vectors["car"])
    assert {one["name"] for one in vectors["frames"]} == set(UNPACK)
    for one in vectors["frames"]:
        key = bytes.fromhex(vectors["keys"][one["direction"]])
        opened = frames.open_frame((key,), car, bytes.fromhex(one["frame"]))
        assert opened == (one["kind"], bytes.fromhex(one["body"])), one["name"]
        fields = values_of(one["fields"])
        found = UNPACK[one["name"]](opened[1], list(fields))
        assert tuple(found)[: len(fields)] == tuple(fields.values()), one["name"]


def test_what_today_sends_begins_with_what_an_old_side_reads(vectors: Any) -> None:
    for one in vectors["frames"]:
        body = PACK[one["name"]](values_of(one["fields"]))
        assert body[: len(one["body"]) // 2].hex() == one["body"], one["name"]


def test_heads_tags_keys_topics_and_chain_are_the_same(vectors: Any) -> None:
    car, key = bytes.fromhex(vectors["car"]), bytes.fromhex(vectors["car_key"])
    keys = {"up": frames.UP, "down": frames.DOWN}
    for name, direction in keys.items():
        assert frames.direction_key(key, direction).hex() == vectors["keys"][name]
    for one in vectors["frames"]:
        sealed = frames.pack_frame(
            frames.direction_key(key, keys[one["direction"]]),
            car,
            one["kind"],
            bytes.fromhex(one["body"]),
        )
        assert sealed.hex() == one["frame"]
    topics = {
        "down": frames.down_topic,
        "up": frames.up_topic,
        "presence": frames.presence_topic,
    }
    assert {name: make(vectors["car"]) for name, make in topics.items()} == vectors["topics"]
    hash8 = chain.EMPTY_HASH
    for op, record, expected in vectors["chain"]:
        hash8 = chain.next_hash(hash8, op, bytes.fromhex(record))
        assert hash8.hex() == expected


def test_records_of_old_operations_still_make_sense(vectors: Any) -> None:
    """A record has exactly its length: an operation's layout never grows."""
    for op, record, _ in vectors["chain"]:
        assert tables.makes_sense(op, bytes.fromhex(record)), op
        assert not tables.makes_sense(op, bytes.fromhex(record) + b"\0"), op


def test_what_was_refused_is_refused(vectors: Any) -> None:
    car, down = bytes.fromhex(vectors["car"]), bytes.fromhex(vectors["keys"]["down"])
    for one in vectors["rejected"]:
        assert frames.open_frame((down,), car, bytes.fromhex(one["frame"])) is None, one["why"]
    names = {one["kind"]: one["name"] for one in vectors["frames"]}
    for one in vectors["senseless"]:
        with pytest.raises(ValueError):
            UNPACK[names[one["kind"]]](bytes.fromhex(one["body"]), [])


def test_what_a_later_minor_may_send_was_promised_then(vectors: Any) -> None:
    """More bytes, more flags: read. An unknown kind: opens, so that it can be answered."""
    car = bytes.fromhex(vectors["car"])
    keys = tuple(bytes.fromhex(vectors["keys"][name]) for name in ("up", "down"))
    kinds = set()
    for one in vectors["later"]:
        opened = frames.open_frame(keys, car, bytes.fromhex(one["frame"]))
        assert opened is not None
        kinds.add(opened[0])
        if opened[0] == kb1.HELLO:
            assert kb1_centre.unpack_hello(opened[1]).asking
        elif opened[0] == kb1.TIME:
            assert kb1.unpack_time(opened[1])[1] > 0
    assert kinds == {kb1.HELLO, kb1.TIME, 99}
