"""A FeliCa Lite-S card: blocks to read and write, a key, and the sums (MAC) that prove it.

After what nfcpy's documentation says of the card, with another library's Triple DES: that nfcpy and this
agree shows the chip's transport of commands. It is no proof about Sony's card.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from simulator.chips.felica import FelicaCard

READ, WRITE = 0x06, 0x08
RC, MAC, ID, WCNT, MAC_A, STATE = 0x80, 0x81, 0x82, 0x90, 0x91, 0x92
_USER_BLOCKS = 14
_ERROR = b"\xff\xa5"
_LITE_S_PMM = bytes.fromhex("00f1000000014300")


def _turned(data: bytes) -> bytes:
    """Each 8 bytes backwards: the card counts from the other end."""
    return b"".join(data[at : at + 8][::-1] for at in range(0, len(data), 8))


def _encrypt(key: bytes, start: bytes, data: bytes) -> bytes:
    encryptor = Cipher(TripleDES(key + key[:8]), modes.CBC(start)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


@dataclass(frozen=True, eq=False)
class LiteSCard(FelicaCard):
    """`key`: its card key of 16 bytes, as a user of nfcpy would give it."""

    pmm: bytes = _LITE_S_PMM
    system_code: int = 0x88B4
    key: bytes = bytes(16)
    blocks: dict[int, bytes] = field(default_factory=dict)

    def command(self, frame: bytes) -> bytes | None:
        if len(frame) > 15 and frame[0] == len(frame) and frame[2:10] == self.idm:
            if frame[1] == READ:
                return self._answer(READ, self._read(self._numbers(frame)))
            if frame[1] == WRITE:
                numbers = self._numbers(frame)
                return self._answer(WRITE, self._write(numbers, frame[-16 * len(numbers) :]))
        return super().command(frame)

    def _answer(self, code: int, result: bytes | None) -> bytes:
        status = _ERROR if result is None else b"\0\0"
        answer = bytes([code + 1]) + self.idm + status + (result or b"")
        return bytes([len(answer) + 1]) + answer

    @staticmethod
    def _numbers(frame: bytes) -> list[int]:
        """Of one service, blocks in lists of two bytes each."""
        count = frame[13]
        return [frame[15 + 2 * index] for index in range(count)]

    def _block(self, number: int) -> bytes:
        if number == ID:
            return self.idm + bytes(8)
        return self.blocks.get(number, bytes(16))

    def _session(self) -> tuple[bytes, bytes]:
        """Session key, and what a sum starts from: of the reader's random numbers and the key."""
        random = _turned(self._block(RC))
        return _encrypt(self.key, bytes(8), random), random[:8]

    def _read(self, numbers: list[int]) -> bytes | None:
        if any(_USER_BLOCKS <= number < RC for number in numbers):
            return None
        data = b"".join(self._block(number) for number in numbers if number != MAC)
        if MAC in numbers:
            session, start = self._session()
            data += _encrypt(session, start, _turned(data))[:-9:-1] + bytes(8)
        return bytes([len(numbers)]) + data

    def _write(self, numbers: list[int], data: bytes) -> bytes | None:
        if len(numbers) == 2 and numbers[1] == MAC_A:
            session, start = self._session()
            head = self._block(WCNT)[:3] + bytes([0, numbers[0], 0, MAC_A, 0])
            right = _encrypt(session[8:] + session[:8], start, _turned(head + data[:16]))[:-9:-1]
            if data[16:24] != right:
                return None
        elif len(numbers) != 1 or numbers[0] == STATE:
            return None
        self.blocks[numbers[0]] = data[:16]
        written = int.from_bytes(self._block(WCNT)[:3], "little") + 1
        self.blocks[WCNT] = written.to_bytes(3, "little") + bytes(13)
        return b""
