"""The bytes of an RC-S380 on USB, as far as nfcpy's driver asks for them."""

import struct
from collections.abc import Callable

import nfc
import nfc.clf.rcs380


class Rcs380:
    """What nfcpy takes for the transport. `card` gives the identifier that lies there; b"": none."""

    manufacturer_name = "SONY"
    product_name = "RC-S380/P"

    def __init__(self, card: Callable[[], bytes]) -> None:
        self._answers: list[bytes] = []
        self._card = card

    def write(self, frame: bytes) -> None:
        if len(frame) == 6:
            return
        command, body = frame[9], bytes(frame[10:-2])
        answer = {0x20: b"\x11\x01", 0x22: b"\x00\x01"}.get(command, b"\0")
        if command == 0x04:
            is_poll = body[2:] == b"\x06\x00\xff\xff\x01\x00"
            assert is_poll, body.hex()
            ident = self._card()
            # Without a card: "receive timeout" in the status.
            answer = bytes.fromhex("80000000")
            if ident:
                answer = bytes(5) + b"\x14\x01" + ident + bytes(8) + b"\x00\x03"
        data = bytes([0xD7, command + 1]) + answer
        head = struct.pack("<H", len(data))
        self._answers.append(bytes.fromhex("0000ff00ff00"))
        self._answers.append(
            b"\0\0\xff\xff\xff" + head + bytes([-sum(head) & 255]) + data
            + bytes([-sum(data) & 255, 0])
        )  # fmt: skip

    def read(self, timeout: int = 0) -> bytearray:
        if not self._answers:
            raise OSError(110, "Connection timed out")
        return bytearray(self._answers.pop(0))

    def close(self) -> None:
        return


def opened(card: Callable[[], bytes]) -> "nfc.ContactlessFrontend":
    """As `nfcpy_devices.open_rcs380` gives it."""
    frontend = nfc.ContactlessFrontend()
    frontend.device = nfc.clf.rcs380.init(Rcs380(card))
    return frontend
