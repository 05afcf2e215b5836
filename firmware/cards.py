"""Who a card belongs to, packed: identifier (8 bytes) and owner (4 bytes) each."""

import struct

RECORD_BYTES = 12
CARDS_MAX = 512


class Cards:
    """Identifiers are 8 bytes, always: leading zeros count."""

    def __init__(self) -> None:
        self._records = bytearray()

    def count(self) -> int:
        return len(self._records) // RECORD_BYTES

    def _find(self, identifier: bytes) -> int:
        at = 0
        while True:
            at = self._records.find(identifier, at)
            if at < 0 or at % RECORD_BYTES == 0:
                return at
            at += 1

    def owner(self, identifier: bytes) -> int:
        """The owner's number, 0 when the card is not known."""
        at = self._find(identifier)
        if at < 0:
            return 0
        value: int = struct.unpack_from(">I", self._records, at + 8)[0]
        return value

    def put(self, identifier: bytes, owner: int) -> bool:
        """Add or replace; False when the copy is full or the identifier has not 8 bytes."""
        if len(identifier) != 8:
            return False
        at = self._find(identifier)
        if at < 0:
            if self.count() >= CARDS_MAX:
                return False
            self._records.extend(identifier + struct.pack(">I", owner))
        else:
            struct.pack_into(">I", self._records, at + 8, owner)
        return True

    def delete(self, identifier: bytes) -> None:
        """Forget a card; one that is not there is no error."""
        at = self._find(identifier)
        if at >= 0:
            last = len(self._records) - RECORD_BYTES
            self._records[at : at + RECORD_BYTES] = self._records[last:]
            self._records = self._records[:last]

    def dump(self) -> bytearray:
        """All records as stored."""
        return self._records

    def load(self, records: "bytes | bytearray") -> None:
        """Replace all by records as `dump` gave them; a cut-off last one is left out."""
        whole = len(records) - len(records) % RECORD_BYTES
        self._records = bytearray(records[:whole])
