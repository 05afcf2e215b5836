"""Tables on a heap that is nearly full: blocks, and the refusal of what has no room."""

from firmware.bookings import Bookings
from firmware.cache import APPLIED, DOES_NOT_FIT, Cache
from firmware.packed_records import BLOCK_RECORDS, PackedRecords
from hal.fake.flash import Flash
from tests.portable.firmware.cache_rig import (
    NOW,
    SECTORS,
    Centre,
    Picture,
    booking,
    card,
    no_booking,
    reopened,
)


class FullHeap:
    """While it stands, a block of records cannot be had."""

    def __enter__(self) -> None:
        self._blank = PackedRecords.blank
        PackedRecords.blank = self._refuse  # type: ignore[assignment,method-assign]

    def __exit__(self, *_: object) -> None:
        PackedRecords.blank = self._blank  # type: ignore[method-assign]

    def _refuse(self, _: int) -> "list[bytearray]":
        raise MemoryError


def test_a_table_grows_and_shrinks_by_blocks() -> None:
    bookings = Bookings()
    for number in range(1, 2 * BLOCK_RECORDS + 2):
        assert bookings.put(number, number, 1, 2, 0)
    assert bookings.room() == 3 * BLOCK_RECORDS
    assert [len(part) for part in bookings.parts()] == [640, 640, 20]
    bookings.delete(1)
    assert bookings.room() == 2 * BLOCK_RECORDS
    assert sorted([bookings.id(i) for i in range(bookings.count())]) == list(
        range(2, 2 * BLOCK_RECORDS + 2)
    )
    for number in range(2, 2 * BLOCK_RECORDS + 2):
        bookings.delete(number)
    assert bookings.count() == bookings.room() == 0


def test_nothing_is_found_behind_the_last_record() -> None:
    bookings = Bookings()
    bookings.put(1, 1, 1, 2, 0)
    bookings.put(2, 2, 1, 2, 0)
    bookings.delete(2)
    assert bookings.find(2) == -1
    assert bookings.find(0) == -1


def full_block() -> "tuple[Flash, Cache, Centre]":
    """A car whose block of bookings is full."""
    flash = Flash(SECTORS)
    cache, centre = reopened(flash), Centre(1)
    for number in range(1, BLOCK_RECORDS + 1):
        centre.log(*booking(number))
    assert centre.snap(cache)[-1] == APPLIED
    return flash, cache, centre


def test_a_change_without_memory_is_refused_and_nothing_of_it_is_written() -> None:
    flash, cache, centre = full_block()
    before, written = Picture(cache), bytes(flash.contents)
    with FullHeap():
        assert centre.delta(cache, [booking(100)], NOW) == DOES_NOT_FIT
        assert bytes(flash.contents) == written and Picture(cache).equals(before)
    assert centre.send(cache, cache.rev) == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))


def test_room_of_one_table_is_none_of_another() -> None:
    """The block of cards is nearly empty; a booking needs one of its own."""
    flash, cache, centre = full_block()
    assert centre.delta(cache, [card(1)], NOW) == APPLIED
    before, written = Picture(cache), bytes(flash.contents)
    with FullHeap():
        assert centre.delta(cache, [booking(100)], NOW) == DOES_NOT_FIT
        assert bytes(flash.contents) == written and Picture(cache).equals(before)
    assert centre.send(cache, cache.rev) == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))
    # Nor in a snapshot: cards for two blocks, and no booking.
    centre = Centre(2)
    for number in range(1, BLOCK_RECORDS + 2):
        centre.log(*card(number))
    before = Picture(cache)
    with FullHeap():
        assert centre.snap(cache)[-1] == DOES_NOT_FIT
        assert Picture(cache).equals(before)
    assert centre.snap(cache)[-1] == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))


def test_a_full_heap_takes_what_needs_no_block() -> None:
    flash, cache, centre = full_block()
    with FullHeap():
        assert centre.delta(cache, [no_booking(4), no_booking(5)], NOW) == APPLIED
        assert centre.delta(cache, [booking(100)], NOW) == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))


def test_a_snapshot_without_memory_is_refused_before_it_holds() -> None:
    flash, cache, _ = full_block()
    before = Picture(cache)
    centre = Centre(2)
    for number in range(1, 2 * BLOCK_RECORDS):
        centre.log(*booking(number))
    with FullHeap():
        assert centre.snap(cache)[-1] == DOES_NOT_FIT
        assert Picture(cache).equals(before)
    assert Picture(reopened(flash)).equals(before)
    assert centre.snap(cache)[-1] == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))
