"""The newest events of the journal, from flash: a few steps in each turn, whatever is written meanwhile."""

from firmware.journal_events import EventWalk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal import Journal

#: Steps in a turn: a step reads a sector's first frame, or goes on to an event.
STEPS = 4


class Tail:
    """The last `count` events that are in the box, oldest first. `step` until `is_done`."""

    def __init__(self, journal: "Journal", count: int) -> None:
        self.is_done = not journal.is_open
        #: Number of the event that `step` found.
        self.seq = max(0, journal.next_seq - 1 - count)
        self._until = journal.next_seq
        self._rings = [journal.turns, journal.store]  # taken from the end
        self._starts = [-1, -1]
        self._walk = EventWalk(journal.turns)
        self._ring = 0  # whose start is looked for
        self._sector = journal.turns.head
        self._is_found = False

    def step(self) -> "bytes | None":
        """The next event; None: there was none in so many steps."""
        for _ in range(STEPS):
            if not self._is_found:
                self._look_back()
            elif self._has_next():
                if self._walk.seq > self.seq:
                    self.seq = self._walk.seq
                    return self._walk.event()
            elif self._rings:
                self._enter_next()
            else:
                self.is_done = True
                break
        return None

    def _has_next(self) -> bool:
        """Whether there is one more here; sectors that were given up meanwhile are passed over."""
        walk = self._walk
        if walk.cursor.sector < walk.ring.oldest:
            self._walk = walk = EventWalk(walk.ring)
            walk.enter(walk.ring.oldest)
        return walk.next_event() and walk.seq < self._until

    def _look_back(self) -> None:
        """One sector: is its first event old enough to begin there?"""
        ring = self._rings[self._ring]
        if ring.head < ring.oldest:
            self._found_start(ring.oldest)
            return
        walk = EventWalk(ring)
        walk.enter(max(self._sector, ring.oldest))
        if self._sector <= ring.oldest:
            self._found_start(ring.oldest)
        elif (
            walk.next_frame() and walk.cursor.sector == self._sector and walk.first <= self.seq + 1
        ):
            self._found_start(self._sector)
        else:
            self._sector -= 1

    def _found_start(self, sector: int) -> None:
        self._starts[self._ring] = sector
        if self._ring == 0:
            self._ring = 1
            self._sector = self._rings[1].head
            return
        self._is_found = True
        self._enter_next()

    def _enter_next(self) -> None:
        ring = self._rings.pop()
        self._walk = EventWalk(ring)
        self._walk.enter(self._starts[len(self._rings)])
