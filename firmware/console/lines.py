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
_SPACE = 32
#: What follows these words is echoed as stars.
_SECRET = [b"set", b"wifi_password"]
_STAR = b"*"


class LineReader:
    """Lines end with CR, LF or CRLF. What is typed is echoed; backspace takes a character back.

    Of a secret stars are echoed, however its command is written: the console knows that.
    """

    def __init__(self, out: "Out") -> None:
        self.text = ""
        self._out = out
        self._line = bytearray(LINE_BYTES_MAX)
        self._length = 0
        self._has_noise = False
        self._is_dropping = False
        self._was_cr = False
        self._is_secret = False

    def clear(self) -> None:
        """Forget the line so far."""
        self._length = 0
        self._has_noise = self._is_dropping = self._is_secret = False

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
                self._look_for_secret()
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
        self._out.echo(_STAR if self._is_secret else bytes((byte,)))
        if byte == _SPACE and not self._is_secret:
            self._look_for_secret()
        return NOTHING

    def _look_for_secret(self) -> None:
        """Only where it may begin or end: behind a blank, and where something was taken back."""
        words = bytes(self._line[: self._length]).lower().split()
        ends = self._length > 0 and self._line[self._length - 1] == _SPACE
        self._is_secret = words[:2] == _SECRET and (ends or len(words) > 2)

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
