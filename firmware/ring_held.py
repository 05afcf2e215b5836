"""The newest frame of a ring as it was read at a start: believed once, it stays believed.

A power cut may have left cells of it half-way, so that it is whole now and not the next time.
"""

from firmware.ring_sectors import FRAME_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ring_sectors import Sectors

_READINGS = 8  # of a frame, before it is believed that it is not whole


class Held:
    """Nothing is held while `body` is None."""

    def __init__(self, sectors: "Sectors") -> None:
        self._sectors = sectors
        self.sector = 0
        self.at = 0
        self.kind = 0
        self.body: bytearray | None = None

    def take(self, sector: int, at: int) -> bool:
        """Hold the frame there; False when it is none, or not often enough."""
        sectors = self._sectors
        for _ in range(_READINGS):
            if sectors.find(sector, at) == at:
                kind, body = sectors.kind, bytearray(sectors.length)
                sectors.read(sector, at + FRAME_BYTES, body)
                if sectors.holds(sector, at, body):
                    self.sector, self.at, self.kind, self.body = sector, at, kind, body
                    return True
        return False

    @property
    def length(self) -> int:
        """Bytes in its body."""
        return 0 if self.body is None else len(self.body)

    def is_between(self, sector: int, first: int, last: int) -> bool:
        """Whether it stands in that sector from `first` to `last`."""
        return self.body is not None and sector == self.sector and first <= self.at <= last

    def read(self, start: int, buffer: "bytearray | memoryview") -> None:
        """Bytes of its body, from `start` on."""
        if self.body is not None:
            buffer[:] = memoryview(self.body)[start : start + len(buffer)]
