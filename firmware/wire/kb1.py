"""Bodies of the frames of kb/1, the car's half. Big-endian; times are Unix seconds (u32).

    car to centre
    HELLO      1  flags u8 (1 asking, 2 clock trusted) | boot 8 | uptime u32 | nonce 8 | gen u32 |
                  rev u32 | hash 8 | counter u32 | journal u32 | next seq u32 | now u32
    EVENTS     2  journal u32 | first seq u32 | n u8 | n x (length u8 | audit event)
    RESULT     3  command 8 | accepted u8 | n u8 | n x (reason u8 | argument u32) |
                  m u8 | m x warning u8 | locked u8 | blocked u8
    NACK       4  kind u8 | reason u8 | gen u32 | rev u32
    TELEMETRY  5  now u32 | battery u16 | odometer i32 | latitude i32 | longitude i32 | flags u8

    centre to car
    DELTA     16  gen u32 | from u32 | to u32 | hash 8 | n u8 | n x (op u8 | length u8 | record)
    TIME      17  nonce 8 | now u32 | gen u32 | rev u32 | hash 8
    CMD       18  command 8 | boot 8 | counter u32 | expires u32 | verb u8 | booking u32 |
                  driver u32 | left u32
    EACK      19  journal u32 | seq u32
    SNAP      20  gen u32 | rev u32 | hash 8 | chunk u8 | chunks u8 |
                  n u8 | n x (op u8 | length u8 | record)

`counter` of HELLO is that of the last command taken in this boot; `uptime` and `expires` are
seconds since that boot. DELTA: one operation a revision, so n = to - from; `hash` is the chain
hash after the last one. `left` of CMD is the time from now to the booking's end in seconds by
the centre's clock. `locked` and `blocked` are what the car read back: 0 no, 1 yes, 2 cannot
tell. TELEMETRY: battery in mV, 65535 without a value; odometer in metres, -1 without; position
in microdegrees; flags 1 = position valid. Records are those of `records`.

What a receiver does not know it leaves alone: bytes after a body, bits in flags, numbers of
reasons and warnings. `unpack_*` raises ValueError for a body cut short or senseless.
"""

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HELLO = 1
EVENTS = 2
RESULT = 3
NACK = 4
TELEMETRY = 5
DELTA = 16
TIME = 17
CMD = 18
EACK = 19
SNAP = 20

# Why a car does not take a frame.
NACK_UNKNOWN_KIND = 1
NACK_SENSELESS = 2
NACK_DOES_NOT_FIT = 3
NACK_STORAGE = 4
NACK_UNSUPPORTED = 5  # an operation, or a record's format, of a later version

FLAG_ASKING = 1
FLAG_CLOCK_TRUSTED = 2
NO_BATTERY_MV = 65535

BOOT_BYTES = 8
NONCE_BYTES = 8
COMMAND_BYTES = 8

HELLO_FORMAT = ">B8sI8sII8sIIII"
EVENTS_FORMAT = ">IIB"
NACK_FORMAT = ">BBII"
TELEMETRY_FORMAT = ">IHiiiB"
DELTA_FORMAT = ">III8sB"
TIME_FORMAT = ">8sIII8s"
CMD_FORMAT = ">8s8sIIBIII"
EACK_FORMAT = ">II"
SNAP_FORMAT = ">II8sBBB"

#: Bytes of an EVENTS body before the first event; each takes its length and one byte.
EVENTS_HEAD_BYTES = 9


class Hello:
    """Where a car stands; the fields in the order of the wire."""

    def __init__(
        self,
        asking: bool,
        clock_trusted: bool,
        boot: bytes,
        uptime_s: int,
        nonce: bytes,
        gen: int,
        rev: int,
        hash8: bytes,
        counter: int,
        journal: int,
        next_seq: int,
        now_unix_s: int,
    ) -> None:
        self.asking = asking
        self.clock_trusted = clock_trusted
        self.boot = boot
        self.uptime_s = uptime_s
        self.nonce = nonce
        self.gen = gen
        self.rev = rev
        self.hash8 = hash8
        self.counter = counter
        self.journal = journal
        self.next_seq = next_seq
        self.now_unix_s = now_unix_s


class Command:
    """A command to a car; `expires_s` in the uptime of that boot, `left_s` of the booking."""

    def __init__(
        self,
        command: bytes,
        boot: bytes,
        counter: int,
        expires_s: int,
        verb: int,
        booking: int,
        driver: int,
        left_s: int,
    ) -> None:
        self.command = command
        self.boot = boot
        self.counter = counter
        self.expires_s = expires_s
        self.verb = verb
        self.booking = booking
        self.driver = driver
        self.left_s = left_s


def pack_hello(hello: Hello) -> bytes:
    """HELLO."""
    check_lengths((hello.boot, hello.nonce, hello.hash8), 8)
    flags = FLAG_ASKING if hello.asking else 0
    if hello.clock_trusted:
        flags |= FLAG_CLOCK_TRUSTED
    return struct.pack(
        HELLO_FORMAT,
        flags,
        hello.boot,
        hello.uptime_s,
        hello.nonce,
        hello.gen,
        hello.rev,
        hello.hash8,
        hello.counter,
        hello.journal,
        hello.next_seq,
        hello.now_unix_s,
    )


def pack_events(journal: int, first_seq: int, events: "list[bytes]") -> bytes:
    """EVENTS: audit events with consecutive numbers from `first_seq`."""
    if len(events) > 255:
        raise ValueError("%d events; EVENTS counts to 255" % len(events))
    parts = [struct.pack(EVENTS_FORMAT, journal, first_seq, len(events))]
    for event in events:
        parts.append(bytes((len(event),)))
        parts.append(event)
    return b"".join(parts)


def pack_result(
    command: bytes,
    accepted: bool,
    reasons: "list[tuple[int, int]]",
    warnings: bytes,
    locked: int,
    blocked: int,
) -> bytes:
    """RESULT: reasons as (code, argument); locked and blocked as NO, YES or UNKNOWN of `codes`."""
    check_lengths((command,), COMMAND_BYTES)
    parts = [command, bytes((1 if accepted else 0, len(reasons)))]
    for reason, argument in reasons:
        parts.append(struct.pack(">BI", reason, argument))
    parts.append(bytes((len(warnings),)))
    parts.append(warnings)
    parts.append(bytes((locked, blocked)))
    return b"".join(parts)


def pack_nack(kind: int, reason: int, gen: int, rev: int) -> bytes:
    """NACK of a frame of that kind, with the revision that the car keeps."""
    return struct.pack(NACK_FORMAT, kind, reason, gen, rev)


def pack_telemetry(
    now_unix_s: int,
    battery_mv: int,
    odometer_m: int,
    latitude_udeg: int,
    longitude_udeg: int,
    position_is_valid: bool,
) -> bytes:
    """TELEMETRY; battery_mv -1 without a value, odometer_m likewise."""
    battery = battery_mv if 0 <= battery_mv < NO_BATTERY_MV else NO_BATTERY_MV
    flags = 1 if position_is_valid else 0
    return struct.pack(
        TELEMETRY_FORMAT, now_unix_s, battery, odometer_m, latitude_udeg, longitude_udeg, flags
    )


def unpack_delta(body: bytes) -> "tuple[int, int, int, bytes, list[tuple[int, bytes]]]":
    """(gen, from rev, to rev, hash, operations)."""
    gen, from_rev, to_rev, hash8, count = unpack_head(DELTA_FORMAT, body)
    if count == 0 or to_rev - from_rev != count:
        raise ValueError("DELTA from %d to %d with %d operations" % (from_rev, to_rev, count))
    return gen, from_rev, to_rev, hash8, _unpack_ops(body, struct.calcsize(DELTA_FORMAT), count)


def unpack_snap(body: bytes) -> "tuple[int, int, bytes, int, int, list[tuple[int, bytes]]]":
    """(gen, rev, hash, chunk, chunks, operations); the chunks count from 0."""
    gen, rev, hash8, chunk, chunks, count = unpack_head(SNAP_FORMAT, body)
    if chunk >= chunks:
        raise ValueError("SNAP with chunk %d of %d" % (chunk, chunks))
    return gen, rev, hash8, chunk, chunks, _unpack_ops(body, struct.calcsize(SNAP_FORMAT), count)


def unpack_time(body: bytes) -> "tuple[bytes, int, int, int, bytes]":
    """(nonce, now, gen, rev, hash)."""
    nonce, now_unix_s, gen, rev, hash8 = unpack_head(TIME_FORMAT, body)
    return nonce, now_unix_s, gen, rev, hash8


def unpack_command(body: bytes) -> Command:
    """CMD."""
    return Command(*unpack_head(CMD_FORMAT, body))


def unpack_eack(body: bytes) -> "tuple[int, int]":
    """(journal, seq): every event up to `seq` is committed."""
    journal, seq = unpack_head(EACK_FORMAT, body)
    return journal, seq


def check_lengths(fields: "tuple[bytes, ...]", length: int) -> None:
    """ValueError unless each has that many bytes; struct would fill up or cut without a word."""
    for field in fields:
        if len(field) != length:
            raise ValueError("a field of %d bytes has %d" % (length, len(field)))


def unpack_head(layout: str, body: bytes) -> "tuple[Any, ...]":
    """The fixed fields at the start of a body; ValueError when it is too short."""
    if len(body) < struct.calcsize(layout):
        raise ValueError("%d bytes where %d are due" % (len(body), struct.calcsize(layout)))
    return struct.unpack_from(layout, body, 0)


def _unpack_ops(body: bytes, at: int, count: int) -> "list[tuple[int, bytes]]":
    ops = []
    for _ in range(count):
        if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
            raise ValueError("operations cut short at byte %d" % at)
        ops.append((body[at], body[at + 2 : at + 2 + body[at + 1]]))
        at += 2 + body[at + 1]
    return ops
