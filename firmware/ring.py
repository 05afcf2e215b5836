"""A log of frames in a ring of flash sectors that are erased ahead of need.

A sector's header is written right after its erase, so a header followed by nothing tells that
the erase went to its end: the sector is ready. Nothing is programmed onto torn bytes: after them the
next frame goes to the next sector. The head is the sector of the newest frame; one becomes it by
its first good frame, and is erased again if that was torn: cuts in a row use nothing up.

A cut can leave cells that read now so, now otherwise. After `open` the newest frame is therefore
held as it read once, and written anew before anything else (`ring_held`); where the next one may
have begun, though it reads as erased, the page is made void, and sectors are erased again.

A place that fails twice in a row is passed over, its number stays unused (`ring_places`). Nothing
here raises but what the storage raises on reading (OSError).
"""

from firmware.ring_held import Held
from firmware.ring_places import Places
from firmware.ring_sectors import BODY, FRAME_BYTES, PAGE_BYTES, Sectors, after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.ring_cursor import Cursor
    from hal.api import Storage


_TRIES = 5  # erases of one `prepare`: two bad places twice each, and a good one


class Ring:
    """Sectors `first` to `first + count - 1` of a storage; `page` is a buffer of PAGE_BYTES.

    Sectors are named by their sequence numbers: live ones `oldest` to `head`, then `ready` erased.
    """

    def __init__(
        self, storage: "Storage", first: int, count: int, role: int, page: bytearray, owner: int = 0
    ) -> None:
        self._sectors = Sectors(storage, first, count, role, page, owner)
        self.sector_bytes = storage.sector_bytes
        self._doubt_sector = -1
        self._doubt_at = 0
        self._torn_at: "tuple[tuple[int, int], ...]" = ()  # where what is torn at the end begins
        self._newest_at = -1
        self._held = Held(self._sectors)
        self._fill_from = -1  # in the head: from here to `end` cells may be half-way
        self._doubtful = 0  # of the ready sectors, so many are from before `open`
        self.places = Places(count)
        self._last = -1  # the last ready sector; the head when none is
        self.count = count
        self.oldest = 0
        self.head = -1
        self.ready = 0
        #: Where the next frame goes in the head; the sector's size when nothing may.
        self.end = self.sector_bytes
        #: Sectors beyond the head that had a header when it was opened.
        self.ahead = 0
        #: One of them had none, though a later one has.
        self.is_damaged = False
        #: A later format than ours, another car's ring or another division of the flash is there.
        self.is_newer = self.is_foreign = False

    @property
    def instance(self) -> int:
        """The number in all its headers; -1 while there are none."""
        return self._sectors.instance

    @property
    def mended(self) -> int:
        """Wrong bits that were found and set right."""
        return self._sectors.mended

    def open(self, instance: int) -> None:
        """Find the ring of that instance, or the newest of any when it is -1. Writes nothing."""
        sectors = self._sectors
        self.oldest = self.ready = self.ahead = self._doubtful = 0
        self.head = self._last = self._newest_at = self._fill_from = newest = -1
        self.end = self.sector_bytes
        self._torn_at = ()
        self._held.body = None
        self.is_damaged = False
        for place in range(self.count):
            sequence = sectors.read_header(place)
            if sequence > newest and instance in (-1, sectors.found_instance):
                newest = sequence
                sectors.instance = sectors.found_instance
        self.is_newer, self.is_foreign = sectors.is_newer, sectors.is_foreign
        if newest < 0 or self.is_newer or self.is_foreign:
            return
        self.oldest = newest
        for place in range(self.count):
            sequence = sectors.read_header(place)
            if max(newest - self.count, -1) < sequence < self.oldest:
                if sectors.found_instance == sectors.instance:
                    self.oldest = sequence
        self.head = newest
        while self.head >= self.oldest and not self._settle():
            if not sectors.is_ours(self.head):
                self.is_damaged = True
            self.head -= 1
        self.ahead = newest - self.head
        self._last = self.head
        while self._last + 1 - self.oldest < self.count and sectors.is_ready(self._last + 1):
            self._last += 1
            self.ready += 1
        self._doubtful = self.ready
        if self.head < self.oldest:
            self.end = self.sector_bytes
        elif self.end < self.sector_bytes:
            self._fill_from = self.end
            self.end = (self.end | (PAGE_BYTES - 1)) + 1

    def begin(self, instance: int) -> None:
        """An empty ring, after `open` found none."""
        self._sectors.instance = instance

    def seal(self) -> None:
        """After `open`: what a cut left torn at the end must not read as whole one day."""
        while self._torn_at:
            torn, self._torn_at = self._torn_at[-1], self._torn_at[:-1]
            self.void(*torn)

    def hold(self) -> None:
        """After `seal`: the newest frame counts as it reads now, until `renew`."""
        for _ in range(_TRIES):
            if self._newest_at < 0 or self._held.take(self.head, self._newest_at):
                return
            self.void(self.head, self._newest_at)
            self.open(self.instance)
            self.seal()

    def renew(self) -> bool:
        """Write what is held once more, and void the first one; True when nothing is held now."""
        held = self._held
        body = held.body
        if body is None:
            return True
        held.body = None
        if self.append(held.kind, [bytes(body)]):
            self.void(held.sector, held.at)
            return True
        held.body = body
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
        end = self.end
        if self._held.body is not None:
            end = after(end, len(self._held.body))
        return end + FRAME_BYTES + length + spare <= self.sector_bytes

    def append(self, kind: int, parts: "list[bytes]", spare: int = 0) -> bool:
        """One frame, in the head or in the next ready sector. True when it reads back well.

        False: no sector is ready, or the device failed; then no good frame is left there.
        """
        if not self.renew():
            return False
        length = 0
        for part in parts:
            length += len(part)
        sector, at = self.head, self.end
        if not self.fits(length, spare):
            sector, at = self.places.next_after(self.head), BODY
            if not self.ready:
                return False
        if not self._clear(sector) or not self._write(sector, at, kind, parts):
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
        self._newest_at = at
        self.end = after(at, length)
        return True

    def advance(self, cursor: "Cursor") -> bool:
        """Go to the next good frame; False leaves the cursor where it is, to go on later."""
        sectors = self._sectors
        sector, at = cursor.sector, cursor.next_at
        if sector < self.oldest:
            sector, at = self.oldest, BODY
        while sector <= self.head and (sector < self.head or at < self.end):
            found = sectors.find(sector, at)
            if self._held.is_between(sector, at, found):
                found = self._held.at
                cursor.kind, cursor.length = self._held.kind, self._held.length
            elif found < self.sector_bytes:
                cursor.kind, cursor.length = sectors.kind, sectors.length
            else:
                sector, at = sector + 1, BODY
                continue
            cursor.sector = sector
            cursor.at = found
            cursor.next_at = after(found, cursor.length)
            return True
        return False

    def read(self, cursor: "Cursor", start: int, buffer: "bytearray | memoryview") -> None:
        """Bytes of the body of the cursor's frame, from `start` on."""
        if self._held.is_between(cursor.sector, cursor.at, cursor.at):
            self._held.read(start, buffer)
        else:
            self._sectors.read(cursor.sector, cursor.at + FRAME_BYTES + start, buffer)

    def _settle(self) -> bool:
        """Find where the frames of `head` end; False when it has none."""
        self._newest_at, self.end = self._sectors.last_frame(self.head)
        if not self._sectors.is_blank:
            self._torn_at += ((self.head, self.end),)
            self.end = self.sector_bytes
        return self._newest_at >= 0

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

    def _clear(self, sector: int) -> bool:
        """Make sure of the place that is written next, and that no frame of before comes back."""
        sectors = self._sectors
        try:
            if self._doubt_sector >= 0:
                # A frame whose append failed must not turn out good later.
                if sectors.find(self._doubt_sector, self._doubt_at) == self._doubt_at:
                    sectors.void(self._doubt_sector, self._doubt_at)
                self._doubt_sector = -1
            if self._fill_from >= 0:  # Also where the head takes no more.
                try:
                    sectors.fill(self.head, self._fill_from)
                except OSError:
                    if sector == self.head:
                        return False
                    self._doubt_sector, self._doubt_at = self.head, self._fill_from
                self._fill_from = -1
            if sector != self.head and self._doubtful:
                if not sectors.prepare(sector):
                    return False
                self._doubtful -= 1
        except OSError:
            return False
        return True
