"""The journal on flash that fails, is destroyed, or is of another version (SAFE-5)."""

import struct
from binascii import crc32

from firmware.journal import Journal
from firmware.journal_events import KIND, pack_head, pack_item
from firmware.storage_codes import OPENED_DAMAGED, OPENED_FAILED, OPENED_NEWER
from firmware.wire.codes import AUDIT_GAP
from firmware.wire.journal_format import pack_event
from hal.fake.flash import Flash
from tests.portable.firmware.journal_reading import SESSION, drained, event, idle, numbered, opened


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
    #: Reads that still succeed.
    reads_left = 0

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        if self.reads_left == 0:
            raise OSError(5)
        self.reads_left -= 1
        Flash.read(self, offset, buffer)


def test_a_turn_of_unknown_fate_did_not_happen() -> None:
    """It is whole on the flash but cannot be read back: its number goes to the next one (SAFE-5)."""
    for fails_too in range(3):
        flash = UnreadableFlash(sectors=8)
        flash.reads_left = 9999
        journal = opened(flash)
        assert journal.commit([event(1)], SESSION)
        flash.reads_left = 0
        for _ in range(1 + fails_too):
            assert not journal.commit([event(9)], b"other")
        flash.reads_left = 9999
        assert (journal.next_seq, journal.session) == (2, SESSION)
        assert journal.read_unacked(1000) == (1, [event(1)])
        assert journal.commit([event(2)], None)
        whole = Flash(sectors=8)
        whole.contents[:] = flash.contents
        assert drained(whole) == numbered(1, 3)
        assert opened(whole).session == SESSION


def test_storage_that_cannot_be_read() -> None:
    journal = Journal(UnreadableFlash(sectors=8), 5)
    assert journal.open() == OPENED_FAILED
    assert not journal.commit([event(1)], None)
    assert not journal.service()
    assert not journal.has_room_for_session()


def test_reading_that_fails_is_tried_again() -> None:
    flash = UnreadableFlash(sectors=8)
    flash.reads_left = 99999
    journal = opened(flash)
    for number in range(1, 20):
        assert journal.commit([event(number)], SESSION)
    flash.reads_left = 5
    assert journal.read_unacked(1000) == (1, [])
    assert not journal.commit([event(20)] * 9, SESSION)
    while journal.service():
        pass
    flash.reads_left = 99999
    assert journal.read_unacked(3 * len(event(1)) + 3) == (1, [event(1), event(2), event(3)])
    assert journal.commit([event(20)], None)


def test_frames_that_are_whole_but_make_no_sense_are_passed_over() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.commit([event(1)], SESSION)
    none = 0xFFFF
    for kind, parts in (
        (2, [pack_head(0, 9, 2, 0, none)]),
        (KIND, [b"short"]),
        (KIND, [pack_head(9, 9, 2, 0, none)]),
        (KIND, [pack_head(0, 0xFFFFFFFF, 2, 0, none)]),
        (KIND, [pack_head(0, 2, 2, 0, 77)]),
        (KIND, [pack_head(0, 2, 2, 5, none), b"\0"]),
        (KIND, [pack_head(0, 2, 2, 5, none), pack_item(0, b"")]),
        (KIND, [pack_head(0, 2, 2, 5, none), pack_item(0, b"12"), b"1"]),
    ):
        assert journal.turns.append(kind, parts)
    journal.commit([event(2)], None)
    assert drained(flash) == numbered(1, 3)
    assert opened(flash).session == SESSION


def test_a_torn_tail_is_no_damage() -> None:
    flash = Flash(sectors=8)
    journal = opened(flash)
    journal.commit([event(1)], SESSION)
    flash.contents[journal.turns.end] = 0
    again = Journal(flash, 5)
    assert again.open() == 0
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
    flash.flip(ends[0] + 30, 4)
    assert Journal(flash, 5).open() == OPENED_DAMAGED
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
    flash.flip(end + 31, 3)
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
