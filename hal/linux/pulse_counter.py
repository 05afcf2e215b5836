"""The odometer by the pulses of a wheel or gear sensor, counted in gpiozero's thread.

The total outlives the program: it is written when it has grown enough, whole and synced, and a cut
loses at most what came since. It never goes back, for the distance of a use is a difference.
"""

import os
import threading
from pathlib import Path
from typing import Any

import gpiozero

from hal.linux.storage import sync_folder

#: Metres between two writes: 10,000 writes for 1,000 km, which no SD card minds.
KEEP_EVERY_M = 100


class PinPulseCounter:
    """A `PulseCounter`; `pulses_per_km` as the car's maker says or as a measured road says."""

    def __init__(self, pin: int, pull: bool | None, pulses_per_km: int, total_file: Path) -> None:
        if pulses_per_km < 1:
            raise ValueError(f"pulses_per_km: {pulses_per_km} is below 1")
        self._pulses_per_km = pulses_per_km
        self._file = total_file
        self._lock = threading.Lock()
        self._pulses = _read_total(total_file)
        self._kept_m = self.metres()
        self._device: Any = gpiozero.DigitalInputDevice(
            pin, pull_up=pull, active_state=True if pull is None else None
        )
        self._device.when_activated = self._count

    def metres(self) -> int:
        with self._lock:
            return self._pulses * 1000 // self._pulses_per_km

    def poll(self) -> None:
        """Keep the total when it has grown enough. OSError of a full disk is tried again later."""
        if self.metres() - self._kept_m < KEEP_EVERY_M:
            return
        try:
            self._keep()
        except OSError:
            return

    def close(self) -> None:
        self._device.close()
        self._keep()

    def _count(self) -> None:
        with self._lock:
            self._pulses += 1

    def _keep(self) -> None:
        with self._lock:
            pulses = self._pulses
        part = self._file.with_name(self._file.name + ".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, f"{pulses}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(self._file)
        sync_folder(self._file.parent)
        self._kept_m = pulses * 1000 // self._pulses_per_km


class NoPulseCounter:
    """A `PulseCounter` without a sensor."""

    def metres(self) -> int:
        return -1


def _read_total(path: Path) -> int:
    """Pulses; ValueError that says what to do with a file that holds something else."""
    if not path.exists():
        return 0
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not text.isdigit():
        raise ValueError(
            f"{path}: holds {text[:20]!r}, not a number of pulses; delete it to begin at 0"
        )
    return int(text)
