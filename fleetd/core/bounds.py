"""How far what a car says may go: beyond it the key is stolen, or the program is wrong.

What an honest car can come to lies far within. What lies beyond is refused, not corrected: a number
that was believed once can leave no room for any after it.
"""

from __future__ import annotations

from firmware.wire import kb1
from firmware.wire.kb1 import Hello

#: Numbers that begin at 0 or 1 and count what one car does: 2**31 of it is more than a car's life.
COUNTED_MAX = 0x7FFFFFFF
#: Each restore, fork and new box is a generation; so many more than the database knows there never
#: were, and each step that is believed uses up some of those that are left.
GEN_AHEAD_MAX = 1 << 16
#: Events that a car leaves out in one go. A journal holds some 20,000.
LEFT_OUT_MAX = 1_000_000
#: A clock that is told the time is not further ahead.
AHEAD_S_MAX = 300
#: Refused HELLOs in a row after which the operator hears of it.
STRIKES = 3


class SenselessHello(ValueError):  # noqa: N818 - what it is about, not an error of ours
    """`field`: which one cannot be."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def senseless_field(hello: Hello, own_gen: int) -> str:
    """What cannot be of an honest car whose log is at generation `own_gen`; "" when all may."""
    if hello.counter > COUNTED_MAX:
        return "counter"
    if hello.uptime_s > COUNTED_MAX:
        return "uptime"
    if not 1 <= hello.next_seq <= COUNTED_MAX:
        return "next"
    if hello.gen > own_gen + GEN_AHEAD_MAX:
        return "gen"
    return "nonce" if hello.nonce == bytes(kb1.NONCE_BYTES) else ""


def within(at_s: int, earliest_s: int, latest_s: int) -> int:
    """The nearest time that can be; the earlier bound wins where there is none."""
    return max(min(at_s, latest_s), earliest_s)
