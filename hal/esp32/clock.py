"""The clock of the chip: ticks, and a wall time that outlives every reset but not the power.

The RTC's counter goes on through soft reset, watchdog and panic; after power-on it begins anew. That
somebody said what time it is stands in RTC memory, with the time that was said, so a counter that
began anew shows. A DS3231 with its own battery, if there is one, knows the time after power-on too,
and is asked again now and then: in light sleep the counter goes by an oscillator that was seen to
lose 26 s in 300 s (esp-idf, issue 6687).
"""

import struct
import time
from binascii import crc32

import machine

from firmware.ticks import ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hal.esp32.ds3231 import Ds3231

#: MicroPython on the ESP32 counts seconds from 2000, this project from 2020.
_2000_TO_2020_S = 631152000

#: How often the DS3231 is asked: 26 s in 300 s are 52 s in ten minutes.
CHIP_EVERY_MS = 600_000

_RECORD = ">4sI"
_RECORD_BYTES = 12
_MAGIC = b"KClk"


class RtcClock:
    """A `Clock`."""

    def __init__(self, chip: "Ds3231 | None" = None) -> None:
        self._rtc = machine.RTC()
        self._chip = chip
        self._asked_at_ms = self.now_ms()
        self._is_trusted = self._was_kept()
        if chip is not None:
            self._ask(chip)

    def now_ms(self) -> int:
        # The period is 2**30 on this chip, which is `firmware.ticks.MASK` + 1.
        now_ms: "Any" = time.ticks_ms()
        return now_ms

    def wall_s(self) -> int:
        chip, now_ms = self._chip, self.now_ms()
        if chip is not None and ticks_diff(now_ms, self._asked_at_ms) >= CHIP_EVERY_MS:
            self._asked_at_ms = now_ms
            self._ask(chip)
        return int(time.time()) - _2000_TO_2020_S

    def is_trusted(self) -> bool:
        return self._is_trusted

    def set_wall(self, wall_s: int) -> bool:
        """TLS judges certificates by the same RTC."""
        self._set_rtc(wall_s)
        self._is_trusted = True
        if self._chip is not None:
            self._chip.set_s(wall_s)
        return True

    def _ask(self, chip: "Ds3231") -> None:
        """The chip is right where it tells a time at all, asleep or awake."""
        wall_s = chip.read_s()
        if wall_s >= 0:
            self._set_rtc(wall_s)
            self._is_trusted = True

    def _set_rtc(self, wall_s: int) -> None:
        year, month, day, hour, minute, second = time.gmtime(wall_s + _2000_TO_2020_S)[:6]
        self._rtc.datetime((year, month, day, 0, hour, minute, second, 0))
        body = struct.pack(_RECORD, _MAGIC, wall_s)
        self._rtc.memory(body + struct.pack(">I", crc32(body) & 0xFFFFFFFF))

    def _was_kept(self) -> bool:
        """Whether the counter has gone on since the time was said."""
        if machine.reset_cause() == machine.PWRON_RESET:
            return False
        record = self._rtc.memory()
        if len(record) != _RECORD_BYTES:
            return False
        magic, said_s = struct.unpack_from(_RECORD, record, 0)
        (check,) = struct.unpack_from(">I", record, 8)
        if magic != _MAGIC or check != crc32(record[:8]) & 0xFFFFFFFF:
            return False
        return self.wall_s() >= said_s
