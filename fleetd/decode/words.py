"""Frames of kb/1 in words, read by the decoders of `firmware.wire`; nothing here fails on any bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from firmware.wire import chain, codes, frames, kb1, kb1_centre, records
from firmware.wire.code_names import VERB_NAMES, WARNING_NAMES
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.key_record import unpack_key
from fleetd.core.ledger import utc
from fleetd.core.sync import NACK_NAMES
from fleetd.decode.events import Words, event_words, name, place, reasons
from fleetd.decode.records import record_words

UP, DOWN = "car to centre", "centre to car"
#: Kinds from here on are the centre's.
_FIRST_DOWN = kb1.DELTA
KIND_NAMES = {
    kb1.HELLO: "HELLO", kb1.EVENTS: "EVENTS", kb1.RESULT: "RESULT", kb1.NACK: "NACK",
    kb1.TELEMETRY: "TELEMETRY", kb1.DELTA: "DELTA", kb1.TIME: "TIME", kb1.CMD: "CMD",
    kb1.EACK: "EACK", kb1.SNAP: "SNAP",
}  # fmt: skip
_READ_BACK = {codes.NO: "no", codes.YES: "yes", codes.UNKNOWN: "cannot tell"}
_NO_NONCE = bytes(kb1.NONCE_BYTES)
#: Not checked: why.
NO_KEY = "not checked: no key"


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A car, its first key, and the later ones that its records told; nothing shows a key."""

    car: str
    key: bytes
    #: (number, key), in the order in which they were met.
    later: list[tuple[int, bytes]] = field(default_factory=list)

    def learn(self, op: int, record: bytes) -> None:
        """A later key, when the record is one that was wrapped under the first."""
        if op == codes.OP_PUT_KEY and len(record) == records.KEY_BYTES:
            key = unpack_key(self.key, bytes.fromhex(self.car), record)
            if key is not None and (record[0], key) not in self.later:
                self.later.append((record[0], key))

    def opens(self, direction: str, frame: bytes) -> int | None:
        """The number of the key that made the tag, 0 for the first one; None when none did."""
        label = frames.UP if direction == UP else frames.DOWN
        for number, key in ((0, self.key), *self.later):
            direction_key = frames.direction_key(key, label)
            if frames.open_frame((direction_key,), bytes.fromhex(self.car), frame) is not None:
                return number
        return None

    def tag(self, direction: str, frame: bytes) -> str:
        """Whether it holds, in words."""
        number = self.opens(direction, frame)
        if number is not None:
            return f"holds (key {number})" if number else "holds"
        tried = " or ".join(["the first key", *(f"key {number}" for number, _ in self.later)])
        return f"does not hold under {tried}; the car may have a later one"


def frame_words(frame: bytes, key: Key | None = None, car: str = "", letter: str = "") -> Words:
    """`car` and `letter` as the topic has them; `unreadable` says why there is no more."""
    if len(frame) < frames.HEAD_BYTES + frames.TAG_BYTES:
        least = frames.HEAD_BYTES + frames.TAG_BYTES
        return _unreadable(frame, f"{len(frame)} bytes; a frame has {least} at least")
    version, kind, length = frame[0], frame[1], int.from_bytes(frame[2:4])
    body = frame[frames.HEAD_BYTES : -frames.TAG_BYTES]
    if version != frames.VERSION:
        return _unreadable(frame, f"version {version}; this program reads {frames.VERSION}")
    if len(frame) > frames.FRAME_BYTES_MAX:
        return _unreadable(
            frame, f"{len(frame)} bytes; a frame has {frames.FRAME_BYTES_MAX} at most"
        )
    if length != len(body):
        return _unreadable(frame, f"its head says {length} bytes of body, {len(body)} are there")
    direction = _direction(kind, letter)
    if key is not None and car in ("", key.car) and kind in (kb1.DELTA, kb1.SNAP):
        _learn(key, kind, body)
    words: Words = {
        "frame": KIND_NAMES.get(kind, f"kind_{kind}"),
        "way": direction,
        "bytes": len(frame),
        "tag": _tag(frame, direction, key, car, kind),
    }
    senseless: list[str] = []
    if letter and kind in KIND_NAMES and direction != _direction(kind, ""):
        senseless.append(f"{KIND_NAMES[kind]} on the topic of the other way")
    words.update(body_words(kind, body, senseless))
    if senseless:
        words["senseless"] = senseless
    return words


def body_words(kind: int, body: bytes, senseless: list[str]) -> Words:
    """The fields; what makes no sense is added to `senseless`."""
    read = _BODIES.get(kind)
    if read is None:
        return {"body_bytes": len(body), "body": body.hex()}
    try:
        return read(body, senseless)
    except ValueError as error:
        return {"unreadable": str(error), "body": body.hex()}


def is_read(words: Words) -> bool:
    """Was all of it understood, as far as this program knows the protocol?"""
    return "unreadable" not in words and words.get("event") != "unreadable"


def _unreadable(frame: bytes, why: str) -> Words:
    return {"frame": "none", "unreadable": why, "bytes": len(frame)}


def _direction(kind: int, letter: str) -> str:
    if letter:
        return UP if letter == "u" else DOWN
    return DOWN if kind >= _FIRST_DOWN else UP


def _tag(frame: bytes, direction: str, key: Key | None, car: str, kind: int) -> str:
    if key is None:
        return NO_KEY
    if car not in ("", key.car):
        return f"not checked: the key is of car {key.car}"
    other = DOWN if direction == UP else UP
    if kind not in KIND_NAMES and key.opens(other, frame) is not None:
        return key.tag(other, frame)
    return key.tag(direction, frame)


def _learn(key: Key, kind: int, body: bytes) -> None:
    """The car's later keys, whichever key the frame itself is under."""
    try:
        found = kb1.unpack_delta(body) if kind == kb1.DELTA else kb1.unpack_snap(body)
    except ValueError:
        return
    for op, record in found[-1]:
        key.learn(op, record)


def time_words(what: str, at_s: int, senseless: list[str]) -> Words:
    """Unix seconds in UTC, and as the box counts them."""
    if at_s < EPOCH_2020_S:
        senseless.append(f"{what} {utc(at_s)}: is before 2020")
        return {what: utc(at_s)}
    return {what: utc(at_s), f"{what}_car_s": at_s - EPOCH_2020_S}


def _hello(body: bytes, senseless: list[str]) -> Words:
    hello = kb1_centre.unpack_hello(body)
    if not hello.next_seq:
        senseless.append("next_seq 0: numbers begin at 1")
    now: Words = {"now": utc(hello.now_unix_s)}
    if hello.clock_trusted:
        now = time_words("now", hello.now_unix_s, senseless)
    return {
        "asking": hello.asking, "clock_trusted": hello.clock_trusted, "boot": hello.boot.hex(),
        "uptime_s": hello.uptime_s, "nonce": hello.nonce.hex(), "gen": hello.gen,
        "rev": hello.rev, "hash": hello.hash8.hex(), "counter": hello.counter,
        "journal": f"{hello.journal:08x}", "next_seq": hello.next_seq, **now,
    }  # fmt: skip


def _events(body: bytes, senseless: list[str]) -> Words:
    journal, first_seq, events = kb1_centre.unpack_events(body)
    if not events:
        senseless.append("no events")
    if not 0 < first_seq <= (1 << 32) - max(1, len(events)):
        senseless.append(f"events from number {first_seq} on")
    told = [{"seq": seq, **event_words(event)} for seq, event in enumerate(events, first_seq)]
    return {"journal": f"{journal:08x}", "first_seq": first_seq, "events": told}


def _result(body: bytes, _senseless: list[str]) -> Words:
    command, accepted, pairs, warnings, locked, blocked = kb1_centre.unpack_result(body)
    return {
        "command": command.hex(), "accepted": accepted, "reasons": reasons(pairs, 0),
        "warnings": [name(WARNING_NAMES, number, "warning") for number in warnings],
        "locked": _READ_BACK[locked], "blocked": _READ_BACK[blocked],
    }  # fmt: skip


def _nack(body: bytes, _senseless: list[str]) -> Words:
    kind, reason, gen, rev = kb1_centre.unpack_nack(body)
    return {
        "of": name(KIND_NAMES, kind, "kind"), "reason": name(NACK_NAMES, reason, "reason"),
        "gen": gen, "rev": rev,
    }  # fmt: skip


def _telemetry(body: bytes, senseless: list[str]) -> Words:
    at_s, battery_mv, odometer_m, latitude, longitude, is_valid = kb1_centre.unpack_telemetry(body)
    return {
        **time_words("now", at_s, senseless),
        "battery_mv": battery_mv if battery_mv >= 0 else None,
        "odometer_m": odometer_m if odometer_m >= 0 else None,
        **place(latitude, longitude, int(is_valid), senseless),
    }


def _delta(body: bytes, _senseless: list[str]) -> Words:
    gen, from_rev, to_rev, hash8, ops = kb1.unpack_delta(body)
    return {
        "gen": gen, "from_rev": from_rev, "to_rev": to_rev, "hash": hash8.hex(),
        "operations": [record_words(op, record) for op, record in ops],
    }  # fmt: skip


def _time(body: bytes, senseless: list[str]) -> Words:
    nonce, now_s, gen, rev, hash8 = kb1.unpack_time(body)
    words: Words = {"nonce": nonce.hex()}
    if nonce == _NO_NONCE:
        words["purpose"] = "a prompt to say HELLO"
    return {
        **words, **time_words("now", now_s, senseless), "gen": gen, "rev": rev, "hash": hash8.hex(),
    }  # fmt: skip


def _cmd(body: bytes, senseless: list[str]) -> Words:
    command = kb1.unpack_command(body)
    if command.verb not in VERB_NAMES:
        senseless.append(f"verb {command.verb} is not known")
    return {
        "command": command.command.hex(), "verb": name(VERB_NAMES, command.verb, "verb"),
        "boot": command.boot.hex(), "counter": command.counter,
        "expires_uptime_s": command.expires_s, "booking": command.booking,
        "driver": command.driver, "left_s": command.left_s,
    }  # fmt: skip


def _eack(body: bytes, _senseless: list[str]) -> Words:
    journal, seq = kb1.unpack_eack(body)
    return {"journal": f"{journal:08x}", "committed_to_seq": seq}


def _snap(body: bytes, senseless: list[str]) -> Words:
    gen, rev, hash8, chunk, chunks, ops = kb1.unpack_snap(body)
    deletions = sum(op % 2 == 0 for op, _ in ops)
    if deletions:
        senseless.append(f"{deletions} deletions in a whole copy")
    if not rev and hash8 != chain.EMPTY_HASH:
        senseless.append("revision 0 with a hash")
    return {
        "gen": gen, "rev": rev, "hash": hash8.hex(), "chunk": chunk + 1, "chunks": chunks,
        "operations": [record_words(op, record) for op, record in ops],
    }  # fmt: skip


_Read = Callable[[bytes, "list[str]"], "dict[str, Any]"]
_BODIES: dict[int, _Read] = {
    kb1.HELLO: _hello, kb1.EVENTS: _events, kb1.RESULT: _result, kb1.NACK: _nack,
    kb1.TELEMETRY: _telemetry, kb1.DELTA: _delta, kb1.TIME: _time, kb1.CMD: _cmd,
    kb1.EACK: _eack, kb1.SNAP: _snap,
}  # fmt: skip
