"""A ring after a power cut: cells that read now so, now otherwise, and what no cut takes away."""

from firmware.ring import Ring
from firmware.ring_cursor import Cursor
from firmware.ring_sectors import BODY, FRAME_BYTES
from hal.fake.flash import Flash
from tests.portable.firmware.test_ring import (
    BIG,
    COUNT,
    append,
    bodies,
    body,
    expected,
    prepared,
    ring_on,
)

SECTOR_1 = 4096


class WeakFlash(Flash):
    """Weak bits read wrong in those readings of them whose turn it is in `pattern`."""

    def __init__(self, sectors: int) -> None:
        super().__init__(sectors)
        self.weak: "dict[int, int]" = {}
        self.pattern = "10"
        self.readings = 0

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        super().read(offset, buffer)
        touched = [at for at in self.weak if offset <= at < offset + len(buffer)]
        if touched:
            if self.pattern[self.readings % len(self.pattern)] == "1":
                for at in touched:
                    buffer[at - offset] ^= self.weak[at]
            self.readings += 1


def weak_copy(flash: Flash) -> WeakFlash:
    other = WeakFlash(flash.sectors)
    other.contents[:] = flash.contents
    return other


def held_ring(flash: Flash) -> Ring:
    ring = ring_on(flash)
    ring.seal()
    ring.hold()
    return ring


def frame_at(number: int, length: int = BIG) -> int:
    """Where that frame begins in the storage, when all are of one length in sector 1."""
    return SECTOR_1 + BODY + number * (FRAME_BYTES + length)


def test_the_newest_frame_is_believed_as_it_was_read_once() -> None:
    """Two weak bits, which no mending helps against, in body, length or CRC."""
    flash, ring = prepared()
    for number in range(3):
        append(ring, number)
    for offset in (2, 4, 9, FRAME_BYTES + BIG - 1):
        for pattern in ("00011", "000111", "0001111", "0" * 9 + "1" * 50):
            weak = weak_copy(flash)
            weak.weak = {frame_at(2) + offset: 0x81}
            weak.pattern = pattern
            again = held_ring(weak)
            for _ in range(5):
                assert bodies(again) == expected(0, 3), (offset, pattern)
            weak.pattern = "1"
            assert bodies(again) == expected(0, 3)
            assert again.renew()
            assert append(again, 3)
            assert bodies(again) == expected(0, 4)
            for weak.pattern in ("1", "0"):
                assert bodies(ring_on(weak)) == expected(0, 4)


def test_a_frame_that_never_reads_whole_is_void_for_good() -> None:
    flash, ring = prepared()
    for number in range(3):
        append(ring, number)
    weak = weak_copy(flash)
    weak.weak = {frame_at(2) + 100: 0x81}
    weak.pattern = "0"
    again = ring_on(weak)
    assert len(bodies(again)) == 3
    weak.pattern = "1"
    again.seal()
    again.hold()
    assert bodies(again) == expected(0, 2)
    weak.weak = {}
    assert bodies(ring_on(weak)) == expected(0, 2)
    assert append(again, 2)
    assert bodies(ring_on(weak)) == expected(0, 3)


def test_what_is_held_stays_when_it_cannot_be_written() -> None:
    flash, ring = prepared(1)
    for number in range(7):
        append(ring, number)
    again = held_ring(flash)
    assert not again.renew() and not append(again, 7)
    assert not again.fits(4096 - 4008 - FRAME_BYTES - 8, 0)
    assert bodies(again) == expected(0, 7)
    assert again.prepare() and append(again, 7)
    assert again.head == 1
    assert bodies(again) == bodies(ring_on(flash)) == expected(0, 8)


def test_what_is_held_takes_room_first() -> None:
    flash, ring = prepared()
    append(ring, 0, 400)
    again = held_ring(flash)
    assert again.end == 512
    room = 4096 - 512 - (FRAME_BYTES + 400) - FRAME_BYTES
    assert again.fits(room, 0) and not again.fits(room + 1, 0)
    assert again.fits(room - 5, 5) and not again.fits(room - 5, 6)
    assert again.renew()
    assert again.fits(room, 0) and not again.fits(room + 1, 0)
    assert again.renew(), "nothing is held any more"
    assert bodies(again) == [b"\3" + body(0, 400)]


def test_nothing_is_written_where_a_cut_may_have_begun_to() -> None:
    """Cells that read as erased may be half-way, up to the end of the page."""
    for length in (100, 256 - 8 - 32, 256 - 8 - 32 + 1, 470):
        flash, ring = prepared()
        append(ring, 0, length)
        end = ring.end
        page_end = (end // 256 + 1) * 256
        weak = weak_copy(flash)
        for at in range(end, page_end):
            weak.weak[SECTOR_1 + at] = 0x99
        weak.pattern = "0"
        again = ring_on(weak)
        assert (again.head, again.end) == (0, page_end)
        assert weak.operations == 0, "it is only read"
        assert append(again, 1, 300)
        assert again.end == page_end + FRAME_BYTES + 300
        assert weak.contents[SECTOR_1 + end : SECTOR_1 + page_end] == bytes(page_end - end)
        assert weak.contents[SECTOR_1 + page_end] == 0x5A
        assert append(again, 2, 300)
        assert again.end == page_end + 2 * (FRAME_BYTES + 300), "only once"
        weak.weak = {}
        assert len(bodies(ring_on(weak))) == 3


def cut_at_the_end_of_a_sector(length: int) -> "tuple[Flash, bytes]":
    """A frame that read as erased at the start after its cut, and the sector if it reads whole."""
    flash, ring = prepared()
    for number in range(6):
        append(ring, number)
    append(ring, 6, 440)
    before = bytes(flash.contents)
    append(ring, 99, length)
    assert ring.head == 0
    whole = bytes(flash.contents)
    flash.contents[:] = before
    return flash, whole


def comes_back(flash: Flash, whole: bytes) -> None:
    """Its cells read as programmed after all."""
    for at in range(SECTOR_1, 2 * SECTOR_1):
        flash.contents[at] &= whole[at]


def test_a_cut_frame_stays_none_when_the_next_goes_to_another_sector_safe_5() -> None:
    flash, whole = cut_at_the_end_of_a_sector(40)
    again = held_ring(flash)
    assert append(again, 7) and again.head == 1
    comes_back(flash, whole)
    assert [one[:8] for one in bodies(ring_on(flash))][7:] == [expected(7, 8)[0][:8]]


def test_a_page_that_cannot_be_made_void_is_no_fault_of_the_next_sector() -> None:
    """The frame goes there all the same, and the page is looked at before the next one."""
    flash, whole = cut_at_the_end_of_a_sector(40)
    again = ring_on(flash)
    flash.fail_next(1)
    flash._random = 3
    assert append(again, 7) and again.head == 1
    assert flash.operations and again.places.retired == 0
    comes_back(flash, whole)
    assert append(again, 8)
    assert bodies(ring_on(flash))[7:] == expected(7, 9)


def test_sectors_that_were_ready_before_are_erased_again_before_use() -> None:
    """Their headers, and their first cells, may be half-way."""
    flash, ring = prepared(3)
    for number in range(7):
        append(ring, number)
    again = ring_on(flash)
    assert again.ready == 2
    assert again.prepare()
    assert flash.erases[1:5] == [1, 1, 1, 1]
    for number in range(7, 28):
        assert append(again, number)
    assert flash.erases[1:5] == [1, 2, 2, 1]
    assert bodies(again) == bodies(ring_on(flash)) == expected(0, 28)


def test_a_wrong_bit_in_the_first_frame_of_a_start_is_mended() -> None:
    flash, ring = prepared(2, 512)
    append(ring, 0, 100)
    again = held_ring(flash)
    append(again, 1, 40)
    assert again.end == 256 + 108 + 48
    whole = bodies(again)
    for offset in range(256, 256 + 108 + 48):
        flash.flip(512 + offset, offset & 7)
        other = ring_on(flash)
        assert bodies(other) == whole, offset
        assert other.mended == 1
        flash.flip(512 + offset, offset & 7)


def test_a_sector_without_header_below_a_later_one_is_damage() -> None:
    flash, ring = prepared(4)
    for number in range(14):
        append(ring, number)
    again = ring_on(flash)
    assert (again.head, again.ahead, again.ready, again.is_damaged) == (1, 2, 2, False)
    flash.contents[2 * 4096 : 3 * 4096] = b"\xff" * 4096
    again = ring_on(flash)
    assert (again.head, again.ahead, again.is_damaged) == (0, 3, True)
    assert bodies(again) == expected(0, 7)
    flash.contents[3 * 4096 : 5 * 4096] = bytes(2 * 4096)
    again = ring_on(flash)
    assert (again.head, again.ahead, again.is_damaged) == (0, 0, False), "as before they were made"


def test_a_torn_first_frame_is_no_damage() -> None:
    flash, ring = prepared(4)
    for number in range(7):
        append(ring, number)
    flash.contents[2 * 4096 + BODY : 2 * 4096 + BODY + 9] = b"\x5a\3\0\x20\1\2\3\4\5"
    again = ring_on(flash)
    assert (again.head, again.ahead, again.ready, again.is_damaged) == (0, 3, 0, False)
    again.seal()
    assert flash.contents[2 * 4096 + BODY : 2 * 4096 + BODY + 8] == bytes(8)
    assert again.prepare() and append(again, 7)
    assert bodies(ring_on(flash)) == expected(0, 8)
    assert COUNT == 4


def test_a_void_that_fails_is_done_before_the_next_frame() -> None:
    flash, ring = prepared()
    append(ring, 0)
    append(ring, 1)
    flash.fail_next(1)
    flash._random = 3
    ring.void(0, BODY + FRAME_BYTES + BIG)
    flash.fail_next(0)
    assert append(ring, 2)
    assert bodies(ring_on(flash)) == [b"\3" + body(0), b"\3" + body(2)]


def test_a_piece_of_a_body_is_read_from_where_it_stands() -> None:
    flash, ring = prepared()
    append(ring, 0)
    append(ring, 1)
    for again in (ring, held_ring(flash)):
        cursor = Cursor()
        for number in range(2):
            assert again.advance(cursor)
            for start in (0, 5, 300, BIG - 7):
                piece = bytearray(7)
                again.read(cursor, start, piece)
                assert piece == body(number)[start : start + 7]
