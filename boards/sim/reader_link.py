"""The reader's serial link of the simulated board: what is sent keeps the time when it was."""

import struct

from boards.sim.car_wire import SENT
from hal.fake.byte_link import FakeByteLink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.fake.clock import FakeClock


class TimedByteLink(FakeByteLink):
    """Collects what is sent as parts of the response."""

    def __init__(self, clock: "FakeClock") -> None:
        super().__init__()
        self._clock = clock
        self._parts: "list[bytes]" = []

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        count = super().write(data)
        for baud, sent in self.take():
            head = struct.pack(SENT, self._clock.passed_ms(), baud, len(sent))
            self._parts.append(head + sent)
        return count

    def take_parts(self) -> "list[bytes]":
        """One for each write since the last call."""
        parts = self._parts
        if parts:
            self._parts = []
        return parts
