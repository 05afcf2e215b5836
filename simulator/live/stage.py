"""A story's stage whose clock is moved by a director, and which hands may disturb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from simulator.car import Car, CarPlan
from simulator.kernel import Kernel
from simulator.scenario import times
from simulator.scenario.actions import Action
from simulator.scenario.stage import PREPARATION_S, Stage
from simulator.scenario.story import Story


class Director(Protocol):
    """Whoever decides when simulated time passes."""

    def advance(self, until_us: int, goal_us: int) -> int:
        """Let the kernel come to `until_us`; the story goes on no later than at `goal_us`.

        Returns how much time passed meanwhile that does not count for the story: it is added to
        both. Kernel's microseconds.
        """


class DirectedStage(Stage):
    """Time that passed while hands played is set aside: the story does not see it."""

    def __init__(self, story: Story, terms: dict[str, Any], vm: str, seed: int) -> None:
        # Not Stage's own: it has a kernel with a seed of its own.
        self.director: Director | None = None
        #: Told of each action of the story before it is done.
        self.on_perform: Callable[[Action], None] = _ignore
        #: When the story goes on at the latest, as far as is known; since `now`, as the story counts.
        self.goal_us = 0
        self._aside_us = 0
        self._story = story
        self.kernel = Kernel(seed)
        start_unix_s = int(story.now.timestamp()) - PREPARATION_S
        self.car = Car(self.kernel, CarPlan(start_unix_s, terms, story.settings, vm))
        try:
            self._prepare()
        except BaseException:
            self.car.close()
            raise

    @property
    def was_disturbed(self) -> bool:
        return self._aside_us > 0

    @property
    def clock_us(self) -> int:
        """Simulated time since `now` as the clocks on the wall have it."""
        return self.kernel.now_us - PREPARATION_S * times.S

    @property
    def since_now_us(self) -> int:
        return self.clock_us - self._aside_us

    @property
    def next_us(self) -> int | None:
        next_us = super().next_us
        return None if next_us is None else next_us - self._aside_us

    def run_until(self, since_now_us: int) -> None:
        offset_us = self._aside_us + PREPARATION_S * times.S
        if self.director is None:
            super().run_until(since_now_us + self._aside_us)
        else:
            goal_us = max(since_now_us, self.goal_us)
            self._aside_us += self.director.advance(since_now_us + offset_us, goal_us + offset_us)

    def perform(self, action: Action) -> None:
        self.on_perform(action)
        super().perform(action)

    def run_to_clock(self, clock_us: int) -> None:
        """To that time on the wall, however much of it hands have used."""
        while self.clock_us < clock_us:
            self.run_until(clock_us - self._aside_us)


def _ignore(_action: Action) -> None:
    pass
