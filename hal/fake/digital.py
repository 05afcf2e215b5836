"""Digital inputs and outputs in memory."""

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.fake.clock import FakeClock

#: Changes that one log takes; more are counted and lost.
CHANGES_MAX = 200

CHANGE = ">HBB"
CHANGE_BYTES = 4


class FakeDigitalIn:
    """A `DigitalIn` that reads one byte of a shared array."""

    def __init__(self, values: bytearray, index: int) -> None:
        self._values = values
        self._index = index

    def read(self) -> int:
        return self._values[self._index]


class OutputLog:
    """What a board's outputs did since `clear`: (ms since the clock was set, line, level)."""

    def __init__(self, clock: "FakeClock") -> None:
        self._clock = clock
        self.changes = bytearray()
        self.lost = 0
        #: A bit for each line that is on.
        self.on = 0

    def clear(self) -> None:
        if self.changes:
            self.changes = bytearray()

    def add(self, line: int, level: int) -> None:
        """A line changed to `level`."""
        self.on ^= 1 << line
        if len(self.changes) >= CHANGES_MAX * CHANGE_BYTES:
            self.lost += 1
            return
        self.changes.extend(struct.pack(CHANGE, self._clock.passed_ms(), line, level))

    def count(self) -> int:
        return len(self.changes) // CHANGE_BYTES


class FakeDigitalOut:
    """A `DigitalOut`, off at first; a write that changes nothing is not logged."""

    def __init__(self, line: int, log: OutputLog) -> None:
        self._line = line
        self._log = log
        self.level = False

    def write(self, level: bool) -> None:
        if level != self.level:
            self.level = level
            self._log.add(self._line, 1 if level else 0)
