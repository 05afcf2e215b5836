"""What the world packs is what the program reads, and the other way round."""

import struct

import pytest

from boards.sim import car_wire
from firmware.wire.codes import ANTENNA_SHORT, INPUTS
from firmware.wire.network_codes import OPEN, TROUBLE_ENDED
from simulator.modem import Told
from simulator.vm.wire import Request, pack_request, unpack_response

VALUES = bytes(range(INPUTS))


def a_request(is_trusted: bool = True, is_broken: bool = False) -> Request:
    return Request(
        car_wire.BOOT,
        car_wire.WANTS_HEAP,
        2**30 - 1,
        197_000_000,
        is_trusted,
        is_broken,
        VALUES,
        12_600,
        True,
        35_000_000,
        -139_000_000,
        1234,
        True,
        115_200,
        b"from the reader",
        Told(65_535, OPEN, TROUBLE_ENDED, b"from the centre"),
        b"{}",
        ANTENNA_SHORT,
    )


def test_a_request_is_read_as_it_was_packed() -> None:
    read = car_wire.Request()
    read.parse(pack_request(a_request()))
    assert (read.kind, read.wants) == (car_wire.BOOT, car_wire.WANTS_HEAP)
    assert (read.now_ms, read.wall_s) == (2**30 - 1, 197_000_000)
    assert (read.values, read.battery_mv) == (VALUES, 12_600)
    position = car_wire.POSITION_IS_VALID | ANTENNA_SHORT << car_wire.ANTENNA_SHIFT
    assert (read.position, read.latitude_udeg, read.longitude_udeg, read.odometer_m) == (
        position,
        35_000_000,
        -139_000_000,
        1234,
    )
    assert (read.carrier, read.baud, read.received) == (1, 115_200, b"from the reader")
    assert (read.stream, read.stream_state, read.stream_trouble) == (65_535, OPEN, TROUBLE_ENDED)
    assert read.stream_bytes == b"from the centre"
    assert read.rest == b"{}"


@pytest.mark.parametrize(
    ("is_trusted", "is_broken", "bits"),
    [
        (True, False, car_wire.CLOCK_IS_TRUSTED),
        (False, False, 0),
        (False, True, car_wire.CLOCK_IS_BROKEN),
    ],
)
def test_what_the_clock_is_worth(is_trusted: bool, is_broken: bool, bits: int) -> None:
    read = car_wire.Request()
    read.parse(pack_request(a_request(is_trusted, is_broken)))
    assert read.clock == bits


def a_response(set_wall_s: int) -> bytes:
    head = struct.pack(
        car_wire.RESPONSE,
        *(5000, 6000, 1, 2, 3, 4, car_wire.WAS_FED, 1, 1, 1, 1, 7000, 8000),
        *(set_wall_s, 9, 10, 7),
    )
    changes = struct.pack(">HBB", 45, 2, 1)
    sent = struct.pack(car_wire.SENT, 3, 115_200, 2) + b"UU"
    return head + changes + sent + b"written" + b"\5event" + b"\6relock" + struct.pack(">i", -1)


def test_a_response_is_read_as_the_program_packs_it() -> None:
    read = unpack_response(a_response(197_000_000))
    assert (read.next_due_ms, read.busy_us, read.heap_free, read.heap_used) == (
        5000,
        6000,
        7000,
        8000,
    )
    assert (read.levels, read.pulses, read.lamp, read.state) == (1, 2, 3, 4)
    assert (read.was_fed, read.reader_is_healthy) == (True, False)
    assert (read.set_wall_s, read.stream, read.unread) == (197_000_000, 9, 10)
    assert read.changes == [(45, 2, 1)]
    assert read.sent == [(3, 115_200, b"UU")]
    assert (read.written, read.committed) == (b"written", [b"event"])
    assert read.deadlines == [("relock", -1)]
    assert unpack_response(a_response(0)).set_wall_s is None


def test_a_response_of_another_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="were expected"):
        unpack_response(a_response(0) + b"x")
