"""The audit log and, as its newest session record, the session itself (SAFE-3, SAFE-5).

One frame a turn holds all events of the turn and the session after it, so that a power cut leaves
the turn or nothing of it. The storage is split into two rings with the same kind of frames:

- turns: every commit is appended here. The first frame of each sector also holds the newest
  session record, so all that must survive of it is the sector of the newest frame, and events.
- store: before a sector of turns is erased, its events that the centre has not confirmed move
  here, in order. What has moved is told by its number, so a move that was cut goes on where it
  stopped; readers take the store first, then from turns what is newer.

When less than half of the store is free, low-priority events are left behind. Wherever numbers
are missing, dropped or destroyed, the reader puts one AUDIT_GAP in their place.
"""

from firmware import journal_loading, journal_reader, journal_reclaim
from firmware.journal_events import (
    HEAD_BYTES,
    ITEM_BYTES,
    KIND,
    NO_SESSION,
    EventWalk,
    check_sizes,
    pack_head,
    pack_item,
)
from firmware.ring import Ring
from firmware.ring_sectors import PAGE_BYTES
from firmware.storage_codes import (
    FULL,
    OPENED_DAMAGED,
    OPENED_FAILED,
    OPENED_FOREIGN,
    OPENED_NEW,
    OPENED_NEWER,
    trouble_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Storage

#: Events about the storage itself that wait while it cannot be used.
_NOTES_MAX = 4
#: Places that a commit tries: two bad sectors in a row are passed over in it.
_TRIES = 4

SECTORS_MIN = 8
SECTOR_BYTES_MIN = 4096
#: Commits leave so much of each sector of turns to frames that only confirm (24 bytes each): with
#: everything full, a confirmation must become durable before it can free anything.
CONFIRM_BYTES = 4 * 24
_NO_EVENTS: "list[bytes]" = []
_ROLE_TURNS = 1
_ROLE_STORE = 2


class Journal:
    """See above. `entropy`: a u32 that becomes `instance` where no journal is found.

    `owner`: the car's own number, so that the journal of another car is not gone on with; 0: none.
    """

    def __init__(self, storage: "Storage", entropy: int, owner: int = 0) -> None:
        if storage.sectors < SECTORS_MIN or storage.sector_bytes < SECTOR_BYTES_MIN:
            raise ValueError(
                "journal storage of %d sectors of %d bytes: at least %d of %d are needed"
                % (storage.sectors, storage.sector_bytes, SECTORS_MIN, SECTOR_BYTES_MIN)
            )
        self._storage = storage
        self._owner = owner
        page = bytearray(PAGE_BYTES)
        count = max(4, storage.sectors // 8)
        self._entropy = entropy & 0xFFFFFFFF
        #: Whether it can be written.
        self.is_open = False
        self._is_stuck = False
        self._is_release_due = True
        self._opened = OPENED_FAILED
        self._has_failed = False
        self._notes: "list[bytes]" = []
        #: Number of this journal: numbers of events are unique within it.
        self.instance = self._entropy
        #: What the next event gets; numbers begin at 1.
        self.next_seq = 1
        #: The centre has everything up to here.
        self.acked_seq = 0
        #: The newest session record.
        self.session: bytes | None = None
        #: There must have been a session record, and none can be found.
        self.lost_session = False
        # For journal_reader and journal_reclaim:
        self.turns = Ring(storage, 0, count, _ROLE_TURNS, page, owner)
        self.store = Ring(storage, count, storage.sectors - count, _ROLE_STORE, page, owner)
        self.turn_walk = EventWalk(self.turns)
        self.store_walk = EventWalk(self.store)
        #: `acked_seq` as the flash has it.
        self.kept_acked_seq = 0
        #: The last event in the store.
        self.moved_seq = 0
        #: Free sectors of the store that a session which has begun may need to its end.
        self.reserve_sectors = max(1, self.store.count // 7)

    def open(self) -> int:
        """Once, before all else. Returns 0 or bits of `storage_codes`.

        OPENED_NEWER, OPENED_FOREIGN: nothing is touched, and every commit fails. OPENED_FAILED:
        the storage cannot be read, and every commit fails.
        """
        try:
            self._opened = self._open()
        except OSError:
            self._opened = OPENED_FAILED
            self.instance, self.next_seq, self.acked_seq = self._entropy, 1, 0
            self._forget_session()
        return self._opened

    def _forget_session(self) -> None:
        self.session = None

    def can_be_opened(self) -> bool:
        """After OPENED_FAILED: whether it would go well now."""
        again = Journal(self._storage, self._entropy, self._owner)
        return again.open() & OPENED_FAILED == 0

    def trouble(self) -> int:
        """What is wrong with the storage: OPENED_DAMAGED to FULL, 0 for nothing."""
        turns, store = self.turns, self.store
        mended, retired = turns.mended + store.mended, turns.places.retired + store.places.retired
        found = trouble_of(self._opened, self._has_failed, mended, retired)
        if self.is_open and not self.has_room_for_session():
            found |= FULL
        return found

    def note(self, event: bytes) -> None:
        """An event while it is not open: told under this boot's own number, gone with the power."""
        if not self.is_open and len(self._notes) < _NOTES_MAX:
            self._notes.append(event)
            self.next_seq += 1

    def commit(self, events: "list[bytes]", session: "bytes | None") -> bool:
        """Make the events of a turn, and the session after it, durable at once.

        False: storage failure or no room, and nothing has happened. An event has 1 to 200 bytes,
        a session up to 400, all together at most 1977 - 2 an event; more is a ValueError.
        """
        check_sizes(events, session)
        if not self.is_open:
            return False
        if not events and session is None:
            return True
        try:
            if not self.append_turn(events, session, CONFIRM_BYTES):
                self._has_failed = self.has_room_for_session()  # else it is merely full
                return False
        except OSError:
            self._has_failed = True
            return False
        self._has_failed = False
        self.next_seq += len(events)
        if session is not None:
            self.session = session
        self._is_stuck = False
        return True

    def acknowledge(self, seq: int) -> None:
        """The centre has all up to `seq`. Kept with the next frame that is written anyway."""
        if self.acked_seq < seq < self.next_seq:
            self.acked_seq = seq
            self._is_release_due = True
            self._is_stuck = False

    def read_unacked(self, bytes_max: int) -> "tuple[int, list[bytes]]":
        """(number of the first, the oldest unconfirmed events with consecutive numbers).

        At most 255, and at most `bytes_max` (at least EVENT_BYTES_MAX + 1) with a byte for each.
        An AUDIT_GAP tells that as many events as its count are no longer in the car, of which it
        has the last one's number; it is made here, and grows when more are lost.
        """
        if self.is_open and self.acked_seq + 1 < self.next_seq:
            try:
                return journal_reader.read_unacked(self, bytes_max)
            except OSError:
                pass  # Nothing to send now; the next call tries again.
        return self.acked_seq + 1, self._notes[self.acked_seq :]

    def backlog(self) -> int:
        """How many events are unconfirmed, those included that only a gap stands for."""
        return self.next_seq - 1 - self.acked_seq

    def has_room_for_session(self) -> bool:
        """Whether what is free in the store lets a session that starts now run to its end."""
        return self.is_open and self.store.free_sectors() >= self.reserve_sectors

    def service(self) -> bool:
        """A piece of idle work, of at most one erase. True when more waits."""
        if not self.is_open or self._is_stuck:
            return False
        try:
            if journal_reclaim.is_due(self):
                self._is_stuck = not journal_reclaim.step(self)
            elif self._is_release_due:
                self._is_release_due = False
                journal_reclaim.release_store(self)
            else:
                return False
        except OSError:
            self._is_stuck = True
        return not self._is_stuck and (self._is_release_due or journal_reclaim.is_due(self))

    def append_turn(self, events: "list[bytes]", session: "bytes | None", spare: int) -> bool:
        """A frame into turns, where need be after making room for it. May raise OSError."""
        length = HEAD_BYTES + ITEM_BYTES * len(events)
        for event in events:
            length += len(event)
        if session is not None:
            length += len(session)
        count = len(events)
        for _ in range(_TRIES if spare else 1):
            if not self.turns.fits(length, spare):
                if self.turns.ready == 0 and not journal_reclaim.make_ready(self):
                    return False
                if session is None:
                    session = self.session
            size = NO_SESSION if session is None else len(session)
            parts = [pack_head(self.acked_seq, self.next_seq + count, self.next_seq, count, size)]
            if session is not None:
                parts.append(session)
            for event in events:
                parts.append(pack_item(0, event))
                parts.append(event)
            if self.turns.append(KIND, parts, spare):
                self.kept_acked_seq = self.acked_seq
                return True
        return False

    def keep_acked(self) -> bool:
        """Make `acked_seq` durable without making room. May raise OSError."""
        if self.kept_acked_seq < self.acked_seq:
            if self.turns.ready == 0 and not self.turns.fits(HEAD_BYTES, 0):
                return False
            self.append_turn(_NO_EVENTS, None, 0)
        return self.kept_acked_seq == self.acked_seq

    def _open(self) -> int:
        turns, store = self.turns, self.store
        turns.open(-1)
        store.open(turns.instance)
        if turns.is_newer or store.is_newer:
            return OPENED_NEWER
        if turns.is_foreign or store.is_foreign:
            return OPENED_FOREIGN
        self.next_seq, self.acked_seq, self.moved_seq, self.kept_acked_seq = 1, 0, 0, 0
        self._forget_session()
        status = 0
        # The store begins after the first turn, and the first turn stands in sector 0.
        lost_all = turns.head < turns.oldest and (turns.oldest > 0 or store.instance >= 0)
        instance = turns.instance if turns.instance >= 0 else store.instance
        if instance < 0:
            status = OPENED_NEW
            instance = self._entropy
        self.instance = instance
        if turns.head < turns.oldest and not lost_all:
            journal_reclaim.start_over(turns, self._storage)
        turns.begin(instance)
        store.begin(instance)
        turns.seal()
        store.seal()
        turns.hold()
        store.hold()
        if journal_loading.load(self):
            status |= OPENED_DAMAGED
        self.lost_session = self.session is None and (self.next_seq > 1 or lost_all)
        while turns.head < turns.oldest and turns.ready < journal_reclaim.TURNS_READY:
            if not turns.prepare():
                break
        self.is_open = True
        return status
