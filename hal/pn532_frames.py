"""Frames of the PN532's serial link to its host (user manual UM0701-02, section 6.2.1).

A frame is `00 00 FF LEN LCS TFI ... DCS 00`: LEN + LCS and the sum of TFI to DCS are 0 in
eight bits. TFI is D4 towards the chip and D5 from it; the next byte is the command, plus one
in the answer. `FrameReader` finds frames in a noisy stream: after anything that is not a
whole good frame it looks again from the very next byte, so no good frame is swallowed.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import ByteLink

WAKE_UP = b"\x55\x55\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
ACK = b"\x00\x00\xff\x00\xff\x00"
NACK = b"\x00\x00\xff\xff\x00\x00"
GET_FIRMWARE_VERSION = b"\x00\x00\xff\x02\xfe\xd4\x02\x2a\x00"
SAM_NORMAL = b"\x00\x00\xff\x05\xfb\xd4\x14\x01\x00\x00\x17\x00"
FIELD_ON = b"\x00\x00\xff\x04\xfc\xd4\x32\x01\x01\xf8\x00"
FIELD_OFF = b"\x00\x00\xff\x04\xfc\xd4\x32\x01\x00\xf9\x00"
#: RFConfiguration 5 with no retry; byte 10 is the number of retries, byte 11 the checksum.
MAX_RETRIES = b"\x00\x00\xff\x06\xfa\xd4\x32\x05\xff\x01\x00\xf5\x00"
BAUD_115200 = b"\x00\x00\xff\x03\xfd\xd4\x10\x04\x18\x00"
#: InListPassiveTarget: one card, system code FFFF, answer with system code, one time slot.
FELICA_212 = b"\x00\x00\xff\x09\xf7\xd4\x4a\x01\x01\x00\xff\xff\x01\x00\xe1\x00"
FELICA_424 = b"\x00\x00\xff\x09\xf7\xd4\x4a\x01\x02\x00\xff\xff\x01\x00\xe0\x00"
#: The same for ISO 14443-B: one card, of any application family.
TYPE_B = b"\x00\x00\xff\x05\xfb\xd4\x4a\x01\x03\x00\xde\x00"

#: What `FrameReader.next` found.
NOTHING = 0
IS_ACK = 1
IS_NACK = 2
IS_ANSWER = 3
IS_ERROR = 4
#: A frame whose head was good and whose contents were not.
IS_DAMAGED = 5

BODY_BYTES_MAX = 64
_BUFFER_BYTES = 2 * (BODY_BYTES_MAX + 8)
_CHUNK_BYTES = 32


def with_system_code(poll: bytes, system_code: int) -> bytes:
    """A FeliCa polling frame that asks for `system_code` (FFFF: any) instead of its own."""
    if not 0 <= system_code <= 0xFFFF:
        raise ValueError(f"system code {system_code}: write a number from 0 to 0xFFFF")
    frame = bytearray(poll)
    frame[10] = system_code >> 8
    frame[11] = system_code & 0xFF
    frame[14] = -sum(frame[5:14]) & 0xFF
    return bytes(frame)


class FrameReader:
    """Takes bytes from a link and gives out frames; bounded, whatever comes in."""

    def __init__(self) -> None:
        self._buffer = bytearray(_BUFFER_BYTES)
        self._filled = 0
        self._at = 0
        self._chunk = bytearray(_CHUNK_BYTES)
        #: TFI, code and payload of the last answer, `body_bytes` long.
        self.body = bytearray(BODY_BYTES_MAX)
        self.body_bytes = 0
        #: Bytes other than 00 that belonged to no good frame, since `clear`.
        self.noise_bytes = 0

    def clear(self) -> None:
        """Forget what was received."""
        self._filled = 0
        self._at = 0
        self.noise_bytes = 0

    def is_within_frame(self) -> bool:
        """Whether the bytes at hand begin a frame that is not whole yet."""
        return self._filled - self._at >= 3

    def fill(self, link: "ByteLink") -> None:
        """Take one chunk of bytes from `link`. Call `next` until NOTHING after it."""
        count = link.readinto(self._chunk)
        if self._filled + count > _BUFFER_BYTES:
            self._move_to_front()
        filled = self._filled
        for index in range(count):
            self._buffer[filled + index] = self._chunk[index]
        self._filled = filled + count

    def _move_to_front(self) -> None:
        start = self._at
        kept = self._filled - start
        for index in range(kept):
            self._buffer[index] = self._buffer[start + index]
        self._at = 0
        self._filled = kept

    def next(self) -> int:
        """The next frame in what was received; NOTHING when more bytes are needed."""
        while self._filled - self._at >= 3:
            if not self._at_start_code():
                self._skip_byte()
                continue
            if self._filled - self._at < 5:
                return NOTHING
            length = self._buffer[self._at + 3]
            check = self._buffer[self._at + 4]
            if length == 0x00 and check == 0xFF:
                self._at += 5
                return IS_ACK
            if length == 0xFF and check == 0x00:
                self._at += 5
                return IS_NACK
            if (length + check) & 0xFF or not 1 <= length <= BODY_BYTES_MAX:
                self._skip_byte()
                continue
            if self._filled - self._at < 6 + length:
                return NOTHING
            found = self._take_body(length)
            if found != NOTHING:
                return found
        return NOTHING

    def _at_start_code(self) -> bool:
        at = self._at
        buffer = self._buffer
        return buffer[at] == 0x00 and buffer[at + 1] == 0x00 and buffer[at + 2] == 0xFF

    def _skip_byte(self) -> None:
        if self._buffer[self._at] != 0x00:
            self.noise_bytes += 1
        self._at += 1

    def _take_body(self, length: int) -> int:
        start = self._at + 5
        total = 0
        for index in range(length + 1):
            total += self._buffer[start + index]
        if total & 0xFF:
            self._at += 3
            self.noise_bytes += 1
            return IS_DAMAGED
        for index in range(length):
            self.body[index] = self._buffer[start + index]
        self.body_bytes = length
        self._at = start + length + 1
        if self.body[0] == 0xD5 and length >= 2:
            return IS_ANSWER
        if self.body[0] == 0x7F and length == 1:
            return IS_ERROR
        self.noise_bytes += length
        return NOTHING
