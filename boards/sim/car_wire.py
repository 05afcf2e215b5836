"""The bytes between the simulated world and the program of the box; this is the program's side.

One request, one response. Big-endian. A request:

    kind u8 | wants u8 | now u32 | wall u32 | trusted u8 | values 15 | battery i16 |
    position is valid u8 | latitude i32 | longitude i32 | odometer i32 | online u8 |
    baud u32 | length u16 | bytes that the reader's chip sent at that rate |
    messages u8 | messages x (length u16 | message) | configuration (BOOT only)

`now` in ticks, `wall` in seconds since 2020, `values` the inputs in the order of
`firmware.wire.codes`, battery in mV, position in microdegrees, odometer in metres. A response:

    next due u32 | busy u32 | levels u8 | pulses u8 | lamp u8 | state u8 | flags u8 |
    six counts u8: changes, sent, messages, committed, deadlines, waiting | free u32 | used u32 |
    changes   x (offset u16 | line u8 | level u8)
    sent      x (offset u16 | baud u32 | length u16 | bytes to the reader's chip)
    messages  x (length u16 | message to the centre)
    committed x (length u8 | audit event)
    deadlines x (length u8 | name | remaining i32)

`busy` is how long the turn's storage operations took, in microseconds; offsets are milliseconds
since the turn began. `levels` and `pulses` hold a bit a line; in `changes` pulse lines follow
level lines. `state` is an index into STATE_NAMES. `waiting` messages were not yet received.
`free` and `used` are bytes of the heap after a collection, 0 where nobody asked or can tell.
"""

import struct

from firmware.wire.codes import INPUTS

BOOT = 1
TURN = 2

# What a request wants beside the usual.
WANTS_DEADLINES = 1
WANTS_HEAP = 2

# Flags of a response.
WAS_FED = 1
READER_IS_HEALTHY = 2

REQUEST = ">BBIIB%dshBiiiBIH" % INPUTS
REQUEST_BYTES = struct.calcsize(REQUEST)
RESPONSE = ">IIBBBBBBBBBBBII"
RESPONSE_BYTES = struct.calcsize(RESPONSE)
SENT = ">HIH"
SENT_BYTES = 8


class Request:
    """The newest request, taken apart."""

    def __init__(self) -> None:
        self.kind = 0
        self.wants = 0
        self.now_ms = 0
        self.wall_s = 0
        self.trusted = 0
        self.values = b""
        self.battery_mv = -1
        self.position_is_valid = 0
        self.latitude_udeg = 0
        self.longitude_udeg = 0
        self.odometer_m = -1
        self.online = 0
        self.baud = 0
        self.received = b""
        self.messages: "list[bytes]" = []
        self.rest = b""

    def parse(self, frame: bytes) -> None:
        (
            self.kind,
            self.wants,
            self.now_ms,
            self.wall_s,
            self.trusted,
            self.values,
            self.battery_mv,
            self.position_is_valid,
            self.latitude_udeg,
            self.longitude_udeg,
            self.odometer_m,
            self.online,
            self.baud,
            length,
        ) = struct.unpack_from(REQUEST, frame, 0)
        at = REQUEST_BYTES + length
        self.received = frame[REQUEST_BYTES:at]
        count = frame[at]
        at += 1
        self.messages.clear()
        while count:
            end = at + 2 + (frame[at] << 8 | frame[at + 1])
            self.messages.append(frame[at + 2 : end])
            at = end
            count -= 1
        self.rest = frame[at:]
