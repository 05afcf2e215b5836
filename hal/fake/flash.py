"""NOR flash in memory that wears, takes time, fails and loses its power in mid-operation.

What is modelled of a real chip: `program` only clears bits, a page at a time and in order;
`erase` first clears a sector and then sets all of it; an operation that was cut leaves any mixture.
Not modelled: cells that read differently from one time to the next.
"""

EIO = 5


class PowerCut(BaseException):
    """The power went. Not an Exception, so that no handler of the firmware takes it."""


class Flash:
    """A `Storage`. The same seed and calls leave the same contents on every interpreter."""

    def __init__(
        self,
        sectors: int = 64,
        seed: int = 1,
        sector_bytes: int = 4096,
        page_bytes: int = 256,
        program_us: int = 500,
        erase_us: int = 45000,
    ) -> None:
        self.sectors = sectors
        self.sector_bytes = sector_bytes
        self.page_bytes = page_bytes
        self.program_us = program_us
        self.erase_us = erase_us
        self.contents = bytearray(b"\xff" * (sectors * sector_bytes))
        #: Time that programs and erases have taken so far.
        self.busy_us = 0
        #: Erases by sector.
        self.erases = [0] * sectors
        #: Programs of up to a page, and erases, begun so far.
        self.operations = 0
        #: After so many further operations the next one is cut in its middle; None: never.
        self.cut_after: int | None = None
        #: The power is away: everything raises PowerCut until `restore_power`.
        self.is_dead = False
        self._failures = 0
        self._random = seed & 0x3FFFFFFF

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        self._check_power()
        self._check_range(offset, len(buffer))
        buffer[:] = memoryview(self.contents)[offset : offset + len(buffer)]

    def program(self, offset: int, data: "bytes | bytearray | memoryview") -> None:
        self._check_power()
        self._check_range(offset, len(data))
        at = 0
        while at < len(data):
            count = min(len(data) - at, self.page_bytes - (offset + at) % self.page_bytes)
            self._program_page(offset + at, bytes(data[at : at + count]))
            at += count

    def erase(self, sector: int) -> None:
        self._check_power()
        if not 0 <= sector < self.sectors:
            raise ValueError("erase of sector %d: there are %d" % (sector, self.sectors))
        self.busy_us += self.erase_us
        self.erases[sector] += 1
        if self._is_interrupted():
            self._tear_erase(sector * self.sector_bytes)
            self._interrupt()
        self._put(sector * self.sector_bytes, b"\xff" * self.sector_bytes)

    def fail_next(self, count: int) -> None:
        """The next `count` operations raise OSError, having done nothing, something or all."""
        self._failures = count

    def restore_power(self) -> None:
        """After a PowerCut: the chip answers again, and no further cut is planned."""
        self.is_dead = False
        self.cut_after = None

    def flip(self, offset: int, bit: int) -> None:
        """Bit rot."""
        self.contents[offset] ^= 1 << bit

    def random(self, below: int) -> int:
        """The next number of the flash's own sequence, which all its faults come from."""
        self._random = (self._random * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._random >> 8) % below

    def _check_power(self) -> None:
        if self.is_dead:
            raise PowerCut

    def _check_range(self, offset: int, count: int) -> None:
        if offset < 0 or offset + count > len(self.contents):
            raise ValueError("bytes %d to %d are outside the flash" % (offset, offset + count))
        if count and offset // self.sector_bytes != (offset + count - 1) // self.sector_bytes:
            raise ValueError("bytes %d to %d cross a sector" % (offset, offset + count))

    def _program_page(self, offset: int, data: bytes) -> None:
        self.busy_us += self.program_us
        if self._is_interrupted():
            self._tear_program(offset, data)
            self._interrupt()
        self._clear_bits(offset, data)

    def _is_interrupted(self) -> bool:
        self.operations += 1
        if self._failures or self.cut_after == 0:
            return True
        if self.cut_after is not None:
            self.cut_after -= 1
        return False

    def _interrupt(self) -> None:
        if self.cut_after == 0:
            self.is_dead = True
            raise PowerCut
        self._failures -= 1
        raise OSError(EIO)

    def _put(self, offset: int, data: "bytes | bytearray") -> None:
        self.contents[offset : offset + len(data)] = data

    def _clear_bits(self, offset: int, data: "bytes | bytearray") -> None:
        contents = self.contents
        for index in range(len(data)):
            contents[offset + index] &= data[index]

    def _tear_program(self, offset: int, data: bytes) -> None:
        """Nothing, all, a first part, or a first part and some bits of the rest."""
        kind = self.random(4)
        if kind == 0:
            return
        whole = len(data) if kind == 1 else self.random(len(data) + 1)
        torn = bytearray(data)
        for index in range(whole, len(data)):
            torn[index] |= 0xFF if kind == 2 else self.random(256)
        self._clear_bits(offset, torn)

    def _tear_erase(self, offset: int) -> None:
        """Nothing, all, a first part, or any mixture on the way through all bits clear."""
        kind = self.random(5)
        if kind == 0:
            return
        count = self.sector_bytes
        if kind == 1:
            self._put(offset, b"\xff" * count)
        elif kind == 2:
            self._put(offset, b"\xff" * self.random(count))
        elif kind == 3:
            self._put(offset, bytes(self.random(count)))
        else:
            for index in range(count):
                noise = self.random(65536)
                self.contents[offset + index] &= noise & 255
                self.contents[offset + index] |= noise >> 8
