"""How a person leaves `fleetd console`: a key, or a word that is looked for in what is typed."""

from __future__ import annotations

KEY = b"\x1d"
#: The box knows them, too, in whatever case: it locks.
WORDS = (b"exit", b"quit")
_ENTER = b"\r\n"
_ERASE = b"\x08\x7f"
_CLEAR = b"\x03"
_LINE_BYTES_MAX = 200


class Typed:
    """The line that is being typed, as the box edits it."""

    def __init__(self) -> None:
        self._line = bytearray()

    def feed(self, keys: bytes) -> tuple[bytes, bool]:
        """What of it goes to the box, and whether it leaves; what stands behind that is dropped."""
        for at, key in enumerate(keys):
            if key == KEY[0]:
                return keys[:at], True
            if key in _ENTER:
                word = bytes(self._line).strip().lower()
                self._line.clear()
                if word in WORDS:
                    return keys[: at + 1], True
            elif key in _CLEAR:
                self._line.clear()
            elif key in _ERASE:
                del self._line[-1:]
            elif len(self._line) < _LINE_BYTES_MAX:
                self._line.append(key)
        return keys, False
