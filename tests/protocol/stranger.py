"""A stranger's kb/1, written from docs/protocol.md alone: MQTT, frames, events.

It imports nothing of the project, and neither do `stranger_car` and `stranger_centre`. What had to be
looked up anywhere but on the page would be missing there.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib

YEAR_2020_S = 1577836800
HELLO, EVENTS, RESULT, NACK, TELEMETRY = 1, 2, 3, 4, 5
DELTA, TIME, CMD, EACK, SNAP = 16, 17, 18, 19, 20
ZEROS = bytes(8)

#: Section 8: which layout an event's detail has, and the layouts.
LAYOUT_OF = {
    1: "who", 2: "refusal", 3: "refusal", 4: "use", 5: "cause", 6: "input", 7: "input", 8: "none",
    9: "none", 10: "cause", 11: "cause", 12: "cause", 13: "none", 14: "cause", 15: "who",
    16: "none", 17: "end", 18: "none", 19: "who", 20: "refusal", 21: "use", 22: "who",
    23: "refusal", 24: "cause", 25: "cause", 26: "flags", 27: "who", 28: "none", 29: "card",
    30: "who", 31: "refusal", 32: "who", 33: "who", 34: "who", 35: "action", 36: "who", 37: "state",
    38: "state", 39: "fault", 40: "fault", 41: "shift", 42: "place", 43: "count",
}  # fmt: skip
LAYOUTS = {
    "none": ">", "cause": ">B", "who": ">B8s", "card": ">B8sI", "action": ">B8sBB", "use": ">B8sIiiiB",
    "place": ">B8siiB", "input": ">B", "flags": ">B", "state": ">B", "fault": ">BB", "end": ">I",
    "shift": ">i", "count": ">I",
}  # fmt: skip


class SenselessError(Exception):
    """Right tag, wrong contents."""


# Section 3.


def direction_key(key: bytes, direction: str) -> bytes:
    return hmac.new(key, b"kb/1 " + direction.encode("ascii"), hashlib.sha256).digest()


def tag_of(key: bytes, car: bytes, head_and_body: bytes) -> bytes:
    return hmac.new(key, car + head_and_body, hashlib.sha256).digest()[:16]


def seal(key: bytes, car: bytes, kind: int, body: bytes) -> bytes:
    assert len(body) <= 1004
    said = struct.pack(">BBH", 1, kind, len(body)) + body
    return said + tag_of(key, car, said)


def unseal(key: bytes, car: bytes, frame: bytes) -> tuple[int, bytes] | None:
    if not 20 <= len(frame) <= 1024:
        return None
    version, kind, length = struct.unpack(">BBH", frame[:4])
    if version != 1 or length != len(frame) - 20:
        return None
    if not hmac.compare_digest(tag_of(key, car, frame[:-16]), frame[-16:]):
        return None
    return kind, frame[4:-16]


def chained(before: bytes, operation: int, record: bytes) -> bytes:
    return hashlib.sha256(before + bytes([operation, len(record)]) + record).digest()[:8]


def topic(letter: str, car_hex: str) -> str:
    shard = zlib.crc32(bytes.fromhex(car_hex)) & 0xFF
    return f"kb/1/{letter}/{shard:02x}/{car_hex}"


# Bodies.


def fields(layout: str, body: bytes) -> tuple[tuple[int | bytes, ...], bytes]:
    """The fixed fields, and what stands behind them."""
    size = struct.calcsize(layout)
    if len(body) < size:
        raise SenselessError(f"{len(body)} bytes where {size} are due")
    return struct.unpack(layout, body[:size]), body[size:]


def listed(count: int, rest: bytes, has_number: bool) -> list[tuple[int, bytes]]:
    """`count` times [number u8] length u8 and as many bytes."""
    found = []
    for _ in range(count):
        head = 2 if has_number else 1
        if len(rest) < head or len(rest) < head + rest[head - 1]:
            raise SenselessError("a list is cut short")
        end = head + rest[head - 1]
        found.append((rest[0], rest[head:end]))
        rest = rest[end:]
    return found


def operations_as_bytes(operations: list[tuple[int, bytes]]) -> bytes:
    return b"".join(bytes([number, len(record)]) + record for number, record in operations)


def identity(operation: int, record: bytes) -> tuple[int, bytes]:
    """(the number that puts it, what identifies it)."""
    size = 4 if operation <= 2 else 8 if operation <= 6 else 0
    return operation - (operation + 1) % 2, record[:size]


def detail_of(event: bytes) -> dict[str, object]:
    """An event in words; SenselessError when it is not laid out as the page says."""
    (code, at_s, trusted, booking), detail = fields(">BIBI", event)
    assert isinstance(code, int)
    assert isinstance(at_s, int)
    layout = LAYOUT_OF.get(code)
    found: dict[str, object] = {"code": code, "at_s": at_s + YEAR_2020_S, "trusted": trusted}
    found |= {"booking": booking, "layout": layout}
    if layout == "refusal":
        (cause, ident, count), rest = fields(">B8sB", detail)
        assert isinstance(count, int)
        if len(rest) < 5 * count:
            raise SenselessError(f"{len(rest)} bytes of {count} reasons")
        reasons = [struct.unpack(">BI", rest[5 * n : 5 * n + 5]) for n in range(count)]
        found |= {"cause": cause, "ident": ident, "reasons": reasons, "left": len(rest) - 5 * count}
    elif layout is not None:
        values, rest = fields(LAYOUTS[layout], detail)
        found |= {"values": values, "left": len(rest)}
    return found


def event_as_bytes(code: int, at_s: int, trusted: int, booking: int, *values: object) -> bytes:
    """The other way; of a refusal the last value is its list of (reason, argument)."""
    layout = LAYOUT_OF[code]
    detail = b""
    if layout == "refusal":
        *head, reasons = values
        assert isinstance(reasons, list)
        detail = struct.pack(">B8sB", *head, len(reasons))
        detail += b"".join(struct.pack(">BI", *reason) for reason in reasons)
    else:
        detail = struct.pack(LAYOUTS[layout], *values)
    return struct.pack(">BIBI", code, at_s - YEAR_2020_S, trusted, booking) + detail


# Section 2.


def packet(first: int, body: bytes) -> bytes:
    """An MQTT packet."""
    length, head = len(body), bytearray([first])
    while True:
        length, low = divmod(length, 128)
        head.append(low | (0x80 if length else 0))
        if not length:
            return bytes(head) + body


def text(value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def publish(where: str, payload: bytes, number: int = 0, retain: bool = False) -> bytes:
    """QoS 1 with a packet's number, QoS 0 without."""
    first = 0x30 | (2 if number else 0) | (1 if retain else 0)
    return packet(first, text(where) + (struct.pack(">H", number) if number else b"") + payload)


class Incoming:
    """Bytes in, packets out."""

    def __init__(self) -> None:
        self._bytes = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """(first byte, body) of each packet that is whole by now."""
        self._bytes += data
        found = []
        while (one := self._take()) is not None:
            found.append(one)
        return found

    def _take(self) -> tuple[int, bytes] | None:
        length = 0
        for at in range(1, min(5, len(self._bytes))):
            length |= (self._bytes[at] & 0x7F) << 7 * (at - 1)
            if self._bytes[at] & 0x80 == 0:
                if len(self._bytes) < at + 1 + length:
                    return None
                first, body = self._bytes[0], self._bytes[at + 1 : at + 1 + length]
                self._bytes = self._bytes[at + 1 + length :]
                return first, body
        return None


def message_of(first: int, body: bytes) -> tuple[str, bytes, int]:
    """(topic, payload, packet's number or 0) of a PUBLISH."""
    size = int.from_bytes(body[:2], "big")
    where, rest = body[2 : 2 + size].decode(), body[2 + size :]
    if first & 6 == 0:
        return where, rest, 0
    return where, rest[2:], int.from_bytes(rest[:2], "big")
