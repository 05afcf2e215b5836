"""Chunks of a snapshot, kept in the ring of the cache until the last one is there.

    STAGE   stage u32 | chunk u8 | n x (op u8 | length u8 | record)
    SWITCH  stage u32 | at u32 | gen u32 | rev u32 | hash 8 | chunks u8

A stage is one attempt to collect one snapshot; its number tells its frames from those of given-up
attempts. SWITCH makes the snapshot what holds, in one frame: until it is durable the old state
is, from then on the chunks are needed. A stage without it does not survive a reset.
"""

import struct

from firmware.packed_records import index_of
from firmware.ring_cursor import Cursor
from firmware.tables import OP_BYTES_MAX, ident_of, is_put, kind_of, makes_sense, pack_ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ring import Ring
    from firmware.tables import Op, Tables

STAGE = 4
SWITCH = 5
SWITCH_FORMAT = ">IIII8sB"
#: More chunks than this are not taken: 512 records come in 10.
CHUNKS_MAX = 64

_HEAD = ">IB"
_HEAD_BYTES = 5
_IDENT_BYTES = 9


class Stage:
    """Which chunks of which snapshot are there; at most one snapshot at a time."""

    def __init__(self, ring: "Ring") -> None:
        self._ring = ring
        self._head = bytearray(_HEAD_BYTES)
        self._highest = 0
        #: Of the stage whose frames are looked at, and where to look from.
        self.number = 0
        self._from = (-1, 0)
        self.gen = 0
        self.rev = 0
        self._hash8 = b""
        #: 0: nothing is being collected.
        self.chunks = 0
        self._present = 0
        self.counts = [0] * 5  # records for each table

    def note_number(self, cursor: Cursor) -> None:
        """A STAGE frame was found by the first walk after a reset: its number is not free."""
        self._highest = max(self._highest, self._number(cursor))

    def note(self, cursor: Cursor, before: "tuple[int, int]") -> None:
        """A STAGE frame was found by the walk that brings the state back."""
        number = self._number(cursor)
        if number != self.number:
            self.number = number
            self._from = before

    def _number(self, cursor: Cursor) -> int:
        if cursor.length < _HEAD_BYTES:
            return 0
        self._ring.read(cursor, 0, self._head)
        number: int = struct.unpack(_HEAD, self._head)[0]
        return number

    def begin(self, gen: int, rev: int, hash8: bytes, chunks: int) -> None:
        """Collect this snapshot from now on."""
        self._highest += 1
        self.number = self._highest
        self._from = (self._ring.head, self._ring.end)
        self.gen = gen
        self.rev = rev
        self._hash8 = hash8
        self.chunks = chunks
        self._present = 0
        self.counts = [0] * 5

    def forget(self) -> None:
        self.chunks = 0

    def is_of(self, gen: int, rev: int, hash8: bytes, chunks: int) -> bool:
        """Whether this is the snapshot that is being collected."""
        return (
            self.chunks == chunks and self.gen == gen and self.rev == rev and self._hash8 == hash8
        )

    def has(self, chunk: int) -> bool:
        return bool(self._present >> chunk & 1)

    def is_complete(self) -> bool:
        return self._present == (1 << self.chunks) - 1

    def pack(self, chunk: int, ops: "list[Op]") -> "list[bytes]":
        """The parts of the frame of a chunk."""
        parts = [struct.pack(_HEAD, self.number, chunk)]
        pack_ops(ops, parts)
        return parts

    def add(self, chunk: int, ops: "list[Op]") -> None:
        """Its frame is durable."""
        self._present |= 1 << chunk
        for op, _ in ops:
            self.counts[kind_of(op)] += 1

    def pack_switch(self, at_s: int) -> bytes:
        return struct.pack(
            SWITCH_FORMAT,
            self.number,
            at_s,
            self.gen,
            self.rev,
            self._hash8,
            self.chunks,
        )

    def repeats(self, ops: "list[Op]") -> bool:
        """Whether one of these is about a record that another of them, or a chunk, has already."""
        idents = bytearray()
        for op, record in ops:
            ident = _ident(op, record)
            if index_of(idents, ident, _IDENT_BYTES) >= 0:
                return True
            idents.extend(ident)
        walk = StagedOps(self._ring, self.number, self._from)
        while walk.next():
            if index_of(idents, _ident(walk.op, walk.record), _IDENT_BYTES) >= 0:
                return True
        return False

    def is_whole(self, chunks: int) -> bool:
        """Whether all that was staged can still be read."""
        walk = StagedOps(self._ring, self.number, self._from)
        while walk.next():
            if not is_put(walk.op) or not makes_sense(walk.op, walk.record):
                return False
        return walk.present == (1 << chunks) - 1

    def merge(self, tables: "Tables", at_s: int) -> None:
        """Make the tables what the chunks say; bookings that stay keep their arrival (START-4)."""
        marks = tables.marks()
        walk = StagedOps(self._ring, self.number, self._from)
        while walk.next():
            tables.mark(marks, walk.op, walk.record)
        tables.sweep(marks)
        walk = StagedOps(self._ring, self.number, self._from)
        while walk.next():
            tables.do(walk.op, walk.record, at_s)


class StagedOps:
    """Walks over the operations of one stage; holds one at a time."""

    def __init__(self, ring: "Ring", number: int, start: "tuple[int, int]") -> None:
        self._ring = ring
        self._number = number
        self._cursor = Cursor()
        self._cursor.sector, self._cursor.next_at = start
        self._at = 0
        self._small = memoryview(bytearray(OP_BYTES_MAX))
        #: A bit for each chunk passed.
        self.present = 0
        self.op = 0
        self.record = b""

    def next(self) -> bool:
        """Go to the next operation; False when there is none."""
        while self._at >= self._cursor.length:
            if not self._find_chunk():
                return False
        view = self._small[: min(OP_BYTES_MAX, self._cursor.length - self._at)]
        self._ring.read(self._cursor, self._at, view)
        length = self._small[1]
        self.op = self._small[0]
        self.record = bytes(view[2 : 2 + length])
        self._at += 2 + length
        return True

    def _find_chunk(self) -> bool:
        cursor = self._cursor
        while self._ring.advance(cursor):
            self._at = cursor.length
            if cursor.kind == STAGE and cursor.length >= _HEAD_BYTES:
                head = self._small[:_HEAD_BYTES]
                self._ring.read(cursor, 0, head)
                number, chunk = struct.unpack(_HEAD, head)
                if number == self._number:
                    self._at = _HEAD_BYTES
                    self.present |= 1 << chunk
                    return True
        return False


def _ident(op: int, record: bytes) -> bytes:
    """What a put is about: its table and the record's identity, filled up to one length."""
    ident = ident_of(op, record)
    return bytes((kind_of(op),)) + ident + bytes(_IDENT_BYTES - 1 - len(ident))
