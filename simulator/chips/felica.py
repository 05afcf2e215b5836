"""FeliCa cards, and how long their frames take on the air.

A frame is 6 bytes of preamble, 2 of synchronisation, length and contents, and 2 of checksum,
at 212 or 424 kbit/s (64 or 32 periods of 13.56 MHz a bit). A card answers a polling request
512 * 64 periods after it, in a time slot of 256 * 64 periods (JIS X 6319-4).
"""

from dataclasses import dataclass

RESPONSE_DELAY_US = 2417
SLOT_US = 1208
_FRAME_OVERHEAD_BYTES = 10

POLLING = 0x00
REQUEST_SERVICE = 0x02
REQUEST_RESPONSE = 0x04
REQUEST_SYSTEM_CODE = 0x0C


def air_time_us(frame_bytes: int, kbps: int) -> int:
    """Time of a frame whose LEN byte and contents are `frame_bytes` long."""
    periods_a_bit = {212: 64, 424: 32}[kbps]
    bits = (frame_bytes + _FRAME_OVERHEAD_BYTES) * 8
    return round(bits * periods_a_bit / 13.56)


def try_time_us(kbps: int, slots: int) -> int:
    """One polling request that nobody answers."""
    return air_time_us(6, kbps) + RESPONSE_DELAY_US + slots * SLOT_US


@dataclass(frozen=True, eq=False)
class FelicaCard:
    """A FeliCa card with one system: identifier (IDm), parameters (PMm), system code."""

    idm: bytes
    pmm: bytes = bytes.fromhex("100b4b428485d0ff")
    system_code: int = 0x0003
    #: From entering the field until the card hears; 20 ms at the most by the standard.
    start_up_us: int = 5000
    kbps: tuple[int, ...] = (212, 424)

    def __post_init__(self) -> None:
        if len(self.idm) != 8 or len(self.pmm) != 8:
            raise ValueError("a FeliCa card has an IDm and a PMm of 8 bytes each")

    def polled(self, system_code: int, request_code: int) -> bytes | None:
        """The answer to a polling request, with its LEN byte; None when it is not meant."""
        for shift in (8, 0):
            asked = system_code >> shift & 0xFF
            if asked not in (0xFF, self.system_code >> shift & 0xFF):
                return None
        answer = b"\x01" + self.idm + self.pmm
        if request_code == 1:
            answer += self.system_code.to_bytes(2, "big")
        elif request_code == 2:
            answer += b"\x00\x83"
        return bytes([len(answer) + 1]) + answer

    def command(self, frame: bytes) -> bytes | None:
        """The answer to any command frame (with its LEN byte), or silence."""
        if len(frame) < 2 or frame[0] != len(frame):
            return None
        code, contents = frame[1], frame[2:]
        if code == POLLING:
            if len(contents) != 4:
                return None
            return self.polled(int.from_bytes(contents[:2], "big"), contents[2])
        if contents[:8] != self.idm:
            return None
        if code == REQUEST_RESPONSE and len(contents) == 8:
            payload = b"\x00"
        elif code == REQUEST_SYSTEM_CODE and len(contents) == 8:
            payload = b"\x01" + self.system_code.to_bytes(2, "big")
        elif code == REQUEST_SERVICE and len(contents) == 9 + 2 * contents[8]:
            # Nothing but the identifier is ever read (ENROL-2): there are no services.
            payload = bytes([contents[8]]) + b"\xff\xff" * contents[8]
        else:
            return None
        answer = bytes([code + 1]) + self.idm + payload
        return bytes([len(answer) + 1]) + answer
