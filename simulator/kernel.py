"""The one kernel of all simulation: virtual time, one event queue, one seed.

Nothing happens but by an event; events of the same microsecond happen in the order in which
they were asked for. The same seed and the same calls give the same run.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random

Action = Callable[[], None]


class Event:
    """Something that will happen; `cancel` it when it must not."""

    __slots__ = ("action", "at_us", "order")

    def __init__(self, at_us: int, order: int, action: Action) -> None:
        self.at_us = at_us
        self.order = order
        self.action: Action | None = action

    def cancel(self) -> None:
        """It will not happen. Harmless when it already did."""
        self.action = None

    @property
    def is_pending(self) -> bool:
        return self.action is not None


class Kernel:
    """Virtual time in microseconds since the simulation began."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.now_us = 0
        self._queue: list[tuple[int, int, Event]] = []
        self._order = 0

    def at(self, at_us: int, action: Action) -> Event:
        """Let `action` happen at `at_us`, or as soon as possible when that is past."""
        at_us = max(at_us, self.now_us)
        self._order += 1
        event = Event(at_us, self._order, action)
        heapq.heappush(self._queue, (at_us, self._order, event))
        return event

    def after(self, delay_us: int, action: Action) -> Event:
        """Let `action` happen in `delay_us`."""
        return self.at(self.now_us + delay_us, action)

    @property
    def next_at_us(self) -> int | None:
        """When the next event happens; None when there is none."""
        while self._queue and self._queue[0][2].action is None:
            heapq.heappop(self._queue)
        return self._queue[0][0] if self._queue else None

    def run_until(self, at_us: int) -> None:
        """All events up to and including `at_us`; then it is `at_us`."""
        queue = self._queue
        while queue and queue[0][0] <= at_us:
            event_at_us, _, event = heapq.heappop(queue)
            action = event.action
            if action is not None:
                event.action = None
                self.now_us = event_at_us
                action()
        self.now_us = max(self.now_us, at_us)

    def random(self, purpose: str) -> Random:
        """A source of chance of its own for each purpose, so that one cannot disturb another."""
        return Random(f"{self.seed}/{purpose}")
