"""The chip's watchdog. Once it runs nothing stops it but a reset."""

from machine import WDT

#: Far longer than any turn: nothing waits, and a step of TLS's handshake or an erase is expected to
#: take part of a second.
TIMEOUT_MS = 30_000


class ChipWatchdog:
    """A `Watchdog`."""

    def __init__(self, timeout_ms: int = TIMEOUT_MS) -> None:
        self._wdt = WDT(timeout=timeout_ms)

    def feed(self) -> None:
        self._wdt.feed()
