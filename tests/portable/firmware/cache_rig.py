"""What the tests of the car's copy share: a centre's log in a dictionary, and its frames."""

import struct

from firmware.cache import Cache
from firmware.wire import codes
from firmware.wire.chain import EMPTY_HASH, next_hash
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.kb1_centre import split_for_snap
from firmware.wire.records import BOOKING, CARD
from hal.fake.flash import Flash

NOW = 197_200_000
SECTORS = 16


def booking(number: int, start: int = 3600) -> "tuple[int, bytes]":
    starts = EPOCH_2020_S + NOW + start
    return codes.OP_PUT_BOOKING, struct.pack(BOOKING, number, 7, starts, starts + 7200)


def no_booking(number: int) -> "tuple[int, bytes]":
    return codes.OP_DEL_BOOKING, struct.pack(">I", number)


def identifier(number: int) -> bytes:
    return struct.pack(">II", 0, number)


def card(number: int, owner: int = 7) -> "tuple[int, bytes]":
    return codes.OP_PUT_CARD, struct.pack(CARD, identifier(number), owner)


def no_card(number: int) -> "tuple[int, bytes]":
    return codes.OP_DEL_CARD, identifier(number)


def staff(number: int, owner: int = 3) -> "tuple[int, bytes]":
    return codes.OP_PUT_STAFF, struct.pack(CARD, identifier(number), owner)


def rot(flash: Flash, offset: int, bit: int = 0) -> None:
    """Two bits, which is more than can be mended; the same again takes it back."""
    flash.flip(offset, bit)
    flash.flip(offset, (bit + 3) & 7)


def reopened(flash: Flash) -> Cache:
    cache = Cache(flash)
    cache.open()
    return cache


def records_of(cache: Cache) -> "dict[tuple[int, bytes], bytes]":
    """(put op, identity) -> the record as stored; for a booking with its arrival."""
    found: "dict[tuple[int, bytes], bytes]" = {}
    tables = ((1, 4, cache.bookings), (3, 8, cache.cards), (5, 8, cache.staff))
    for op, ident_bytes, table in tables:
        for index in range(table.count()):
            record = bytes(table.record(index))
            found[op, record[:ident_bytes]] = record[ident_bytes:]
        assert table.count() == len([key for key in found if key[0] == op])
    return found


class Picture:
    """All that a copy says, to compare."""

    def __init__(self, cache: Cache) -> None:
        self.standing = (cache.gen, cache.rev, cache.hash8)
        self.lease_from_s = cache.lease_from_s
        self.records = records_of(cache)

    def equals(self, other: "Picture") -> bool:
        return (
            self.standing == other.standing
            and self.lease_from_s == other.lease_from_s
            and self.records == other.records
        )


class Centre:
    """The log of one car, and what the car should have: rules 1 and 3 of the protocol."""

    def __init__(self, gen: int = 0) -> None:
        self.gen = gen
        self.ops_in_chunk = 0  # 0: as many as a frame holds
        self.hashes = [EMPTY_HASH]
        self.ops: "list[tuple[int, bytes]]" = []
        #: (put op, identity) -> record.
        self.records: "dict[tuple[int, bytes], bytes]" = {}

    @property
    def rev(self) -> int:
        return len(self.ops)

    @property
    def hash8(self) -> bytes:
        return self.hashes[-1]

    def log(self, op: int, record: bytes) -> None:
        self.ops.append((op, record))
        self.hashes.append(next_hash(self.hash8, op, record))
        ident = record[: 4 if op <= codes.OP_DEL_BOOKING else 8]
        if op & 1:
            self.records[op, ident] = record
        elif (op - 1, ident) in self.records:
            del self.records[op - 1, ident]

    def delta(self, cache: Cache, ops: "list[tuple[int, bytes]]", at_s: int = NOW) -> int:
        """Log these and send them."""
        before = self.rev
        for op, record in ops:
            self.log(op, record)
        return self.send(cache, before, at_s)

    def send(self, cache: Cache, from_rev: int, at_s: int = NOW) -> int:
        ops = self.ops[from_rev:]
        return cache.apply(self.gen, from_rev, self.rev, self.hash8, ops, at_s)

    def chunks(self) -> "list[list[tuple[int, bytes]]]":
        ops = [(key[0], self.records[key]) for key in sorted(self.records)]
        size = self.ops_in_chunk
        if size:
            return [ops[at : at + size] for at in range(0, len(ops), size)] or [[]]
        return split_for_snap(ops)

    def snap(self, cache: Cache, at_s: int = NOW, order: "list[int] | None" = None) -> "list[int]":
        """Send the chunks, in this order; what the car made of each."""
        chunks = self.chunks()
        return [
            cache.take_chunk(
                self.gen, self.rev, self.hash8, number, len(chunks), chunks[number], at_s
            )
            for number in (range(len(chunks)) if order is None else order)
        ]

    def agrees(self, cache: Cache) -> bool:
        """Whether the copy is exactly this state, arrivals and lease left aside."""
        found = records_of(cache)
        wanted = {}
        for key, record in self.records.items():
            body = record[len(key[1]) :]
            if key[0] == codes.OP_PUT_BOOKING:
                driver, starts, ends = struct.unpack(">III", body)
                body = struct.pack(">III", driver, starts - EPOCH_2020_S, ends - EPOCH_2020_S)
                body += found.get(key, b"")[12:]
            wanted[key] = body
        standing = (self.gen, self.rev, self.hash8)
        return found == wanted and (cache.gen, cache.rev, cache.hash8) == standing
