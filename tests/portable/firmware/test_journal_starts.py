"""What a journal is before and after a start that finds little, or nothing of its own (SAFE-3, SAFE-5)."""

from firmware.journal import Journal
from firmware.journal_reclaim import TURNS_READY
from firmware.storage_codes import OPENED_FAILED, OPENED_FOREIGN, OPENED_NEW
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, event, idle, opened


def test_a_journal_that_was_not_opened_tells_of_trouble() -> None:
    journal = Journal(Flash(sectors=8), 5)
    assert journal.trouble() == OPENED_FAILED
    assert journal.open() == OPENED_NEW
    assert journal.trouble() == 0


def test_beside_another_cars_journal_there_is_nothing() -> None:
    """Its events get this boot's own number; no session is resumed, and none was lost (SAFE-3)."""
    flash = Flash(sectors=8)
    theirs = Journal(flash, 5, 77)
    theirs.open()
    assert theirs.commit([event(1)], SESSION)
    journal = Journal(flash, 6, 78)
    assert journal.open() == OPENED_FOREIGN
    assert (journal.instance, journal.session, journal.lost_session) == (6, None, False)
    assert (journal.next_seq, journal.acked_seq) == (1, 0)


def test_what_nobody_owns_is_gone_on_with_by_any_car() -> None:
    flash = Flash(sectors=8)
    nobodys = Journal(flash, 5)
    nobodys.open()
    assert nobodys.commit([event(1)], SESSION)
    journal = Journal(flash, 6, 77)
    assert journal.open() == 0
    assert (journal.instance, journal.session) == (5, SESSION)


def test_turns_that_are_gone_are_a_lost_session_in_journals_0_and_1_too() -> None:
    """SAFE-3: there is a store, so there were turns."""
    for entropy in (0, 1):
        flash = Flash(sectors=8)
        journal = opened(flash, entropy)
        assert journal.commit([event(1)], SESSION)
        idle(journal)
        assert (journal.store.head, journal.store.ready) == (-1, 1)
        flash.contents[: 4 * 4096] = b"\xff" * (4 * 4096)
        again = Journal(flash, 5)
        assert again.open() == 0
        assert (again.instance, again.lost_session) == (entropy, True)


def test_a_start_erases_nothing_ahead_once_there_was_a_turn() -> None:
    """It goes on at once; that waits for idle time."""
    flash = Flash(sectors=8)
    assert opened(flash).commit([event(1)], SESSION)
    erases = sum(flash.erases)
    journal = opened(flash)
    assert (journal.turns.oldest, journal.turns.head) == (0, 0)
    assert journal.turns.ready < TURNS_READY
    assert sum(flash.erases) == erases


class UnerasableFlash(Flash):
    """An erase does nothing but fail, when that is said."""

    fails = False
    asked = 0

    def erase(self, sector: int) -> None:
        self.asked += 1
        if self.fails:
            raise OSError(5)
        Flash.erase(self, sector)


def test_what_cannot_be_erased_before_the_first_turn_is_used_as_it_is() -> None:
    for entropy in (5, 0):
        flash = UnerasableFlash(sectors=8)
        opened(flash, entropy)
        flash.fails = True
        flash.asked = 0
        journal = opened(flash)
        assert (journal.instance, journal.turns.ready) == (entropy, TURNS_READY)
        assert flash.asked == 1, "the one that failed"
        flash.fails = False
        assert journal.commit([event(1)], SESSION)
        assert opened(flash).session == SESSION
