"""How a ring of sectors looks on raw NOR flash: headers and frames.

    sector   header | the same header again | frames
    header   "KJ" | version u8 | role u8 | instance u32 | sequence u32 | crc32 ^ owner u32
    frame    0x5A | kind u8 | length u16 | crc32 u32 | body, filled up with 0xFF to 4 bytes

Big-endian. Sequence modulo the number of sectors is the sector's place; sectors are named by
their sequence numbers. A frame's CRC begins from its sector's header and its own place there, so
bytes that only look like a frame (an older lap, a copy inside a body) are none. The owner is the
car's own number: a flash out of another car is not taken for this one's.

A flipped bit is mended where it is found: the flash stays as it is, and reads as it was. Whatever
the flash holds, nothing here raises but what the storage raises (OSError).
"""

import struct
from binascii import crc32

from firmware.ring_mending import find_flip, is_one_bit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Storage

VERSION = 1
PAGE_BYTES = 256
#: What a frame takes beside its body.
FRAME_BYTES = 8
#: As owner: any will do, for those who only read. What owner 0 wrote is everybody's.
ANYBODY = -1
_MAGIC = b"KJ"
_MARK = 0x5A
_HEADER_BYTES = 16
#: Where a sector's frames begin.
BODY = 2 * _HEADER_BYTES
_SEQUENCE_MAX = 0x3FFFFFFF
_VOID = b"\0" * FRAME_BYTES
#: Wrong bits that are remembered; beyond that the oldest is found anew when it is read.
_FLIPS_MAX = 8
_HOPELESS = 0  # in place of the bit: no single one makes a frame of what stands there
_BLANK = b"\xff" * PAGE_BYTES


class Sectors:
    """Sectors `first` to `first + count - 1` of a storage; `page` is a buffer of PAGE_BYTES."""

    def __init__(
        self, storage: "Storage", first: int, count: int, role: int, page: bytearray, owner: int
    ) -> None:
        self._storage = storage
        self._first = first
        self._role = role
        self._owner = owner
        self._flips: "tuple[tuple[int, int], ...]" = ()
        self._page = memoryview(page)
        #: The frame header that was read last.
        self.small = bytearray(_HEADER_BYTES)
        self.count = count
        self.sector_bytes = storage.sector_bytes
        #: Part of every header; -1 while none is known.
        self.instance = -1
        #: A later format than ours is there; it must stay as it is.
        self.is_newer = False
        #: Whole headers of another car, or of another division of the flash, are there.
        self.is_foreign = False
        #: Wrong bits that were mended.
        self.mended = 0
        #: The instance in the header that `read_header` found.
        self.found_instance = -1
        #: Whether all that `find` passed over is erased.
        self.is_blank = True

    def read_header(self, place: int) -> int:
        """Sequence of the sector in that place; -1 when it has no header of ours."""
        small = self.small
        stranger = 0
        for copy in range(2):
            self._storage.read(
                (self._first + place) * self.sector_bytes + copy * _HEADER_BYTES, small
            )
            magic, version, role, instance, sequence, crc = struct.unpack(">2sBBIII", small)
            owner = crc ^ crc32(memoryview(small)[:12])
            if magic != _MAGIC or sequence >= _SEQUENCE_MAX:
                continue
            if owner not in (0, self._owner):
                # One wrong bit looks like this too, but not twice the same.
                if owner != stranger:
                    stranger = owner
                    continue
                if self._owner != ANYBODY:
                    self.is_foreign = True
                    continue
            if version > VERSION:
                self.is_newer = True
            elif role != self._role or sequence % self.count != place:
                self.is_foreign = True
            else:
                self.found_instance = int(instance)
                return int(sequence)
        return -1

    def is_ours(self, sector: int) -> bool:
        """Whether that sector's header stands in its place."""
        found = self.read_header(sector % self.count)
        return found == sector and self.found_instance == self.instance

    def is_ready(self, sector: int) -> bool:
        """Whether that sector is erased and has its header."""
        return (
            self.is_ours(sector) and self.find(sector, BODY) == self.sector_bytes and self.is_blank
        )

    def prepare(self, sector: int) -> bool:
        """Erase its place and write its header; False when that cannot be read back."""
        header = self._header(sector)
        header += struct.pack(">I", crc32(header) ^ self._owner)
        base = self.base(sector)
        if self._flips:
            self._flips = tuple(
                [flip for flip in self._flips if not base <= flip[0] < base + self.sector_bytes]
            )
        self._storage.erase(self._first + sector % self.count)
        self._storage.program(base, header + header)
        return self.is_ours(sector)

    def find(self, sector: int, at: int) -> int:
        """Place of the first good frame from `at` on; the sector's size when there is none.

        `at` is where a frame must begin if one was written, and so may each page, as after
        `fill`: there a wrong bit is mended.
        """
        self.is_blank = True
        size = self.sector_bytes
        base = self.base(sector)
        page = self._page
        if self._is_mended(sector, at):
            return at
        while at < size:
            count = min(PAGE_BYTES - at % PAGE_BYTES, size - at)
            self._get(base + at, page[:count])
            passed = 0
            if page[:count] == _BLANK[:count]:
                passed = count
            elif count == PAGE_BYTES:
                if self._is_mended(sector, at):
                    return at
                self._get(base + at, page)
            while passed < count and page[passed] != _MARK:
                passed += 4
            passed = min(passed, count)
            if page[:passed] != _BLANK[:passed]:
                self.is_blank = False
            at += passed
            if passed < count:
                if self.is_good(sector, at):
                    return at
                self.is_blank = False
                at += 4
        return size

    def _is_mended(self, sector: int, at: int) -> bool:
        """Whether a whole frame stands there, with one wrong bit set right if need be."""
        return self.is_good(sector, at) or (self._mend(sector, at) and self.is_good(sector, at))

    def last_frame(self, sector: int) -> "tuple[int, int]":
        """Where the last good frame begins, -1 for none, and where the next one would."""
        newest, end = -1, BODY
        while True:
            at = self.find(sector, end)
            if at >= self.sector_bytes:
                return newest, end
            newest, end = at, after(at, self.length)

    def is_good(self, sector: int, at: int) -> bool:
        """Whether a whole frame stands there; `kind` and `length` are then its own."""
        if at + FRAME_BYTES > self.sector_bytes:
            return False
        head = self.small
        self._get(self.base(sector) + at, memoryview(head)[:FRAME_BYTES])
        if head[0] != _MARK or at + FRAME_BYTES + self.length > self.sector_bytes:
            return False
        return self.difference(sector, at, self.length) == 0

    def difference(self, sector: int, at: int, length: int) -> int:
        """The CRC in the head (in `small`) against that of a frame of this length."""
        head = memoryview(self.small)
        crc = crc32(head[:4], self._salt(sector, at))
        offset = self.base(sector) + at + FRAME_BYTES
        while length:
            part = self._page[: min(length, PAGE_BYTES)]
            self._get(offset, part)
            crc = crc32(part, crc)
            offset += len(part)
            length -= len(part)
        return int(crc ^ struct.unpack_from(">I", head, 4)[0])

    def holds(self, sector: int, at: int, body: bytearray) -> bool:
        """Whether these are the bytes of the body of the frame that `find` found last."""
        crc = crc32(body, crc32(memoryview(self.small)[:4], self._salt(sector, at)))
        return bool(crc == struct.unpack_from(">I", self.small, 4)[0])

    def _mend(self, sector: int, at: int) -> bool:
        """Look for the one wrong bit without which a good frame stands there, and set it right."""
        head = self.small
        if at + FRAME_BYTES > self.sector_bytes:
            return False
        offset = self.base(sector) + at
        self._get(offset, memoryview(head)[:FRAME_BYTES])
        mark = head[0] ^ _MARK
        if (mark and not is_one_bit(mark)) or (offset, _HOPELESS) in self._flips:
            return False
        found = find_flip(self, sector, at, mark)
        if found is None:
            self._note_flip(offset, _HOPELESS)
            return False
        self._note_flip(found[0], found[1])
        return True

    def _note_flip(self, offset: int, mask: int) -> None:
        if len(self._flips) >= _FLIPS_MAX:
            self._flips = self._flips[1:]
        self._flips += ((offset, mask),)
        self.mended += mask != _HOPELESS

    def _get(self, offset: int, buffer: "bytearray | memoryview") -> None:
        """Read, with the wrong bits that are known set right."""
        self._storage.read(offset, buffer)
        if self._flips:
            for flip in self._flips:
                if 0 <= flip[0] - offset < len(buffer):
                    buffer[flip[0] - offset] ^= flip[1]

    @property
    def kind(self) -> int:
        """Kind of the frame that `find` or `is_good` found last."""
        return self.small[1]

    @property
    def length(self) -> int:
        """Bytes in the body of the frame that `find` or `is_good` found last."""
        return (self.small[2] << 8) | self.small[3]

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
        offset = self.base(sector) + at
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
        """Make sure that no good frame begins there, and none can be made out."""
        head = memoryview(self.small)[:FRAME_BYTES]
        if at + FRAME_BYTES <= self.sector_bytes:
            self._storage.read(self.base(sector) + at, head)
            if head != _VOID:
                self._storage.program(self.base(sector) + at, _VOID)

    def fill(self, sector: int, at: int) -> None:
        """Make all void from `at` to the end of its page."""
        self._storage.program(self.base(sector) + at, bytes(PAGE_BYTES - at % PAGE_BYTES))

    def read(self, sector: int, at: int, buffer: "bytearray | memoryview") -> None:
        """Bytes of a sector from `at` on."""
        self._get(self.base(sector) + at, buffer)

    def base(self, sector: int) -> int:
        """Where that sector begins in the storage."""
        return (self._first + sector % self.count) * self.sector_bytes

    def _header(self, sector: int) -> bytes:
        return struct.pack(">2sBBII", _MAGIC, VERSION, self._role, self.instance, sector)

    def _salt(self, sector: int, at: int) -> int:
        return crc32(self._header(sector)) ^ at


def after(at: int, length: int) -> int:
    """Where the next frame may begin."""
    return (at + FRAME_BYTES + length + 3) & ~3
