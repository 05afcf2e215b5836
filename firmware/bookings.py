"""The car's copy of bookings, packed: 20 bytes each, never as dictionaries.

Wall times are seconds since 2020-01-01 (small integers on a 32-bit chip).
"""

import struct

from firmware.packed_records import BLOCK_RECORDS, PackedRecords

RECORD = ">IIIII"  # id, driver, starts, ends, received
RECORD_BYTES = 20
BOOKINGS_MAX = 512


class Bookings(PackedRecords):
    """Records in no order; an index is good until the next change."""

    def __init__(self) -> None:
        super().__init__(RECORD_BYTES)

    def _field(self, index: int, offset: int) -> int:
        block = self._blocks[index // BLOCK_RECORDS]
        at = index % BLOCK_RECORDS * RECORD_BYTES
        value: int = struct.unpack_from(">I", block, at + offset)[0]
        return value

    def id(self, index: int) -> int:
        return self._field(index, 0)

    def driver(self, index: int) -> int:
        return self._field(index, 4)

    def starts_s(self, index: int) -> int:
        return self._field(index, 8)

    def ends_s(self, index: int) -> int:
        return self._field(index, 12)

    def received_s(self, index: int) -> int:
        """When this booking first reached the car (START-4); 0 when its clock could not tell."""
        return self._field(index, 16)

    def find(self, booking: int) -> int:
        """Index of the booking, -1 when the car does not have it."""
        return self.index_of(struct.pack(">I", booking))

    def put(self, booking: int, driver: int, starts_s: int, ends_s: int, received_s: int) -> bool:
        """Add or replace; False when the copy is full. An unmoved start keeps its first arrival."""
        index = self.find(booking)
        if index < 0:
            if self.count() >= BOOKINGS_MAX:
                return False
            index = self._add()
        elif self.starts_s(index) == starts_s:
            before_s = self.received_s(index)
            if received_s == 0 or before_s < received_s:
                received_s = before_s
        struct.pack_into(
            RECORD,
            self.record(index),
            0,
            booking,
            driver,
            starts_s,
            ends_s,
            received_s,
        )
        self.version += 1
        return True

    def delete(self, booking: int) -> None:
        """Forget a booking; one that is not there is no error."""
        index = self.find(booking)
        if index >= 0:
            self.remove(index)
