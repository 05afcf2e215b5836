"""What a journal moves from its turns to its store, in which frames, and what stays behind (SAFE-5)."""

from firmware.journal import CONFIRM_BYTES, Journal
from firmware.journal_events import (
    FRAME_BYTES_MAX,
    HEAD_BYTES,
    ITEM_BYTES,
    KIND,
    NO_SESSION,
    EventWalk,
    pack_head,
    pack_item,
)
from firmware.ring import Ring
from firmware.ring_sectors import FRAME_BYTES
from firmware.wire.codes import AUDIT_DOOR_OPENED, AUDIT_UNLOCKED
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, drained, event, idle, opened

HIGH = bytes((AUDIT_UNLOCKED,))
LOW = bytes((AUDIT_DOOR_OPENED,))


def frames(ring: Ring) -> "list[tuple[int, int]]":
    """First number and count of each frame that has events."""
    walk = EventWalk(ring)
    found = []
    while walk.next_frame():
        if walk.count:
            found.append((walk.first, walk.count))
    return found


def numbers(ring: Ring) -> "list[int]":
    walk = EventWalk(ring)
    found = []
    while walk.next_event():
        found.append(walk.seq)
    return found


def fill_sector(journal: Journal) -> None:
    """The next commit goes to another sector of turns."""
    while journal.turns.fits(HEAD_BYTES + len(SESSION), CONFIRM_BYTES):
        assert journal.commit([], SESSION)
    while journal.turns.fits(HEAD_BYTES + 1, CONFIRM_BYTES):
        assert journal.commit([], b"s")


def empty_sector(journal: Journal, sector: int) -> None:
    """Until that sector of turns was given up."""
    while journal.turns.oldest <= sector:
        assert journal.commit([], SESSION)
        idle(journal)


def retire(journal: Journal, *places: int) -> None:
    """The store passes over those."""
    for place in places:
        for _ in range(2):
            assert not journal.store.places.strike(place)


def test_events_move_in_frames_of_up_to_480_bytes() -> None:
    for length, most in ((118, 4), (119, 3), (200, 2), (58, 8)):
        journal = opened(Flash(sectors=8))
        for number in range(1, 25):
            assert journal.commit([HIGH + bytes((number,)) * (length - 1)], None)
        journal.acknowledge(2)
        empty_sector(journal, journal.turns.head)
        moved = frames(journal.store)
        begun = [first for first, _ in moved]
        assert begun[0] == 3
        assert journal.moved_seq == 24
        assert numbers(journal.store) == list(range(3, 25))
        assert max(count for _, count in moved) == most
        # A frame ends early only at the end of its sector of turns.
        assert len([count for _, count in moved if count < most]) <= journal.turns.oldest


def store_with(low: int, sectors: int = 8, retired: "tuple[int, ...]" = ()) -> Journal:
    """Two high events with so many low ones between them, moved behind one that was moved before."""
    journal = opened(Flash(sectors=sectors))
    retire(journal, *retired)
    assert journal.commit([HIGH], SESSION)
    fill_sector(journal)
    assert journal.commit([HIGH] + [LOW] * 254, None)
    assert journal.commit([LOW] * (low - 254) + [HIGH], None)
    fill_sector(journal)
    empty_sector(journal, 1)
    return journal


def test_low_events_stay_behind_when_less_than_half_of_the_store_is_free() -> None:
    for sectors, retired, are_kept in (
        (8, (), True),
        (8, (1,), True),  # 2 of 4 are free
        (8, (1, 2), False),
        (9, (1, 2), False),  # 2 of 5 are free
    ):
        journal = store_with(254, sectors, retired)
        expected = list(range(1, 258)) if are_kept else [1, 2, 257]
        assert numbers(journal.store) == expected, (sectors, retired)
        assert journal.moved_seq == 257


def test_a_frame_of_the_store_passes_over_254_numbers_and_no_more() -> None:
    assert frames(store_with(254, 8, (1, 2)).store) == [(1, 1), (2, 2)]
    journal = store_with(255, 8, (1, 2))
    assert frames(journal.store) == [(1, 1), (2, 1), (258, 1)]


def test_the_last_event_of_a_sector_moves_when_all_before_it_are_confirmed() -> None:
    for acked in (4, 5, 6):
        flash = Flash(sectors=8)
        journal = opened(flash)
        for number in range(1, 6):
            assert journal.commit([event(number)], SESSION)
        fill_sector(journal)
        assert journal.commit([event(6)], None)
        journal.acknowledge(acked)
        assert journal.commit([event(7)], None)
        empty_sector(journal, 0)
        assert numbers(journal.store) == ([5] if acked == 4 else [])
        assert drained(flash) == drained(flash, acked)
        assert len(drained(flash)) == 7 - acked


def test_an_event_of_a_turn_that_did_not_happen_never_moves() -> None:
    journal = opened(Flash(sectors=8))
    assert journal.commit([event(1)], SESSION)
    head = pack_head(0, 2, 2, 1, NO_SESSION)
    assert journal.turns.append(KIND, [head, pack_item(0, HIGH), HIGH])
    assert journal.read_unacked(1000) == (1, [event(1)])
    empty_sector(journal, 0)
    assert (numbers(journal.store), journal.moved_seq) == ([1], 1)


def test_the_store_takes_its_share_of_the_sectors() -> None:
    for sectors, turns, store, reserve in (
        (8, 4, 4, 1),
        (24, 4, 20, 2),
        (40, 5, 35, 5),
        (47, 5, 42, 6),
        (64, 8, 56, 8),
    ):
        journal = opened(Flash(sectors=sectors))
        found = (journal.turns.count, journal.store.count, journal.reserve_sectors)
        assert found == (turns, store, reserve)


def test_a_session_may_start_while_the_reserve_is_free() -> None:
    journal = opened(Flash(sectors=8))
    retire(journal, 2, 3)
    assert journal.has_room_for_session()
    while journal.store.head < 0:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    assert (journal.store.free_sectors(), journal.has_room_for_session()) == (1, True)
    while journal.store.head < 1:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    assert (journal.store.free_sectors(), journal.has_room_for_session()) == (0, False)


def test_a_commit_goes_to_the_sector_where_it_just_fits() -> None:
    """And leaves the room that frames which only confirm may need."""
    for more, head in ((0, 0), (1, 1)):
        journal = opened(Flash(sectors=8))
        for _ in range(4):
            assert journal.commit([b"x" * 195] * 3, None)
        room = 4096 - journal.turns.end - FRAME_BYTES - CONFIRM_BYTES + more
        room -= HEAD_BYTES + 400
        events = []
        while room > 202:
            events.append(b"y" * 100)
            room -= ITEM_BYTES + 100
        events.append(b"z" * (room - ITEM_BYTES))
        assert journal.commit(events, b"s" * 400)
        assert journal.turns.head == head
        first, found = journal.read_unacked(9999)
        assert (first, found[-len(events) :]) == (1, events)


def test_the_largest_commit() -> None:
    journal = opened(Flash(sectors=8))
    events = [b"x" * 200] * 9
    left = FRAME_BYTES_MAX - FRAME_BYTES - HEAD_BYTES - 9 * 202 - ITEM_BYTES
    assert journal.commit(events + [b"x" * left], None)  # noqa: RUF005 - not on MicroPython
    try:
        journal.commit(events + [b"x" * (left + 1)], None)  # noqa: RUF005
        raise AssertionError("taken")
    except ValueError as error:
        assert str(error) == "commit of 2001 bytes, 2000 is the limit"
    assert journal.commit([b"x"] * 255, None)
    assert journal.next_seq == 266
