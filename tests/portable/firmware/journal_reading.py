"""Events to write into a journal, and how the tests read them back."""

import struct

from firmware.journal import Journal
from firmware.storage_codes import OPENED_DAMAGED, OPENED_NEW
from firmware.wire.codes import AUDIT_UNLOCKED
from firmware.wire.journal_format import pack_event
from hal.fake.flash import Flash

SESSION = b"session" * 20


def event(number: int, code: int = AUDIT_UNLOCKED, extra: int = 32) -> bytes:
    return pack_event(code, 1000 + number, 1, 7, bytes((number & 0xFF,)) * extra)


def opened(flash: Flash, entropy: int = 0xC0FFEE01) -> Journal:
    journal = Journal(flash, entropy)
    assert journal.open() & ~(OPENED_NEW | OPENED_DAMAGED) == 0
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
