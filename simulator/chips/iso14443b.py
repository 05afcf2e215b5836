"""ISO/IEC 14443 type B cards, and how long their frames take on the air at 106 kbit/s.

A bit (etu) has 128 periods of 13.56 MHz, a character ten bits; a frame begins with 12 bits of
SOF, ends with 10 of EOF and has 2 bytes of checksum. A card answers a request after TR0 and
TR1, 64 and 80 periods of the subcarrier at the least, and begins within 7680 periods of the
carrier or not at all (ISO/IEC 14443-3, clause 7).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

_ETU_US = 128 / 13.56
_FRAME_OVERHEAD_BITS = 12 + 10
_CRC_BYTES = 2
#: TR0 and TR1 at their least: 64 and 80 periods of 847.5 kHz.
RESPONSE_DELAY_US = 170
#: 7680 periods of 13.56 MHz.
REQUEST_WAIT_US = 566

REQUEST = 0x05
_WAKE_UP_FLAG = 0x08
ANSWER_TO_REQUEST = 0x50
_DESELECT = 0xC2
_DESELECT_WITH_ID = 0xCA
#: What the chip gives the one card that it activates.
CARD_ID = 0x01
_REQUEST_BYTES = 3
_ATTRIB_BYTES = 9

_IDLE, _ACTIVE, _HALT = range(3)


def air_time_us(frame_bytes: int) -> int:
    """Time of a frame of so many bytes, its checksum not counted."""
    return round((_FRAME_OVERHEAD_BITS + 10 * (frame_bytes + _CRC_BYTES)) * _ETU_US)


def exchange_time_us(sent_bytes: int, answer_bytes: int) -> int:
    """A frame and its answer."""
    return air_time_us(sent_bytes) + RESPONSE_DELAY_US + air_time_us(answer_bytes)


#: One request that nobody answers.
TRY_US = air_time_us(_REQUEST_BYTES) + REQUEST_WAIT_US


@dataclass(eq=False)
class Iso14443bCard:
    """A type B card: PUPI, application data, protocol information.

    `changes`: it makes up a PUPI whenever it gets power, as the standard allows.
    """

    pupi: bytes
    changes: bool = False
    application: bytes = bytes(4)
    #: 106 kbit/s, frames of 256 bytes, ISO/IEC 14443-4, an identifier (CID) is understood.
    protocol: bytes = bytes.fromhex("008185")
    start_up_us: int = 5000
    kbps: tuple[int, ...] = (106,)
    _powered_us: int | None = field(default=None, init=False)
    _state: int = field(default=_IDLE, init=False)

    def __post_init__(self) -> None:
        if len(self.pupi) != 4 or len(self.application) != 4 or len(self.protocol) != 3:
            raise ValueError("a type B card has a PUPI of 4 bytes, 4 of application, 3 of protocol")

    def _is(self, state: int, powered_us: int) -> bool:
        """Without power since then it is idle."""
        return (self._state if powered_us == self._powered_us else _IDLE) == state

    def _be(self, state: int, powered_us: int) -> None:
        self._powered_us, self._state = powered_us, state

    def pupi_since(self, powered_us: int) -> bytes:
        """The one that it gives while it has power since then."""
        if not self.changes:
            return self.pupi
        return zlib.crc32(self.pupi + powered_us.to_bytes(8, "big")).to_bytes(4, "big")

    def requested(self, family: int, powered_us: int, wakes: bool = False) -> bytes | None:
        """The answer to a request (ATQB); None when it is not meant, or is activated already."""
        if family not in (0, self.application[0]):
            return None
        if not self._is(_IDLE, powered_us) and not (wakes and self._is(_HALT, powered_us)):
            return None
        head = bytes([ANSWER_TO_REQUEST]) + self.pupi_since(powered_us)
        return head + self.application + self.protocol

    def activated(self, family: int, powered_us: int) -> tuple[bytes, int] | None:
        """What a chip that requests and activates it hears in all, and how long that takes."""
        answer = self.requested(family, powered_us)
        if answer is None:
            return None
        attrib = bytes([CARD_ID])
        took_us = exchange_time_us(_REQUEST_BYTES, len(answer))
        took_us += exchange_time_us(_ATTRIB_BYTES, len(attrib))
        return answer + bytes([len(attrib)]) + attrib, took_us

    def activate(self, powered_us: int) -> None:
        """It has answered ATTRIB: from now on it hears blocks of its protocol only."""
        self._be(_ACTIVE, powered_us)

    def deselect(self, powered_us: int) -> None:
        """Halted: it hears a wake-up, no request."""
        if self._is(_ACTIVE, powered_us):
            self._be(_HALT, powered_us)

    def command(self, frame: bytes, powered_us: int) -> bytes | None:
        """The answer to any frame, without checksums, or silence."""
        if len(frame) == _REQUEST_BYTES and frame[0] == REQUEST:
            answer = self.requested(frame[1], powered_us, bool(frame[2] & _WAKE_UP_FLAG))
            if answer is not None:
                self._be(_IDLE, powered_us)
            return answer
        if self._is(_ACTIVE, powered_us) and frame in (
            bytes([_DESELECT]),
            bytes([_DESELECT_WITH_ID, CARD_ID]),
        ):
            self.deselect(powered_us)
            return frame
        return None
