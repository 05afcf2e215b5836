"""Records of one length, packed: what bookings and cards have in common.

They lie in blocks of BLOCK_RECORDS, so that a table never has to grow in one piece: on a heap in
splinters there is room for one more block long after there is none for twice the table.
"""

BLOCK_RECORDS = 32


def index_of(records: bytearray, key: bytes, record_bytes: int) -> int:
    """Index of the record that begins with that key, -1 when there is none."""
    at = 0
    while True:
        at = records.find(key, at)
        if at < 0:
            return -1
        if at % record_bytes == 0:
            return at // record_bytes
        at += 1


class PackedRecords:
    """Records in no order; an index is good until the next change."""

    def __init__(self, record_bytes: int) -> None:
        self.record_bytes = record_bytes
        self._blocks: "list[bytearray]" = []
        self._count = 0
        self.version = 0  # counts changes, so that a reader knows when to look again

    def count(self) -> int:
        return self._count

    def index_of(self, key: bytes) -> int:
        """Index of the record that begins with that key, -1 when there is none."""
        blocks = self._blocks
        for number in range(len(blocks)):
            index = index_of(blocks[number], key, self.record_bytes)
            if index >= 0:
                index += number * BLOCK_RECORDS
                # Behind the last record there are zeros, which may be a key.
                return index if index < self._count else -1
        return -1

    def room(self) -> int:
        """Records that the blocks hold which there are."""
        return len(self._blocks) * BLOCK_RECORDS

    def reserve(self, count: int) -> None:
        """See to blocks for so many records in all; MemoryError when they cannot be had."""
        while self.room() < count:
            self._blocks.append(bytearray(BLOCK_RECORDS * self.record_bytes))

    def remove(self, index: int) -> None:
        """Forget one record; the last one takes its place."""
        self._count -= 1
        last = self.record(self._count)
        self.record(index)[:] = last
        last[:] = bytes(self.record_bytes)
        del self._blocks[(self._count + BLOCK_RECORDS - 1) // BLOCK_RECORDS :]
        self.version += 1

    def keep(self, marks: bytearray) -> None:
        """Forget the records whose index has no mark."""
        for index in range(self._count - 1, -1, -1):
            if not marks[index]:
                self.remove(index)

    def record(self, index: int) -> memoryview:
        """One record as stored."""
        at = index % BLOCK_RECORDS * self.record_bytes
        block = memoryview(self._blocks[index // BLOCK_RECORDS])
        return block[at : at + self.record_bytes]

    def parts(self) -> "list[memoryview]":
        """All records as stored, a piece for each block: to read, not to change."""
        return pieces(self._blocks, self._count * self.record_bytes)

    def blank(self, count: int) -> "list[bytearray]":
        """Blocks for so many records, to be filled by `pieces` and given to `load`."""
        wanted = range(0, count, BLOCK_RECORDS)
        return [bytearray(BLOCK_RECORDS * self.record_bytes) for _ in wanted]

    def load(self, blocks: "list[bytearray]", count: int) -> None:
        """Take these over in place of all there are."""
        self._blocks = blocks
        self._count = count
        self.version += 1

    def _add(self) -> int:
        """Index of a new record."""
        self.reserve(self._count + 1)
        self._count += 1
        return self._count - 1


def pieces(blocks: "list[bytearray]", length: int) -> "list[memoryview]":
    """The first `length` bytes of the blocks, one after the other."""
    views = []
    for block in blocks:
        if length > 0:
            views.append(memoryview(block)[: min(length, len(block))])
            length -= len(block)
    return views


class OneRecord(PackedRecords):
    """One record or none; nothing identifies it, and it needs no block of many."""

    def get(self) -> bytes:
        """The record, empty when there is none."""
        return bytes(self._blocks[0]) if self._count else b""

    def put(self, record: bytes) -> None:
        self.reserve(1)
        self._count = 1
        self._blocks[0][:] = record
        self.version += 1

    def index_of(self, key: bytes) -> int:  # noqa: ARG002 - nothing identifies it
        """Always that one."""
        return self._count - 1

    def room(self) -> int:
        """One, or none yet."""
        return len(self._blocks)

    def reserve(self, count: int) -> None:
        """MemoryError when it cannot be had."""
        if count and not self._blocks:
            self._blocks.append(bytearray(self.record_bytes))

    def blank(self, count: int) -> "list[bytearray]":
        """A block for the one."""
        return [bytearray(self.record_bytes)] if count else []
