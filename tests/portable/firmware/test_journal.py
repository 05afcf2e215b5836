"""The journal: atomic commits, numbers, confirmation, dropping, room (SAFE-3, SAFE-5)."""

import struct
from binascii import crc32

from firmware.journal import (
    OPENED_FAILED,
    OPENED_NEW,
    OPENED_NEWER,
    OPENED_TORN,
    Journal,
)
from firmware.wire.codes import AUDIT_DOOR_OPENED, AUDIT_GAP, AUDIT_UNLOCKED
from firmware.wire.journal_format import pack_event
from hal.fake.flash import Flash

SESSION = b"session" * 20


def event(number: int, code: int = AUDIT_UNLOCKED, extra: int = 32) -> bytes:
    return pack_event(code, 1000 + number, 1, 7, bytes((number & 0xFF,)) * extra)


def opened(flash: Flash, entropy: int = 0xC0FFEE01) -> Journal:
    journal = Journal(flash, entropy)
    assert journal.open() & ~(OPENED_NEW | OPENED_TORN) == 0
    return journal


def idle(journal: Journal) -> None:
    for _ in range(100):
        if not journal.service():
            return
    raise AssertionError("idle work never ends")


def drained(flash: Flash, acked: int = 0) -> "list[bytes]":
    """Every unconfirmed event as (number, event), read as the centre would, by another journal."""
    journal = opened(flash)
    journal.acknowledge(acked)
    found = []
    while journal.backlog():
        first, events = journal.read_unacked(1000)
        assert events
        for index, body in enumerate(events):
            found.append(struct.pack(">I", first + index) + body)
        journal.acknowledge(first + len(events) - 1)
    return found


def numbered(first: int, last: int, code: int = AUDIT_UNLOCKED) -> "list[bytes]":
    return [struct.pack(">I", number) + event(number, code) for number in range(first, last)]


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


def test_failures_of_the_device_change_nothing() -> None:
    """SAFE-5."""
    for seed in range(60):
        flash = Flash(sectors=8, seed=seed)
        journal = opened(flash)
        number = 1
        for attempt in range(60):
            if attempt % 4 == 0:
                flash.fail_next(1 + attempt % 3)
            if journal.commit([event(number)], b"%d" % number):
                number += 1
            flash.fail_next(0)
            assert journal.next_seq == number
            assert journal.session == (b"%d" % (number - 1) if number > 1 else None)
            journal.service()
        assert number > 45
        assert drained(flash) == numbered(1, number)
        assert opened(flash).session == b"%d" % (number - 1)


def test_a_later_format_is_left_alone() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.commit([event(1)], SESSION)
    for start in (0, 16):
        flash.contents[start + 2] = 2
        flash.contents[start + 12 : start + 16] = struct.pack(
            ">I", crc32(flash.contents[start : start + 12])
        )
    before = bytes(flash.contents)
    journal = Journal(flash, 5)
    assert journal.open() == OPENED_NEWER
    assert not journal.commit([event(2)], None)
    assert not journal.has_room_for_session()
    assert not journal.service()
    assert journal.read_unacked(1000) == (1, [])
    assert bytes(flash.contents) == before


class UnreadableFlash(Flash):
    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        raise OSError(5)


def test_storage_that_cannot_be_read() -> None:
    journal = Journal(UnreadableFlash(sectors=8), 5)
    assert journal.open() == OPENED_FAILED
    assert not journal.commit([event(1)], None)
    assert not journal.service()
    assert not journal.has_room_for_session()


def test_a_torn_tail_is_told() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.commit([event(1)], SESSION)
    flash.contents[journal.turns.end] = 0
    again = Journal(flash, 5)
    assert again.open() == OPENED_TORN
    assert again.skipped == 1
    assert again.commit([event(2)], None)
    assert drained(flash) == numbered(1, 3)
    assert opened(flash).session == SESSION


def test_a_destroyed_frame_becomes_a_gap() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    ends = []
    for number in range(1, 5):
        journal.commit([event(number), event(number)], None)
        ends.append(journal.turns.end)
    flash.flip(ends[0] + 30, 3)
    assert opened(flash).skipped == 1
    found = drained(flash)
    assert len(found) == 7
    assert found[2] == struct.pack(">I", 4) + pack_event(AUDIT_GAP, 1003, 1, 0, b"\0\0\0\2")


def test_a_destroyed_last_frame_with_numbers_after_it_becomes_a_gap_at_the_end() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.commit([event(1)], None)
    end = journal.turns.end
    journal.commit([event(2)], None)
    journal.commit([], SESSION)
    flash.flip(end + 30, 3)
    found = drained(flash)
    assert found[1:] == [struct.pack(">I", 2) + pack_event(AUDIT_GAP, 0, 0, 0, b"\0\0\0\1")]


def test_turns_destroyed_the_store_keeps_its_events_and_no_number_comes_again() -> None:
    """SAFE-5."""
    flash = Flash(sectors=8)
    journal = opened(flash)
    number = 1
    while journal.store.head < 1:
        journal.commit([event(number)], SESSION)
        idle(journal)
        number += 1
    moved = journal.moved_seq
    flash.contents[: 4 * 4096] = b"\0" * (4 * 4096)
    again = opened(flash)
    assert again.instance == journal.instance
    assert again.next_seq > number
    found = drained(flash)
    assert found[:-1] == numbered(1, moved + 1)
    assert found[-1][4] == AUDIT_GAP
    assert again.commit([event(1)], None)


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
