"""Flash that loses its power in more ways, and remembers which cells were left half-way."""

from __future__ import annotations

from random import Random

from hal.fake.flash import Flash


class TornFlash(Flash):
    """As `Flash`; besides, an erase may have finished the end of a sector and not its beginning.

    `weak_share` of the cells that a cut left half-way (those that were to change and did not, and
    those that did) read differently from one time to the next, until they are erased or
    programmed anew. Most are next to the byte that a program had come to; one program in four
    leaves some all over its page, all of it written or none. A torn erase leaves them anywhere.
    """

    def __init__(
        self, sectors: int, seed: int, sector_bytes: int = 4096, weak_share: float = 0.0
    ) -> None:
        super().__init__(sectors, seed, sector_bytes)
        self.source = Random(seed)
        self.weak_share = weak_share
        #: Offset -> bits that are weak.
        self.weak: dict[int, int] = {}
        self.torn_programs = 0
        self.torn_erases = 0

    def read(self, offset: int, buffer: bytearray | memoryview) -> None:
        super().read(offset, buffer)
        if self.weak:
            for at, mask in self.weak.items():
                if 0 <= at - offset < len(buffer):
                    buffer[at - offset] ^= mask & self.source.randrange(256)

    def _put(self, offset: int, data: bytes | bytearray) -> None:
        super()._put(offset, data)
        if self.weak:
            for at in [at for at in self.weak if offset <= at < offset + len(data)]:
                del self.weak[at]

    def _clear_bits(self, offset: int, data: bytes | bytearray) -> None:
        super()._clear_bits(offset, data)
        if self.weak:
            for at in [at for at in self.weak if offset <= at < offset + len(data)]:
                self.weak[at] &= data[at - offset]

    def _tear_program(self, offset: int, data: bytes) -> None:
        self.torn_programs += 1
        before = bytes(self.contents[offset : offset + len(data)])
        super()._tear_program(offset, data)
        after = self.contents[offset : offset + len(data)]
        # A cut within the page: the byte it had come to, and its neighbours, are doubtful.
        place = next((i for i, byte in enumerate(after) if byte != before[i] & data[i]), None)
        if self.weak_share and self.source.randrange(4) == 0:
            for _ in range(4):
                self._weaken(offset, self.source.randrange(len(data)), before, data)
        elif place is not None:
            self._weaken(offset, place, before, data)

    def _weaken(self, offset: int, place: int, before: bytes, data: bytes) -> None:
        for index in range(max(0, place - 2), min(len(data), place + 3)):
            mask = before[index] & ~data[index] & 0xFF
            if mask and self.source.random() < self.weak_share:
                self.weak[offset + index] = mask & self.source.randrange(256)

    def _tear_erase(self, offset: int) -> None:
        self.torn_erases += 1
        if self.source.randrange(4):
            super()._tear_erase(offset)
        else:
            count = self.source.randrange(self.sector_bytes)
            self._put(offset + self.sector_bytes - count, b"\xff" * count)
        if self.weak_share:
            for _ in range(40):
                self.weak[offset + self.source.randrange(self.sector_bytes)] = 1 << (
                    self.source.randrange(8)
                )
