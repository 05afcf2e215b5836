"""The journal: atomic commits, numbers, confirmation, sizes (SAFE-3, SAFE-5)."""

import gc

from firmware.journal import Journal
from firmware.storage_codes import OPENED_NEW
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, drained, event, idle, numbered, opened


def test_a_new_journal_takes_its_number_from_the_entropy_and_keeps_it() -> None:
    flash = Flash(sectors=8)
    journal = Journal(flash, 0xDEADBEEF)
    assert journal.open() == OPENED_NEW
    assert (journal.instance, journal.next_seq, journal.acked_seq) == (0xDEADBEEF, 1, 0)
    assert journal.session is None
    assert journal.read_unacked(1000) == (1, [])
    again = Journal(flash, 5)
    assert again.open() == 0
    assert again.instance == 0xDEADBEEF


def test_a_turn_comes_back_after_a_reset() -> None:
    """SAFE-3, SAFE-5."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    assert journal.commit([event(1), event(2)], SESSION)
    assert journal.commit([event(3)], None)
    assert journal.commit([], b"later")
    assert journal.commit([], None)
    for each in (journal, opened(flash)):
        assert each.next_seq == 4
        assert each.session == b"later"
        assert each.backlog() == 3
        assert each.read_unacked(1000) == (1, [event(1), event(2), event(3)])


def test_a_usual_commit_takes_one_or_two_page_programs_and_no_erase() -> None:
    flash = Flash(sectors=16)
    journal = opened(flash)
    idle(journal)
    for number in range(1, 400):
        erases = sum(flash.erases)
        operations = flash.operations
        assert journal.commit([event(number)], SESSION)
        assert flash.operations - operations <= 2
        assert sum(flash.erases) == erases
        if number % 10 == 0:
            journal.acknowledge(number - 5)
        idle(journal)


def test_without_idle_time_a_commit_erases_in_line_and_loses_nothing() -> None:
    """SAFE-5."""
    flash = Flash(sectors=16)
    journal = opened(flash)
    for number in range(1, 300):
        assert journal.commit([event(number)], SESSION)
    assert drained(flash) == numbered(1, 300)


def test_the_session_survives_laps_of_turns_without_one() -> None:
    """SAFE-3."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    assert journal.commit([], SESSION)
    for number in range(1, 600):
        assert journal.commit([event(number)], None)
        journal.acknowledge(number - 3)
        if number % 3 == 0:
            idle(journal)
        if number % 50 == 0:
            journal = opened(flash)
            assert journal.session == SESSION
    assert min(flash.erases[:4]) > 1


def test_confirmation_is_cumulative_bounded_and_never_goes_back() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.commit([event(1), event(2), event(3)], None)
    journal.acknowledge(4)
    assert journal.acked_seq == 0
    journal.acknowledge(2)
    journal.acknowledge(1)
    assert (journal.acked_seq, journal.backlog()) == (2, 1)
    assert journal.read_unacked(1000) == (3, [event(3)])
    assert opened(flash).acked_seq == 0
    journal.commit([event(4)], None)
    assert opened(flash).acked_seq == 2
    journal.acknowledge(4)
    assert journal.read_unacked(1000) == (5, [])


def test_reading_stops_at_the_limit_of_bytes() -> None:
    journal = opened(Flash(sectors=8))
    one = len(event(1)) + 1
    for number in range(1, 8):
        journal.commit([event(number)], None)
    for most in (one, 3 * one, 4 * one - 1):
        first, events = journal.read_unacked(most)
        assert (first, len(events)) == (1, most // one)
    assert journal.read_unacked(one - 1) == (1, [])


def test_no_more_than_255_events_are_read_at_once() -> None:
    journal = opened(Flash(sectors=8))
    for _ in range(30):
        journal.commit([b"\x04"] * 10, None)
    first, events = journal.read_unacked(9999)
    assert (first, len(events)) == (1, 255)


def allocated_bytes() -> int:
    """0 where the interpreter does not tell."""
    return int(gc.mem_alloc()) if hasattr(gc, "mem_alloc") else 0


def test_idle_turns_touch_no_storage_and_allocate_nothing() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.commit([event(1)], SESSION)
    idle(journal)
    flash.is_dead = True
    before = operations = flash.operations
    for _ in range(2):
        before = allocated_bytes()
        turn = 0
        while turn < 1000:
            journal.service()
            journal.has_room_for_session()
            journal.backlog()
            turn += 1
        before = allocated_bytes() - before
    assert before == 0
    assert flash.operations == operations


def refusal(journal: Journal, events: "list[bytes]", session: "bytes | None") -> str:
    try:
        journal.commit(events, session)
    except ValueError as error:
        return str(error)
    return "taken"


def test_sizes_are_checked() -> None:
    journal = opened(Flash(sectors=8))
    assert refusal(journal, [b""], None) == "event of 0 bytes, 1 to 200 may be"
    assert refusal(journal, [b"x" * 201], None) == "event of 201 bytes, 1 to 200 may be"
    limit = "session record of 401 bytes, 400 is the limit"
    assert refusal(journal, [], b"x" * 401) == limit
    limit = "commit of 2013 bytes, 2000 is the limit"
    assert refusal(journal, [b"x" * 197] * 10, None) == limit
    assert refusal(journal, [b"x"] * 256, None) == "256 events in a commit, 255 is the limit"
    assert journal.commit([b"x" * 195] * 10, None)
    assert journal.commit([b"x" * 200] * 7, b"x" * 400)


def test_storage_that_is_too_small_is_refused() -> None:
    try:
        Journal(Flash(sectors=7), 1)
        raise AssertionError("taken")
    except ValueError as error:
        expected = "journal storage of 7 sectors of 4096 bytes: at least 8 of 4096 are needed"
        assert str(error) == expected
