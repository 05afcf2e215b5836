"""Raw flash: a partition of its own, without a file system.

`writeblocks` with an offset programs and erases nothing, so bits only go from 1 to 0; without an
offset it would erase first. `ioctl(6)` erases a block of 4,096 bytes (ports/esp32/esp32_partition.c).
The chip writes its pages of 256 bytes one after the other; a cut tears the one under way.
"""

import errno

from esp32 import Partition

_BLOCK_COUNT = 4
_BLOCK_BYTES = 5
_ERASE = 6


class PartitionStorage:
    """A `Storage`: the data partition with this label."""

    def __init__(self, label: str) -> None:
        found = Partition.find(Partition.TYPE_DATA, label=label)
        if not found:
            raise ValueError(
                "no partition is called %s; flash the partition table of boards/esp32" % label
            )
        self._partition = found[0]
        self.sectors: int = self._partition.ioctl(_BLOCK_COUNT, 0)
        self.sector_bytes: int = self._partition.ioctl(_BLOCK_BYTES, 0)

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        sector = self._sector_of(offset, len(buffer))
        if len(buffer):
            self._partition.readblocks(sector, buffer, offset - sector * self.sector_bytes)

    def program(self, offset: int, data: "bytes | bytearray | memoryview") -> None:
        sector = self._sector_of(offset, len(data))
        if len(data):
            self._partition.writeblocks(sector, data, offset - sector * self.sector_bytes)

    def erase(self, sector: int) -> None:
        self._sector_of(sector * self.sector_bytes, 1)
        if self._partition.ioctl(_ERASE, sector):
            raise OSError(errno.EIO)

    def _sector_of(self, offset: int, count: int) -> int:
        sector = offset // self.sector_bytes
        if sector < 0 or offset + count > self.sectors * self.sector_bytes:
            raise ValueError("bytes %d to %d are outside the partition" % (offset, offset + count))
        if count and (offset + count - 1) // self.sector_bytes != sector:
            raise ValueError("bytes %d to %d cross a sector" % (offset, offset + count))
        return sector
