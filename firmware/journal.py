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

from firmware import journal_reader, journal_reclaim
from firmware.journal_events import (
    EVENT_BYTES_MAX,
    HEAD_BYTES,
    ITEM_BYTES,
    KIND,
    NO_SESSION,
    SESSION_BYTES_MAX,
    EventWalk,
    pack_head,
    pack_item,
)
from firmware.ring import Ring
from firmware.ring_sectors import FRAME_BYTES, PAGE_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Storage

#: Bits of what `open` returns.
OPENED_NEW = 1
OPENED_TORN = 2
OPENED_NEWER = 4
OPENED_FAILED = 8

SECTORS_MIN = 8
SECTOR_BYTES_MIN = 4096
#: Of one commit, with the frame's head.
FRAME_BYTES_MAX = 2000
#: Commits leave so much of each sector of turns to frames that only confirm (24 bytes each): with
#: everything full, a confirmation must become durable before it can free anything.
CONFIRM_BYTES = 4 * 24
EVENTS_MAX = 255
_NO_EVENTS: "list[bytes]" = []
_ROLE_TURNS = 1
_ROLE_STORE = 2


class Journal:
    """See above. `entropy`: a u32 that becomes `instance` where no journal is found."""

    def __init__(self, storage: "Storage", entropy: int) -> None:
        if storage.sectors < SECTORS_MIN or storage.sector_bytes < SECTOR_BYTES_MIN:
            raise ValueError(
                "journal storage of %d sectors of %d bytes: at least %d of %d are needed"
                % (storage.sectors, storage.sector_bytes, SECTORS_MIN, SECTOR_BYTES_MIN)
            )
        page = bytearray(PAGE_BYTES)
        count = max(4, storage.sectors // 8)
        self._entropy = entropy & 0xFFFFFFFF
        self._is_open = False
        self._is_stuck = False
        self._is_release_due = True
        #: Number of this journal: numbers of events are unique within it.
        self.instance = 0
        #: What the next event gets; numbers begin at 1.
        self.next_seq = 1
        #: The centre has everything up to here.
        self.acked_seq = 0
        #: The newest session record.
        self.session: bytes | None = None
        #: Stretches of torn or destroyed bytes passed over by `open`.
        self.skipped = 0
        # For journal_reader and journal_reclaim:
        self.turns = Ring(storage, 0, count, _ROLE_TURNS, page)
        self.store = Ring(storage, count, storage.sectors - count, _ROLE_STORE, page)
        self.turn_walk = EventWalk(self.turns)
        self.store_walk = EventWalk(self.store)
        #: `acked_seq` as the flash has it.
        self.kept_acked_seq = 0
        #: The last event in the store.
        self.moved_seq = 0
        #: Free sectors of the store that a session which has begun may need to its end.
        self.reserve_sectors = max(1, self.store.count // 7)

    def open(self) -> int:
        """Once, before all else. Returns 0 or bits.

        OPENED_NEW: no journal was there, a new one begins. OPENED_TORN: something torn or
        destroyed was passed over. OPENED_NEWER: a later format; nothing is touched and every
        commit fails. OPENED_FAILED: the storage cannot be read; every commit fails.
        """
        try:
            return self._open()
        except OSError:
            return OPENED_FAILED

    def commit(self, events: "list[bytes]", session: "bytes | None") -> bool:
        """Make the events of a turn, and the session after it, durable at once.

        False: storage failure or no room, and nothing has happened. An event has 1 to 200 bytes,
        a session up to 400, all together at most FRAME_BYTES_MAX - 23 - 2 an event; more is a ValueError.
        """
        _check_sizes(events, session)
        if not self._is_open:
            return False
        if not events and session is None:
            return True
        try:
            if not self.append_turn(events, session, CONFIRM_BYTES):
                return False
        except OSError:
            return False
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
        if self._is_open and self.acked_seq + 1 < self.next_seq:
            try:
                return journal_reader.read_unacked(self, bytes_max)
            except OSError:
                pass  # Nothing to send now; the next call tries again.
        return self.acked_seq + 1, []

    def backlog(self) -> int:
        """How many events are unconfirmed, those included that only a gap stands for."""
        return self.next_seq - 1 - self.acked_seq

    def has_room_for_session(self) -> bool:
        """Whether what is free in the store lets a session that starts now run to its end."""
        return self._is_open and self.store.free_sectors() >= self.reserve_sectors

    def service(self) -> bool:
        """A piece of idle work, of at most one erase. True when more waits."""
        if not self._is_open or self._is_stuck:
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
        if not self.turns.fits(length, spare):
            if self.turns.ready == 0 and not journal_reclaim.make_ready(self):
                return False
            if session is None:
                session = self.session
        size = NO_SESSION if session is None else len(session)
        count = len(events)
        parts = [pack_head(self.acked_seq, self.next_seq + count, self.next_seq, count, size)]
        if session is not None:
            parts.append(session)
        for event in events:
            parts.append(pack_item(0, event))
            parts.append(event)
        if not self.turns.append(KIND, parts, spare):
            return False
        self.kept_acked_seq = self.acked_seq
        return True

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
        status = 0
        instance = turns.instance if turns.instance >= 0 else store.instance
        if instance < 0:
            status = OPENED_NEW
            instance = self._entropy
        self.instance = instance
        turns.begin(instance)
        store.begin(instance)
        self._load_turns()
        self._load_store()
        self.kept_acked_seq = self.acked_seq
        self.skipped += turns.torn + store.torn
        if self.skipped:
            status |= OPENED_TORN
        if turns.head < turns.oldest and turns.ready == 0:
            turns.prepare()
        self._is_open = True
        return status

    def _load_turns(self) -> None:
        walk = EventWalk(self.turns)
        while walk.next_frame():
            self.acked_seq = max(self.acked_seq, walk.acked_seq)
            self.next_seq = max(self.next_seq, walk.next_seq)
            if walk.session_bytes != NO_SESSION:
                self.session = walk.session()
        self.skipped += walk.cursor.skipped

    def _load_store(self) -> None:
        """Its newest frame has its last event; all its frames together are not needed here."""
        walk = EventWalk(self.store)
        walk.enter(self.store.head)
        while walk.next_event():
            self.acked_seq = max(self.acked_seq, walk.acked_seq)
            self.next_seq = max(self.next_seq, walk.next_seq)
            self.moved_seq = max(self.moved_seq, walk.seq)
        self.skipped += walk.cursor.skipped
        if self.moved_seq and self.turns.head < self.turns.oldest:
            # All of turns was destroyed, which no power cut does. What numbers it gave away is
            # unknown; none may come again, so as many are passed over as it can have held.
            self.next_seq += self.turns.count * self.turns.sector_bytes // (ITEM_BYTES + 1)


def _check_sizes(events: "list[bytes]", session: "bytes | None") -> None:
    length = FRAME_BYTES + HEAD_BYTES
    if session is not None:
        length += len(session)
        if len(session) > SESSION_BYTES_MAX:
            raise ValueError(
                "session record of %d bytes, %d is the limit" % (len(session), SESSION_BYTES_MAX)
            )
    for event in events:
        length += ITEM_BYTES + len(event)
        if not 0 < len(event) <= EVENT_BYTES_MAX:
            raise ValueError("event of %d bytes, 1 to %d may be" % (len(event), EVENT_BYTES_MAX))
    if len(events) > EVENTS_MAX:
        raise ValueError("%d events in a commit, %d is the limit" % (len(events), EVENTS_MAX))
    if length > FRAME_BYTES_MAX:
        raise ValueError("commit of %d bytes, %d is the limit" % (length, FRAME_BYTES_MAX))
