"""Arithmetic of the monotonic millisecond counter, which wraps at 2**30.

The ESP32's `time.ticks_ms` has this period (12.4 days); every port hands out
the same. Two instants may lie at most 2**29 ms (6.2 days) apart. All results
stay within the small integers of a 32-bit MicroPython, so nothing here
allocates.
"""

MASK = 0x3FFFFFFF
_HALF = 0x20000000

#: Farther away than any deadline of a rental; "nothing is due".
FAR_MS = 0x0FFFFFFF


def ticks_add(at_ms: int, delta_ms: int) -> int:
    """The instant `delta_ms` after `at_ms` (before it, when negative)."""
    if delta_ms < 0:
        return (at_ms + delta_ms) & MASK
    # at + delta may pass 2**30 - 1; at - (2**30 - delta) cannot, and is the same in the mask.
    return (at_ms - (MASK - delta_ms) - 1) & MASK


def ticks_diff(later_ms: int, earlier_ms: int) -> int:
    """Milliseconds from `earlier_ms` to `later_ms`; negative when it is the other way round."""
    return (((later_ms - earlier_ms) & MASK) ^ _HALF) - _HALF
