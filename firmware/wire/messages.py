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

The car's half stands here, the centre's in `centre_messages`.
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
