"""The journal says when something is gone that no power cut takes away (SAFE-3, SAFE-5)."""

from firmware.journal import CONFIRM_BYTES, Journal
from firmware.journal_reclaim import TURNS_READY
from firmware.storage_codes import OPENED_DAMAGED, OPENED_NEW, trouble_of
from hal.fake.flash import Flash, PowerCut
from tests.portable.firmware.journal_reading import SESSION, drained, event, idle, numbered, opened

SIZE = 4096


def lived(sectors_of_turns: int, acked: bool = False) -> "tuple[Flash, Journal]":
    """A journal whose newest turn stands in that sector, with idle time behind it."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    while journal.turns.head < sectors_of_turns:
        journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
        if acked:
            journal.acknowledge(journal.next_seq - 1)
    idle(journal)
    return flash, journal


def wipe(flash: Flash, *sectors: int) -> None:
    for sector in sectors:
        flash.contents[sector * SIZE : (sector + 1) * SIZE] = b"\xff" * SIZE


def status(flash: Flash) -> "tuple[int, bool]":
    """What a start finds, and whether the session is lost; in a copy."""
    other = Flash(sectors=flash.sectors)
    other.contents[:] = flash.contents
    journal = Journal(other, 5)
    return journal.open(), journal.lost_session


def test_a_life_without_damage_has_none() -> None:
    for sector in range(1, 7):
        flash, journal = lived(sector)
        assert status(flash) == (0, False)
        journal.commit([event(1)], SESSION)
        assert status(flash) == (0, False)
    assert status(Flash(sectors=8)) == (OPENED_NEW, False)
    flash = Flash(sectors=8)
    opened(flash)
    assert status(flash) == (0, False), "before the first turn"
    journal = opened(flash)
    assert journal.turns.ready == TURNS_READY
    journal.commit([event(1)], SESSION)
    assert status(flash) == (0, False), "before the first idle time"


def test_the_newest_sector_of_turns_is_told_whatever_else_went_with_it() -> None:
    """SAFE-3: an older session is resumed, and somebody must hear of it."""
    for head in range(1, 7):
        flash, _ = lived(head)
        image = bytes(flash.contents)
        for others in range(16):
            flash.contents[:] = image
            wipe(flash, head % 4, *[at for at in range(4) if others & 1 << at])
            found, is_lost = status(flash)
            assert found & OPENED_DAMAGED or is_lost, (head, others)
            wipe(flash, 4, 5, 6, 7)
            found, is_lost = status(flash)
            assert found & (OPENED_DAMAGED | OPENED_NEW) or is_lost, (head, others)


def test_turns_without_a_frame_are_a_lost_session_though_the_store_is_empty() -> None:
    flash, journal = lived(0)
    journal.commit([event(1)], SESSION)
    idle(journal)
    assert (journal.turns.head, journal.store.head) == (0, -1)
    image = bytes(flash.contents)
    wipe(flash, 0)
    assert status(flash) == (0, True)
    wipe(flash, 0, 1, 2, 3)
    assert status(flash) == (0, True), "there is a store, so there were turns"
    flash.contents[:] = image
    wipe(flash, 0, 4)
    assert status(flash) == (0, True), "the first turn stood in sector 0"
    wipe(flash, 0, 1, 2, 3, 4)
    assert status(flash) == (OPENED_NEW, False)


def test_a_store_that_is_newer_than_the_turns_or_gone_is_told() -> None:
    flash, journal = lived(5)
    assert journal.store.head >= 0
    older = bytes(flash.contents[: 4 * SIZE])
    while journal.turns.head < 6:
        journal.commit([event(journal.next_seq)], SESSION)
    idle(journal)
    assert status(flash) == (0, False)
    image = bytes(flash.contents)
    flash.contents[: 4 * SIZE] = older
    assert status(flash) == (OPENED_DAMAGED, False)
    flash.contents[:] = image
    wipe(flash, 4, 5, 6, 7)
    assert status(flash) == (OPENED_DAMAGED, False)


def test_a_hole_between_two_frames_is_told_and_a_lost_record_alone_is_not() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    ends = []
    for number in range(1, 5):
        journal.commit([event(number)] if number != 3 else [], SESSION)
        ends.append(journal.turns.end)
    for frame, expected in ((1, OPENED_DAMAGED), (2, 0), (3, 0)):
        start = ends[frame - 1]
        for bit in (1, 2):
            flash.flip(start + 12, bit)
        assert status(flash) == (expected, False), frame
        for bit in (1, 2):
            flash.flip(start + 12, bit)
    assert status(flash) == (0, False)


def test_damage_is_trouble_and_told_as_its_bit() -> None:
    flash, journal = lived(3)
    assert journal.trouble() == 0
    wipe(flash, 3)
    journal = Journal(flash, 5)
    assert journal.open() == OPENED_DAMAGED
    assert journal.trouble() == OPENED_DAMAGED
    assert trouble_of(OPENED_DAMAGED | OPENED_NEW, False, 0, 0) == OPENED_DAMAGED


def test_a_confirmation_in_the_newest_frame_alone_frees_nothing() -> None:
    """It may be gone the next time, and what was freed would be a gap (SAFE-5)."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    for number in range(1, 4):
        journal.commit([event(number)], SESSION)
    journal.acknowledge(2)
    journal.commit([], SESSION)
    again = opened(flash)
    assert (again.acked_seq, again.kept_acked_seq) == (2, 0)
    assert again.commit([], SESSION)
    assert again.kept_acked_seq == 2
    again = opened(flash)
    assert (again.acked_seq, again.kept_acked_seq) == (2, 2)
    assert drained(flash) == numbered(3, 4)


def test_what_moved_is_written_once_more_before_its_sector_is_given_up() -> None:
    """A frame in the store that was torn, and read whole at the start by chance (SAFE-5)."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    while journal.moved_seq == 0:
        journal.commit([event(journal.next_seq)], SESSION)
        if journal.turns.ready < TURNS_READY:
            journal.service()
    number = journal.next_seq
    journal = opened(flash)
    held = journal.store._held
    assert held.length and journal.turns.oldest == 0
    for bit in (1, 2):
        flash.flip(4 * SIZE + held.at + 100, bit)
    erases = flash.erases[0]
    while flash.erases[0] == erases:
        assert journal.commit([], SESSION)
        journal.service()
    assert journal.store._held.length == 0
    assert drained(flash) == numbered(1, number)


def test_what_is_told_in_vain_is_told_once_and_nothing_is_lost() -> None:
    """A cut in the erase, before use, of a sector that was erased ahead before the start."""
    told = 0
    for seed in range(12):
        flash, journal = lived(2)
        while journal.turns.fits(60, CONFIRM_BYTES):
            journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
        last = journal.next_seq
        cut = Flash(sectors=8, seed=seed)
        cut.contents[:] = flash.contents
        cut_at_the_start(cut, 1)
        journal = Journal(cut, 7)
        told += journal.open() == OPENED_DAMAGED
        assert journal.session == SESSION and journal.next_seq in (last, last + 1)
        assert journal.commit([event(journal.next_seq)], SESSION)
        idle(journal)
        last = journal.next_seq
        assert Journal(cut, 7).open() == 0
        assert drained(cut) == numbered(1, last)
    assert told > 0


def test_cuts_before_the_first_turn_lose_no_session() -> None:
    """There was none. Of what was prepared the lowest sectors always remain."""
    for seed in range(12):
        for first in range(9):
            flash = Flash(sectors=8, seed=seed)
            if not cut_at_the_start(flash, first):
                continue
            for second in range(9):
                again = Flash(sectors=8, seed=seed)
                again.contents[:] = flash.contents
                cut_at_the_start(again, second)
                journal = Journal(again, 7)
                assert journal.open() & OPENED_DAMAGED == 0, (seed, first, second)
                assert not journal.lost_session, (seed, first, second)


def cut_at_the_start(flash: Flash, operations: int) -> bool:
    """Open and make the first commit; whether a cut came after so many operations."""
    flash.cut_after = operations
    try:
        journal = Journal(flash, 7)
        journal.open()
        journal.commit([event(1)], SESSION)
    except PowerCut:
        flash.restore_power()
        return True
    flash.cut_after = None
    return False
