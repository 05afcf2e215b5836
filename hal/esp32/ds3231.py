"""A DS3231 on I2C: the time of day with a battery of its own, right within 2 minutes a year.

Registers 0 to 6 are seconds to year in BCD, 0x0F the status, whose highest bit says that the
oscillator has stood still (Maxim 19-5170, registers). It keeps UTC here.
"""

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C

_ADDRESS = 0x68
_STATUS = 0x0F
_STOPPED = 0x80
_CENTURY = 0x80
#: The first second of 2020, counted from 2000 as MicroPython does.
_2000_TO_2020_S = 631152000


class Ds3231:
    """The chip at address 0x68 of a bus."""

    def __init__(self, bus: "I2C") -> None:
        self._bus = bus

    def read_s(self) -> int:
        """Seconds since 2020; -1 when the chip is absent, has stood still, or shows nonsense."""
        try:
            if self._bus.readfrom_mem(_ADDRESS, _STATUS, 1)[0] & _STOPPED:
                return -1
            raw = self._bus.readfrom_mem(_ADDRESS, 0, 7)
        except OSError:
            return -1
        second, minute, hour = _number(raw[0]), _number(raw[1]), _number(raw[2])
        day, month, year = _number(raw[4]), _number(raw[5] & 0x1F), _number(raw[6])
        if raw[5] & _CENTURY or min(second, minute, hour, year) < 0:
            return -1
        if second > 59 or minute > 59 or hour > 23 or not 1 <= day <= 31 or not 1 <= month <= 12:
            return -1
        wall_s = time.mktime((2000 + year, month, day, hour, minute, second, 0, 0))
        return max(-1, int(wall_s) - _2000_TO_2020_S)

    def set_s(self, wall_s: int) -> None:
        """Set it, and say that it runs; a chip that does not answer is let be."""
        year, month, day, hour, minute, second = time.gmtime(wall_s + _2000_TO_2020_S)[:6]
        if year > 2099:
            return
        parts = (second, minute, hour, 1, day, month, year - 2000)
        try:
            self._bus.writeto_mem(_ADDRESS, 0, bytes([_bcd(part) for part in parts]))
            status = self._bus.readfrom_mem(_ADDRESS, _STATUS, 1)[0]
            self._bus.writeto_mem(_ADDRESS, _STATUS, bytes((status & ~_STOPPED & 0xFF,)))
        except OSError:
            return


def _number(bcd: int) -> int:
    """What two BCD digits say; -1 when they are none."""
    if bcd >> 4 > 9 or bcd & 15 > 9:
        return -1
    return (bcd >> 4) * 10 + (bcd & 15)


def _bcd(number: int) -> int:
    return number // 10 << 4 | number % 10
