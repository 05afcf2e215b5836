"""A host that talks to the simulated chip directly, frame by frame, on a virtual clock."""

from simulator.chips.pn532 import Burst, Pn532Chip
from simulator.chips.pn532_frames import encode

WAKE_UP = bytes.fromhex("5555") + bytes(14)
ACK = bytes.fromhex("0000ff00ff00")
NACK = bytes.fromhex("0000ffff0000")
ERROR = bytes.fromhex("0000ff01ff7f8100")

SAM = bytes.fromhex("14010000")
FIELD_ON = bytes.fromhex("320101")
FIELD_OFF = bytes.fromhex("320100")
POLL_212 = bytes.fromhex("4a010100ffff0100")
POLL_424 = bytes.fromhex("4a010200ffff0100")
POLL_B = bytes.fromhex("4a010300")


def retries(count: int) -> bytes:
    return bytes([0x32, 0x05, 0xFF, 0x01, count])


class Host:
    """Its clock is `now_us`; `bursts` are all that the chip has sent."""

    def __init__(self, is_awake: bool = True) -> None:
        self.chip = Pn532Chip()
        self.now_us = 1000
        self.baud = 115200
        self.bursts: list[Burst] = []
        if is_awake:
            self.send(WAKE_UP)
            self.command(SAM)

    def send(self, data: bytes) -> int:
        """Send bytes; the clock stands at their end afterwards, which is also returned."""
        self.chip.receive(self.now_us, data, self.baud)
        self.run_until(Burst(self.now_us, data, self.baud).end_us)
        return self.now_us

    def send_command(self, contents: bytes) -> int:
        return self.send(encode(b"\xd4" + contents))

    def run_until(self, end_us: int) -> list[Burst]:
        """Let time pass; the bursts that the chip began to send meanwhile."""
        before = len(self.bursts)
        while self.chip.due_us is not None and self.chip.due_us <= end_us:
            self.now_us = max(self.now_us, self.chip.due_us)
            self.bursts += self.chip.advance(self.now_us)
        self.now_us = end_us
        return self.bursts[before:]

    def run_ms(self, duration_ms: int) -> list[Burst]:
        return self.run_until(self.now_us + 1000 * duration_ms)

    def exchange(self, contents: bytes, within_ms: int = 100) -> list[bytes]:
        """The frames that the chip sends after a command."""
        self.send_command(contents)
        return [burst.data for burst in self.run_ms(within_ms)]

    def command(self, contents: bytes, within_ms: int = 100) -> bytes:
        """The data of the answer, which must come after an acknowledgement and be the right one."""
        frames = self.exchange(contents, within_ms)
        assert len(frames) == 2, [frame.hex() for frame in frames]
        assert frames[0] == ACK
        answer = frames[1]
        begin = 8 if answer[3:5] == b"\xff\xff" else 5
        assert answer[begin : begin + 2] == bytes([0xD5, contents[0] + 1])
        assert sum(answer[begin:-1]) & 0xFF == 0
        return answer[begin + 2 : -2]
