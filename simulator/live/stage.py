"""A story's stage whose clock is moved by a director, and which hands may disturb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from simulator.live import narration
from simulator.scenario import times
from simulator.scenario.actions import Action
from simulator.scenario.preparation import PREPARATION_S
from simulator.scenario.stage import Stage
from simulator.scenario.story import Story


class Director(Protocol):
    """Whoever decides when simulated time passes."""

    def advance(self, until_us: int, goal_us: int) -> int:
        """Let the kernel come to `until_us`; the story goes on no later than at `goal_us`.

        0 when it is there. Otherwise hands have used so much time, which does not count for the
        story, and it may be anywhere. Kernel's microseconds.
        """

    def hold(self) -> int:
        """Before each step: as long as the story has to wait; how much time hands used meanwhile."""


class DirectedStage(Stage):
    """Time that passed while hands played is set aside: the story does not see it."""

    #: When it is the story's `now` on the kernel's clock.
    begins_us = PREPARATION_S * times.S

    def __init__(self, story: Story, terms: dict[str, Any], vm: str, seed: int) -> None:
        self._direct()
        super().__init__(story, terms, vm, seed)

    def _direct(self) -> None:
        """Nobody does yet."""
        self.director: Director | None = None
        #: Told of each action of the story before it is done.
        self.on_perform: Callable[[Action], None] = _ignore
        #: When the story goes on at the latest, as far as is known; since `now`, as the story counts.
        self.goal_us = 0
        self._aside_us = 0

    @property
    def was_disturbed(self) -> bool:
        return self._aside_us > 0

    @property
    def clock_us(self) -> int:
        """Simulated time since `now` as the clocks on the wall have it."""
        return self.kernel.now_us - self.begins_us

    @property
    def since_now_us(self) -> int:
        return self.clock_us - self._aside_us

    @property
    def next_us(self) -> int | None:
        next_us = self.kernel.next_at_us
        return None if next_us is None else next_us - self.begins_us - self._aside_us

    def run_until(self, since_now_us: int) -> None:
        while self._advance(since_now_us + self._aside_us):
            pass

    def run_to_clock(self, clock_us: int) -> None:
        """To that time on the wall, however much of it hands have used."""
        while self._advance(clock_us) and self.clock_us < clock_us:
            pass

    def hold(self) -> None:
        """As long as the director wants the story to wait."""
        if self.director is not None:
            self._aside_us += self.director.hold()

    def _advance(self, clock_us: int) -> int:
        """How much time hands have used, 0 when it is that time now."""
        if self.director is None:
            self.kernel.run_until(clock_us + self.begins_us)
            return 0
        goal_us = max(clock_us, self.goal_us + self._aside_us)
        begins_us = self.begins_us
        aside_us = self.director.advance(clock_us + begins_us, goal_us + begins_us)
        self._aside_us += aside_us
        return aside_us

    def perform(self, action: Action) -> None:
        self.on_perform(action)
        super().perform(action)

    def perform_by_hand(self, action: Action) -> list[str]:
        """An action that is not the story's; what was to be seen of it at once."""
        noted: list[str] = []

        def note(_now_us: int, what: str) -> None:
            noted.append(narration.about(action) if what.startswith("site ") else what)

        observers = self.car.timeline.observers
        observers.append(note)
        try:
            super().perform(action)
        finally:
            observers.remove(note)
        return noted or ["nothing to be seen"]


def _ignore(_action: Action) -> None:
    pass
