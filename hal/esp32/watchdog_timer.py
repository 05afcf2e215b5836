"""Feeds the watchdog while a person has the prompt. The firmware never does: it would feed the dead."""

from machine import WDT, Timer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TIMEOUT_MS = 30_000
_FEED_EVERY_MS = 5_000
_TIMER = 0


def feed_by_timer() -> None:
    """From Ctrl-C to the next reset."""
    wdt = WDT(timeout=_TIMEOUT_MS)

    def feed(_: "Any") -> None:
        wdt.feed()

    Timer(_TIMER).init(period=_FEED_EVERY_MS, mode=Timer.PERIODIC, callback=feed)


def stop_timer() -> None:
    """The program feeds for itself again."""
    Timer(_TIMER).deinit()
