"""The true time, and the box's own idea of it."""

from __future__ import annotations

from firmware.wire.journal_format import EPOCH_2020_S
from simulator.kernel import Kernel


class TrueClock:
    """Unix time; the centre's clock, and the scenario's."""

    def __init__(self, kernel: Kernel, start_unix_s: int) -> None:
        self._kernel = kernel
        self.start_unix_s = start_unix_s

    def unix_s(self) -> int:
        """Whole seconds since 1970."""
        return self.start_unix_s + self._kernel.now_us // 1_000_000

    def at_us(self, unix_s: int) -> int:
        """When on the kernel's clock it is that time."""
        return (unix_s - self.start_unix_s) * 1_000_000


class BoxClock:
    """The battery-backed clock chip: right and trusted until something happens to it."""

    def __init__(self, true: TrueClock) -> None:
        self._true = true
        #: How much the box's clock is ahead of the true one.
        self.ahead_s = 0
        #: False after its battery failed, until it is set.
        self.is_trusted = True
        #: For good: not to be trusted, and not to be set.
        self.is_broken = False

    def wall_s(self) -> int:
        """Seconds since 2020, as the box has it."""
        return max(0, self._true.unix_s() + self.ahead_s - EPOCH_2020_S)

    def set_wall(self, wall_s: int) -> None:
        """The program sets it. One that is broken stays as it is."""
        if not self.is_broken:
            self.ahead_s = wall_s + EPOCH_2020_S - self._true.unix_s()
            self.is_trusted = True

    def break_down(self) -> None:
        """The chip fails for good."""
        self.is_trusted = False
        self.is_broken = True
