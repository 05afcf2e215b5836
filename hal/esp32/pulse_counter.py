"""The odometer by pulses of the car's wheel or gearbox, counted by the chip without the program."""

from esp32 import PCNT
from machine import Pin

from firmware.wire.codes import ODOMETER_NONE, ODOMETER_PULSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.esp32.kept_number import KeptNumber

#: The counter goes from 0 to here and then to 0 again.
_PERIOD = 32767
#: Shorter than this many periods of the chip's 80 MHz clock is noise: 12.8 us.
_FILTER = 1023
#: How far may go unwritten, and so be lost with the power.
KEEP_EVERY_M = 1000


class PcntCounter:
    """A `PulseCounter`. `poll` at least every 30,000 pulses, and never inside a turn: it may write."""

    source = ODOMETER_PULSES

    def __init__(self, number: int, pulses_per_km: int, kept: "KeptNumber") -> None:
        if not 1 <= pulses_per_km <= 100_000:
            raise ValueError("pulses_per_km: %d; give 1 to 100000" % pulses_per_km)
        self._pulses_per_km = pulses_per_km
        self._kept = kept
        self._kept_m = kept.load()
        self._whole_m = self._kept_m
        self._rest = 0  # of a metre, in pulses * 1000
        self._last = 0
        self._pcnt = PCNT(
            0,
            pin=Pin(number, Pin.IN),
            rising=PCNT.INCREMENT,
            falling=PCNT.IGNORE,
            filter=_FILTER,
            min=0,
            max=_PERIOD,
            value=0,
        )
        self._pcnt.start()

    def metres(self) -> int:
        value = self._pcnt.value()
        pulses = value - self._last
        if pulses:
            self._last = value
            self._rest += (pulses if pulses > 0 else pulses + _PERIOD) * 1000
            self._whole_m += self._rest // self._pulses_per_km
            self._rest %= self._pulses_per_km
        return self._whole_m

    def poll(self) -> None:
        """Keep the total when enough has come."""
        now_m = self.metres()
        if now_m - self._kept_m >= KEEP_EVERY_M and self._kept.save(now_m):
            self._kept_m = now_m


class NoCounter:
    """A `PulseCounter` of a car without such pulses."""

    source = ODOMETER_NONE

    def metres(self) -> int:
        return -1
