"""The whole copy in the ring of the cache: written, taken up again after a power cut, read.

    COPY    number u8 | frames u8 | part of: standing | bookings | cards | staff cards |
            terms | key
    standing    gen u32 | rev u32 | hash 8 | bookings u16 | cards u16 | staff u16 |
                crc32 of the tables u32 | lease u32

The two highest bits of `cards` and of `staff` count terms and keys, 0 or 1 each.

Every frame but the last fills a sector, so that power cuts in a row use nothing up: each goes to
a sector of its own, which is erased again if the frame is torn. Nothing else may be appended
before the copy is finished, or what there is of it is lost.
"""

import struct
from binascii import crc32

from firmware.packed_records import pieces
from firmware.ring_cursor import Cursor
from firmware.ring_sectors import BODY, FRAME_BYTES
from firmware.wire.chain import EMPTY_HASH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ring import Ring
    from firmware.tables import Tables

COPY = 6
_HEAD_BYTES = 2
_STANDING = ">II8sHHHII"
_STANDING_BYTES = 30
_LEASE_BYTES = 4
_COUNT_BITS = 14
_COUNT = (1 << _COUNT_BITS) - 1
#: An append goes to that many places before it is given up.
_TRIES = 4


def append(ring: "Ring", kind: int, parts: "list[bytes]") -> bool:
    """One frame, durable when true; erases a sector for it if need be."""
    for _ in range(_TRIES):
        if ring.append(kind, parts):
            return True
        if not ring.ready:
            ring.prepare()
    return False


class WholeCopy:
    """`note` every frame of the ring once, then `load`; `write` whenever room is wanted."""

    def __init__(self, ring: "Ring", tables: "Tables") -> None:
        self._ring = ring
        self._tables = tables
        self._part_bytes = ring.sector_bytes - BODY - FRAME_BYTES - _HEAD_BYTES
        self._small = bytearray(_HEAD_BYTES)
        #: Frames of an unfinished copy at the end of the ring, the sector of its first, and
        #: where it stands.
        self._done = 0
        self._sector = 0
        self._standing = bytearray(_STANDING_BYTES)
        self._before = (-1, 0)
        #: Where to look for the newest whole copy, and the sector of its first frame; -1: none.
        self._whole_before = (-1, 0)
        self._whole_sector = -1

    def give_up(self) -> None:
        """Something else was appended, or is about to be."""
        self._done = 0

    def note(self, cursor: Cursor, before: "tuple[int, int]") -> None:
        """Look at the next frame of the ring; before: sector and end of the one before."""
        if cursor.kind != COPY or cursor.length < _HEAD_BYTES:
            self._done = 0
            return
        self._ring.read(cursor, 0, self._small)
        number, frames = self._small
        if number == 0 and cursor.length >= _HEAD_BYTES + _STANDING_BYTES:
            self._done = 0
            self._before = before
            self._sector = cursor.sector
            self._ring.read(cursor, _HEAD_BYTES, self._standing)
        self._done = self._done + 1 if number == self._done else 0
        if self._done == frames:
            self._whole_before = self._before
            self._whole_sector = self._sector
            self._done = 0

    def load(self, cursor: Cursor) -> "tuple[int, int, bytes, int]":
        """(gen, rev, hash, lease) of the newest whole copy; all 0 without one.

        The tables are filled, and the cursor is left before the first frame behind it.
        """
        if self._whole_sector < 0:
            return 0, 0, EMPTY_HASH, 0
        ring = self._ring
        ring.release(self._whole_sector)
        cursor.sector, cursor.next_at = self._whole_before
        ring.advance(cursor)
        standing = bytearray(_STANDING_BYTES)
        ring.read(cursor, _HEAD_BYTES, standing)
        gen, rev, hash8, bookings, cards, staff, _, lease_s = struct.unpack(_STANDING, standing)
        tables = self._tables
        counts = (
            bookings,
            cards & _COUNT,
            staff & _COUNT,
            cards >> _COUNT_BITS,
            staff >> _COUNT_BITS,
        )
        segments = [memoryview(standing)]
        blocks = []
        for i in range(len(counts)):
            blocks.append(tables.all[i].blank(counts[i]))
            segments.extend(pieces(blocks[i], counts[i] * tables.all[i].record_bytes))
        ring.read(cursor, 1, memoryview(self._small)[:1])
        frames = self._small[0]
        if sum([len(segment) for segment in segments]) > frames * self._part_bytes:
            return 0, 0, EMPTY_HASH, 0  # whole, and yet no program of ours wrote this
        for number in range(frames):
            at = _HEAD_BYTES
            for view in _views(segments, number * self._part_bytes, self._part_bytes):
                if at + len(view) > cursor.length:
                    return 0, 0, EMPTY_HASH, 0
                ring.read(cursor, at, view)
                at += len(view)
            if number + 1 < frames:
                ring.advance(cursor)
        for i in range(len(counts)):
            tables.all[i].load(blocks[i], counts[i])
        return gen, rev, hash8, lease_s

    def take_up(self, gen: int, rev: int, hash8: bytes) -> None:
        """After a reset: is the unfinished copy at the ring's end one of what the car has now?"""
        now = self._pack_standing(gen, rev, hash8, 0)
        if now[:-_LEASE_BYTES] != bytes(self._standing[:-_LEASE_BYTES]):
            self._done = 0

    def write(self, gen: int, rev: int, hash8: bytes, lease_s: int) -> bool:
        """Make the copy whole, and free all before it; False leaves the rest for the next time."""
        ring = self._ring
        segments = [memoryview(self._pack_standing(gen, rev, hash8, lease_s))]
        for table in self._tables.all:
            segments.extend(table.parts())
        length = sum([len(segment) for segment in segments])
        frames = (length + self._part_bytes - 1) // self._part_bytes
        while self._done < frames:
            parts = [bytes((self._done, frames))]
            for view in _views(segments, self._done * self._part_bytes, self._part_bytes):
                parts.append(view)  # type: ignore[arg-type]  # a view spares a copy
            if not append(ring, COPY, parts):
                return False
            if self._done == 0:
                self._sector = ring.head
            self._done += 1
        ring.release(self._sector)
        self._done = 0
        return True

    def _pack_standing(self, gen: int, rev: int, hash8: bytes, lease_s: int) -> bytes:
        tables = self._tables
        crc = 0
        for table in tables.all:
            for part in table.parts():
                crc = crc32(part, crc)
        return struct.pack(
            _STANDING,
            gen,
            rev,
            hash8,
            tables.bookings.count(),
            tables.cards.count() | tables.terms.count() << _COUNT_BITS,
            tables.staff.count() | tables.key.count() << _COUNT_BITS,
            crc,
            lease_s,
        )


def _views(segments: "list[memoryview]", start: int, count: int) -> "list[memoryview]":
    """The bytes from `start` to `start + count` of the segments, one after the other."""
    views = []
    for segment in segments:
        if count and start < len(segment):
            taken = min(count, len(segment) - start)
            views.append(segment[start : start + taken])
            count -= taken
            start += taken
        start -= len(segment)
    return views
