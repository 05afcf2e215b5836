"""The chip's watchdog. Once it runs nothing stops it but a reset."""

from machine import WDT

#: Longer than the look-up of a name (up to some 14 s), which is all that waits, and an erase.
TIMEOUT_MS = 30_000


class ChipWatchdog:
    """A `Watchdog`."""

    def __init__(self, timeout_ms: int = TIMEOUT_MS) -> None:
        self._wdt = WDT(timeout=timeout_ms)

    def feed(self) -> None:
        self._wdt.feed()
