"""How the box waits: in short steps while it may be spoken to, in light sleep while it may not.

Light sleep stops the radio, the serial lines and the pulse counter. So it needs the radio off, no
output on, no answer of the reader under way, no pulses of the wheels and nobody at the cable.
"""

import time

import machine

from firmware.ticks import ticks_add, ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: One step: a byte or a contact is seen this late at most.
STEP_MS = 5
#: Contacts are looked at this often in light sleep; the firmware wants them at rest for 50 ms.
DOZE_STEP_MS = 50


def wait_until(
    due_ms: int,
    has_news: "Callable[[], bool]",
    may_doze: bool,
) -> None:
    """Return at `due_ms`, or earlier when something has come."""
    while not has_news():
        now_ms: "Any" = time.ticks_ms()
        left_ms = ticks_diff(due_ms, now_ms)
        if left_ms <= 0:
            return
        if may_doze:
            machine.lightsleep(min(left_ms, DOZE_STEP_MS))
        else:
            time.sleep_ms(min(left_ms, STEP_MS))


def earlier(at_ms: int, limit_ms: int, now_ms: int) -> int:
    """`at_ms`, but no later than `limit_ms` from now."""
    return at_ms if ticks_diff(at_ms, now_ms) < limit_ms else ticks_add(now_ms, limit_ms)
