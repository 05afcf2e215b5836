"""A log of frames in a ring of flash sectors that are erased ahead of need.

A sector's header is written right after its erase, so a header followed by nothing tells that
the erase went to its end: the sector is ready. Nothing is programmed onto torn bytes: after them
the next frame goes to the next sector, and readers look for the next good frame. The head is the
sector of the newest frame. A sector becomes the head by its first good frame; one whose first
frame was torn is erased again, so that power cuts in a row use nothing up.

A place that fails twice in a row is passed over, its number stays unused (`ring_places`).

Nothing here raises but what the storage raises on reading (OSError).
"""

from firmware.ring_places import Places
from firmware.ring_sectors import BODY, FRAME_BYTES, Sectors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Storage


_TRIES = 5  # erases of one `prepare`: two bad places twice each, and a good one
_READINGS = 8  # of a frame, before it is believed that it is not whole


class Cursor:
    """A place in a ring: a frame, or before the first one."""

    def __init__(self) -> None:
        self.sector = -1
        self.at = 0
        self.length = 0
        self.kind = 0
        self.next_at = 0
        #: Stretches of bytes passed over on the way that were no frame.
        self.skipped = 0


class Ring:
    """Sectors `first` to `first + count - 1` of a storage; `page` is a buffer of PAGE_BYTES.

    Sectors are named by their sequence numbers: live ones `oldest` to `head`, then `ready` erased.
    """

    def __init__(
        self,
        storage: "Storage",
        first: int,
        count: int,
        role: int,
        page: bytearray,
        owner: int = 0,
    ) -> None:
        self._sectors = Sectors(storage, first, count, role, page, owner)
        self.sector_bytes = storage.sector_bytes
        self._doubt_sector = -1
        self._doubt_at = 0
        self._torn_at: "list[tuple[int, int]]" = []  # where what is torn at the end begins
        self._newest_at = -1
        self.places = Places(count)
        self._last = -1  # the last ready sector; the head when none is
        self.count = count
        self.oldest = 0
        self.head = -1
        self.ready = 0
        #: Where the next frame goes in the head; the sector's size when nothing may.
        self.end = self.sector_bytes
        #: Sectors beyond the head whose first frame was torn.
        self.torn = 0

    @property
    def instance(self) -> int:
        """The number in all its headers; -1 while there are none."""
        return self._sectors.instance

    @property
    def is_newer(self) -> bool:
        """A later format than ours is there; it must stay as it is."""
        return self._sectors.is_newer

    @property
    def is_foreign(self) -> bool:
        """Another car's ring, or one of another division of the flash, is there."""
        return self._sectors.is_foreign

    @property
    def mended(self) -> int:
        """Wrong bits that were found and set right."""
        return self._sectors.mended

    def open(self, instance: int) -> None:
        """Find the ring of that instance, or the newest of any when it is -1. Writes nothing."""
        sectors = self._sectors
        self.oldest = self.ready = self.torn = 0
        self.head = self._newest_at = newest = -1
        self._torn_at = []
        for place in range(self.count):
            sequence = sectors.read_header(place)
            if sequence > newest and instance in (-1, sectors.found_instance):
                newest = sequence
                sectors.instance = sectors.found_instance
        if newest < 0 or sectors.is_newer or sectors.is_foreign:
            return
        self.oldest = newest
        for place in range(self.count):
            sequence = sectors.read_header(place)
            if max(newest - self.count, -1) < sequence < self.oldest:
                if sectors.found_instance == sectors.instance:
                    self.oldest = sequence
        self.head = newest
        while self.head >= self.oldest and not self._settle():
            self.head -= 1
        if self.head < self.oldest:
            self.end = self.sector_bytes
        self._last = self.head
        while self._is_ready(self._last + 1):
            self._last += 1
            self.ready += 1

    def begin(self, instance: int) -> None:
        """An empty ring, after `open` found none."""
        self._sectors.instance = instance

    def seal(self) -> None:
        """After `open`: what a cut left torn at the end must not read as whole one day."""
        for sector, at in self._torn_at:
            self.void(sector, at)
        self._torn_at = []

    def renew(self) -> bool:
        """After `open`: write the newest frame once more, and void the first one.

        A cut may have left it whole now and not the next time. False: it is void now; open anew.
        """
        sectors, sector, at = self._sectors, self.head, self._newest_at
        for _ in range(_READINGS):
            if sectors.find(sector, at) == at:
                kind, body = sectors.kind, bytearray(sectors.length)
                sectors.read(sector, at + FRAME_BYTES, body)
                if sectors.holds(sector, at, body):
                    if self.append(kind, [bytes(body)]):
                        self.void(sector, at)
                    return True
        self.void(sector, at)
        return False

    def void(self, sector: int, at: int) -> None:
        """Take a frame away for good."""
        try:
            self._sectors.void(sector, at)
        except OSError:
            self._doubt_sector, self._doubt_at = sector, at  # Before the next append, again.

    def free_sectors(self) -> int:
        """How many sectors hold nothing that is needed."""
        free = self.count - (self.head - self.oldest + 1)
        return free - self.places.count_retired(self.head + 1, self.oldest + self.count)

    def can_prepare(self) -> bool:
        """Whether a sector is there to be erased."""
        return self.places.next_after(self._last) - self.oldest < self.count

    def prepare(self) -> bool:
        """Erase one more sector ahead; False when there is none, or the device failed."""
        for _ in range(_TRIES):
            sector = self.places.next_after(self._last)
            if sector - self.oldest >= self.count:
                return False
            try:
                if self._sectors.prepare(sector):
                    if sector == self._doubt_sector:
                        self._doubt_sector = -1
                    self._last = sector
                    self.ready += 1
                    return True
            except OSError:
                pass
            self._strike(sector)
        return False

    def _strike(self, sector: int) -> None:
        """That sector, the next after the ready ones or the first of them, failed."""
        if self.places.strike(sector):
            self.ready = 0
            self._last = self.head

    def release(self, sector: int) -> None:
        """Sectors before this one are needed no more. The head stays."""
        self.oldest = max(self.oldest, min(sector, self.head))

    def fits(self, length: int, spare: int) -> bool:
        """Whether a body of that length has room in the head, with `spare` bytes left over."""
        return self.end + FRAME_BYTES + length + spare <= self.sector_bytes

    def append(self, kind: int, parts: "list[bytes]", spare: int = 0) -> bool:
        """One frame, in the head or in the next ready sector. True when it reads back well.

        False: no sector is ready, or the device failed; then no good frame is left there.
        """
        length = 0
        for part in parts:
            length += len(part)
        sector, at = self.head, self.end
        if not self.fits(length, spare):
            sector, at = self.places.next_after(self.head), BODY
            if not self.ready:
                return False
        if not self._settle_doubt() or not self._write(sector, at, kind, parts):
            if sector == self.head:
                self.end = self.sector_bytes
            else:
                self.ready = 0
                self._last = self.head
                self._strike(sector)
            return False
        if sector != self.head:
            self.places.clear(sector)
            self.head = sector
            self.ready -= 1
        self.end = _after(at, length)
        return True

    def advance(self, cursor: Cursor) -> bool:
        """Go to the next good frame; False leaves the cursor where it is, to go on later."""
        sectors = self._sectors
        sector, at = cursor.sector, cursor.next_at
        if sector < self.oldest:
            sector, at = self.oldest, BODY
        while sector <= self.head and (sector < self.head or at < self.end):
            at = sectors.find(sector, at)
            if not sectors.is_blank:
                cursor.skipped += 1
            if at < self.sector_bytes:
                cursor.sector = sector
                cursor.at = at
                cursor.kind = sectors.kind
                cursor.length = sectors.length
                cursor.next_at = _after(at, cursor.length)
                return True
            sector, at = sector + 1, BODY
        return False

    def read(self, cursor: Cursor, start: int, buffer: "bytearray | memoryview") -> None:
        """Bytes of the body of the cursor's frame, from `start` on."""
        self._sectors.read(cursor.sector, cursor.at + FRAME_BYTES + start, buffer)

    def _settle(self) -> bool:
        """Find where the frames of `head` end; False when it has none."""
        sectors = self._sectors
        at = end = BODY
        found = False
        while True:
            at = sectors.find(self.head, at)
            if at >= self.sector_bytes:
                if not found and not sectors.is_blank:
                    self.torn += 1
                self.end = end if sectors.is_blank else self.sector_bytes
                if not sectors.is_blank:
                    self._torn_at.append((self.head, end))
                return found
            found = True
            self._newest_at = at
            at = end = _after(at, sectors.length)

    def _is_ready(self, sector: int) -> bool:
        sectors = self._sectors
        if sector - self.oldest >= self.count or not sectors.is_ours(sector):
            return False
        return sectors.find(sector, BODY) == self.sector_bytes and sectors.is_blank

    def _write(self, sector: int, at: int, kind: int, parts: "list[bytes]") -> bool:
        sectors = self._sectors
        try:
            sectors.write(sector, at, kind, parts)
        except OSError:
            pass  # The frame may be whole all the same: reading it back decides.
        try:
            if sectors.is_good(sector, at):
                return True
            sectors.void(sector, at)
        except OSError:
            self._doubt_sector, self._doubt_at = sector, at
        return False

    def _settle_doubt(self) -> bool:
        """A frame whose append failed must not turn out good later; False: still unknown."""
        if self._doubt_sector < 0:
            return True
        try:
            if self._sectors.find(self._doubt_sector, self._doubt_at) == self._doubt_at:
                self._sectors.void(self._doubt_sector, self._doubt_at)
        except OSError:
            return False
        self._doubt_sector = -1
        return True


def _after(at: int, length: int) -> int:
    """Where the next frame may begin."""
    return (at + FRAME_BYTES + length + 3) & ~3
