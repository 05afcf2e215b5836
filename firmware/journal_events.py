"""The body of a journal frame, and a walk over the events in a ring of them.

    acked u32 | next u32 | first u32 | n u8 | session length u16 | session | n x (skip u8 | length u8 | event)

Big-endian. acked: the last event that the centre has confirmed; next: the number that the next
new event gets; both as they were when the frame was written. The first event's number is `first`,
each further one's is that of the event before it + 1 + skip. Session length 0xFFFF: no record.
"""

import struct

from firmware.ring_cursor import Cursor
from firmware.ring_sectors import BODY, FRAME_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ring import Ring

#: The kind of frame that holds all this; others are skipped.
KIND = 1
_HEAD = ">IIIBH"
HEAD_BYTES = 15
#: What an event takes beside itself.
ITEM_BYTES = 2
EVENT_BYTES_MAX = 200
SESSION_BYTES_MAX = 400
EVENTS_MAX = 255
#: Of one commit, with the frame's head.
FRAME_BYTES_MAX = 2000
SKIP_MAX = 255
NO_SESSION = 0xFFFF
#: Numbers from here on are not believed.
_SEQ_LIMIT = 0xFFFFFF00


def pack_head(acked_seq: int, next_seq: int, first: int, count: int, session: int) -> bytes:
    """The head of a frame's body; `session` is the record's length or NO_SESSION."""
    return struct.pack(_HEAD, acked_seq, next_seq, first, count, session)


def pack_item(skip: int, event: bytes) -> bytes:
    """What stands before an event."""
    return bytes((skip, len(event)))


def check_sizes(events: "list[bytes]", session: "bytes | None") -> None:
    """ValueError when a turn is larger than a frame may be."""
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


class EventWalk:
    """Goes through the frames of a ring, and through the events in them, in order."""

    def __init__(self, ring: "Ring") -> None:
        self.ring = ring
        self.cursor = Cursor()
        self._head = bytearray(HEAD_BYTES)
        self._item = bytearray(ITEM_BYTES)
        self._left = 0
        self._at = 0
        self._length = 0
        self._follows = 0
        self._mark_sector = -1
        self._mark_at = 0
        #: Number of the event it stands on.
        self.seq = 0
        # Of the frame it stands on:
        self.acked_seq = 0
        self.next_seq = 0
        self.first = 0
        self.count = 0
        self.session_bytes = NO_SESSION

    def enter(self, sector: int) -> None:
        """Stand before that sector's first frame, and `seek` from there."""
        self.cursor.sector = self._mark_sector = sector
        self.cursor.next_at = self._mark_at = BODY

    def next_frame(self) -> bool:
        """Go to the next frame; False at the end."""
        cursor = self.cursor
        self._left = 0
        while self.ring.advance(cursor):
            if cursor.kind != KIND or cursor.length < HEAD_BYTES:
                continue
            self.ring.read(cursor, 0, self._head)
            acked, next_seq, first, count, session = struct.unpack(_HEAD, self._head)
            self._at = HEAD_BYTES + (0 if session == NO_SESSION else session)
            if self._at > cursor.length or next_seq > _SEQ_LIMIT or acked >= next_seq:
                continue
            self.acked_seq, self.next_seq, self._follows = acked, next_seq, first
            self.first, self.count = first, count
            self.session_bytes, self._left, self._length = session, count, 0
            return True
        return False

    def next_frame_once(self) -> bool:
        """The next frame; of two with the same events the first one is made void.

        There are two when `Ring.renew` was cut off.
        """
        sector, at, first, count = self.cursor.sector, self.cursor.at, self.first, self.count
        if not self.next_frame():
            return False
        if count and first == self.first and count == self.count:
            self.ring.void(sector, at)
        return True

    def next_event(self) -> bool:
        """Go to the next event, in this frame or a later one; False at the end."""
        while not self.next_event_here():
            if not self.next_frame():
                return False
        return True

    def next_event_here(self) -> bool:
        """Go to the next event in this frame; False when there is none."""
        if self._left == 0:
            return False
        self._left -= 1
        self._at += self._length
        if self._at + ITEM_BYTES <= self.cursor.length:
            self.ring.read(self.cursor, self._at, self._item)
            self._at += ITEM_BYTES
            self._length = self._item[1]
            self.seq = self._follows + self._item[0]
            self._follows = self.seq + 1
            if 0 < self._length <= self.cursor.length - self._at:
                return True
        self._left = 0
        return False

    def seek(self, seq: int) -> bool:
        """Go to the first event above `seq`, not below that of an earlier call.

        It begins in the frame where the last call found its event.
        """
        self._left = 0
        self.cursor.sector = self._mark_sector
        self.cursor.next_at = self._mark_at
        found = self.next_event_after(seq)
        self._mark_sector = self.cursor.sector
        self._mark_at = self.cursor.at
        return found

    def next_event_after(self, seq: int) -> bool:
        """Go on to the next event above `seq`."""
        while self.next_event():
            if self.seq > seq:
                return True
        return False

    def event(self) -> bytes:
        """The event it stands on."""
        body = bytearray(self._length)
        self.ring.read(self.cursor, self._at, body)
        return bytes(body)

    def session(self) -> "bytes | None":
        """The session record in the frame it stands on."""
        if self.session_bytes == NO_SESSION:
            return None
        body = bytearray(self.session_bytes)
        self.ring.read(self.cursor, HEAD_BYTES, body)
        return bytes(body)


def is_empty_above(turns: "Ring", seq: int) -> bool:
    """Whether the oldest of several sectors has no event above `seq`, by what the next one says.

    Its erase may have been cut off: then it is better not read.
    """
    walk = EventWalk(turns)
    walk.enter(turns.oldest + 1)
    return walk.next_frame() and walk.first <= seq + 1
