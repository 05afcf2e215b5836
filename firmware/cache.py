"""The car's durable copy of what the centre says: bookings, cards, staff cards, and its revision.

Changes are frames in a ring; now and then the whole copy is written once more and what lies
before it is given up. After a reset the newest whole copy and the changes behind it are read.

    CHANGE   rev u32 | at u32 | n x (op u8 | length u8 | record)         at: seconds since 2020
    COPY     position u8 | rev u32 | table u8 | records                  position: 1 first, 2 last

A change is in memory only after it is in flash.
"""

import struct

from firmware.bookings import Bookings
from firmware.cards import Cards
from firmware.ring import Cursor, Ring
from firmware.ring_sectors import PAGE_BYTES
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.messages import BOOKING, CARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Storage

CHANGE = 1
COPY = 2
_FIRST = 1
_LAST = 2
_ROLE = 2  # tells this ring from the journal's in a sector header
_INSTANCE = 1
_CHUNK_BYTES = 960  # a multiple of both record sizes, 20 and 12
_TIME_MAX_S = 0x3FFFFFFF
#: Sectors kept free for writing a whole copy: 512 bookings and 512 cards take 5.
_SPARE_SECTORS = 6

_LENGTHS = {
    codes.OP_PUT_BOOKING: 16,
    codes.OP_DEL_BOOKING: 4,
    codes.OP_PUT_CARD: 12,
    codes.OP_DEL_CARD: 8,
    codes.OP_PUT_STAFF: 12,
    codes.OP_DEL_STAFF: 8,
}


class Cache:
    """`rev` is 0 while the car has heard nothing."""

    def __init__(self, storage: "Storage") -> None:
        self._ring = Ring(storage, 0, storage.sectors, _ROLE, bytearray(PAGE_BYTES))
        self.bookings = Bookings()
        self.cards = Cards()
        self.staff = Cards()
        self.rev = 0

    def open(self) -> None:
        """Read the copy; whatever the flash holds, this ends with a usable one."""
        ring = self._ring
        ring.open(-1)
        if ring.instance < 0:
            ring.begin(_INSTANCE)
            return
        start = self._newest_copy()
        cursor = Cursor()
        cursor.sector, cursor.next_at = start
        while ring.advance(cursor):
            body = bytearray(cursor.length)
            ring.read(cursor, 0, body)
            self._replay(cursor.kind, bytes(body))

    def _newest_copy(self) -> "tuple[int, int]":
        """Where the newest copy that is whole begins; the ring's beginning when there is none."""
        ring = self._ring
        cursor = Cursor()
        begin = whole = (-1, 0)
        position = bytearray(1)
        before = (-1, 0)
        while ring.advance(cursor):
            if cursor.kind == COPY and cursor.length:
                ring.read(cursor, 0, position)
                if position[0] & _FIRST:
                    begin = before
                if position[0] & _LAST:
                    whole = begin
            before = (cursor.sector, cursor.next_at)
        return whole

    def _replay(self, kind: int, body: bytes) -> None:
        if kind == CHANGE and len(body) >= 8:
            self.rev, at_s = struct.unpack_from(">II", body, 0)
            at = 8
            while at + 2 <= len(body):
                self._do(body[at], body[at + 2 : at + 2 + body[at + 1]], at_s)
                at += 2 + body[at + 1]
        elif kind == COPY and len(body) >= 6:
            self._replay_copy(body)

    def _replay_copy(self, body: bytes) -> None:
        if body[0] & _FIRST:
            self.bookings.load(b"")
            self.cards.load(b"")
            self.staff.load(b"")
        self.rev = struct.unpack_from(">I", body, 1)[0]
        if body[5] == 0:
            self.bookings.load(self.bookings.dump() + body[6:])
        elif body[5] == 1:
            self.cards.load(self.cards.dump() + body[6:])
        else:
            self.staff.load(self.staff.dump() + body[6:])

    def apply(self, ops: "list[tuple[int, bytes]]", to_rev: int, at_s: int) -> bool:
        """Make the changes durable, then true; False leaves everything as it was.

        at_s: now in seconds since 2020, 0 when the clock is not trusted.
        """
        parts = [struct.pack(">II", to_rev, at_s)]
        for op, record in ops:
            if not _makes_sense(op, record):
                return False
            parts.append(bytes((op, len(record))))
            parts.append(record)
        if not self._append(CHANGE, parts):
            return False
        for op, record in ops:
            self._do(op, record, at_s)
        self.rev = to_rev
        if self._ring.free_sectors() <= _SPARE_SECTORS:
            self._write_copy()
        return True

    def _append(self, kind: int, parts: "list[bytes]") -> bool:
        ring = self._ring
        if ring.append(kind, parts):
            return True
        while ring.prepare():
            if ring.append(kind, parts):
                return True
        return False

    def _write_copy(self) -> None:
        """The whole copy once more; what lies before it is not needed then."""
        tables = (self.bookings.dump(), self.cards.dump(), self.staff.dump())
        chunks = []
        for table in range(3):
            for at in range(0, len(tables[table]), _CHUNK_BYTES):
                chunks.append((table, at))
        chunks = chunks or [(0, 0)]
        begin = self._ring.head
        for i in range(len(chunks)):
            table, at = chunks[i]
            position = (_FIRST if i == 0 else 0) | (_LAST if i == len(chunks) - 1 else 0)
            head = struct.pack(">BIB", position, self.rev, table)
            records = bytes(tables[table][at : at + _CHUNK_BYTES])
            if not self._append(COPY, [head, records]):
                return
        self._ring.release(begin)

    def service(self) -> bool:
        """Idle work: erase a sector ahead; True when one was erased."""
        return self._ring.ready < 1 and self._ring.prepare()

    def _do(self, op: int, record: bytes, at_s: int) -> None:
        if not _makes_sense(op, record):
            return
        if op == codes.OP_PUT_BOOKING:
            booking, driver, starts, ends = struct.unpack(BOOKING, record)
            self.bookings.put(booking, driver, starts - EPOCH_2020_S, ends - EPOCH_2020_S, at_s)
        elif op == codes.OP_DEL_BOOKING:
            self.bookings.delete(struct.unpack(">I", record)[0])
        elif op == codes.OP_PUT_CARD:
            identifier, owner = struct.unpack(CARD, record)
            self.cards.put(identifier, owner)
        elif op == codes.OP_DEL_CARD:
            self.cards.delete(record)
        elif op == codes.OP_PUT_STAFF:
            identifier, owner = struct.unpack(CARD, record)
            self.staff.put(identifier, owner)
        else:
            self.staff.delete(record)


def _makes_sense(op: int, record: bytes) -> bool:
    """Known operation, right length, times that can be."""
    if _LENGTHS.get(op) != len(record):
        return False
    if op != codes.OP_PUT_BOOKING:
        return True
    _, _, starts, ends = struct.unpack(BOOKING, record)
    return EPOCH_2020_S <= starts < ends <= EPOCH_2020_S + _TIME_MAX_S  # type: ignore[no-any-return]
