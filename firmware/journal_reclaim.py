"""Makes room in the journal: moves, releases, erases ahead. See firmware/journal.py."""

from firmware.journal_events import (
    ITEM_BYTES,
    KIND,
    NO_SESSION,
    SKIP_MAX,
    EventWalk,
    is_empty_above,
    pack_head,
    pack_item,
)
from firmware.wire.codes import AUDIT_LOW_PRIORITY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal import Journal
    from firmware.ring import Ring
    from hal.api import Storage

#: Erased sectors wanted ahead.
TURNS_READY = 2
STORE_READY = 1
#: Events move in frames of about this size.
_MOVE_BYTES = 480
#: One commit does no more than this to get a sector.
_STEPS_MAX = 16


def is_due(journal: "Journal") -> bool:
    """Whether there is something to do ahead of need."""
    store = journal.store
    return journal.turns.ready < TURNS_READY or (store.ready < STORE_READY and store.can_prepare())


def step(journal: "Journal") -> bool:
    """One piece of that work, with at most one erase; False when it did not succeed."""
    turns, store = journal.turns, journal.store
    if turns.ready < TURNS_READY and turns.can_prepare():
        return turns.prepare()
    if store.ready < STORE_READY:
        release_store(journal)
        if store.can_prepare():
            return store.prepare()
    return _empty_oldest(journal)


def start_over(turns: "Ring", storage: "Storage") -> None:
    """Nothing was ever committed: erase what was prepared from the highest sector down.

    A cut on the way then leaves the lowest ones, which never look like the rest of a longer ring.
    """
    try:
        for sector in range(turns.ahead - 1, -1, -1):
            storage.erase(sector)
    except OSError:
        pass  # `prepare` passes over what cannot be erased.
    turns.open(-1)


def make_ready(journal: "Journal") -> bool:
    """Get an erased sector for turns at once."""
    for _ in range(_STEPS_MAX):
        if journal.turns.ready or not step(journal):
            break
    return journal.turns.ready > 0


def release_store(journal: "Journal") -> None:
    """Free the sectors of the store of which the centre has everything."""
    store = journal.store
    if store.oldest >= store.head:
        return
    walk = journal.store_walk
    sector = walk.cursor.sector if walk.seek(journal.acked_seq) else store.head
    if sector > store.oldest and _keep_acked(journal):
        store.release(sector)


def _keep_acked(journal: "Journal") -> bool:
    """Nothing may be freed on a confirmation that a power cut would forget."""
    if journal.keep_acked():
        return True
    turns, store = journal.turns, journal.store
    if turns.ready or turns.can_prepare() or store.ready or store.can_prepare():
        return False
    head = pack_head(journal.acked_seq, journal.next_seq, journal.moved_seq + 1, 0, NO_SESSION)
    if store.append(KIND, [head]):
        journal.kept_acked_seq = journal.acked_seq
        return True
    # Everything is full and the head torn: there is no place to keep it. A power cut in the next
    # moments would tell of a gap where there is none; standing still for ever is worse.
    journal.kept_acked_seq = journal.acked_seq
    return True


def _empty_oldest(journal: "Journal") -> bool:
    """Move what is unconfirmed out of the oldest sector of turns, and release it.

    False: nothing could be done. Goes on where it stopped when the store needs a sector first.
    """
    turns, store = journal.turns, journal.store
    oldest = turns.oldest
    if oldest >= turns.head:
        return False
    _keep_acked(journal)
    moved_before = journal.moved_seq
    seq = max(journal.kept_acked_seq, moved_before)
    keeps_low = 2 * store.free_sectors() >= store.count
    batch = _Batch(journal)
    walk = EventWalk(turns)
    if is_empty_above(turns, seq):
        walk.enter(oldest + 1)
    while walk.next_event_after(seq) and walk.cursor.sector == oldest:
        seq = walk.seq
        event = walk.event()
        if seq >= journal.next_seq or (event[0] in AUDIT_LOW_PRIORITY and not keeps_low):
            continue
        if not batch.takes(seq, event) and not batch.store():
            return journal.moved_seq > moved_before
        batch.add(seq, event)
    if not batch.store() or not store.renew():
        return journal.moved_seq > moved_before
    turns.release(oldest + 1)
    return True


class _Batch:
    """Events on their way into one frame of the store."""

    def __init__(self, journal: "Journal") -> None:
        self._journal = journal
        self._parts: list[bytes] = []
        self._first = 0
        self._last = 0
        self._count = 0
        self._bytes = 0

    def takes(self, seq: int, event: bytes) -> bool:
        return self._count == 0 or (
            self._bytes + ITEM_BYTES + len(event) <= _MOVE_BYTES and seq - self._last <= SKIP_MAX
        )

    def add(self, seq: int, event: bytes) -> None:
        if self._count == 0:
            self._first = seq
            self._last = seq - 1
        self._parts.append(pack_item(seq - self._last - 1, event))
        self._parts.append(event)
        self._last = seq
        self._count += 1
        self._bytes += ITEM_BYTES + len(event)

    def store(self) -> bool:
        """Write them; True when they are durable, or there are none."""
        if self._count == 0:
            return True
        journal = self._journal
        head = pack_head(journal.acked_seq, journal.next_seq, self._first, self._count, NO_SESSION)
        if not journal.store.append(KIND, [head] + self._parts):  # noqa: RUF005 - not on MicroPython
            return False
        journal.kept_acked_seq = journal.acked_seq
        journal.moved_seq = self._last
        self._parts = []
        self._count = self._bytes = 0
        return True
