"""A whole box on flash that is of another program or car, unreadable, worn: SAFE-2, SAFE-3, SAFE-5."""

import struct
from binascii import crc32

from firmware.storage_codes import FULL, OPENED_FAILED, OPENED_FOREIGN, OPENED_NEWER, WORN
from firmware.wire import codes, kb1, kb1_centre
from firmware.wire.journal_format import HEAD_BYTES
from hal.fake.flash import Flash
from tests.portable.firmware.loop_rig import CARD, IDENTITY, Box

OWNER = crc32(IDENTITY.car)


class Moody(Flash):
    """Reads fail, or everything in the sectors that are worn."""

    is_silent = False
    worn = b""

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        if self.is_silent:
            raise OSError(5)
        Flash.read(self, offset, buffer)

    def program(self, offset: int, data: "bytes | bytearray | memoryview") -> None:
        if offset // self.sector_bytes not in self.worn:
            Flash.program(self, offset, data)


def rented(box: "Box | None" = None) -> Box:
    """Unlocked, the key taken."""
    box = box or Box()
    box.book()
    touch(box)
    for index in (codes.IN_LOCKED, codes.IN_BLOCKED, codes.IN_KNOB_AT_RETURN):
        set_input(box, index, codes.NO)
    set_input(box, codes.IN_DOOR_DRIVER, codes.YES)
    set_input(box, codes.IN_DOOR_DRIVER, codes.NO)
    box.after(1000)
    assert box.loop.state == "in_use"
    return box


def set_input(box: Box, index: int, value: int) -> None:
    box.inputs[index].value = value
    box.after(60)
    box.after(60)


def touch(box: Box) -> None:
    box.reader.card = CARD
    for wait_ms in (0, 500, 500):
        box.after(wait_ms)


def faults(events: "list[bytes]") -> "list[tuple[int, int]]":
    """(fault, argument) of those."""
    return [(e[HEAD_BYTES], e[HEAD_BYTES + 1]) for e in events if e[0] == codes.AUDIT_FAULT]


def sent_faults(box: Box) -> "list[tuple[int, int]]":
    """Those that went to the centre since it was asked last."""
    found = []
    for body in box.taken(kb1.EVENTS):
        found.extend(faults(kb1_centre.unpack_events(body)[2]))
    return found


def kept_faults(box: Box) -> "list[tuple[int, int]]":
    return faults(box.loop._journal.read_unacked(9000)[1])


def rises(box: Box) -> "list[int]":
    return [line.rises for line in box.pulses]


def make_newer(flash: Flash, sectors: int = 99) -> None:
    """The headers say that a later program wrote this."""
    for sector in range(min(sectors, flash.sectors)):
        at = sector * flash.sector_bytes
        if flash.contents[at : at + 2] != b"KJ":
            continue
        for start in (at, at + 16):
            flash.contents[start + 2] = 9
            crc = crc32(flash.contents[start : start + 12]) ^ OWNER
            flash.contents[start + 12 : start + 16] = struct.pack(">I", crc)


def test_safe_3_a_session_record_of_a_later_format_moves_nothing_and_is_told() -> None:
    box = rented()
    set_input(box, codes.IN_ENGINE, codes.YES)
    image = bytes(box.journal_storage.contents)
    for record in (b"\xff" + bytes(60), b"\1", b""):
        box.journal_storage.contents[:] = image
        box.restart()
        assert box.loop.state == "in_use"
        assert box.loop._journal.commit([], record)
        before = rises(box)
        box.restart()
        box.after(11_000)
        assert box.loop.state == "vacant"
        assert rises(box) == before
        assert kept_faults(box)[-1] == (codes.FAULT_SESSION_UNREADABLE, 0)
        box.restart()
        assert len([1 for f in kept_faults(box) if f[0] == codes.FAULT_SESSION_UNREADABLE]) == 1


def test_the_driver_whose_session_was_lost_can_start_again() -> None:
    box = rented()
    assert box.loop._journal.commit([], b"\xff")
    box.restart()
    touch(box)
    assert box.loop.state in ("unlocked", "in_use")


def test_safe_5_the_journal_of_a_later_program_is_left_alone_and_told_of() -> None:
    box = rented()
    make_newer(box.journal_storage)
    kept = bytes(box.journal_storage.contents)
    before = rises(box)
    box.centre.online = True
    box.centre.take()
    box.restart()
    assert box.loop.state == "vacant"
    assert sent_faults(box) == [(codes.FAULT_JOURNAL_FAILED, OPENED_NEWER)]
    touch(box)
    assert box.loop.lamp == codes.LAMP_REFUSED, "FAULT-1: a signal, not silence"
    box.put_command(b"COMMAND1", codes.VERB_START)
    box.after(500)
    results = box.results()
    assert [reason for reason, _ in results[-1][2]] == [codes.JOURNAL_FULL]
    assert rises(box) == before
    assert bytes(box.journal_storage.contents) == kept


def test_safe_2_the_journal_and_the_copy_of_another_car_open_nothing() -> None:
    box = rented()
    other = Box()
    other.journal_storage.contents[:] = box.journal_storage.contents
    other.cache_storage.contents[:] = box.cache_storage.contents
    for flash in (other.journal_storage, other.cache_storage):
        for at in range(0, len(flash.contents), 4096):
            if flash.contents[at : at + 2] == b"KJ":
                for start in (at, at + 16):
                    crc = crc32(flash.contents[start : start + 12]) ^ OWNER ^ 0x1234
                    flash.contents[start + 12 : start + 16] = struct.pack(">I", crc)
    kept = bytes(other.journal_storage.contents)
    other.centre.online = True
    other.restart()
    assert other.loop.state == "vacant"
    assert sent_faults(other) == [
        (codes.FAULT_JOURNAL_FAILED, OPENED_FOREIGN),
        (codes.FAULT_CACHE_FAILED, OPENED_FOREIGN),
    ]
    before = rises(other)
    touch(other)
    assert rises(other) == before
    assert bytes(other.journal_storage.contents) == kept
    assert other.loop._cache.rev == 0


def test_a_copy_of_a_later_program_is_given_up_and_fetched_anew() -> None:
    box = rented()
    make_newer(box.cache_storage)
    box.restart()
    assert box.loop.state == "in_use", "the session needs no copy"
    assert box.loop._cache.rev == 0
    assert (codes.FAULT_CACHE_FAILED, OPENED_NEWER) in kept_faults(box)
    box.hash8, box.rev = bytes(8), 0
    box.book()
    assert box.loop._cache.rev == 2
    box.restart()
    assert box.loop._cache.rev == 2


def moody() -> Box:
    box = Box()
    box.journal_storage = Moody(16)
    box.cache_storage = Moody(16)
    box.hash8, box.rev = bytes(8), 0
    box.restart()
    return box


def test_safe_3_a_journal_that_cannot_be_read_is_not_given_up() -> None:
    box = rented(moody())
    flash = box.journal_storage
    assert isinstance(flash, Moody)
    kept = bytes(flash.contents)
    flash.is_silent = True
    box.restart()
    assert box.loop.state == "vacant"
    for _ in range(4):
        box.after(11_000)
    touch(box)
    assert box.loop.lamp == codes.LAMP_REFUSED
    fed = box.watchdog.fed
    box.after(11_000)
    assert box.watchdog.fed == fed + 1, "no crash loop while nothing got better"
    assert bytes(flash.contents) == kept
    flash.is_silent = False
    for _ in range(3):
        box.after(11_000)
    fed = box.watchdog.fed
    box.after(1000)
    assert box.watchdog.fed == fed, "the watchdog makes the start that resumes the session"
    box.restart()
    assert box.loop.state == "in_use"


def test_a_copy_that_cannot_be_read_is_empty_until_it_can() -> None:
    box = rented(moody())
    flash = box.cache_storage
    assert isinstance(flash, Moody)
    flash.is_silent = True
    box.restart()
    assert box.loop.state == "in_use"
    assert box.loop._cache.rev == 0
    assert (codes.FAULT_CACHE_FAILED, OPENED_FAILED) in kept_faults(box)
    flash.is_silent = False
    box.after(11_000)
    box.after(11_000)
    assert box.loop._cache.rev == 2


def test_fault_1_a_worn_sector_costs_no_turn_and_is_told() -> None:
    box = moody()
    flash = box.journal_storage
    assert isinstance(flash, Moody)
    flash.worn = b"\1\2"
    box.book()
    for number in range(400):
        box.after(11_000)  # slowly: a door that never rests is told as noise
        set_input(box, codes.IN_DOOR_REAR_LEFT, (number + 1) & 1)
        assert box.loop.committed or box.loop._journal.trouble() & OPENED_FAILED == 0
    box.after(11_000)
    seqs = box.loop._journal.backlog()
    assert seqs > 400, "every door was journaled"
    assert (codes.FAULT_JOURNAL_FAILED, WORN) in all_faults(box)
    touch(box)
    assert box.loop.state == "unlocked"


def all_faults(box: Box) -> "list[tuple[int, int]]":
    journal = box.loop._journal
    found = []
    while journal.backlog():
        first, events = journal.read_unacked(3000)
        found.extend(faults(events))
        journal.acknowledge(first + len(events) - 1)
    return found


def test_a_full_journal_is_told_once_and_refuses_starts() -> None:
    box = moody()
    box.journal_storage = Moody(8)
    box.restart()
    box.book()
    journal = box.loop._journal
    while journal.has_room_for_session():
        assert journal.commit([bytes((codes.AUDIT_UNLOCKED,)) + bytes(180)] * 8, None)
    for _ in range(3):
        box.after(11_000)
    touch(box)
    assert box.loop.state == "vacant"
    assert [f for f in all_faults(box) if f[1] & FULL] == [(codes.FAULT_JOURNAL_FAILED, FULL)]


def test_an_erased_journal_of_a_car_in_service_is_told() -> None:
    box = rented()
    box.journal_storage.contents[:] = b"\xff" * len(box.journal_storage.contents)
    before = rises(box)
    box.restart()
    box.after(1000)
    assert box.loop.state == "vacant" and rises(box) == before
    assert kept_faults(box) == [(codes.FAULT_SESSION_UNREADABLE, 0)]


def test_a_new_box_has_no_fault() -> None:
    box = Box()
    assert kept_faults(box) == []
