"""The bytes between the simulated world and the program of the box; this is the program's side.

One request, one response. Big-endian. A request:

    kind u8 | wants u8 | now u32 | wall u32 | clock u8 | values 15 | battery i16 |
    position u8 | latitude i32 | longitude i32 | odometer i32 | carrier u8 |
    baud u32 | length u16 |
    stream u16 | stream state u8 | trouble u8 | length u16 |
    bytes that the reader's chip sent at that rate | bytes that came on that stream |
    configuration (BOOT only)

`now` in ticks, `wall` in seconds since 2020, `clock` the bits CLOCK_*, `values` the inputs in the
order of `firmware.wire.codes`, battery in mV, angles in microdegrees, odometer in metres.
`position`: POSITION_IS_VALID, and above it what the receiver says of its antenna (ANTENNA_*).
`carrier`: the modem is registered. State and trouble of the stream are those of
`firmware.wire.network_codes`; what is said of another stream than the program's newest is stale.
A response:

    next due u32 | busy u32 | levels u8 | pulses u8 | lamp u8 | state u8 | flags u8 |
    four counts u8: changes, sent, committed, deadlines | free u32 | used u32 |
    set wall u32 | stream u16 | unread u16 | length u16 |
    changes   x (offset u16 | line u8 | level u8)
    sent      x (offset u16 | baud u32 | length u16 | bytes to the reader's chip)
    bytes written on the stream
    committed x (length u8 | audit event)
    deadlines x (length u8 | name | remaining i32)

`busy` is how long the turn's storage operations took, in microseconds; offsets are milliseconds
since the turn began. `levels` and `pulses` hold a bit a line; in `changes` pulse lines follow
level lines. `state` is an index into STATE_NAMES. `free` and `used` are bytes of the heap after a
collection, 0 where nobody asked or can tell. `set wall` is the wall time that the program set the
clock to, as of the beginning of the turn; 0: it did not. `stream` is the number of the stream that
the program has, 0 when it closed the last one, whose last bytes the written ones are then.
`unread` bytes of the stream wait in the program: STREAM_BYTES_MAX at most with those of the next
request.
"""

import struct

from firmware.wire.codes import INPUTS

BOOT = 1
TURN = 2

# What a request wants beside the usual.
WANTS_DEADLINES = 1
WANTS_HEAP = 2

# What a request says of the clock.
CLOCK_IS_TRUSTED = 1
#: It can never be set again.
CLOCK_IS_BROKEN = 2

# What a request says of the position: a bit, and above it the antenna.
POSITION_IS_VALID = 1
ANTENNA_SHIFT = 1

# Flags of a response.
WAS_FED = 1
READER_IS_HEALTHY = 2

#: Bytes of a stream in one request or response.
STREAM_BYTES_MAX = 1024

REQUEST = ">BBIIB%dshBiiiBIHHBBH" % INPUTS
REQUEST_BYTES = struct.calcsize(REQUEST)
RESPONSE = ">IIBBBBBBBBBIIIHHH"
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
        self.clock = 0
        self.values = b""
        self.battery_mv = -1
        self.position = 0
        self.latitude_udeg = 0
        self.longitude_udeg = 0
        self.odometer_m = -1
        self.carrier = 0
        self.baud = 0
        self.received = b""
        self.stream = 0
        self.stream_state = 0
        self.stream_trouble = 0
        self.stream_bytes = b""
        self.rest = b""

    def parse(self, frame: bytes) -> None:
        (
            self.kind,
            self.wants,
            self.now_ms,
            self.wall_s,
            self.clock,
            self.values,
            self.battery_mv,
            self.position,
            self.latitude_udeg,
            self.longitude_udeg,
            self.odometer_m,
            self.carrier,
            self.baud,
            received,
            self.stream,
            self.stream_state,
            self.stream_trouble,
            arrived,
        ) = struct.unpack_from(REQUEST, frame, 0)
        at = REQUEST_BYTES + received
        self.received = frame[REQUEST_BYTES:at]
        self.stream_bytes = frame[at : at + arrived]
        self.rest = frame[at + arrived :]
