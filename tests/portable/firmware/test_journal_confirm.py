"""Nothing is freed on a confirmation that a power cut would forget, however full it is (SAFE-5)."""

from firmware.journal import CONFIRM_BYTES, Journal
from firmware.journal_events import HEAD_BYTES
from firmware.journal_reclaim import TURNS_READY, release_store
from firmware.storage_codes import OPENED_FAILED
from firmware.wire.codes import AUDIT_UNLOCKED
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, drained, event, idle, numbered, opened
from tests.portable.firmware.test_journal_full import filled_up
from tests.portable.firmware.test_ring_trouble import BlindFlash


def burst(journal: Journal) -> None:
    """No sector of turns is ready any more, and the newest one has room."""
    while journal.turns.ready:
        assert journal.commit([event(journal.next_seq)], SESSION)


def fill_confirmations(journal: Journal) -> int:
    """Use up the room that is left to confirmations alone; the last number that was confirmed."""
    acked = journal.acked_seq
    while journal.turns.fits(HEAD_BYTES, 0):
        acked += 1
        journal.acknowledge(acked)
        assert journal.keep_acked()
    return acked


def test_a_confirmation_is_kept_in_the_newest_sector_though_no_other_is_ready() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    burst(journal)
    journal.acknowledge(3)
    assert journal.keep_acked()
    assert journal.kept_acked_seq == opened(flash).acked_seq == 3
    operations = flash.operations
    assert journal.keep_acked(), "it is kept"
    assert flash.operations == operations


def test_a_confirmation_that_has_no_room_is_not_kept_and_makes_none() -> None:
    flash, journal = filled_up()
    acked = fill_confirmations(journal)
    assert CONFIRM_BYTES // 24 <= acked
    journal.acknowledge(acked + 1)
    operations = flash.operations
    assert not journal.keep_acked()
    assert (journal.kept_acked_seq, flash.operations) == (acked, operations)


def test_a_confirmation_is_tried_once_when_the_device_fails() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.commit([event(1)], SESSION)
    journal.acknowledge(1)
    flash.fail_next(2)
    head = journal.turns.head
    assert not journal.keep_acked()
    assert journal.turns.head == head
    flash.fail_next(0)
    assert journal.keep_acked()


def test_when_both_rings_are_full_the_store_keeps_the_confirmation() -> None:
    flash, journal = filled_up()
    fill_confirmations(journal)
    last = journal.next_seq
    oldest = journal.store.oldest
    journal.acknowledge(last - 1)
    journal.service()
    assert journal.store.oldest > oldest
    assert journal.kept_acked_seq == last - 1
    again = opened(flash)
    assert (again.acked_seq, again.next_seq, drained(flash)) == (last - 1, last, [])
    idle(journal)
    assert journal.commit([event(last)], None)
    assert drained(flash) == numbered(last, last + 1)


def with_two_sectors_in_the_store() -> "tuple[Flash, Journal]":
    flash = Flash(sectors=8)
    journal = opened(flash)
    while journal.store.head < 1:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    return flash, journal


def frees_nothing(flash: Flash, journal: Journal) -> None:
    """All is confirmed, and yet no sector of the store may be given up, or written."""
    journal.acknowledge(journal.next_seq - 1)
    before = (journal.store.oldest, journal.kept_acked_seq, flash.operations)
    release_store(journal)
    assert (journal.store.oldest, journal.kept_acked_seq, flash.operations) == before


def test_the_store_is_not_written_for_a_confirmation_while_room_can_be_made() -> None:
    for is_last in (False, True):
        flash, journal = with_two_sectors_in_the_store()
        burst(journal)
        while journal.turns.fits(HEAD_BYTES + 1, CONFIRM_BYTES):
            assert journal.commit([], b"s")
        fill_confirmations(journal)
        assert (journal.turns.ready, journal.turns.can_prepare()) == (0, False)
        if is_last:
            for _ in range(2):
                journal.store.places.strike(journal.store.head + 2)
        assert (journal.store.ready, journal.store.can_prepare()) == (1, not is_last)
        frees_nothing(flash, journal)
        assert journal.service(), "the oldest turns are given up first"
        idle(journal)
        assert opened(flash).acked_seq == journal.acked_seq
        assert drained(flash) == []
    flash, journal = filled_up()
    fill_confirmations(journal)
    journal.turns.release(journal.turns.oldest + 1)
    assert (journal.turns.ready, journal.turns.can_prepare()) == (0, True)
    assert (journal.store.ready, journal.store.can_prepare()) == (0, False)
    frees_nothing(flash, journal)


def test_one_step_empties_a_sector_of_turns() -> None:
    flash, journal = with_two_sectors_in_the_store()
    while journal.turns.ready == TURNS_READY:
        assert journal.commit([event(journal.next_seq)], SESSION)
    assert (journal.store.ready, journal.turns.can_prepare()) == (1, False)
    oldest, moved = journal.turns.oldest, journal.moved_seq
    journal.service()
    assert journal.turns.oldest == oldest + 1
    assert journal.moved_seq > moved + 10
    assert drained(flash) == numbered(1, journal.next_seq)


def test_a_sector_that_cannot_be_read_is_left_until_something_new_comes() -> None:
    flash = BlindFlash(sectors=8)
    journal = opened(flash)
    while journal.store.head < 1 or journal.turns.ready == TURNS_READY:
        assert journal.commit([event(journal.next_seq)], SESSION)
        if journal.store.head < 1:
            idle(journal)
    assert not journal.turns.can_prepare()
    flash.is_blind = True
    assert not journal.service()
    flash.is_blind = False
    operations = flash.operations
    assert not journal.service()
    assert flash.operations == operations
    journal.acknowledge(1)
    idle(journal)
    assert journal.turns.ready == TURNS_READY
    assert drained(flash)[-1:] == numbered(journal.next_seq - 1, journal.next_seq)


def test_a_full_store_is_no_work_whatever_is_left_to_move() -> None:
    for extra in (10, 32):
        journal = opened(Flash(sectors=8))
        while journal.commit([event(journal.next_seq, AUDIT_UNLOCKED, extra)], SESSION):
            idle(journal)
        assert not journal.service(), extra


class ErasingFlash(Flash):
    """Remembers which sectors were erased, in order."""

    def __init__(self, sectors: int) -> None:
        super().__init__(sectors)
        self.erased: "list[int]" = []

    def erase(self, sector: int) -> None:
        self.erased.append(sector)
        Flash.erase(self, sector)


def test_what_was_prepared_before_the_first_turn_is_erased_from_the_highest_down() -> None:
    flash = ErasingFlash(sectors=8)
    opened(flash)
    assert flash.erased == [0, 1]
    journal = opened(flash)
    assert flash.erased == [0, 1, 1, 0, 0, 1]
    assert journal.turns.ready == TURNS_READY


def test_a_large_turn_gets_a_sector_though_none_is_ready() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    burst(journal)
    while journal.turns.fits(1200, CONFIRM_BYTES):
        assert journal.commit([], SESSION)
    assert (journal.turns.ready, journal.turns.fits(100, CONFIRM_BYTES)) == (0, True)
    assert journal.commit([b"x" * 195] * 7, b"s")
    assert opened(flash).session == b"s"


def test_a_turn_goes_to_the_next_sector_when_the_device_fails_once() -> None:
    for seed in range(6):
        flash = Flash(sectors=8, seed=seed)
        journal = opened(flash)
        assert journal.commit([event(1)], SESSION)
        flash.fail_next(2)
        assert journal.commit([event(2)], None), seed
        flash.fail_next(0)
        assert drained(flash) == numbered(1, 3)


def test_a_turn_whose_room_cannot_be_made_for_want_of_reading_did_not_happen() -> None:
    flash = BlindFlash(sectors=8)
    journal = opened(flash)
    while journal.store.head < 1:
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
    burst(journal)
    while journal.turns.fits(HEAD_BYTES + 1, CONFIRM_BYTES):
        assert journal.commit([], b"s")
    number = journal.next_seq
    flash.is_blind = True
    assert not journal.commit([event(number)], SESSION)
    assert (journal.next_seq, journal.session) == (number, b"s")
    assert journal.trouble() == OPENED_FAILED
    flash.is_blind = False
    assert journal.commit([event(number)], SESSION)
    assert journal.trouble() == 0


def test_the_session_counts_in_the_size_of_a_turn() -> None:
    journal = opened(Flash(sectors=8))
    try:
        journal.commit([b"x" * 200] * 8, b"s" * 362)
        raise AssertionError("taken")
    except ValueError as error:
        assert str(error) == "commit of 2001 bytes, 2000 is the limit"
    assert journal.commit([b"x" * 200] * 8, b"s" * 361)
