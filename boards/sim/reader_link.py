"""The reader's serial link of the simulated board: what is sent keeps the time when it was.

Noise and the like are put in on the other side, where the world is.
"""

import struct

from boards.sim.car_wire import SENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.fake.clock import FakeClock

#: The receive buffer of the ESP32's UART; what comes on top is lost.
RECEIVE_BYTES_MAX = 256
#: Writes between two responses; more is refused.
WRITES_MAX = 16
_BAUD = 115200


class TimedByteLink:
    """A `ByteLink`. Bytes of another rate than its own arrive as garbage, as on a real line."""

    def __init__(self, clock: "FakeClock") -> None:
        self._clock = clock
        self._baud = _BAUD
        self._received = b""
        self._parts: "list[bytes]" = []

    def any(self) -> int:
        return len(self._received)

    def readinto(self, buffer: bytearray) -> int:
        count = min(len(buffer), len(self._received))
        for index in range(count):
            buffer[index] = self._received[index]
        self._received = self._received[count:]
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        if len(self._parts) >= WRITES_MAX:
            return 0
        head = struct.pack(SENT, self._clock.passed_ms(), self._baud, len(data))
        self._parts.append(head + bytes(data))
        return len(data)

    def set_baud(self, rate: int) -> None:
        self._baud = rate

    def put(self, data: bytes, baud: int) -> None:
        """Bytes arrive that were sent at `baud`."""
        if baud != self._baud:
            data = bytes([byte ^ 0x5A for byte in data])
        self._received = (self._received + data)[:RECEIVE_BYTES_MAX]

    def take_parts(self) -> "list[bytes]":
        """One part of the response for each write since the last call."""
        parts = self._parts
        if parts:
            self._parts = []
        return parts
