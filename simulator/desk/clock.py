"""The desk's clock: simulated Unix time = S + R * (monotonic - M), the same in every process.

The machine's monotonic clock is one for all its processes, so three numbers are enough to know the
simulated time from then on, until they change.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

RATE_MAX = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Course:
    """How simulated time runs: from `simulated_s` at `monotonic_s`, `rate` seconds a second."""

    monotonic_s: float
    simulated_s: float
    rate: float

    def at(self, monotonic_s: float) -> float:
        """Simulated Unix time at that moment."""
        return self.simulated_s + self.rate * (monotonic_s - self.monotonic_s)

    def turned(self, monotonic_s: float, rate: float) -> Course:
        """The course that goes on from there at another rate."""
        return Course(monotonic_s, self.at(monotonic_s), rate)

    def message(self) -> dict[str, Any]:
        """As it is told to other processes and kept in a file."""
        return {
            "clock": {
                "monotonic_s": self.monotonic_s,
                "simulated_s": self.simulated_s,
                "rate": self.rate,
            }
        }


def read_course(message: Any) -> Course | None:
    """The course of a message; None when it holds none, or one that makes no sense."""
    told = message.get("clock") if isinstance(message, dict) else None
    if not isinstance(told, dict):
        return None
    numbers = [told.get(name) for name in ("monotonic_s", "simulated_s", "rate")]
    found: list[float] = []
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            return None
        found.append(float(number))
    if not all(math.isfinite(number) for number in found) or not 0 <= found[2] <= RATE_MAX:
        return None
    return Course(*found)


class DeskClock:
    """Whoever moves simulated time leads; the course that is told follows.

    `on_change` is called with each new course: at each change of the rate, and when whoever moves
    the time could not keep up and stands elsewhere than the course says.
    """

    #: Outside time that the course may be off before it is told anew.
    SLACK_S = 0.05

    def __init__(self, monotonic: Callable[[], float], simulated_s: float, rate: float) -> None:
        self._monotonic = monotonic
        self.course = Course(monotonic(), simulated_s, rate)
        self.on_change: Callable[[Course], None] = _nothing

    def now_s(self) -> float:
        """Simulated Unix time."""
        return self.course.at(self._monotonic())

    def follow(self, simulated_s: float, rate: float) -> None:
        """It is that time now, and goes on at that rate."""
        now_s = self._monotonic()
        off_s = abs(self.course.at(now_s) - simulated_s)
        if rate != self.course.rate or off_s > self.SLACK_S * max(1.0, rate):
            self.course = Course(now_s, simulated_s, rate)
            self.on_change(self.course)


def _nothing(_course: Course) -> None:
    pass
