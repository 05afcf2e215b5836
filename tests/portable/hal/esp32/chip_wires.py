"""What is soldered to the chip's pins: serial lines, a chain of 74HC165, a DS3231."""

#: The FIFO in hardware holds this many until the driver's interrupt takes them.
_FIFO_BYTES = 128


class Wire:
    """A serial line of the chip and its other end."""

    def __init__(self) -> None:
        self.is_open = False
        self.baud = 115200
        self.room = 256
        self.received = b""
        self.sent: "list[tuple[int, bytes]]" = []
        #: Bytes that found the buffer full, or the chip asleep.
        self.lost = 0
        self.is_asleep = False

    def put(self, data: bytes, baud: int = 115200) -> None:
        """Bytes arrive; of another rate than the chip's they are garbage."""
        if not self.is_open or self.is_asleep:
            self.lost += len(data)
            return
        if baud != self.baud:
            data = bytes([byte ^ 0xA5 for byte in data])
        room = self.room - len(self.received)
        self.lost += max(0, len(data) - room)
        self.received += data[:room]

    def take(self) -> bytes:
        """All that the chip has sent since the last call."""
        sent, self.sent = self.sent, []
        return b"".join([part[1] for part in sent])

    def close(self) -> None:
        self.is_open = False
        self.received = b""


class Cable:
    """The console's: what `sys.stdin.buffer`, `sys.stdout.buffer` and a poll of them are there.

    After MicroPython 1.29: 259 bytes wait, one more than there are is waited for without end, and
    a host that does not read its USB port is given what fits.
    """

    def __init__(self) -> None:
        self.typed = b""
        self.said = b""
        self.lost = 0
        self.is_asleep = False
        #: Bytes that the host still takes; -1: it reads.
        self.room = -1
        self.writes = 0

    def put(self, data: bytes) -> None:
        """Somebody types."""
        room = 0 if self.is_asleep else 259 - len(self.typed)
        self.lost += max(0, len(data) - room)
        self.typed += data[:room]

    def take(self) -> bytes:
        """What the box has said since the last call."""
        said, self.said = self.said, b""
        return said

    def ipoll(self, wait_ms: int) -> "list[tuple[Cable, int]]":
        assert wait_ms == 0, "it would wait"
        return [(self, 1)] if self.typed else []

    def readinto(self, buffer: bytearray) -> int:
        assert len(self.typed) >= len(buffer), "it would wait for ever"
        buffer[:] = self.typed[: len(buffer)]
        self.typed = self.typed[len(buffer) :]
        return len(buffer)

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        self.writes += 1
        taken = bytes(data) if self.room < 0 else bytes(data)[: self.room]
        if self.room > 0:
            self.room -= len(taken)
        self.said += taken
        return len(taken)


class ShiftChain:
    """Two 74HC165: loads while the latch is low, shifts out while it is high."""

    def __init__(self, latch: int) -> None:
        self.latch = latch
        self.levels = bytearray(16)
        self.levels[15] = 1  # tied high on the board
        self.is_there = True
        #: What an open wire reads as.
        self.open_reads = 0xFF
        self._latched = bytes(16)
        self.loads = 0

    def latch_level(self, level: int) -> None:
        if level == 0:
            self._latched = bytes(self.levels)
            self.loads += 1

    def shift_out(self, count: int) -> bytes:
        if not self.is_there:
            return bytes((self.open_reads,)) * count
        found = bytearray(count)
        for bit in range(count * 8):
            level = self._latched[bit] if bit < 16 else 0
            found[bit // 8] |= level << (7 - bit % 8)
        self._latched = bytes(16)
        return bytes(found)


class ClockChip:
    """A DS3231; `wall_s` seconds since 2000 by its own battery."""

    def __init__(self) -> None:
        self.registers = bytearray(19)
        self.is_there = True
        self.registers[0x0F] = 0x88  # it has stood still, as it comes from the factory

    def read(self, register: int, count: int) -> bytes:
        if not self.is_there:
            raise OSError(19)
        return bytes(self.registers[register : register + count])

    def write(self, register: int, data: bytes) -> None:
        if not self.is_there:
            raise OSError(19)
        for index, byte in enumerate(data):
            self.registers[register + index] = byte
