"""One sentence of NMEA 0183 out of a stream of bytes: `$`, fields with commas between, `*` and a sum.

A sentence is given out when its sum is right and not before. Nothing is kept of a line that is
damaged, too long, or interrupted by another one's `$`.
"""

#: The standard has 82 signs, some receivers write more; a longer line is dropped.
LINE_BYTES_MAX = 120

#: What `take` found.
NOTHING = 0
WHOLE = 1
DAMAGED = 2

#: What follows the degrees: minutes and so many of their decimals; more are cut off.
_PARTS = 6
_UDEG = 1_000_000
_FIELDS_MAX = 24


class Sentence:
    """Bounded, whatever comes in. After WHOLE its fields can be asked for, until the next `take`."""

    def __init__(self) -> None:
        self._line = bytearray(LINE_BYTES_MAX)
        self._length = -1  # so far; -1: none has begun
        self._begins = bytearray(_FIELDS_MAX)  # of each field, and of what would follow the last
        self._count = 0
        #: What `read_angle` read, in microdegrees.
        self.angle_udeg = 0

    def take(self, byte: int) -> int:
        """One byte of the stream."""
        length = self._length
        if byte == 0x24:  # $
            self._length = 0
            return DAMAGED if length > 0 else NOTHING
        if length < 0:
            return NOTHING
        if byte == 0x0D or byte == 0x0A:
            self._length = -1
            if not self._is_whole(length):
                return DAMAGED
            self._split(length - 3)
            return WHOLE
        if length == LINE_BYTES_MAX or not 0x20 <= byte < 0x7F:
            self._length = -1
            return DAMAGED
        self._line[length] = byte
        self._length = length + 1
        return NOTHING

    def _is_whole(self, length: int) -> bool:
        line = self._line
        if length < 8 or line[length - 3] != 0x2A:  # *
            return False
        total = 0
        for index in range(length - 3):
            total ^= line[index]
        return total == _hex(line[length - 2]) << 4 | _hex(line[length - 1])

    def _split(self, end: int) -> None:
        self._begins[0] = 0
        count = 1
        for index in range(end):
            if self._line[index] == 0x2C and count < _FIELDS_MAX - 1:
                self._begins[count] = index + 1
                count += 1
        self._begins[count] = end + 1
        self._count = count

    # Fields, from 0 on: the first is talker and kind, or what the maker calls his own.

    def bytes_of(self, field: int) -> int:
        """Length of a field; 0 when it is not there."""
        if field >= self._count:
            return 0
        return self._begins[field + 1] - self._begins[field] - 1

    def byte_of(self, field: int) -> int:
        """The one sign of a field; 0 when it has none, or more."""
        return self._line[self._begins[field]] if self.bytes_of(field) == 1 else 0

    def is_field(self, field: int, text: bytes, skip: int = 0) -> bool:
        """Whether a field, without its first `skip` signs, is `text`."""
        return self.bytes_of(field) == skip + len(text) and self.begins(field, text, skip)

    def begins(self, field: int, text: bytes, skip: int = 0) -> bool:
        """Whether a field, without its first `skip` signs, begins with `text`."""
        if self.bytes_of(field) < skip + len(text):
            return False
        start = self._begins[field] + skip
        for index in range(len(text)):
            if self._line[start + index] != text[index]:
                return False
        return True

    def read_angle(self, field: int, digits: int, plus: int, minus: int) -> bool:
        """Degrees of `digits` digits and minutes, and the sign in the next field: `angle_udeg`.

        To the nearest microdegree, halves up; False when it is no angle.
        """
        if self.bytes_of(field) < digits + 2:
            return False
        at, end = self._begins[field], self._begins[field + 1] - 1
        degrees = self._number(at, at + digits)
        minutes = self._number(at + digits, at + digits + 2)
        parts = self._decimals(at + digits + 2, end, _PARTS)
        sign = self.byte_of(field + 1)
        if degrees < 0 or not 0 <= minutes < 60 or parts < 0 or (sign != plus and sign != minus):
            return False
        angle = degrees * _UDEG + (minutes * _UDEG + parts + 30) // 60
        self.angle_udeg = angle if sign == plus else -angle
        return True

    def hundredths(self, field: int) -> int:
        """A number below 10,000 with decimals, cut off after the second; -1 when it is none."""
        count = self.bytes_of(field)
        if count == 0:
            return -1
        at = self._begins[field]
        dot = at
        while dot < at + count and self._line[dot] != 0x2E:
            dot += 1
        whole = self._number(at, dot)
        parts = self._decimals(dot, at + count, 2)
        return -1 if whole < 0 or parts < 0 or dot - at > 4 else whole * 100 + parts

    def _decimals(self, at: int, end: int, digits: int) -> int:
        """What begins with a point, as a number of `digits` digits; 0 without one, -1 if bad."""
        if at == end:
            return 0
        if self._line[at] != 0x2E:
            return -1
        value = 0
        for index in range(at + 1, at + 1 + digits):
            digit = self._line[index] - 0x30 if index < end else 0
            if not 0 <= digit <= 9:
                return -1
            value = value * 10 + digit
        return value

    def _number(self, at: int, end: int) -> int:
        """Digits as a number; -1 when there are none, or something else among them."""
        if at >= end:
            return -1
        value = 0
        for index in range(at, end):
            digit = self._line[index] - 0x30
            if not 0 <= digit <= 9:
                return -1
            value = value * 10 + digit
        return value


def _hex(sign: int) -> int:
    """0 to 15; far too much when the sign is no hex digit."""
    if 0x30 <= sign <= 0x39:
        return sign - 0x30
    if 0x41 <= sign <= 0x46 or 0x61 <= sign <= 0x66:
        return (sign & 0x5F) - 0x37
    return 0x1000
