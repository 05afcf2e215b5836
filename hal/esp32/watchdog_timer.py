"""Feeds the watchdog while a person has the prompt. The firmware never does: it would feed the dead.

For an hour: a box that was left at its prompt goes back into service by itself then.
"""

from machine import WDT, Timer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TIMEOUT_MS = 30_000
_FEED_EVERY_MS = 5_000
FEED_FOR_MS = 3_600_000
_TIMER = 0


def feed_by_timer() -> None:
    """From the prompt's opening, or the soft reset of someone there, to the next reset."""
    wdt = WDT(timeout=_TIMEOUT_MS)
    left = [FEED_FOR_MS // _FEED_EVERY_MS]

    def feed(_: "Any") -> None:
        if left[0]:
            left[0] -= 1
            wdt.feed()

    Timer(_TIMER).init(period=_FEED_EVERY_MS, mode=Timer.PERIODIC, callback=feed)


def stop_timer() -> None:
    """The program feeds for itself again."""
    Timer(_TIMER).deinit()
