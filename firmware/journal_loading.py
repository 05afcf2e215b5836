"""Reads the journal at a start. See firmware/journal.py."""

from firmware.journal_events import ITEM_BYTES, NO_SESSION, SESSION_BYTES_MAX, EventWalk
from firmware.journal_reclaim import make_ready

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal import Journal


def load_turns(journal: "Journal") -> bool:
    """Whether there are events in the newest frame."""
    walk = EventWalk(journal.turns)
    has_events = False
    while walk.next_frame_once():
        journal.acked_seq = max(journal.acked_seq, walk.acked_seq)
        journal.next_seq = max(journal.next_seq, walk.next_seq)
        if walk.session_bytes != NO_SESSION:
            journal.session = walk.session()
        has_events = walk.count > 0
    journal.skipped += walk.cursor.skipped
    return has_events


def load_store(journal: "Journal") -> None:
    """Its newest frame has its last event; all its frames together are not needed here."""
    walk = EventWalk(journal.store)
    walk.enter(max(journal.store.head - 1, journal.store.oldest))
    while walk.next_frame_once():
        journal.acked_seq = max(journal.acked_seq, walk.acked_seq)
        journal.next_seq = max(journal.next_seq, walk.next_seq)
        while walk.next_event_here():
            journal.moved_seq = max(journal.moved_seq, walk.seq)
    journal.skipped += walk.cursor.skipped
    if journal.moved_seq and journal.turns.head < journal.turns.oldest:
        # All of turns was destroyed, which no power cut does. What numbers it gave away is
        # unknown; none may come again, so as many are passed over as it can have held.
        journal.next_seq += journal.turns.count * journal.turns.sector_bytes // (ITEM_BYTES + 1)


def renew(journal: "Journal", has_events: bool) -> bool:
    """The newest frame of each ring, where a power cut may have left it half-way.

    In the store that is when the events in it are still in turns: then nothing was erased
    since. False: it was not whole, and all wants reading anew.
    """
    turns = journal.turns
    if has_events and not turns.fits(SESSION_BYTES_MAX, 0) and not turns.ready:
        has_events = make_ready(journal)
    if has_events and not turns.renew():
        return False
    walk = EventWalk(turns)
    if journal.moved_seq and walk.next_event_after(journal.moved_seq - 1):
        if walk.seq == journal.moved_seq:
            return journal.store.renew()
    return True
