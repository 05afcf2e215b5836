"""The centre's half of `kb1` and of `journal_format`; the box never loads it."""

import struct

from firmware.wire.chain import HASH_BYTES
from firmware.wire.frames import BODY_BYTES_MAX
from firmware.wire.kb1 import (
    BOOT_BYTES,
    CMD_FORMAT,
    COMMAND_BYTES,
    DELTA_FORMAT,
    EACK_FORMAT,
    EVENTS_FORMAT,
    EVENTS_HEAD_BYTES,
    FLAG_ASKING,
    FLAG_CLOCK_TRUSTED,
    HELLO_FORMAT,
    NACK_FORMAT,
    NO_BATTERY_MV,
    NONCE_BYTES,
    SNAP_FORMAT,
    TELEMETRY_FORMAT,
    TIME_FORMAT,
    Command,
    Hello,
    check_lengths,
    unpack_head,
)

_OPS_MAX = 255
_CHUNKS_MAX = 255
#: Values that a read-back may have: NO, YES, UNKNOWN of `codes`.
_READ_BACKS = 3


def unpack_hello(body: bytes) -> Hello:
    """HELLO."""
    flags, *fields = unpack_head(HELLO_FORMAT, body)
    return Hello(bool(flags & FLAG_ASKING), bool(flags & FLAG_CLOCK_TRUSTED), *fields)


def unpack_events(body: bytes) -> "tuple[int, int, list[bytes]]":
    """(journal, first seq, events)."""
    journal, first_seq, count = unpack_head(EVENTS_FORMAT, body)
    events, at = [], EVENTS_HEAD_BYTES
    for _ in range(count):
        if at >= len(body) or at + 1 + body[at] > len(body):
            raise ValueError("EVENTS cut short at byte %d" % at)
        events.append(body[at + 1 : at + 1 + body[at]])
        at += 1 + body[at]
    return journal, first_seq, events


def unpack_result(body: bytes) -> "tuple[bytes, bool, list[tuple[int, int]], bytes, int, int]":
    """(command, accepted, reasons, warnings, locked, blocked)."""
    command, accepted, count = unpack_head(">8sBB", body)
    at = 10 + 5 * count
    end = at + 1 + body[at] if at < len(body) else len(body)
    if end + 2 > len(body):
        raise ValueError("RESULT cut short at %d bytes" % len(body))
    reasons = [struct.unpack_from(">BI", body, 10 + 5 * i) for i in range(count)]
    locked, blocked = body[end], body[end + 1]
    if accepted > 1 or locked >= _READ_BACKS or blocked >= _READ_BACKS:
        raise ValueError("RESULT says %d, locked %d, blocked %d" % (accepted, locked, blocked))
    return command, accepted == 1, reasons, body[at + 1 : end], locked, blocked


def unpack_nack(body: bytes) -> "tuple[int, int, int, int]":
    """(kind, reason, gen, rev)."""
    kind, reason, gen, rev = unpack_head(NACK_FORMAT, body)
    return kind, reason, gen, rev


def unpack_telemetry(body: bytes) -> "tuple[int, int, int, int, int, bool]":
    """(now, battery in mV or -1, odometer in m or -1, latitude, longitude, position is valid)."""
    now_unix_s, battery, odometer_m, latitude_udeg, longitude_udeg, flags = unpack_head(
        TELEMETRY_FORMAT, body
    )
    battery_mv = -1 if battery == NO_BATTERY_MV else battery
    return now_unix_s, battery_mv, odometer_m, latitude_udeg, longitude_udeg, bool(flags & 1)


def unpack_refusal(detail: bytes) -> "list[tuple[int, int]]":
    """The (code, argument) pairs of a refusal's detail; ValueError when it is cut short."""
    count = detail[9] if len(detail) > 9 else -1
    if len(detail) != 10 + 5 * count:
        raise ValueError("refusal detail of %d bytes for %d reasons" % (len(detail), count))
    return [struct.unpack_from(">BI", detail, 10 + 5 * i) for i in range(count)]


def pack_delta(
    gen: int, from_rev: int, to_rev: int, hash8: bytes, ops: "list[tuple[int, bytes]]"
) -> bytes:
    """DELTA: one operation for each revision after `from_rev`; `hash8` is that of `to_rev`."""
    check_lengths((hash8,), HASH_BYTES)
    if not ops or to_rev - from_rev != len(ops):
        raise ValueError("DELTA from %d to %d with %d operations" % (from_rev, to_rev, len(ops)))
    packed = _pack_ops(ops)
    return struct.pack(DELTA_FORMAT, gen, from_rev, to_rev, hash8, len(ops)) + packed


def pack_snap(
    gen: int, rev: int, hash8: bytes, chunk: int, chunks: int, ops: "list[tuple[int, bytes]]"
) -> bytes:
    """SNAP: chunk `chunk` (from 0) of `chunks`; `hash8` is the chain hash of `rev`."""
    check_lengths((hash8,), HASH_BYTES)
    if not 0 <= chunk < chunks <= _CHUNKS_MAX:
        raise ValueError("SNAP with chunk %d of %d" % (chunk, chunks))
    packed = _pack_ops(ops)
    return struct.pack(SNAP_FORMAT, gen, rev, hash8, chunk, chunks, len(ops)) + packed


def pack_time(nonce: bytes, now_unix_s: int, gen: int, rev: int, hash8: bytes) -> bytes:
    """TIME: the car's nonce, the centre's clock, and where it believes the car to stand."""
    check_lengths((nonce,), NONCE_BYTES)
    check_lengths((hash8,), HASH_BYTES)
    return struct.pack(TIME_FORMAT, nonce, now_unix_s, gen, rev, hash8)


def pack_command(command: Command) -> bytes:
    """CMD."""
    check_lengths((command.command,), COMMAND_BYTES)
    check_lengths((command.boot,), BOOT_BYTES)
    return struct.pack(
        CMD_FORMAT,
        command.command,
        command.boot,
        command.counter,
        command.expires_s,
        command.verb,
        command.booking,
        command.driver,
        command.left_s,
    )


def pack_eack(journal: int, seq: int) -> bytes:
    """EACK: every event up to `seq` is committed."""
    return struct.pack(EACK_FORMAT, journal, seq)


def split_for_delta(ops: "list[tuple[int, bytes]]") -> "list[list[tuple[int, bytes]]]":
    """The operations in order, in as many lists as DELTA bodies are needed; none for none."""
    return _split(ops, struct.calcsize(DELTA_FORMAT))


def split_for_snap(ops: "list[tuple[int, bytes]]") -> "list[list[tuple[int, bytes]]]":
    """The operations in order, a list for each chunk of a SNAP; an empty state is one chunk."""
    return _split(ops, struct.calcsize(SNAP_FORMAT)) or [[]]


def _split(ops: "list[tuple[int, bytes]]", head_bytes: int) -> "list[list[tuple[int, bytes]]]":
    lists: "list[list[tuple[int, bytes]]]" = []
    room = 0
    for op, record in ops:
        needed = 2 + len(record)
        if not lists or needed > room or len(lists[-1]) == _OPS_MAX:
            lists.append([])
            room = BODY_BYTES_MAX - head_bytes
        lists[-1].append((op, record))
        room -= needed
    return lists


def _pack_ops(ops: "list[tuple[int, bytes]]") -> bytes:
    if len(ops) > _OPS_MAX:
        raise ValueError("%d operations; a frame counts to %d" % (len(ops), _OPS_MAX))
    parts = []
    for op, record in ops:
        parts.append(bytes((op, len(record))))
        parts.append(record)
    return b"".join(parts)
