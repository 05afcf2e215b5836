"""A ring that was not opened, starts with nothing, wraps, or lost track of what it wrote (SAFE-5)."""

import struct
from binascii import crc32

from firmware.ring import Ring
from firmware.ring_sectors import BODY, FRAME_BYTES, PAGE_BYTES
from hal.fake.flash import Flash
from tests.portable.firmware.test_ring import (
    BIG,
    COUNT,
    append,
    bodies,
    expected,
    prepared,
    ring_on,
)


def test_a_ring_that_was_not_opened_holds_nothing() -> None:
    ring = Ring(Flash(sectors=COUNT + 2), 1, COUNT, 9, bytearray(PAGE_BYTES))
    assert (ring.oldest, ring.head, ring.ready, ring.ahead) == (0, -1, 0, 0)
    assert (ring.instance, ring.mended, ring.free_sectors()) == (-1, 0, COUNT)
    assert (ring.is_damaged, ring.is_newer, ring.is_foreign) == (False, False, False)
    assert not ring.fits(1, 0)
    assert bodies(ring) == []


def test_the_first_frame_of_all_may_come_after_a_start() -> None:
    flash, _ = prepared(2)
    again = ring_on(flash)
    assert (again.head, again.ready, again.ahead) == (-1, 2, 2)
    assert append(again, 1)
    assert (again.head, bodies(ring_on(flash))) == (0, expected(1, 2))


def test_what_is_ready_is_found_in_a_ring_that_came_round() -> None:
    flash, ring = prepared(4)
    for number in range(28):
        assert append(ring, number)
    for oldest in (2, 3):
        ring.release(oldest)
        while ring.prepare():
            pass
        again = ring_on(flash)
        assert (again.oldest, again.head, again.ready) == (oldest, 3, oldest)


def test_beside_a_sector_of_a_later_version_nothing_is_read() -> None:
    flash, ring = prepared(2)
    append(ring, 0)
    header = bytearray(flash.contents[2 * 4096 : 2 * 4096 + 12])
    header[2] += 1
    newer = bytes(header) + struct.pack(">I", crc32(header))
    flash.contents[2 * 4096 : 2 * 4096 + 32] = newer + newer
    again = ring_on(flash)
    assert again.is_newer and not again.is_foreign
    assert (again.head, again.ready, bodies(again)) == (-1, 0, [])


def test_a_frame_may_end_with_its_sector() -> None:
    flash, ring = prepared(2)
    append(ring, 0, 100)
    assert append(ring, 1, 4096 - ring.end - FRAME_BYTES)
    assert (ring.head, ring.end) == (0, 4096)
    assert len(bodies(ring_on(flash))) == 2
    assert append(ring, 2)
    assert ring.head == 1


class BlindFlash(Flash):
    """It programs and erases, and cannot be read while it `is_blind`."""

    is_blind = False

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        if self.is_blind:
            raise OSError(5)
        Flash.read(self, offset, buffer)


def test_a_frame_of_unknown_fate_is_void_though_another_sector_is_prepared() -> None:
    flash = BlindFlash(sectors=COUNT + 2)
    ring = ring_on(flash)
    assert ring.prepare()
    assert append(ring, 0)
    flash.is_blind = True
    assert not append(ring, 1)
    flash.is_blind = False
    assert ring.prepare()
    assert len(bodies(ring)) == 2, "it is whole"
    for number in range(2, 9):
        assert append(ring, number)
    assert bodies(ring) == bodies(ring_on(flash)) == expected(0, 1) + expected(2, 9)


def test_a_sector_of_unknown_fate_that_is_erased_again_takes_nothing_with_it() -> None:
    flash, ring = prepared(3)
    for number in range(14):
        append(ring, number)
    flash.fail_next(99)
    assert not append(ring, 14)
    flash.fail_next(0)
    assert ring.prepare()
    assert append(ring, 14)
    assert bodies(ring) == bodies(ring_on(flash)) == expected(0, 15)


def test_what_is_held_is_read_as_before_though_it_could_not_be_renewed() -> None:
    flash, ring = prepared(1)
    for number in range(7):
        append(ring, number)
    again = ring_on(flash)
    again.hold()
    for bit in (1, 2):
        flash.flip(4096 + BODY + 6 * (FRAME_BYTES + BIG) + 100, bit)
    assert len(bodies(ring_on(flash))) == 6
    assert not again.renew()
    assert bodies(again) == expected(0, 7)
    assert again.prepare() and again.renew()
    assert bodies(again) == bodies(ring_on(flash)) == expected(0, 7)


def test_a_page_that_cannot_be_made_void_takes_no_frame() -> None:
    flash, ring = prepared(2)
    append(ring, 0)
    again = ring_on(flash)
    flash.fail_next(1)
    assert not append(again, 1)
    assert append(again, 1)
    assert again.head == 1
    assert bodies(again) == bodies(ring_on(flash)) == expected(0, 2)


class ForgetfulFlash(Flash):
    """The next so many programs do nothing, and nobody hears of it."""

    forgets = 0

    def program(self, offset: int, data: "bytes | bytearray | memoryview") -> None:
        if self.forgets:
            self.forgets -= 1
        else:
            Flash.program(self, offset, data)


def test_a_sector_that_is_not_ready_any_more_takes_no_frame() -> None:
    """After a start it is erased once more: that fails, or its header is not there then."""
    for is_silent in (False, True):
        flash = ForgetfulFlash(sectors=COUNT + 2)
        ring = ring_on(flash)
        assert ring.prepare() and ring.prepare()
        for number in range(7):
            assert append(ring, number)
        again = ring_on(flash)
        assert (again.head, again.ready) == (0, 1)
        if is_silent:
            again.seal()
            append_void = flash.operations
            flash.forgets = 2  # the page behind the last frame, and the header
        else:
            append_void = flash.operations
            flash.fail_next(2)
        assert not append(again, 7)
        assert flash.operations > append_void
        flash.fail_next(0)
        flash.forgets = 0
        assert again.ready or again.prepare()
        assert append(again, 7)
        assert bodies(again) == bodies(ring_on(flash)) == expected(0, 8)


def test_a_wrong_bit_in_one_header_of_a_ring_that_nobody_owns_is_nothing() -> None:
    flash, ring = prepared(2)
    append(ring, 0)
    for bit in range(128):
        flash.flip(4096 + bit // 8, bit & 7)
        again = ring_on(flash)
        assert (again.head, again.is_foreign, again.is_newer) == (0, False, False), bit
        flash.flip(4096 + bit // 8, bit & 7)


def test_a_header_is_looked_for_in_its_two_places() -> None:
    flash, ring = prepared(1)
    header = bytes(flash.contents[4096 : 4096 + 16])
    for place, is_one in ((0, True), (16, True), (32, False)):
        flash.contents[4096:8192] = b"\xff" * 4096
        flash.contents[4096 + place : 4096 + place + 16] = header
        again = Ring(flash, 1, COUNT, 9, bytearray(PAGE_BYTES))
        again.open(-1)
        assert again.instance == (ring.instance if is_one else -1), place


def test_numbers_of_sectors_are_believed_up_to_their_limit() -> None:
    for sequence, is_believed in ((0x3FFFFFFE, True), (0x3FFFFFFF, False)):
        flash = Flash(sectors=COUNT + 2)
        header = struct.pack(">2sBBII", b"KJ", 1, 9, 7, sequence)
        header += struct.pack(">I", crc32(header))
        at = (1 + sequence % COUNT) * 4096
        flash.contents[at : at + 32] = header + header
        assert (ring_on(flash).instance == 7) == is_believed
