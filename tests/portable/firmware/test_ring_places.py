"""Places that are passed over, and what the ring says is free with them."""

import struct
from binascii import crc32

from firmware.ring_cursor import Cursor
from firmware.ring_mending import bit_from_end, is_one_bit
from firmware.ring_places import Places
from firmware.ring_sectors import BODY, FRAME_BYTES, PAGE_BYTES, Sectors
from hal.fake.flash import Flash
from tests.portable.firmware.test_ring import append, bodies, expected, prepared, ring_on


def retire(places: Places, *sectors: int) -> None:
    for sector in sectors:
        assert not places.strike(sector)
        places.strike(sector)


def test_a_place_is_passed_over_after_two_failures_in_a_row() -> None:
    places = Places(6)
    assert places.next_after(3) == 4
    assert not places.strike(4)
    assert (places.next_after(3), places.retired) == (4, 0)
    places.clear(4)
    assert not places.strike(4)
    assert (places.next_after(3), places.retired) == (4, 0), "not in a row"
    assert not places.strike(4)
    assert (places.next_after(3), places.retired) == (5, 1)
    assert (places.next_after(9), places.next_after(10)) == (11, 11), "in every lap"


def test_those_passed_over_are_counted_once_each() -> None:
    places = Places(6)
    assert places.count_retired(0, 6) == 0
    retire(places, 1, 8)
    assert places.retired == 2
    assert places.count_retired(0, 6) == 2
    assert places.count_retired(6, 12) == 2
    assert places.count_retired(2, 7) == 1
    assert places.count_retired(2, 8) == 2
    assert places.count_retired(3, 7) == places.count_retired(3, 3) == 0
    places.strike(1)
    assert places.count_retired(1, 2) == 1, "however often it fails"


def test_more_than_half_are_tried_again() -> None:
    for count, most in ((6, 3), (7, 3), (4, 2), (5, 2)):
        places = Places(count)
        for sector in range(most):
            assert not places.strike(sector)
            assert not places.strike(sector)
        assert places.retired == most
        assert not places.strike(most)
        assert places.strike(most)
        assert (places.retired, places.count_retired(0, count)) == (0, 0)
        assert places.next_after(0) == 1
        assert not places.strike(1)
        assert places.retired == 0, "counted from the beginning"


def test_free_sectors_are_those_beyond_the_head_that_are_not_passed_over() -> None:
    _, ring = prepared(2)
    assert ring.free_sectors() == 4
    for number in range(14):
        append(ring, number)
    assert (ring.head, ring.free_sectors()) == (1, 2)
    retire(ring.places, 2)
    assert ring.free_sectors() == 1
    retire(ring.places, 0)
    assert ring.free_sectors() == 1, "what is in use is not free anyhow"
    ring.release(1)
    assert ring.free_sectors() == 1
    ring.places.clear(0)
    assert ring.free_sectors() == 2
    assert ring.can_prepare()
    assert ring.prepare() and ring.prepare()
    assert (ring.ready, ring.can_prepare()) == (2, False)
    for number in range(14, 28):
        assert append(ring, number)
    assert (ring.oldest, ring.head) == (1, 4)
    assert bodies(ring) == expected(7, 28)


def test_after_failures_nothing_is_ready_until_it_is_erased_again() -> None:
    flash, ring = prepared(3)
    for number in range(7):
        append(ring, number)
    flash.fail_next(2)
    assert not append(ring, 7)
    assert ring.ready == 0
    flash.fail_next(0)
    assert ring.prepare()
    assert (ring.ready, flash.erases[1:5]) == (1, [1, 2, 1, 0])
    assert append(ring, 7)
    assert bodies(ring_on(flash)) == expected(0, 8)


def test_a_cursor_begins_before_everything() -> None:
    cursor = Cursor()
    assert (cursor.sector, cursor.at, cursor.length, cursor.kind, cursor.next_at) == (
        -1,
        0,
        0,
        0,
        0,
    )


def test_bits_are_counted_from_the_end() -> None:
    assert [is_one_bit(value) for value in (0, 1, 2, 3, 4, 6, 1 << 31)] == [
        False,
        True,
        True,
        False,
        True,
        False,
        True,
    ]
    assert bit_from_end(0xEDB88320, 1) == 0
    assert bit_from_end(0xEDB88320 >> 1, 2) == 1
    assert bit_from_end(0xEDB88320 >> 1, 1) == -1
    assert bit_from_end(0, 99) == -1


def sectors_on(flash: Flash) -> Sectors:
    sectors = Sectors(flash, 1, 4, 9, bytearray(PAGE_BYTES), 0)
    sectors.instance = 5
    return sectors


def test_a_frame_up_to_the_last_byte_of_a_sector_is_mended_too() -> None:
    flash = Flash(sectors=6)
    sectors = sectors_on(flash)
    assert sectors.prepare(0)
    at = 4096 - FRAME_BYTES - 5
    at -= at % 4
    length = 4096 - FRAME_BYTES - at
    for size in (length, length - 1):
        assert sectors.prepare(0)
        sectors.write(0, at, 7, [bytes(range(1, size + 1))])
        for byte in range(FRAME_BYTES + size):
            for bit in range(8):
                flash.flip(4096 + at + byte, bit)
                other = sectors_on(flash)
                assert (other.find(0, at), other.kind, other.length) == (at, 7, size), (byte, bit)
                body = bytearray(size)
                other.read(0, at + FRAME_BYTES, body)
                assert body == bytes(range(1, size + 1))
                assert other.mended == 1
                flash.flip(4096 + at + byte, bit)


def test_a_wrong_mark_before_something_that_is_no_frame_is_not_mended() -> None:
    flash = Flash(sectors=6)
    sectors = sectors_on(flash)
    assert sectors.prepare(0)
    for length in (4, 4096 - BODY - FRAME_BYTES, 4096 - BODY - FRAME_BYTES + 1, 0xFFFF):
        head = bytes((0x5B, 1, length >> 8, length & 255, 1, 2, 3, 4))
        flash.contents[4096 + BODY : 4096 + BODY + 8] = head
        other = sectors_on(flash)
        assert other.find(0, BODY) == 4096
        assert other.mended == 0


def test_a_crc_as_of_a_wrong_bit_before_the_frame_is_not_mended() -> None:
    flash = Flash(sectors=6)
    sectors = sectors_on(flash)
    assert sectors.prepare(0)
    sectors.write(0, BODY, 3, [bytes(20)])
    change = 0xEDB88320
    for _ in range(8 * (20 + 4)):
        change = (change >> 1) ^ (0xEDB88320 if change & 1 else 0)
    crc = struct.unpack_from(">I", flash.contents, 4096 + BODY + 4)[0] ^ change
    flash.contents[4096 + BODY + 4 : 4096 + BODY + 8] = struct.pack(">I", crc)
    assert sectors.find(0, BODY) == 4096
    assert sectors.mended == 0


def test_void_is_programmed_once_and_only_where_a_frame_fits() -> None:
    flash = Flash(sectors=6)
    sectors = sectors_on(flash)
    assert sectors.prepare(2)
    operations = flash.operations
    sectors.void(2, 4096 - FRAME_BYTES)
    assert flash.contents[4 * 4096 - 9 : 4 * 4096] == b"\xff" + bytes(8)
    sectors.void(2, 4096 - FRAME_BYTES)
    sectors.void(2, 4096 - FRAME_BYTES + 4)
    sectors.void(2, 4096)
    assert flash.operations == operations + 1
    assert flash.contents[4 * 4096 :] == b"\xff" * (2 * 4096)


def test_eight_wrong_bits_are_remembered_and_more_are_found_again() -> None:
    flash = Flash(sectors=6)
    sectors = sectors_on(flash)
    assert sectors.prepare(0)
    at = BODY
    places = []
    for number in range(10):
        sectors.write(0, at, 3, [bytes((number,)) * 20])
        places.append(at)
        at += FRAME_BYTES + 20
    for place in places:
        flash.flip(4096 + place + 11, 3)
    for lap in range(2):
        for number in range(10):
            assert sectors.find(0, places[number]) == places[number]
            body = bytearray(20)
            sectors.read(0, places[number] + FRAME_BYTES, body)
            assert body == bytes((number,)) * 20
        assert sectors.mended == 10 * (lap + 1)
    assert sectors.find(0, places[9]) == places[9]
    assert sectors.find(0, places[2]) == places[2]
    assert sectors.mended == 20, "the last eight need no search"
    assert sectors.find(0, places[1]) == places[1]
    assert sectors.mended == 21, "the one before them does"


def test_nothing_is_looked_for_where_no_frame_fits() -> None:
    flash = Flash(sectors=6)
    sectors = sectors_on(flash)
    assert sectors.prepare(0)
    assert sectors.find(0, 4092) == sectors.find(0, 4096) == 4096
    last = 4096 - FRAME_BYTES
    sectors.write(0, last, 7, [])
    flash.flip(4096 + last + 1, 2)
    assert (sectors.find(0, last), sectors.kind, sectors.length) == (last, 7, 0)
    assert sectors.mended == 1


def test_a_frame_with_another_mark_is_none_whatever_its_crc() -> None:
    flash = Flash(sectors=6)
    sectors = sectors_on(flash)
    assert sectors.prepare(0)
    frame = bytes((0x5A ^ 3, 1, 0, 20)) + bytes(20)
    crc = struct.pack(">I", crc32(frame, sectors._salt(0, BODY)))
    whole = frame[:4] + crc + frame[4:]
    flash.contents[4096 + BODY : 4096 + BODY + len(whole)] = whole
    flash.flip(4096 + BODY + 11, 3)
    assert sectors.find(0, BODY) == 4096
    assert sectors.mended == 0


def test_wrong_bits_of_a_sector_are_forgotten_when_it_is_erased() -> None:
    flash = Flash(sectors=6)
    sectors = sectors_on(flash)
    for sector in (0, 1):
        assert sectors.prepare(sector)
        sectors.write(sector, BODY, 3, [bytes(20)])
        flash.flip((1 + sector) * 4096 + BODY + FRAME_BYTES + 3, 5)
        assert sectors.find(sector, BODY) == BODY
    assert sectors.mended == 2
    assert sectors.prepare(4)
    sectors.write(4, BODY, 3, [b"x" * 20])
    found = bytearray(20)
    sectors.read(4, BODY + FRAME_BYTES, found)
    assert found == b"x" * 20
    assert sectors.find(4, BODY) == sectors.find(1, BODY) == BODY
    sectors.read(1, BODY + FRAME_BYTES, found)
    assert bytes(found) == bytes(20), "of the other sector they are known"
    assert sectors.mended == 2
