"""What the box says, for the screen in front of it: colours where it has them, plain text where not."""

from __future__ import annotations

import re

_RED, _YELLOW, _END = b"\x1b[31m", b"\x1b[33m", b"\x1b[0m"
#: How a line begins that is to be seen.
_MARKS = ((b"FAULT", _RED), (b"do  ", _YELLOW))
_ESCAPES = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]")


class Colours:
    """Bytes of the box as they come; only the beginning of a line may wait for its next byte."""

    def __init__(self, *, has_colours: bool) -> None:
        self._has_colours = has_colours
        self._head = b""
        self._at_start = True
        self._is_coloured = False

    def feed(self, data: bytes) -> bytes:
        if not self._has_colours:
            return _ESCAPES.sub(b"", data)
        out = bytearray()
        for at in range(len(data)):
            self._take(data[at : at + 1], out)
        return bytes(out)

    def _take(self, byte: bytes, out: bytearray) -> None:
        if self._at_start:
            self._head += byte
            for mark, colour in _MARKS:
                if self._head == mark:
                    out += colour + mark
                    self._head, self._at_start, self._is_coloured = b"", False, True
                    return
                if mark.startswith(self._head):
                    return
            out += self._head
            ended = byte in (b"\n", b"\r")
            self._head, self._at_start = b"", ended
            return
        if byte in (b"\n", b"\r"):
            if self._is_coloured:
                out += _END
            self._at_start, self._is_coloured = True, False
        out += byte
