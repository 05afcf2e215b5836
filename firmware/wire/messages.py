"""Bodies of the messages between car and centre. Big-endian; times are Unix seconds (u32).

    car to centre
    HELLO    1 | asking u8 | rev u32
    EVENTS   2 | journal u32 | first seq u32 | n u8 | n x (length u8 | audit event)
    RESULT   3 | command 8 | accepted u8 | n u8 | n x (reason u8 | argument u32) | m u8 | m x warning u8

    centre to car
    DELTA   16 | from u32 | to u32 | n u8 | n x (op u8 | length u8 | record)
    TIME    17 | now u32 | rev u32
    CMD     18 | command 8 | verb u8 | booking u32 | driver u32 | left u32
    EACK    19 | journal u32 | seq u32

`left` is the time from now to the booking's end in seconds, as the centre's clock has it: with
it a phone can start a car whose own clock is lost (SAFE-4). Records:

    booking  id u32 | driver u32 | starts u32 | ends u32     (deleted by id u32)
    card     identifier 8 | driver u32                       (deleted by identifier 8)
    staff    identifier 8 | staff u32                        (deleted by identifier 8)
"""

import struct

HELLO = 1
EVENTS = 2
RESULT = 3
DELTA = 16
TIME = 17
CMD = 18
EACK = 19

BOOKING = ">IIII"
CARD = ">8sI"


def pack_hello(asking: bool, rev: int) -> bytes:
    """HELLO; asking = a card waits for the answer."""
    return struct.pack(">BBI", HELLO, 1 if asking else 0, rev)


def pack_events(journal: int, first_seq: int, events: "list[bytes]") -> bytes:
    """EVENTS: audit events with consecutive numbers from `first_seq`."""
    parts = [struct.pack(">BIIB", EVENTS, journal, first_seq, len(events))]
    for event in events:
        parts.append(bytes((len(event),)))
        parts.append(event)
    return b"".join(parts)


def pack_result(
    command: bytes, accepted: bool, reasons: "list[tuple[int, int]]", warnings: bytes = b""
) -> bytes:
    """RESULT of the command with that id."""
    parts = [bytes((RESULT,)), command, bytes((1 if accepted else 0, len(reasons)))]
    for reason, argument in reasons:
        parts.append(struct.pack(">BI", reason, argument))
    parts.append(bytes((len(warnings),)))
    parts.append(warnings)
    return b"".join(parts)


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


def unpack_delta(message: bytes) -> "tuple[int, int, list[tuple[int, bytes]]]":
    """(from rev, to rev, operations); ValueError when lengths do not add up."""
    _, from_rev, to_rev, count = struct.unpack_from(">BIIB", message, 0)
    ops, at = [], 10
    for _ in range(count):
        if at + 2 > len(message) or at + 2 + message[at + 1] > len(message):
            raise ValueError("DELTA cut short at byte %d" % at)
        ops.append((message[at], message[at + 2 : at + 2 + message[at + 1]]))
        at += 2 + message[at + 1]
    return from_rev, to_rev, ops


def unpack_time(message: bytes) -> "tuple[int, int]":
    """(now, rev)."""
    _, now_unix_s, rev = struct.unpack(">BII", message)
    return now_unix_s, rev


def unpack_command(message: bytes) -> "tuple[bytes, int, int, int, int]":
    """(command, verb, booking, driver, seconds left)."""
    return struct.unpack(">B8sBIII", message)[1:]


def unpack_eack(message: bytes) -> "tuple[int, int]":
    """(journal, seq)."""
    _, journal, seq = struct.unpack(">BII", message)
    return journal, seq
