"""What the centre fills - bookings, cards, staff cards, terms, a key - and operations on it."""

import struct

from firmware.bookings import Bookings
from firmware.cards import Cards
from firmware.packed_records import BLOCK_RECORDS, OneRecord
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.records import BOOKING, CARD, KEY_BYTES, TERMS_BYTES, TERMS_FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware.packed_records import PackedRecords

    Op = tuple[int, bytes]

#: In all tables together: what the RAM of the smallest box holds.
RECORDS_MAX = 512
#: Memory for that many records as a frame's parser makes them is left free: the longest frame
#: has 60, and as much again goes for what is made of them.
_SPARE_RECORDS = 128
#: Bookings, cards, staff cards: the first of all tables.
_WITH_BLOCKS = 3
#: Bytes of the longest operation with its two bytes of head.
OP_BYTES_MAX = 51

# What speaks against an operation.
SENSELESS = 3  #: genuine, and yet it cannot be
UNSUPPORTED = 6  #: of a later version

_TIME_MAX_S = 0x3FFFFFFF
#: What stands before the record of each operation: its number and the record's length.
_HEADS = {
    codes.OP_PUT_BOOKING: bytes((codes.OP_PUT_BOOKING, 16)),
    codes.OP_DEL_BOOKING: bytes((codes.OP_DEL_BOOKING, 4)),
    codes.OP_PUT_CARD: bytes((codes.OP_PUT_CARD, 12)),
    codes.OP_DEL_CARD: bytes((codes.OP_DEL_CARD, 8)),
    codes.OP_PUT_STAFF: bytes((codes.OP_PUT_STAFF, 12)),
    codes.OP_DEL_STAFF: bytes((codes.OP_DEL_STAFF, 8)),
    codes.OP_PUT_TERMS: bytes((codes.OP_PUT_TERMS, TERMS_BYTES)),
    codes.OP_DEL_TERMS: bytes((codes.OP_DEL_TERMS, 0)),
    codes.OP_PUT_KEY: bytes((codes.OP_PUT_KEY, KEY_BYTES)),
    codes.OP_DEL_KEY: bytes((codes.OP_DEL_KEY, 0)),
}


def is_put(op: int) -> bool:
    """Whether it puts a record; deletions have even numbers."""
    return op & 1 == 1


def kind_of(op: int) -> int:
    """The table that it is for: 0 bookings, 1 cards, 2 staff cards, 3 terms, 4 key."""
    return (op - 1) // 2


def ident_of(op: int, record: bytes) -> bytes:
    """What identifies the record of an operation that makes sense."""
    if op >= codes.OP_PUT_TERMS:
        return b""
    return record[:4] if kind_of(op) == 0 else record[:8]


def makes_sense(op: int, record: bytes) -> bool:
    """Known operation, right length, numbers that are somebody's, times that can be."""
    head = _HEADS.get(op)
    if head is None or head[1] != len(record):
        return False
    if op == codes.OP_PUT_BOOKING:
        booking, driver, starts, ends = struct.unpack(BOOKING, record)
        if booking == 0 or driver == 0:
            return False
        return bool(EPOCH_2020_S <= starts < ends <= EPOCH_2020_S + _TIME_MAX_S)
    if op == codes.OP_PUT_TERMS:
        return record[0] == TERMS_FORMAT
    return not is_put(op) or op == codes.OP_PUT_KEY or bool(struct.unpack(CARD, record)[1])


def pack_ops(ops: "list[Op]", parts: "list[bytes]") -> None:
    """Append operations that make sense as they are on the wire: op u8 | length u8 | record."""
    for op, record in ops:
        parts.append(_HEADS[op])
        parts.append(record)


def unpack_ops(body: bytes, at: int) -> "list[Op]":
    """What `pack_ops` wrote, from `at` on."""
    ops = []
    while at + 2 <= len(body):
        ops.append((body[at], body[at + 2 : at + 2 + body[at + 1]]))
        at += 2 + body[at + 1]
    return ops


class Tables:
    """Takes only operations that make sense."""

    def __init__(self) -> None:
        self.bookings = Bookings()
        self.cards = Cards()
        self.staff = Cards()
        self.terms = OneRecord(TERMS_BYTES)
        self.key = OneRecord(KEY_BYTES)
        self.all: "tuple[PackedRecords, ...]" = (
            self.bookings,
            self.cards,
            self.staff,
            self.terms,
            self.key,
        )

        self._look_inside: "Callable[[int, bytes], int] | None" = None

    def check_with(self, look_inside: "Callable[[int, bytes], int]") -> None:
        """`look_inside(op, record)`: what speaks against terms or a key that are put; 0: nothing."""
        self._look_inside = look_inside

    def objection_to(self, ops: "list[Op]", only_puts: bool = False) -> int:
        """The first one; 0 when there is none."""
        for op, record in ops:
            found = SENSELESS if only_puts and not is_put(op) else self.objection(op, record)
            if found:
                return found
        return 0

    def objection(self, op: int, record: bytes) -> int:
        """0 when there is none."""
        if not makes_sense(op, record):
            is_later = op == codes.OP_PUT_TERMS and record[:1] > bytes((TERMS_FORMAT,))
            return UNSUPPORTED if is_later or op > codes.OP_DEL_KEY else SENSELESS
        if op < codes.OP_PUT_TERMS or not record or self._look_inside is None:
            return 0
        return self._look_inside(op, record)

    def count(self) -> int:
        """Records in all of them."""
        return sum([table.count() for table in self.all])

    def clear(self) -> None:
        for table in self.all:
            table.load([], 0)

    def fit(self, ops: "list[Op]") -> bool:
        """Whether RECORDS_MAX holds while these are done one after the other, and the memory."""
        puts = 0
        counts = [table.count() for table in self.all]
        for op, _ in ops:
            if is_put(op):
                puts += 1
                counts[kind_of(op)] += 1
        return self._stay_few(ops, puts) and self.has_memory_for(counts)

    def has_memory_for(self, counts: "list[int]") -> bool:
        """Whether so many records in each table can be had without taking the last memory there is.

        Asked before a change is written to flash: what stands there a start must be able to do. A
        block of one table is none of another; terms and key fit into what is left free.
        """
        more = 0
        for kind in range(_WITH_BLOCKS):
            lacking = counts[kind] - self.all[kind].room()
            if lacking > 0:
                more += lacking + -lacking % BLOCK_RECORDS
        return more == 0 or has_memory(self.bookings, more)

    def _stay_few(self, ops: "list[Op]", puts: int) -> bool:
        count = self.count()
        if count + puts <= RECORDS_MAX:
            return True
        for i in range(len(ops)):
            was_there = self._is_there_before(ops, i)
            if is_put(ops[i][0]):
                count += 0 if was_there else 1
            else:
                count -= 1 if was_there else 0
            if count > RECORDS_MAX:
                return False
        return True

    def _is_there_before(self, ops: "list[Op]", index: int) -> bool:
        """Whether the record of ops[index] is there when those before it are done."""
        op, record = ops[index]
        ident = ident_of(op, record)
        for i in range(index - 1, -1, -1):
            if kind_of(ops[i][0]) == kind_of(op) and ident_of(*ops[i]) == ident:
                return is_put(ops[i][0])
        return self.all[kind_of(op)].index_of(ident) >= 0

    def do(self, op: int, record: bytes, at_s: int) -> None:
        """Put or delete; at_s: now in seconds since 2020, 0 when the clock is not trusted."""
        if op == codes.OP_PUT_BOOKING:
            booking, driver, starts, ends = struct.unpack(BOOKING, record)
            self.bookings.put(booking, driver, starts - EPOCH_2020_S, ends - EPOCH_2020_S, at_s)
        elif op == codes.OP_PUT_TERMS:
            self.terms.put(record)
        elif op == codes.OP_PUT_KEY:
            self.key.put(record)
        elif is_put(op):
            identifier, owner = struct.unpack(CARD, record)
            cards = self.cards if op == codes.OP_PUT_CARD else self.staff
            cards.put(identifier, owner)
        else:
            table = self.all[kind_of(op)]
            index = table.index_of(record)
            if index >= 0:
                table.remove(index)

    def marks(self) -> "list[bytearray]":
        """One byte for each record there is, in each table."""
        return [bytearray(table.count()) for table in self.all]

    def mark(self, marks: "list[bytearray]", op: int, record: bytes) -> None:
        """Mark the record that this operation is about, if it is there."""
        kind = kind_of(op)
        index = self.all[kind].index_of(ident_of(op, record))
        if index >= 0:
            marks[kind][index] = 1

    def sweep(self, marks: "list[bytearray]") -> None:
        """Forget what has no mark."""
        for kind in range(len(marks)):
            self.all[kind].keep(marks[kind])


def has_memory(table: "PackedRecords", count: int) -> bool:
    """Whether blocks for so many records can be had, and what one more frame needs."""
    try:
        taken: "list[object]" = [table.blank(count)]
        for _ in range(_SPARE_RECORDS):
            taken.append((count, bytes(OP_BYTES_MAX)))
    except MemoryError:
        return False
    return True
