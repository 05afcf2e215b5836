"""The clocks of a Linux machine.

TLS reads the machine's own wall clock, so that one is set when the centre tells the time: a clock
beside it would be trusted here while every certificate is judged by the wrong one.
"""

import ctypes
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.ticks import MASK

#: 2020-01-01T00:00:00Z in Unix seconds.
EPOCH_2020_S = 1577836800
#: adjtimex(2): what it gives while nothing has synchronised the clock, or not for hours.
_TIME_ERROR = 5
#: A struct timex is shorter than that; all zeros change nothing.
_TIMEX_BYTES = 512


def is_synchronised() -> bool:
    """Whether the kernel says so, whichever program keeps its clock."""
    adjtimex: Any = ctypes.CDLL(None).adjtimex
    state: int = adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return 0 <= state < _TIME_ERROR


def set_system_clock(unix_s: int) -> None:
    """OSError without the right to (CAP_SYS_TIME)."""
    time.clock_settime_ns(time.CLOCK_REALTIME, unix_s * 1_000_000_000)


def boot_ns() -> int:
    """Of the clock that also counts while the machine sleeps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class LinuxClock:
    """A `Clock`. Trusted once the machine has synchronised, or the centre has told the time.

    Either stays trusted until the machine starts anew: both are its one clock, which runs on
    without them. `mark` remembers it from one start of the program to the next, in a folder that
    does not outlive the machine's. `is_kept`: a clock that others keep right, with a battery of its
    own say; it is trusted from the start and never set.
    """

    def __init__(
        self,
        is_kept: bool = False,
        mark: Path | None = None,
        synchronised: Callable[[], bool] = is_synchronised,
        set_system: Callable[[int], None] = set_system_clock,
        now_unix_s: Callable[[], float] = time.time,
        monotonic_ns: Callable[[], int] = boot_ns,
    ) -> None:
        self._is_kept = is_kept
        self._mark = mark
        self._is_trusted = is_kept or (mark is not None and mark.exists())
        self._synchronised = synchronised
        self._set_system = set_system
        self._now_unix_s = now_unix_s
        self._monotonic_ns = monotonic_ns

    def now_ms(self) -> int:
        return self._monotonic_ns() // 1_000_000 & MASK

    def wall_s(self) -> int:
        return int(self._now_unix_s()) - EPOCH_2020_S

    def is_trusted(self) -> bool:
        if not self._is_trusted:
            self._is_trusted = self._synchronised()
            if self._is_trusted:
                self._remember()
        return self._is_trusted

    def set_wall(self, wall_s: int) -> bool:
        """False for a clock that others keep, and without the right to: the unit gives it."""
        if self._is_kept:
            return False
        try:
            self._set_system(wall_s + EPOCH_2020_S)
        except OSError:
            return False
        self._is_trusted = True
        self._remember()
        return True

    def _remember(self) -> None:
        if self._mark is None:
            return
        try:
            self._mark.touch()
        except OSError:
            return  # the next start asks again
