"""Bytes from a terminal become lines; whatever else comes costs the line that it came in."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.out import Out

LINE_BYTES_MAX = 120

# What `LineReader.feed` found.
NOTHING = 0
#: `text` is a whole line.
LINE = 1
#: A line ended that had bytes in it which no keyboard makes.
NOISE = 2
#: The line is too long; told once, what still comes of it is dropped.
TOO_LONG = 3
#: Ctrl-C: the line is gone, nothing else.
CLEARED = 4

CTRL_C = 3
_BACKSPACE = 8
_LF = 10
_CR = 13
_DELETE = 127
_ERASE = b"\b \b"
#: What follows these is echoed as stars.
_SECRET = b"set wifi_password "
_STAR = b"*"


class LineReader:
    """Lines end with CR, LF or CRLF. What is typed is echoed; backspace takes a character back.

    Of a secret stars are echoed.
    """

    def __init__(self, out: "Out") -> None:
        self.text = ""
        self._out = out
        self._line = bytearray(LINE_BYTES_MAX)
        self._length = 0
        self._has_noise = False
        self._is_dropping = False
        self._was_cr = False

    def clear(self) -> None:
        """Forget the line so far."""
        self._length = 0
        self._has_noise = self._is_dropping = False

    def feed(self, byte: int) -> int:
        """Take one byte: NOTHING to CLEARED."""
        was_cr, self._was_cr = self._was_cr, byte == _CR
        if byte == _LF and was_cr:
            return NOTHING
        if byte == _CR or byte == _LF:
            return self._end()
        if byte == CTRL_C:
            self.clear()
            return CLEARED
        if self._is_dropping:
            return NOTHING
        if byte == _BACKSPACE or byte == _DELETE:
            if self._length:
                self._length -= 1
                self._out.echo(_ERASE)
            return NOTHING
        if not 32 <= byte < 127:
            # A break before a line reads as a zero: `fleetd console` wakes a sleeping box by one.
            self._has_noise = self._has_noise or byte != 0 or self._length > 0
            return NOTHING
        if self._length == LINE_BYTES_MAX:
            self._is_dropping = True
            return TOO_LONG
        self._line[self._length] = byte
        self._length += 1
        is_secret = self._length > len(_SECRET) and self._line[: len(_SECRET)] == _SECRET
        self._out.echo(_STAR if is_secret else bytes((byte,)))
        return NOTHING

    def _end(self) -> int:
        found = LINE
        if self._is_dropping:
            found = NOTHING
        elif self._has_noise:
            found = NOISE
        else:
            self.text = str(bytes(self._line[: self._length]), "ascii")
        self.clear()
        return found
