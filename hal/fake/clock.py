"""A clock that stands still but for what it is told; the box's time in tests and simulation."""

from firmware.ticks import MASK

#: Five seconds before the counter wraps, so that every run goes through the wrap.
START_MS = MASK + 1 - 5000


class FakeClock:
    """A `Clock`. `set` moves it between turns, `advance_us` within one."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self._set_ms = now_ms
        self._wall_s = 0
        self._is_trusted = False
        #: Fault switch: it cannot be set.
        self.is_broken = False
        #: What the program set it to, as of the last `set`; 0 when it did not since then.
        self.set_to_s = 0
        #: Time that has passed since `set`, in microseconds.
        self.passed_us = 0

    def set(self, now_ms: int, wall_s: int, is_trusted: bool) -> None:
        """It is `now_ms`; the wall clock shows `wall_s` seconds since 2020."""
        self._set_ms = now_ms
        self._wall_s = wall_s
        self._is_trusted = is_trusted
        self.passed_us = 0
        self.set_to_s = 0

    def advance_us(self, passed_us: int) -> None:
        """Something took time."""
        self.passed_us += passed_us

    def passed_ms(self) -> int:
        """Whole milliseconds since `set`."""
        return self.passed_us // 1000

    def now_ms(self) -> int:
        return (self._set_ms + self.passed_us // 1000) & MASK

    def wall_s(self) -> int:
        return self._wall_s + self.passed_us // 1000000

    def is_trusted(self) -> bool:
        return self._is_trusted

    def set_wall(self, wall_s: int) -> bool:
        if self.is_broken:
            return False
        self._wall_s = self.set_to_s = wall_s - self.passed_us // 1000000
        self._is_trusted = True
        return True
