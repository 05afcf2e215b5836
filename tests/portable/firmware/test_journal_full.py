"""The journal when the centre is away for long: moving, dropping, refusing (SAFE-5)."""

import struct

from firmware.journal import Journal
from firmware.wire.codes import AUDIT_DOOR_OPENED, AUDIT_GAP, AUDIT_UNLOCKED
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, drained, event, idle, numbered, opened


def test_events_wait_in_order_over_many_laps_of_the_turns() -> None:
    """SAFE-5: days without the centre, the session written all the time."""
    flash = Flash(sectors=16)
    journal = opened(flash)
    number = 0
    for turn in range(4000):
        number += turn % 16 == 0
        assert journal.commit([event(number)] if turn % 16 == 0 else [], SESSION)
        if turn % 3 == 0:
            idle(journal)
        if turn % 500 == 499:
            journal = opened(flash)
            assert journal.session == SESSION
    assert drained(flash) == numbered(1, number + 1)
    assert drained(flash, acked=100) == numbered(101, number + 1)


def test_full_low_priority_goes_first_and_is_counted_in_gaps() -> None:
    """SAFE-5."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    number = 0
    while journal.has_room_for_session():
        number += 1
        code = AUDIT_UNLOCKED if number % 5 == 0 else AUDIT_DOOR_OPENED
        assert journal.commit([event(number, code)], SESSION)
        idle(journal)
        assert number < 3000
    kept = 0
    gaps = 0
    due = 1
    for record in drained(flash):
        seq = struct.unpack(">I", record[:4])[0]
        if record[4] == AUDIT_GAP:
            count = struct.unpack(">I", record[-4:])[0]
            assert seq == due + count - 1
            assert [each for each in range(due, seq + 1) if each % 5 == 0] == []
            gaps += count
        else:
            assert seq == due
            assert record[4:] == event(seq, record[4])
            kept += 1
        due = seq + 1
    assert due == number + 1
    assert (kept + gaps, gaps > 0) == (number, True)


def test_high_priority_is_never_dropped_and_when_all_is_full_nothing_happens() -> None:
    """SAFE-5: commit says no; what was there stays; confirmation makes room again."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    number = 1
    was_refused = 0
    while journal.commit([event(number)], SESSION):
        if not journal.has_room_for_session():
            was_refused += 1
        number += 1
        idle(journal)
    assert was_refused > 50
    before = bytes(flash.contents)
    assert not journal.commit([event(number)], b"other")
    assert not journal.service()
    assert bytes(flash.contents) == before
    assert (journal.session, journal.next_seq) == (SESSION, number)
    assert drained(flash) == numbered(1, number)
    first, events = journal.read_unacked(9999)
    for _ in range(40):
        first, events = journal.read_unacked(9999)
        journal.acknowledge(first + len(events) - 1)
        idle(journal)
        if journal.has_room_for_session():
            break
    assert journal.has_room_for_session()
    acked = journal.acked_seq
    assert opened(flash).acked_seq > 0
    assert journal.commit([event(number)], b"other")
    assert drained(flash) == numbered(acked + 1, number + 1)


def filled_up() -> "tuple[Flash, Journal]":
    flash = Flash(sectors=8)
    journal = opened(flash)
    while journal.commit([event(journal.next_seq)], SESSION):
        pass
    return flash, journal


def test_with_everything_full_and_the_head_torn_a_confirmation_still_makes_room() -> None:
    flash, journal = filled_up()
    flash.contents[(journal.turns.head % journal.turns.count + 1) * 4096 - 1] = 0
    journal = opened(flash)
    assert not journal.commit([event(1)], None)
    number = journal.next_seq
    journal.acknowledge(number - 1)
    assert journal.service()
    idle(journal)
    assert journal.has_room_for_session()
    assert journal.commit([event(number)], None)
    assert drained(flash) == numbered(number, number + 1)


def test_confirmations_one_by_one_make_room_before_anything_else_is_written() -> None:
    """What is freed on a confirmation is no gap after a reset (SAFE-5)."""
    flash, journal = filled_up()
    number = journal.next_seq
    for acked in range(1, number):
        journal.acknowledge(acked)
        idle(journal)
        if acked % 20 == 0:
            kept = opened(flash).acked_seq
            assert kept <= acked
            assert drained(flash) == numbered(kept + 1, number)
    assert journal.has_room_for_session()
