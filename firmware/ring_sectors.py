"""How a ring of sectors looks on raw NOR flash: headers and frames.

    sector   header | the same header again | frames
    header   "KJ" | version u8 | role u8 | instance u32 | sequence u32 | crc32 u32
    frame    0x5A | kind u8 | length u16 | crc32 u32 | body, filled up with 0xFF to 4 bytes

Big-endian. Sequence modulo the number of sectors is the sector's place; sectors are named by
their sequence numbers. A frame's CRC begins from its sector's header and its own place there, so
bytes that only look like a frame (an older lap, a copy inside a body) are none.

Whatever the flash holds, nothing here raises but what the storage raises (OSError).
"""

import struct
from binascii import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Storage

VERSION = 1
PAGE_BYTES = 256
#: What a frame takes beside its body.
FRAME_BYTES = 8
_MAGIC = b"KJ"
_MARK = 0x5A
_HEADER_BYTES = 16
#: Where a sector's frames begin.
BODY = 2 * _HEADER_BYTES
_SEQUENCE_MAX = 0x3FFFFFFF
_VOID = b"\0" * FRAME_BYTES


class Sectors:
    """Sectors `first` to `first + count - 1` of a storage; `page` is a buffer of PAGE_BYTES."""

    def __init__(
        self, storage: "Storage", first: int, count: int, role: int, page: bytearray
    ) -> None:
        self._storage = storage
        self._first = first
        self._role = role
        self._page = memoryview(page)
        self._small = bytearray(_HEADER_BYTES)
        self._blank = b"\xff" * PAGE_BYTES
        self.count = count
        self.sector_bytes = storage.sector_bytes
        #: Part of every header; -1 while none is known.
        self.instance = -1
        #: A later format than ours is there; it must stay as it is.
        self.is_newer = False
        #: The instance in the header that `read_header` found.
        self.found_instance = -1
        #: Whether all that `find` passed over is erased.
        self.is_blank = True

    def read_header(self, place: int) -> int:
        """Sequence of the sector in that place; -1 when it has no header of ours."""
        small = self._small
        for copy in range(2):
            self._storage.read(
                (self._first + place) * self.sector_bytes + copy * _HEADER_BYTES, small
            )
            magic, version, role, instance, sequence, crc = struct.unpack(">2sBBIII", small)
            if magic != _MAGIC or crc != crc32(memoryview(small)[:12]):
                continue
            if version > VERSION:
                self.is_newer = True
            elif role == self._role and sequence % self.count == place:
                if sequence < _SEQUENCE_MAX:
                    self.found_instance = int(instance)
                    return int(sequence)
        return -1

    def is_ours(self, sector: int) -> bool:
        """Whether that sector's header stands in its place."""
        found = self.read_header(sector % self.count)
        return found == sector and self.found_instance == self.instance

    def prepare(self, sector: int) -> bool:
        """Erase its place and write its header; False when that cannot be read back."""
        header = self._header(sector)
        header += struct.pack(">I", crc32(header))
        self._storage.erase(self._first + sector % self.count)
        self._storage.program(self._base(sector), header + header)
        return self.is_ours(sector)

    def find(self, sector: int, at: int) -> int:
        """Place of the first good frame from `at` on; the sector's size when there is none."""
        self.is_blank = True
        size = self.sector_bytes
        base = self._base(sector)
        page = self._page
        while at < size:
            count = min(PAGE_BYTES - at % PAGE_BYTES, size - at)
            self._storage.read(base + at, page[:count])
            passed = 0
            if page[:count] == self._blank[:count]:
                passed = count
            while passed < count and page[passed] != _MARK:
                passed += 4
            passed = min(passed, count)
            if page[:passed] != self._blank[:passed]:
                self.is_blank = False
            at += passed
            if passed < count:
                if self.is_good(sector, at):
                    return at
                self.is_blank = False
                at += 4
        return size

    def is_good(self, sector: int, at: int) -> bool:
        """Whether a whole frame stands there; `kind` and `length` are then its own."""
        if at + FRAME_BYTES > self.sector_bytes:
            return False
        head = memoryview(self._small)[:FRAME_BYTES]
        offset = self._base(sector) + at
        self._storage.read(offset, head)
        mark, _, left, expected = struct.unpack(">BBHI", head)
        offset += FRAME_BYTES
        if mark != _MARK or at + FRAME_BYTES + left > self.sector_bytes:
            return False
        crc = crc32(head[:4], self._salt(sector, at))
        while left:
            part = self._page[: min(left, PAGE_BYTES)]
            self._storage.read(offset, part)
            crc = crc32(part, crc)
            offset += len(part)
            left -= len(part)
        return bool(crc == expected)

    @property
    def kind(self) -> int:
        """Kind of the frame that `find` or `is_good` found last."""
        return self._small[1]

    @property
    def length(self) -> int:
        """Bytes in the body of the frame that `find` or `is_good` found last."""
        return (self._small[2] << 8) | self._small[3]

    def write(self, sector: int, at: int, kind: int, parts: "list[bytes]") -> None:
        """Program a frame, one call a flash page."""
        length = 0
        for part in parts:
            length += len(part)
        head = struct.pack(">BBH", _MARK, kind, length)
        crc = crc32(head, self._salt(sector, at))
        for part in parts:
            crc = crc32(part, crc)
        head += struct.pack(">I", crc)
        offset = self._base(sector) + at
        page = self._page
        room = PAGE_BYTES - offset % PAGE_BYTES
        fill = 0
        for part in [head] + parts:  # noqa: RUF005 - not on MicroPython
            start = 0
            while start < len(part):
                count = min(len(part) - start, room - fill)
                page[fill : fill + count] = part[start : start + count]
                start += count
                fill += count
                if fill == room:
                    self._storage.program(offset, page[:fill])
                    offset += fill
                    room, fill = PAGE_BYTES, 0
        if fill:
            self._storage.program(offset, page[:fill])

    def void(self, sector: int, at: int) -> None:
        """Make sure that no good frame begins there."""
        self._storage.program(self._base(sector) + at, _VOID)

    def read(self, sector: int, at: int, buffer: "bytearray | memoryview") -> None:
        """Bytes of a sector from `at` on."""
        self._storage.read(self._base(sector) + at, buffer)

    def _base(self, sector: int) -> int:
        return (self._first + sector % self.count) * self.sector_bytes

    def _header(self, sector: int) -> bytes:
        return struct.pack(">2sBBII", _MAGIC, VERSION, self._role, self.instance, sector)

    def _salt(self, sector: int, at: int) -> int:
        return crc32(self._header(sector)) ^ at
