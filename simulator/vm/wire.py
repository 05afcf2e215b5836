"""The world's side of `boards.sim.car_wire`: requests are packed, responses are taken apart."""

from __future__ import annotations

import struct
from typing import NamedTuple

from boards.sim.car_wire import (
    ANTENNA_SHIFT,
    CLOCK_IS_BROKEN,
    CLOCK_IS_TRUSTED,
    POSITION_IS_VALID,
    READER_IS_HEALTHY,
    REQUEST,
    RESPONSE,
    RESPONSE_BYTES,
    SENT,
    SENT_BYTES,
    WAS_FED,
)
from firmware.wire.codes import ANTENNA_UNKNOWN
from hal.fake.digital import CHANGE, CHANGE_BYTES
from simulator.modem import NO_STREAM, Told

_request = struct.Struct(REQUEST)
_response = struct.Struct(RESPONSE)
_change = struct.Struct(CHANGE)
_sent = struct.Struct(SENT)


class Request(NamedTuple):
    """What the program is told; units as in `boards.sim.car_wire`."""

    kind: int
    wants: int
    now_ms: int
    wall_s: int
    clock_is_trusted: bool
    clock_is_broken: bool
    values: bytes | bytearray
    battery_mv: int
    position_is_valid: bool
    latitude_udeg: int
    longitude_udeg: int
    odometer_m: int
    has_carrier: bool
    baud: int = 0
    received: bytes = b""
    stream: Told = NO_STREAM
    config: bytes = b""
    antenna: int = ANTENNA_UNKNOWN


class Sent(NamedTuple):
    """Bytes for the reader's chip, `offset_ms` after the turn began."""

    offset_ms: int
    baud: int
    data: bytes


class Response(NamedTuple):
    """What the program did in a turn."""

    next_due_ms: int
    busy_us: int
    levels: int
    pulses: int
    lamp: int
    state: int
    was_fed: bool
    reader_is_healthy: bool
    heap_free: int
    heap_used: int
    #: Seconds since 2020 that the program set the clock to, None when it did not.
    set_wall_s: int | None
    #: The stream that the program has (0: none), its bytes there that it did not read.
    stream: int
    unread: int
    changes: list[tuple[int, int, int]]
    sent: list[Sent]
    written: bytes
    committed: list[bytes]
    deadlines: list[tuple[str, int]]


def pack_request(request: Request) -> bytes:
    """The request's bytes."""
    stream = request.stream
    clock = CLOCK_IS_TRUSTED if request.clock_is_trusted else 0
    if request.clock_is_broken:
        clock |= CLOCK_IS_BROKEN
    position = request.antenna << ANTENNA_SHIFT
    if request.position_is_valid:
        position |= POSITION_IS_VALID
    head = _request.pack(
        *request[:4],
        clock,
        *request[6:8],
        position,
        *request[9:13],
        request.baud,
        len(request.received),
        *stream[:3],
        len(stream.data),
    )
    return head + request.received + stream.data + request.config


def unpack_response(frame: bytes) -> Response:
    """What the bytes say; ValueError when they do not end where they should."""
    (
        due_ms, busy_us, levels, pulses, lamp, state, flags,
        changes, sent, committed, deadlines, free, used, set_wall_s, stream, unread, written,
    ) = _response.unpack_from(frame)  # fmt: skip
    reader = _Reader(frame, RESPONSE_BYTES)
    response = Response(
        next_due_ms=due_ms,
        busy_us=busy_us,
        levels=levels,
        pulses=pulses,
        lamp=lamp,
        state=state,
        was_fed=bool(flags & WAS_FED),
        reader_is_healthy=bool(flags & READER_IS_HEALTHY),
        heap_free=free,
        heap_used=used,
        set_wall_s=set_wall_s or None,
        stream=stream,
        unread=unread,
        changes=[_change.unpack(reader.take(CHANGE_BYTES)) for _ in range(changes)],
        sent=[reader.sent() for _ in range(sent)],
        written=reader.take(written),
        committed=[reader.take(reader.number(1)) for _ in range(committed)],
        deadlines=[reader.deadline() for _ in range(deadlines)],
    )
    if reader.at != len(frame):
        raise ValueError(f"response of {len(frame)} bytes, {reader.at} were expected")
    return response


class _Reader:
    """Takes fields off a frame, one after the other."""

    def __init__(self, frame: bytes, at: int) -> None:
        self._frame = frame
        self.at = at

    def take(self, count: int) -> bytes:
        taken = self._frame[self.at : self.at + count]
        self.at += count
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def sent(self) -> Sent:
        offset_ms, baud, length = _sent.unpack(self.take(SENT_BYTES))
        return Sent(offset_ms, baud, self.take(length))

    def deadline(self) -> tuple[str, int]:
        name = self.take(self.number(1)).decode()
        return name, struct.unpack(">i", self.take(4))[0]
