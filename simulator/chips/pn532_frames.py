"""Frames of the PN532's serial host link, seen from the chip (UM0701-02, section 6.2.1).

Written apart from the driver's frames, so that a mistake in one does not hide in the other.
"""

from dataclasses import dataclass

ACK = bytes.fromhex("0000ff00ff00")
ERROR = bytes.fromhex("0000ff01ff7f8100")
#: TFI and packet data: 265 bytes at the most, in an extended frame.
CONTENTS_BYTES_MAX = 265


def encode(contents: bytes) -> bytes:
    """A normal frame, or an extended one when TFI and data are longer than 255 bytes."""
    if len(contents) <= 255:
        head = bytes([len(contents), -len(contents) & 0xFF])
    else:
        high, low = divmod(len(contents), 256)
        head = bytes([0xFF, 0xFF, high, low, -(high + low) & 0xFF])
    return b"\x00\x00\xff" + head + contents + bytes([-sum(contents) & 0xFF, 0x00])


@dataclass(frozen=True)
class HostFrame:
    """`kind` is "ack", "nack" or "command"; `contents` are TFI and data."""

    kind: str
    contents: bytes = b""


class FrameDecoder:
    """Takes one byte after the other; gives a frame at its last byte."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def reset(self) -> None:
        self._bytes.clear()

    def take(self, byte: int) -> HostFrame | None:
        self._bytes.append(byte)
        while self._bytes:
            end, frame = self._look()
            if end == 0:
                return None
            del self._bytes[:end]
            if frame is not None:
                return frame
        return None

    def _look(self) -> tuple[int, HostFrame | None]:
        """How many bytes can go, and the frame that they were; 0: more are needed."""
        data = self._bytes
        start = b"\x00\x00\xff"
        if data[:3] != start[: len(data)]:
            return 1, None
        if len(data) < 5:
            return 0, None
        length, check = data[3], data[4]
        if (length, check) in ((0x00, 0xFF), (0xFF, 0x00)):
            if len(data) < 6:
                return 0, None
            return 6, HostFrame("ack" if length == 0 else "nack")
        at = 5
        if (length, check) == (0xFF, 0xFF):
            if len(data) < 8:
                return 0, None
            length, check, at = data[5] << 8 | data[6], data[7] + data[5] + data[6], 8
            is_good_head = check & 0xFF == 0
        else:
            is_good_head = (length + check) & 0xFF == 0
        if not is_good_head or not 1 <= length <= CONTENTS_BYTES_MAX:
            return 1, None
        if len(data) < at + length + 2:
            return 0, None
        if sum(data[at : at + length + 1]) & 0xFF:
            return 1, None
        return at + length + 2, HostFrame("command", bytes(data[at : at + length]))
