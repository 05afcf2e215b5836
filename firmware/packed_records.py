"""Records of one length in one bytearray: what bookings and cards have in common."""


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
        self._records = bytearray()
        self.version = 0  # counts changes, so that a reader knows when to look again

    def count(self) -> int:
        return len(self._records) // self.record_bytes

    def index_of(self, key: bytes) -> int:
        """Index of the record that begins with that key, -1 when there is none."""
        return index_of(self._records, key, self.record_bytes)

    def remove(self, index: int) -> None:
        """Forget one record; the last one takes its place."""
        at = index * self.record_bytes
        last = len(self._records) - self.record_bytes
        self._records[at : at + self.record_bytes] = self._records[last:]
        self._records[last:] = b""
        self.version += 1

    def keep(self, marks: bytearray) -> None:
        """Forget the records whose index has no mark."""
        for index in range(self.count() - 1, -1, -1):
            if not marks[index]:
                self.remove(index)

    def dump(self) -> bytearray:
        """All records as stored: to read, not to change."""
        return self._records

    def load(self, records: bytearray) -> None:
        """Take these over in place of all there are."""
        self._records = records
        self.version += 1


class OneRecord(PackedRecords):
    """One record or none; nothing identifies it."""

    def index_of(self, key: bytes) -> int:  # noqa: ARG002 - nothing identifies it
        """Always that one."""
        return 0 if self._records else -1

    def put(self, record: bytes) -> None:
        self._records[:] = record
        self.version += 1
