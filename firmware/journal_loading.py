"""Reads the journal at a start. See firmware/journal.py."""

from firmware.journal_events import ITEM_BYTES, NO_SESSION, EventWalk, is_empty_above

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal import Journal
    from firmware.ring import Ring


def load(journal: "Journal") -> bool:
    """Take what stands in both rings. True: something is missing that no power cut takes away.

    Two erases are an exception, see docs/storage.md, "How missing content shows". Numbers only
    rise, so those of the newest frame count, which is held as it was read; older ones may stand in
    a sector whose erase was cut off. A confirmation counts as kept when it stands in another frame
    than the newest: the newest may be gone the next time.
    """
    turns, store = journal.turns, journal.store
    _load_store(journal)
    store_next, store_acked = journal.next_seq, journal.acked_seq
    missing_seq = _load_turns(journal)
    if turns.head < turns.oldest:
        return False  # and if there should be one, the session is lost
    is_behind = journal.next_seq < store_next
    journal.next_seq = max(journal.next_seq, store_next)
    journal.acked_seq = max(journal.acked_seq, store_acked)
    done_seq = max(journal.acked_seq, journal.moved_seq)
    if turns.oldest < turns.head and is_empty_above(turns, done_seq):
        journal.turn_walk.enter(turns.oldest + 1)
    if turns.is_damaged or store.is_damaged or is_behind or missing_seq > done_seq:
        return True
    return _is_bare(turns) or (turns.head > 1 and _is_bare(store))


def _load_turns(journal: "Journal") -> int:
    """The last number that is missing between two frames; 0 for none."""
    walk = EventWalk(journal.turns)
    missing_seq = due = kept_seq = 0
    while walk.next_frame_once():
        if 0 < due < walk.first:
            missing_seq = walk.first - 1
        if due:
            kept_seq = journal.acked_seq
        due = walk.next_seq
        journal.acked_seq, journal.next_seq = walk.acked_seq, due
        if walk.session_bytes != NO_SESSION:
            journal.session = walk.session()
    journal.kept_acked_seq = max(journal.kept_acked_seq, kept_seq)
    return missing_seq


def _load_store(journal: "Journal") -> None:
    """Its newest frame has its last event; all its frames together are not needed here."""
    walk = EventWalk(journal.store)
    walk.enter(max(journal.store.head - 1, journal.store.oldest))
    while walk.next_frame_once():
        journal.kept_acked_seq = journal.acked_seq
        journal.acked_seq, journal.next_seq = walk.acked_seq, walk.next_seq
        while walk.next_event_here():
            journal.moved_seq = walk.seq
    if journal.moved_seq and journal.turns.head < journal.turns.oldest:
        # All of turns was destroyed, which no power cut does. What numbers it gave away is
        # unknown; none may come again, so as many are passed over as it can have held.
        journal.next_seq += journal.turns.count * journal.turns.sector_bytes // (ITEM_BYTES + 1)


def _is_bare(ring: "Ring") -> bool:
    """Sectors are erased ahead as soon as a turn commits nothing: none of them is left."""
    return ring.ahead == 0 and ring.head - ring.oldest + 1 < ring.count
