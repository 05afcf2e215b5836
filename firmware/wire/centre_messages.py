"""The centre's half of `messages` and of `journal_format`; the box never loads it."""

import struct

from firmware.wire.messages import CMD, DELTA, EACK, TIME


def unpack_hello(message: bytes) -> "tuple[bool, int]":
    """(asking, rev)."""
    _, asking, rev = struct.unpack(">BBI", message)
    return bool(asking), rev


def unpack_events(message: bytes) -> "tuple[int, int, list[bytes]]":
    """(journal, first seq, events); ValueError when lengths do not add up."""
    _, journal, first_seq, count = struct.unpack_from(">BIIB", message, 0)
    events, at = [], 10
    for _ in range(count):
        if at >= len(message) or at + 1 + message[at] > len(message):
            raise ValueError("EVENTS cut short at byte %d" % at)
        events.append(message[at + 1 : at + 1 + message[at]])
        at += 1 + message[at]
    return journal, first_seq, events


def unpack_result(message: bytes) -> "tuple[bytes, bool, list[tuple[int, int]], bytes]":
    """(command, accepted, reasons, warnings)."""
    command, accepted, count = message[1:9], message[9] == 1, message[10]
    reasons = [struct.unpack_from(">BI", message, 11 + 5 * i) for i in range(count)]
    at = 11 + 5 * count
    warnings = message[at + 1 : at + 1 + message[at]]
    if len(message) != at + 1 + message[at]:
        raise ValueError("RESULT of %d bytes" % len(message))
    return command, accepted, reasons, warnings


def pack_delta(from_rev: int, to_rev: int, ops: "list[tuple[int, bytes]]") -> bytes:
    """DELTA: operations that lead from one revision to another."""
    parts = [struct.pack(">BIIB", DELTA, from_rev, to_rev, len(ops))]
    for op, record in ops:
        parts.append(bytes((op, len(record))))
        parts.append(record)
    return b"".join(parts)


def pack_time(now_unix_s: int, rev: int) -> bytes:
    """TIME: the centre's clock, and the revision that it believes the car has."""
    return struct.pack(">BII", TIME, now_unix_s, rev)


def pack_command(command: bytes, verb: int, booking: int, driver: int, left_s: int) -> bytes:
    """CMD with an 8-byte id."""
    return struct.pack(">B8sBIII", CMD, command, verb, booking, driver, left_s)


def pack_eack(journal: int, seq: int) -> bytes:
    """EACK: every event up to `seq` is committed."""
    return struct.pack(">BII", EACK, journal, seq)


def unpack_refusal(detail: bytes) -> "list[tuple[int, int]]":
    """The (code, argument) pairs of a refusal's detail; ValueError when it is cut short."""
    count = detail[9] if len(detail) > 9 else -1
    if len(detail) != 10 + 5 * count:
        raise ValueError("refusal detail of %d bytes for %d reasons" % (len(detail), count))
    return [struct.unpack_from(">BI", detail, 10 + 5 * i) for i in range(count)]
