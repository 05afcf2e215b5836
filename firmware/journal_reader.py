"""Reads what the centre has not confirmed, from both rings of the journal."""

import struct

from firmware.wire.codes import AUDIT_GAP
from firmware.wire.journal_format import HEAD, HEAD_BYTES, pack_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal import Journal

_EVENTS_MAX = 255


def read_unacked(journal: "Journal", bytes_max: int) -> "tuple[int, list[bytes]]":
    """See `Journal.read_unacked`. Ends where numbers are missing; the next call tells of that."""
    last = journal.acked_seq
    first = last + 1
    left = bytes_max
    events: list[bytes] = []
    for walk in (journal.store_walk, journal.turn_walk):
        more = walk.seek(last)
        while more and walk.seq < journal.next_seq:
            event = walk.event()
            if walk.seq > last + 1:
                if events:
                    return first, events
                first = walk.seq - 1
                events.append(gap_event(first - last, event))
                left -= len(events[0]) + 1
            left -= len(event) + 1
            if left < 0 or len(events) == _EVENTS_MAX:
                return first, events
            events.append(event)
            last = walk.seq
            more = walk.next_event_after(last)
    if not events:
        first = journal.next_seq - 1
        events.append(gap_event(first - last, b""))
    return first, events


def gap_event(count: int, next_event: bytes) -> bytes:
    """An AUDIT_GAP for `count` events, with the time of the event after them."""
    at_s = trusted = 0
    if len(next_event) >= HEAD_BYTES:
        _, at_s, trusted, _ = struct.unpack_from(HEAD, next_event, 0)
    return pack_event(AUDIT_GAP, at_s, trusted, 0, struct.pack(">I", count))
