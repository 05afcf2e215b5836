"""Walks over the frames of a journal: their ends, doubles, and what is better not read (SAFE-5)."""

from firmware.journal import CONFIRM_BYTES, Journal
from firmware.journal_events import (
    HEAD_BYTES,
    ITEM_BYTES,
    KIND,
    NO_SESSION,
    EventWalk,
    pack_head,
    pack_item,
)
from firmware.journal_reclaim import release_store
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, drained, event, numbered, opened
from tests.portable.firmware.test_journal_confirm import with_two_sectors_in_the_store
from tests.portable.firmware.test_journal_moving import empty_sector, fill_sector, frames, numbers

ONE = b"\x04"


def with_frame(count: int, *rest: bytes) -> Journal:
    """Behind event 1 a frame that says it has so many events from 2 on."""
    journal = opened(Flash(sectors=8))
    assert journal.commit([event(1)], SESSION)
    parts = [pack_head(0, 2, 2, count, NO_SESSION)]
    parts.extend(rest)
    assert journal.turns.append(KIND, parts)
    return journal


def test_a_walk_at_its_end_stays_there() -> None:
    """Though the last frame has more bytes than the events that it tells of."""
    walk = EventWalk(with_frame(1, pack_item(0, ONE), ONE, pack_item(0, ONE), ONE).turns)
    assert walk.next_event() and walk.next_event()
    assert walk.seq == 2
    for _ in range(3):
        assert not walk.next_event()


def test_after_an_event_that_makes_no_sense_its_frame_has_none() -> None:
    walk = EventWalk(with_frame(3, pack_item(0, b""), pack_item(0, ONE), ONE).turns)
    assert walk.next_frame() and walk.next_frame()
    for _ in range(3):
        assert not walk.next_event_here()


def test_of_a_turn_that_was_written_twice_the_first_is_void_after_a_start() -> None:
    """What was held was written once more, and a cut came before the first one was void."""
    for count, again, expected in (
        (2, 2, [(1, 1), (2, 2)]),
        (2, 1, [(1, 1), (2, 2), (2, 1)]),
    ):
        flash = Flash(sectors=8)
        journal = opened(flash)
        assert journal.commit([event(1)], SESSION)
        first_at = journal.turns.end
        assert journal.commit([ONE] * count, None)
        second_at = journal.turns.end
        parts = [pack_head(0, 2 + count, 2, again, NO_SESSION)]
        parts.extend([pack_item(0, ONE), ONE] * again)
        assert journal.turns.append(KIND, parts)
        journal = opened(flash)
        assert frames(journal.turns) == expected
        is_void = flash.contents[first_at : first_at + 8] == bytes(8)
        assert is_void == (again == count)
        assert flash.contents[second_at] == 0x5A
        assert journal.read_unacked(1000) == (1, [event(1)] + [ONE] * count)


def test_an_oldest_sector_that_has_nothing_left_is_neither_read_nor_moved() -> None:
    """Its erase may have been cut off: whatever it seems to hold is not told."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    for number in range(1, 4):
        assert journal.commit([event(number)], SESSION)
    head = pack_head(0, 4, 4, 1, NO_SESSION)
    assert journal.turns.append(KIND, [head, pack_item(0, ONE), ONE])
    fill_sector(journal)
    journal.acknowledge(3)
    assert journal.commit([event(4)], SESSION)
    assert (journal.turns.oldest, journal.turns.head) == (0, 1)
    assert drained(flash) == numbered(4, 5)
    empty_sector(journal, 0)
    assert numbers(journal.store) == []
    assert drained(flash) == numbered(4, 5)


def test_a_confirmation_that_frees_no_sector_of_the_store_writes_nothing() -> None:
    flash, journal = with_two_sectors_in_the_store()
    for acked in (0, 1, 2):
        journal.acknowledge(acked)
        operations = flash.operations
        release_store(journal)
        assert (journal.store.oldest, flash.operations) == (0, operations)
    assert journal.kept_acked_seq == 0


def test_a_turn_of_many_small_events_takes_the_session_along_to_a_new_sector() -> None:
    """The first frame of each sector has it (SAFE-3)."""
    journal = opened(Flash(sectors=8))
    length = HEAD_BYTES + 100 * (ITEM_BYTES + len(ONE))
    assert journal.commit([], SESSION)
    while journal.turns.fits(length + 2 * len(SESSION), CONFIRM_BYTES):
        assert journal.commit([], SESSION)
    while journal.turns.fits(length, CONFIRM_BYTES):
        assert journal.commit([], b"s")
    assert journal.turns.fits(length - 24, CONFIRM_BYTES)
    assert journal.commit([ONE] * 100, None)
    walk = EventWalk(journal.turns)
    walk.enter(1)
    assert walk.next_frame()
    assert (walk.cursor.sector, walk.count, walk.session()) == (1, 100, b"s")
