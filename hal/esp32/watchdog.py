"""The chip's watchdog. Once it runs nothing stops it but a reset."""

from machine import WDT, Timer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Longer than the look-up of a name (up to some 14 s), which is all that waits, and an erase.
TIMEOUT_MS = 30_000
_FEED_EVERY_MS = 5_000
_TIMER = 0


class ChipWatchdog:
    """A `Watchdog`."""

    def __init__(self, timeout_ms: int = TIMEOUT_MS) -> None:
        self._wdt = WDT(timeout=timeout_ms)

    def feed(self) -> None:
        self._wdt.feed()


def feed_by_timer() -> None:
    """While a person has the prompt. The firmware never calls this: it would feed a dead program."""
    wdt = WDT(timeout=TIMEOUT_MS)

    def feed(_: "Any") -> None:
        wdt.feed()

    Timer(_TIMER).init(period=_FEED_EVERY_MS, mode=Timer.PERIODIC, callback=feed)


def stop_timer() -> None:
    """The program feeds for itself again."""
    Timer(_TIMER).deinit()
