"""A serial link in memory: its other end is a test or a simulated chip.

It behaves like a UART: bytes sent at another rate than the receiver's arrive as garbage, a
full receive buffer loses what comes. Faults are rates in 10,000 bytes and work both ways.
"""

BAUD_115200 = 115200
#: The receive buffer of the ESP32's UART.
RECEIVE_BYTES_MAX = 256
#: What was sent and not taken yet; more is refused, as a full transmit buffer does.
SEND_BYTES_MAX = 1024


class FakeByteLink:
    """A `ByteLink`; `put` and `take` are its other end."""

    def __init__(self, seed: int = 1) -> None:
        self.baud = BAUD_115200
        #: Fault switches: of 10,000 bytes, so many are lost, have one bit turned, or have a
        #: random byte put before them.
        self.drop_per_10k = 0
        self.flip_per_10k = 0
        self.insert_per_10k = 0
        #: Nothing passes, in either direction.
        self.is_cut = False
        #: Bytes that found the receive buffer full.
        self.overrun_bytes = 0
        self._random = seed & 0x3FFFFFFF
        self._received = bytearray()
        self._sent: list[tuple[int, bytes]] = []
        self._sent_bytes = 0

    # The side of the program.

    def any(self) -> int:
        return len(self._received)

    def readinto(self, buffer: bytearray) -> int:
        count = min(len(buffer), len(self._received))
        for index in range(count):
            buffer[index] = self._received[index]
        self._received = self._received[count:]
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        count = min(len(data), SEND_BYTES_MAX - self._sent_bytes)
        if self.is_cut:
            return count
        sent = self._through_faults(bytes(data[:count]))
        self._sent_bytes += len(sent)
        if self._sent and self._sent[-1][0] == self.baud:
            sent = self._sent.pop()[1] + sent
        if sent:
            self._sent.append((self.baud, sent))
        return count

    def set_baud(self, rate: int) -> None:
        self.baud = rate

    # The other end.

    def put(self, data: bytes, baud: int = BAUD_115200) -> None:
        """Bytes arrive that were sent at `baud`."""
        if self.is_cut:
            return
        if baud != self.baud:
            data = self._garbage(max(1, len(data) * self.baud // baud))
        data = self._through_faults(data)
        room = RECEIVE_BYTES_MAX - len(self._received)
        if len(data) > room:
            self.overrun_bytes += len(data) - room
            data = data[:room]
        self._received.extend(data)

    def put_noise(self, count: int) -> None:
        """`count` random bytes arrive out of nothing."""
        self.put(self._garbage(count), self.baud)

    def take(self) -> list[tuple[int, bytes]]:
        """What the program sent since the last call: (baud rate, bytes), in order."""
        sent = self._sent
        self._sent = []
        self._sent_bytes = 0
        return sent

    # Faults.

    def _draw(self) -> int:
        self._random = (self._random * 1103515245 + 12345) & 0x3FFFFFFF
        return self._random >> 14

    def _happens(self, per_10k: int) -> bool:
        return per_10k > 0 and self._draw() * 10000 < per_10k << 16

    def _garbage(self, count: int) -> bytes:
        return bytes([self._draw() >> 8 for _ in range(count)])

    def _through_faults(self, data: bytes) -> bytes:
        if not (self.drop_per_10k or self.flip_per_10k or self.insert_per_10k):
            return data
        passed = bytearray()
        for byte in data:
            if self._happens(self.insert_per_10k):
                passed.append(self._draw() >> 8)
            if self._happens(self.drop_per_10k):
                continue
            turned = 1 << (self._draw() >> 13) if self._happens(self.flip_per_10k) else 0
            passed.append(byte ^ turned)
        return bytes(passed)
