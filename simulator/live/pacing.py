"""How fast simulated time passes: as outside where something happens, quickly where nothing does."""

from __future__ import annotations

import math
from collections.abc import Callable

S = 1_000_000

#: Simulated time that is shown at the speed asked for: after each step of the story, and after
#: what happens by itself on the way to the next one.
AFTER_A_STEP_US = 4 * S
AFTER_AN_EVENT_US = 2 * S
#: The last stretch before the story goes on is not raced.
LEAD_US = S
#: Outside time that a race takes at the most, at speed 1; a short gap is ten times as fast.
RACE_S = 3.0
_SHORT_GAP_FACTOR = 10
#: Longer between two looks at the clock was no pause of ours: the machine slept.
_PASSED_S_MAX = 0.25

SPEED_MIN, SPEED_MAX = 0.125, 1000.0


class Pacer:
    """`monotonic` gives seconds of the time outside; times in microseconds are the kernel's."""

    def __init__(self, monotonic: Callable[[], float], speed: float = 1.0) -> None:
        self._monotonic = monotonic
        self._looked_s = monotonic()
        self._calm_until_us = 0
        self._race_us_a_s = 0.0
        self._jump_to_us = 0
        self.speed = speed
        #: No faster than that just now, whatever was asked for: something outside must keep up.
        self.limit: Callable[[], float] = _without_limit

    @property
    def is_racing(self) -> bool:
        return self._race_us_a_s > 0

    @property
    def is_jumping(self) -> bool:
        return self._jump_to_us > 0

    @property
    def rate(self) -> float:
        """How many times faster than outside it goes just now."""
        return min(self._wanted_rate, self.limit())

    @property
    def is_held(self) -> bool:
        """Slower than it was meant to go."""
        return self.limit() < self._wanted_rate

    @property
    def _wanted_rate(self) -> float:
        return self._race_us_a_s / S if self.is_racing else self.speed

    def due_us(self, now_us: int, goal_us: int | None) -> int:
        """Where the clock may run to that was at `now_us` when this was asked last.

        `goal_us` is when the story goes on; None: nobody knows, so nothing is raced.
        """
        looked_s = self._monotonic()
        passed_s = min(max(looked_s - self._looked_s, 0.0), _PASSED_S_MAX)
        self._looked_s = looked_s
        goal_us = self._choose_goal(now_us, goal_us)
        if goal_us is None or not self._races(now_us, goal_us):
            self._race_us_a_s = 0.0
            return now_us + int(passed_s * S * self.rate)
        if not self.is_racing:
            self._race_us_a_s = self._race_speed(goal_us - LEAD_US - now_us)
        return min(now_us + int(passed_s * S * self.rate), goal_us - LEAD_US)

    def linger(self, now_us: int, for_us: int) -> None:
        """Something happens: no race for so long."""
        self._calm_until_us = max(self._calm_until_us, now_us + for_us)
        self._race_us_a_s = 0.0

    def jump(self, to_us: int) -> None:
        """Race there, whatever happens at the moment."""
        self._jump_to_us = to_us + LEAD_US
        self._calm_until_us = 0
        self._race_us_a_s = 0.0

    def stop_jump(self) -> None:
        self._jump_to_us = 0
        self._race_us_a_s = 0.0

    def restart(self) -> None:
        """Outside time that passed until now does not count."""
        self._looked_s = self._monotonic()

    def set_speed(self, speed: float) -> None:
        self.speed = min(max(speed, SPEED_MIN), SPEED_MAX)
        self._race_us_a_s = 0.0

    def _choose_goal(self, now_us: int, goal_us: int | None) -> int | None:
        if self._jump_to_us <= now_us + LEAD_US:
            self._jump_to_us = 0
            return goal_us
        return self._jump_to_us if goal_us is None else min(goal_us, self._jump_to_us)

    def _races(self, now_us: int, goal_us: int) -> bool:
        return now_us >= self._calm_until_us and goal_us - LEAD_US > now_us

    def _race_speed(self, gap_us: int) -> float:
        """Simulated microseconds a second outside."""
        short = S * _SHORT_GAP_FACTOR
        return max(short, gap_us / RACE_S) * self.speed


def _without_limit() -> float:
    return math.inf
