"""The odometer by the pulses of a wheel or gear sensor, counted in gpiozero's thread."""

import threading
from pathlib import Path

import gpiozero

from firmware.wire.codes import ODOMETER_NONE, ODOMETER_PULSES
from hal.linux.kept_total import KeptTotal

#: Metres between two writes: 10,000 of them in 1,000 km, which no SD card minds.
KEEP_EVERY_M = 100


class PinPulseCounter:
    """A `PulseCounter`; `pulses_per_km` as the car's maker says or as a measured road says.

    The total outlives the program, and it never goes back: a use's distance is a difference.
    """

    source = ODOMETER_PULSES

    def __init__(self, pin: int, pull: bool | None, pulses_per_km: int, total_file: Path) -> None:
        if pulses_per_km < 1:
            raise ValueError(f"pulses_per_km: {pulses_per_km} is below 1")
        self._pulses_per_km = pulses_per_km
        self._total = KeptTotal(total_file, max(1, KEEP_EVERY_M * pulses_per_km // 1000))
        self._lock = threading.Lock()
        self._pulses = self._total.kept
        self._device = gpiozero.DigitalInputDevice(
            pin, pull_up=pull, active_state=True if pull is None else None
        )
        self._device.when_activated = self._count

    def metres(self) -> int:
        return self._read() * 1000 // self._pulses_per_km

    def poll(self) -> None:
        """Keep the total when it has grown enough."""
        self._total.offer(self._read())

    def close(self) -> None:
        self._device.close()
        self._total.keep(self._read())

    def _read(self) -> int:
        with self._lock:
            return self._pulses

    def _count(self) -> None:
        with self._lock:
            self._pulses += 1


class NoPulseCounter:
    """A `PulseCounter` without a sensor."""

    source = ODOMETER_NONE

    def metres(self) -> int:
        return -1
