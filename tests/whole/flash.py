"""The car's own account of what happened: the journal in the image of its flash."""

from __future__ import annotations

from dataclasses import dataclass, field

from firmware.deadlines import Deadlines
from firmware.journal import Journal
from firmware.journal_events import EventWalk
from firmware.rental_table import TIMEOUTS
from firmware.ring_sectors import ANYBODY
from firmware.session import Session, unpack
from firmware.wire.journal_format import EPOCH_2020_S
from hal.fake.flash import Flash


@dataclass
class Kept:
    """What a box that boots from this flash knows.

    `events`: those that are still in it, confirmed or not, by number. `deadlines`: what was armed,
    as Unix seconds; the record's own time is in whole seconds, rounded down.
    """

    instance: int
    last: int
    events: dict[int, bytes]
    state: str = "vacant"
    deadlines: dict[str, float] = field(default_factory=dict)


def read_journal(image: bytes) -> Kept:
    """Without touching the image."""
    flash = Flash(len(image) // 4096)
    flash.contents[:] = image
    journal = Journal(flash, 0, ANYBODY)
    journal.open()
    events: dict[int, bytes] = {}
    for ring in (journal.store, journal.turns):
        walk = EventWalk(ring)
        while walk.next_event():
            before = events.setdefault(walk.seq, walk.event())
            assert before == walk.event(), f"number {walk.seq} stands for two events"
    kept = Kept(journal.instance, journal.next_seq - 1, events)
    if journal.session is not None:
        names = tuple(row[0] for row in TIMEOUTS)
        deadlines = Deadlines(names)
        found = unpack(journal.session, Session(), deadlines)
        assert found is not None
        kept.state = found[0]
        kept.deadlines = {
            name: EPOCH_2020_S + found[1] + deadlines.left_ms(slot) / 1000
            for slot, name in enumerate(names)
            if deadlines.is_armed(slot)
        }
    return kept
