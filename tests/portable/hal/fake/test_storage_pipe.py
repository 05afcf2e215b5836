"""A storage at the other end of a channel behaves as the flash itself, and takes its time."""

import struct

from hal.fake.clock import FakeClock
from hal.fake.flash import Flash
from hal.fake.storage_pipe import ERASE, PROGRAM, READ, REQUEST, REQUEST_BYTES, StoragePipe


class Channel:
    """Serves one flash, as the simulator's server does."""

    def __init__(self, flash: Flash) -> None:
        self.flash = flash
        self.busy_us = 0
        self.indexes: "list[int]" = []

    def ask(self, request: bytes, into: "bytearray | memoryview | None") -> int:
        op, index, offset, count = struct.unpack_from(REQUEST, request, 0)
        self.indexes.append(index)
        before_us = self.flash.busy_us
        status = 0
        try:
            if op == READ:
                assert into is not None
                assert len(into) == count
                self.flash.read(offset, into)
            elif op == PROGRAM:
                assert len(request) == REQUEST_BYTES + count
                self.flash.program(offset, request[REQUEST_BYTES:])
            else:
                assert op == ERASE
                self.flash.erase(offset)
        except OSError as error:
            status = error.args[0]
        self.busy_us = self.flash.busy_us - before_us
        return status


def pipe(flash: Flash, clock: FakeClock) -> "tuple[StoragePipe, Channel]":
    channel = Channel(flash)
    return StoragePipe(channel, 3, flash.sector_bytes, flash.sectors, clock), channel


def test_contents_are_the_flashs() -> None:
    flash = Flash(4)
    storage, channel = pipe(flash, FakeClock())
    assert (storage.sectors, storage.sector_bytes) == (4, 4096)
    storage.program(4096, memoryview(b"hello"))
    buffer = bytearray(8)
    storage.read(4096, buffer)
    assert bytes(buffer) == b"hello\xff\xff\xff"
    assert bytes(flash.contents[4096:4101]) == b"hello"
    storage.read(4097, memoryview(buffer)[2:4])
    assert bytes(buffer) == b"heelo\xff\xff\xff"
    storage.erase(1)
    assert flash.contents[4096] == 0xFF
    assert channel.indexes == [3] * 4


def test_operations_take_the_programs_time() -> None:
    clock = FakeClock()
    clock.set(1000, 0, False)
    storage, _ = pipe(Flash(4), clock)
    storage.read(0, bytearray(16))
    assert clock.passed_us == 0
    storage.program(0, b"x")
    assert clock.passed_us == 500
    storage.erase(0)
    assert clock.passed_us == 45500
    assert clock.now_ms() == 1045


def test_a_failing_device_is_an_oserror_that_took_time_too() -> None:
    clock = FakeClock()
    clock.set(0, 0, False)
    flash = Flash(4)
    storage, _ = pipe(flash, clock)
    flash.fail_next(1)
    try:
        storage.program(0, b"x")
    except OSError as error:
        assert error.errno == 5
    else:
        raise AssertionError("no OSError")
    assert clock.passed_us == 500
    storage.erase(0)
