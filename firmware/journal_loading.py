"""Reads the journal at a start. See firmware/journal.py."""

from firmware.journal_events import ITEM_BYTES, NO_SESSION, EventWalk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal import Journal
    from firmware.ring import Ring


def load(journal: "Journal") -> bool:
    """Take what stands in both rings. True: something is missing that no power cut takes away.

    A confirmation counts as kept when it stands in another frame than the newest: the newest may
    be gone the next time.
    """
    turns, store = journal.turns, journal.store
    is_whole = _load_turns(journal)
    turns_next = journal.next_seq
    _load_store(journal)
    if turns.head < turns.oldest:
        return False  # and if there should be one, the session is lost
    if turns.is_damaged or store.is_damaged or not is_whole or turns_next < journal.next_seq:
        return True
    return _is_bare(turns) or (turns.head > 1 and _is_bare(store))


def _is_bare(ring: "Ring") -> bool:
    """Sectors are erased ahead as soon as a turn commits nothing: none of them is left."""
    return ring.ahead == 0 and ring.head - ring.oldest + 1 < ring.count


def _load_turns(journal: "Journal") -> bool:
    """Whether no events are missing between two frames."""
    walk = EventWalk(journal.turns)
    is_whole = True
    due = 0
    while walk.next_frame_once():
        if due and walk.first > due:
            is_whole = False
        due = walk.next_seq
        journal.kept_acked_seq = journal.acked_seq
        journal.acked_seq = max(journal.acked_seq, walk.acked_seq)
        journal.next_seq = max(journal.next_seq, due)
        if walk.session_bytes != NO_SESSION:
            journal.session = walk.session()
    return is_whole


def _load_store(journal: "Journal") -> None:
    """Its newest frame has its last event; all its frames together are not needed here."""
    walk = EventWalk(journal.store)
    walk.enter(max(journal.store.head - 1, journal.store.oldest))
    acked = 0
    while walk.next_frame_once():
        journal.kept_acked_seq = max(journal.kept_acked_seq, acked)
        acked = walk.acked_seq
        journal.acked_seq = max(journal.acked_seq, acked)
        journal.next_seq = max(journal.next_seq, walk.next_seq)
        while walk.next_event_here():
            journal.moved_seq = max(journal.moved_seq, walk.seq)
    if journal.moved_seq and journal.turns.head < journal.turns.oldest:
        # All of turns was destroyed, which no power cut does. What numbers it gave away is
        # unknown; none may come again, so as many are passed over as it can have held.
        journal.next_seq += journal.turns.count * journal.turns.sector_bytes // (ITEM_BYTES + 1)
