"""The reader's line of the simulated board."""

import struct

from boards.sim import reader_link
from boards.sim.car_wire import SENT
from boards.sim.reader_link import TimedByteLink
from hal.fake.clock import FakeClock


def test_what_is_sent_keeps_its_time_and_rate() -> None:
    clock = FakeClock()
    link = TimedByteLink(clock)
    assert link.write(b"abc") == 3
    clock.advance_us(7_000)
    link.set_baud(921600)
    assert link.write(bytearray(b"d")) == 1
    parts = link.take_parts()
    assert parts == [
        struct.pack(SENT, 0, 115200, 3) + b"abc",
        struct.pack(SENT, 7, 921600, 1) + b"d",
    ]
    assert link.take_parts() == []


def test_what_arrives_is_read_in_pieces() -> None:
    link = TimedByteLink(FakeClock())
    link.put(b"abcde", 115200)
    buffer = bytearray(3)
    assert link.any() == 5
    assert link.readinto(buffer) == 3
    assert bytes(buffer) == b"abc"
    assert link.readinto(buffer) == 2
    assert bytes(buffer) == b"dec"
    assert link.any() == 0


def test_another_rate_is_garbage() -> None:
    link = TimedByteLink(FakeClock())
    link.put(b"\0\0\xff", 921600)
    buffer = bytearray(3)
    link.readinto(buffer)
    assert bytes(buffer) != b"\0\0\xff"


def test_both_directions_are_bounded() -> None:
    link = TimedByteLink(FakeClock())
    link.put(b"x" * 300, 115200)
    assert link.any() == reader_link.RECEIVE_BYTES_MAX
    for _ in range(reader_link.WRITES_MAX):
        assert link.write(b"y") == 1
    assert link.write(b"y") == 0
    assert len(link.take_parts()) == reader_link.WRITES_MAX
