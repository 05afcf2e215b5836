"""F12: ten thousand events without a centre overflow the real journal; the real daemon hears the rest."""

from __future__ import annotations

from random import Random

from firmware.journal import Journal
from firmware.storage_codes import OPENED_NEW
from firmware.uplink import EVENT_BYTES_MAX
from firmware.wire import codes, frames, kb1
from firmware.wire.journal_format import EPOCH_2020_S, pack_event
from hal.fake.flash import Flash
from tests.fleetd.rig import CAR, NOW_S, Desk

EVENTS = 10_000
SECTORS = 32
SESSION = bytes(120)
#: Of a hundred events so many are of high priority.
HIGH_PERCENT = 8


def _opened(flash: Flash) -> Journal:
    journal = Journal(flash, 7)
    assert journal.open() & ~OPENED_NEW == 0
    return journal


def _filled(flash: Flash) -> list[bytes]:
    """What the car wrote, by number; the power goes now and then, the flash is erased ahead."""
    random, journal, written = Random(1), _opened(flash), []
    for number in range(1, EVENTS + 1):
        is_high = random.randrange(100) < HIGH_PERCENT
        code = codes.AUDIT_KEY_OUT if is_high else codes.AUDIT_DOOR_OPENED
        event = pack_event(code, NOW_S - EPOCH_2020_S + number, 1, 0, b"" if is_high else b"\0")
        assert journal.next_seq == number
        assert journal.commit([event], SESSION if number % 20 == 0 else None), number
        written.append(event)
        while journal.service():
            pass
        if number % 1500 == 0:
            journal = _opened(flash)
    return written


def _tell_all(desk: Desk, journal: Journal) -> int:
    """As the uplink does, over the protocol's frames; how many it took."""
    car, key = bytes.fromhex(CAR), bytes.fromhex(desk.identity.key)
    up, down = frames.direction_key(key, frames.UP), frames.direction_key(key, frames.DOWN)
    sent = 0
    while journal.backlog():
        first, events = journal.read_unacked(EVENT_BYTES_MAX)
        body = kb1.pack_events(journal.instance, first, events)
        desk.fleet.receive(CAR, frames.pack_frame(up, car, kb1.EVENTS, body))
        sent += 1
        for frame in desk.taken():
            opened = frames.open_frame((down,), car, frame)
            assert opened is not None
            assert opened[0] == kb1.EACK
            instance, seq = kb1.unpack_eack(opened[1])
            assert (instance, seq) == (journal.instance, first + len(events) - 1)
            journal.acknowledge(seq)
    return sent


def test_ten_thousand_events_offline_lose_only_low_priority_and_say_which(desk: Desk) -> None:
    """SAFE-5, I2: what is in the database is as written; what is not is named as missing."""
    flash = Flash(sectors=SECTORS)
    written = _filled(flash)
    journal = _opened(flash)
    assert journal.backlog() == EVENTS
    assert _tell_all(desk, journal) < EVENTS
    known = {
        row[0]: row[1]
        for row in desk.db.rows("SELECT seq, body FROM event WHERE code != ?", codes.AUDIT_GAP)
    }
    missing: set[int] = set()
    for row in desk.db.rows("SELECT first_seq, last_seq, why FROM missing_events"):
        assert row[2] == "gap"
        missing.update(range(row[0], row[1] + 1))
    assert known.keys().isdisjoint(missing)
    assert known.keys() | missing == set(range(1, EVENTS + 1))
    assert all(written[seq - 1] == body for seq, body in known.items())
    high = {seq for seq, body in enumerate(written, 1) if body[0] == codes.AUDIT_KEY_OUT}
    assert len(high) > EVENTS // 20
    assert high <= known.keys()
    assert len(missing) > EVENTS // 20, "it did not overflow"
    assert desk.fleet.status()["late"]["events_missing"] == {"gap": len(missing), "lost": 0}
