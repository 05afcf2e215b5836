"""Who a card belongs to, packed: identifier (8 bytes) and owner (4 bytes) each."""

import struct

from firmware.packed_records import PackedRecords
from firmware.wire.journal_format import NO_IDENT

RECORD_BYTES = 12
CARDS_MAX = 512


class Cards(PackedRecords):
    """Identifiers are 8 bytes, always: leading zeros count."""

    def __init__(self) -> None:
        super().__init__(RECORD_BYTES)

    def owner(self, identifier: bytes) -> int:
        """The owner's number, 0 when the card is not known; NO_IDENT is nobody's, always."""
        index = self.index_of(identifier)
        if index < 0 or identifier == NO_IDENT:
            return 0
        value: int = struct.unpack_from(">I", self.record(index), 8)[0]
        return value

    def put(self, identifier: bytes, owner: int) -> bool:
        """Add or replace; False when the copy is full or the identifier has not 8 bytes."""
        if len(identifier) != 8:
            return False
        index = self.index_of(identifier)
        if index < 0:
            if self.count() >= CARDS_MAX:
                return False
            index = self._add()
        struct.pack_into(">8sI", self.record(index), 0, identifier, owner)
        self.version += 1
        return True

    def delete(self, identifier: bytes) -> None:
        """Forget a card; one that is not there is no error."""
        index = self.index_of(identifier)
        if index >= 0:
            self.remove(index)
