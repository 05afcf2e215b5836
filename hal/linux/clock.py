"""The clocks of a Linux machine.

TLS reads the machine's own wall clock, so that one is set when the centre tells the time: a clock
beside it would be trusted here while every certificate is judged by the wrong one.
"""

import time
from collections.abc import Callable
from pathlib import Path

from firmware.ticks import MASK

#: 2020-01-01T00:00:00Z in Unix seconds.
EPOCH_2020_S = 1577836800
#: systemd-timesyncd touches it at each synchronisation of this start (systemd-timesyncd(8)).
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


def set_system_clock(unix_s: int) -> None:
    """OSError without the right to (CAP_SYS_TIME)."""
    time.clock_settime_ns(time.CLOCK_REALTIME, unix_s * 1_000_000_000)


class LinuxClock:
    """A `Clock`. Trusted once the machine has synchronised, or the centre has told the time.

    What the centre has told stays trusted until the program ends, as what NTP has told does: both
    are the same clock of the machine, which runs on without either.
    """

    def __init__(
        self,
        synchronised: Path = SYNCHRONISED,
        set_system: Callable[[int], None] = set_system_clock,
        now_unix_s: Callable[[], float] = time.time,
    ) -> None:
        self._synchronised = synchronised
        self._set_system = set_system
        self._now_unix_s = now_unix_s
        self._is_trusted = False

    def now_ms(self) -> int:
        """Of the clock that also counts while the machine sleeps."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000 & MASK

    def wall_s(self) -> int:
        return int(self._now_unix_s()) - EPOCH_2020_S

    def is_trusted(self) -> bool:
        if not self._is_trusted:
            self._is_trusted = self._synchronised.exists()
        return self._is_trusted

    def set_wall(self, wall_s: int) -> bool:
        """False without the right to set the machine's clock: the unit gives it."""
        try:
            self._set_system(wall_s + EPOCH_2020_S)
        except OSError:
            return False
        self._is_trusted = True
        return True
