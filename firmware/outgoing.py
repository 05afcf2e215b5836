"""What is on its way to the server: bytes that wait for the stream, and identifiers in use."""

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Network

PACKET_ID_MAX = 65535


class SendBuffer:
    """Whole packets in order, as many as fit; the stream takes them in pieces."""

    def __init__(self, limit_bytes: int) -> None:
        self._bytes = bytearray(limit_bytes)
        self._start = 0
        self._end = 0

    def is_empty(self) -> bool:
        return self._start == self._end

    def put(self, packet: bytes) -> bool:
        """False, and nothing is kept, when there is no room."""
        used = self._end - self._start
        if used + len(packet) > len(self._bytes):
            return False
        if self._end + len(packet) > len(self._bytes):
            self._bytes[:used] = self._bytes[self._start : self._end]
            self._start, self._end = 0, used
        self._bytes[self._end : self._end + len(packet)] = packet
        self._end += len(packet)
        return True

    def flush(self, network: "Network") -> int:
        """Give the stream what it takes; returns how many bytes it took."""
        if self._start == self._end:
            return 0
        taken = network.write(memoryview(self._bytes)[self._start : self._end])
        self._start += taken
        if self._start == self._end:
            self._start = self._end = 0
        return taken

    def clear(self) -> None:
        self._start = self._end = 0


class PacketIds:
    """Identifiers of packets that wait for their acknowledgement: 1 to 65,535, then 1 again."""

    def __init__(self, in_use_max: int) -> None:
        self._in_use = array("H", bytes(2 * in_use_max))
        self._last = 0
        self.count = 0

    def take(self) -> int:
        """One that is not in use [MQTT-2.3.1-2]; 0 when so many are in use that none is given."""
        if self.count == len(self._in_use):
            return 0
        packet_id = self._last % PACKET_ID_MAX + 1
        while self._slot_of(packet_id) >= 0:
            packet_id = packet_id % PACKET_ID_MAX + 1
        self._last = packet_id
        self._in_use[self._slot_of(0)] = packet_id
        self.count += 1
        return packet_id

    def give_back(self, packet_id: int) -> bool:
        """It was acknowledged; False when it was not in use."""
        slot = self._slot_of(packet_id)
        if slot < 0:
            return False
        self._in_use[slot] = 0
        self.count -= 1
        return True

    def clear(self) -> None:
        """None is in use any more; the numbers go on."""
        for slot in range(len(self._in_use)):
            self._in_use[slot] = 0
        self.count = 0

    def _slot_of(self, packet_id: int) -> int:
        for slot in range(len(self._in_use)):
            if self._in_use[slot] == packet_id:
                return slot
        return -1
