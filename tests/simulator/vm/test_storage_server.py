"""The flash behind a program's storages."""

import struct

import pytest

from hal.fake.flash import Flash, PowerCut
from hal.fake.storage_pipe import ERASE, PROGRAM, READ, REQUEST
from simulator.vm.storage_server import StorageServer


def test_each_storage_is_its_own_flash() -> None:
    first, second = Flash(2), Flash(2)
    server = StorageServer(first, second)
    assert server.serve(struct.pack(REQUEST, PROGRAM, 1, 4096, 3) + b"abc") == (0, 500, b"")
    assert bytes(second.contents[4096:4099]) == b"abc"
    assert first.contents[4096] == 0xFF
    assert server.serve(struct.pack(REQUEST, READ, 1, 4096, 4)) == (0, 0, b"abc\xff")
    assert server.serve(struct.pack(REQUEST, ERASE, 1, 1, 0)) == (0, 45000, b"")
    assert second.contents[4096] == 0xFF


def test_a_failing_flash_is_a_status_that_took_time() -> None:
    flash = Flash(2)
    flash.fail_next(1)
    assert StorageServer(flash).serve(struct.pack(REQUEST, ERASE, 0, 0, 0)) == (5, 45000, b"")


def test_a_power_cut_passes_through() -> None:
    flash = Flash(2)
    flash.cut_after = 0
    with pytest.raises(PowerCut):
        StorageServer(flash).serve(struct.pack(REQUEST, ERASE, 0, 0, 0))


def test_a_request_that_makes_no_sense_is_an_error() -> None:
    with pytest.raises(ValueError, match="none of read, program, erase"):
        StorageServer(Flash(2)).serve(struct.pack(REQUEST, 9, 0, 0, 0))
