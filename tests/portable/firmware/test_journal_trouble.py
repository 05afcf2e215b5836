"""What a journal tells of its trouble, and how it goes on when the trouble is over (SAFE-5)."""

from firmware.journal import Journal
from firmware.journal_reclaim import TURNS_READY
from firmware.ring import Ring
from firmware.storage_codes import (
    FULL,
    MENDED,
    OPENED_DAMAGED,
    OPENED_FAILED,
    OPENED_FOREIGN,
    WORN,
)
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, drained, event, idle, numbered, opened
from tests.portable.firmware.test_journal_damage import lived
from tests.portable.firmware.test_ring_trouble import BlindFlash


def test_a_storage_that_can_be_read_again_is_told() -> None:
    flash = BlindFlash(sectors=8)
    flash.is_blind = True
    journal = Journal(flash, 5, 77)
    assert journal.open() == OPENED_FAILED
    assert not journal.can_be_opened()
    flash.is_blind = False
    assert journal.can_be_opened()
    assert not journal.is_open, "only a start can resume its session"
    assert Journal(flash, 5, 78).open() == OPENED_FOREIGN, "what it began is the car's own"
    assert Journal(flash, 6, 77).open() & OPENED_FAILED == 0


def test_four_events_are_noted_while_it_is_not_open() -> None:
    flash = BlindFlash(sectors=8)
    flash.is_blind = True
    journal = Journal(flash, 5)
    journal.open()
    for number in range(1, 7):
        journal.note(event(number))
        assert journal.next_seq == min(number, 4) + 1
    assert journal.read_unacked(1000) == (1, [event(number) for number in range(1, 5)])
    journal.acknowledge(3)
    assert journal.read_unacked(1000) == (4, [event(4)])
    assert journal.backlog() == 1


def test_nothing_is_noted_beside_an_open_journal() -> None:
    journal = opened(Flash(sectors=8))
    journal.note(event(1))
    assert (journal.next_seq, journal.read_unacked(1000)) == (1, (1, []))


def retire(ring: Ring, *places: int) -> None:
    for place in places:
        for _ in range(2):
            assert not ring.places.strike(place)


def test_worn_sectors_are_trouble_in_either_ring_and_in_both() -> None:
    for in_turns, in_store in ((0, 1), (1, 0), (1, 1)):
        journal = opened(Flash(sectors=8))
        assert journal.trouble() == 0
        retire(journal.turns, *range(in_turns))
        retire(journal.store, *range(in_store))
        assert journal.trouble() == WORN


def test_mended_bits_are_trouble_in_either_ring_and_in_both() -> None:
    flash, journal = lived(4)
    places = journal.turns.head % 4 * 4096 + 50, (4 + journal.store.head % 4) * 4096 + 50
    for chosen in ((places[0],), (places[1],), places):
        for place in chosen:
            flash.flip(place, 1)
        again = Journal(flash, 5)
        assert again.open() == 0
        assert again.trouble() == MENDED
        for place in chosen:
            flash.flip(place, 1)


def test_a_full_store_is_trouble_beside_others() -> None:
    journal = opened(Flash(sectors=8))
    retire(journal.store, 2, 3)
    retire(journal.turns, 3)
    while journal.store.head < 1:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    assert journal.trouble() == FULL | WORN


def test_a_failed_commit_is_trouble_until_one_succeeds() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    flash.fail_next(99)
    assert not journal.commit([event(1)], SESSION)
    assert journal.trouble() & OPENED_FAILED
    flash.fail_next(0)
    assert journal.commit([event(1)], SESSION)
    assert journal.trouble() & OPENED_FAILED == 0


def with_work_due(flash: Flash) -> Journal:
    journal = opened(flash)
    while journal.turns.ready == TURNS_READY:
        assert journal.commit([event(journal.next_seq)], SESSION)
    return journal


def test_idle_work_that_failed_rests_until_something_new_comes() -> None:
    flash = BlindFlash(sectors=8)
    journal = with_work_due(flash)
    flash.fail_next(99)
    assert not journal.service(), "nothing more to do now"
    flash.fail_next(0)
    operations = flash.operations
    assert not journal.service()
    journal.acknowledge(0)
    assert not journal.service(), "a confirmation of before is nothing new"
    assert flash.operations == operations
    journal.acknowledge(1)
    idle(journal)
    assert flash.operations > operations


def test_idle_work_on_a_storage_that_cannot_be_read_rests_too() -> None:
    flash = BlindFlash(sectors=8)
    journal = opened(flash)
    while journal.turns.head < 2 or journal.turns.ready:
        assert journal.commit([event(journal.next_seq)], SESSION)
    last = journal.next_seq
    flash.is_blind = True
    for _ in range(20):
        if not journal.service():
            break
    operations = flash.operations
    assert not journal.service()
    assert flash.operations == operations
    flash.is_blind = False
    assert not journal.service(), "nothing new came"
    assert journal.commit([event(last)], None)
    idle(journal)
    assert drained(flash) == numbered(1, last + 1)


def test_nothing_moves_while_enough_is_ready() -> None:
    journal = opened(Flash(sectors=8))
    while journal.turns.head < 1:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    assert (journal.turns.ready, journal.store.ready) == (TURNS_READY, 1)
    assert not journal.service()
    assert journal.moved_seq == 0
    while journal.store.head < 0:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    moved = journal.moved_seq
    journal.acknowledge(1)
    idle(journal)
    assert (journal.turns.ready, journal.store.ready) == (TURNS_READY, 1)
    assert not journal.service()
    assert journal.moved_seq == moved
    assert journal.turns.head > journal.turns.oldest


def test_what_is_confirmed_is_freed_though_no_sector_is_wanted() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    while journal.store.head < 1:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    assert journal.store.oldest == 0
    assert (journal.turns.ready, journal.store.ready) == (TURNS_READY, 1)
    journal.acknowledge(journal.next_seq - 1)
    assert not journal.service()
    assert journal.store.oldest == journal.store.head == 1
    assert opened(flash).acked_seq == journal.acked_seq


def test_a_burst_that_used_all_of_the_turns_is_no_damage() -> None:
    """Nothing is erased ahead then, and there is no room for it."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    assert journal.commit([event(1)], SESSION)
    idle(journal)
    for head, ready, found in ((1, 1, 0), (2, 0, OPENED_DAMAGED), (3, 0, 0)):
        while journal.turns.head < head:
            assert journal.commit([event(journal.next_seq)], SESSION)
        assert (journal.turns.ready, journal.turns.oldest) == (ready, 0)
        copy = Flash(sectors=8)
        copy.contents[:] = flash.contents
        assert Journal(copy, 5).open() == found, head


def test_damage_is_told_in_turns_that_came_round() -> None:
    """No sector is ready, though there is room for one."""
    flash, journal = lived(5)
    assert (journal.turns.oldest, journal.turns.count) == (4, 4)
    for sector in (6, 7):
        flash.contents[sector % 4 * 4096 : (sector % 4 + 1) * 4096] = b"\xff" * 4096
    assert Journal(flash, 5).open() == OPENED_DAMAGED


def test_number_0_is_a_journal_as_any_other() -> None:
    flash = Flash(sectors=8)
    assert opened(flash, 0).commit([event(1)], SESSION)
    again = Journal(flash, 5)
    assert again.open() == 0
    assert (again.instance, again.session) == (0, SESSION)


def test_one_event_without_a_session_is_a_session_that_was_lost() -> None:
    flash = Flash(sectors=8)
    assert not opened(flash).lost_session
    assert opened(flash).commit([event(1)], None)
    assert opened(flash).lost_session


def test_the_store_too_is_the_cars_own() -> None:
    flash = Flash(sectors=8)
    journal = Journal(flash, 5, 77)
    journal.open()
    assert journal.commit([event(1)], SESSION)
    idle(journal)
    assert journal.store.ready == 1
    flash.contents[: 4 * 4096] = b"\xff" * (4 * 4096)
    other = Journal(flash, 5, 78)
    assert other.open() == OPENED_FOREIGN
    assert (other.next_seq, other.backlog()) == (1, 0)


def test_what_was_confirmed_before_a_start_is_freed_after_it() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    while journal.store.head < 1:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    journal.acknowledge(journal.next_seq - 1)
    assert journal.commit([], SESSION) and journal.commit([], SESSION)
    again = opened(flash)
    assert (again.store.oldest, again.store.head, again.store.ready) == (0, 1, 1)
    idle(again)
    assert again.store.oldest == 1


def test_a_journal_opens_though_nothing_can_be_erased_yet() -> None:
    flash = Flash(sectors=8)
    flash.fail_next(99)
    journal = Journal(flash, 5)
    journal.open()
    flash.fail_next(0)
    assert journal.is_open
    assert journal.commit([event(1)], SESSION)


class FramelessFlash(Flash):
    """It takes headers and zeros, and no frame."""

    def program(self, offset: int, data: "bytes | bytearray | memoryview") -> None:
        if data[0] == 0x5A:
            raise OSError(5)
        Flash.program(self, offset, data)


def test_a_turn_that_could_be_written_nowhere_did_not_happen() -> None:
    journal = opened(FramelessFlash(sectors=8))
    assert not journal.commit([event(1)], SESSION)
    assert (journal.next_seq, journal.session) == (1, None)
