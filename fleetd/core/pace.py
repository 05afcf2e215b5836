"""When a car may be pushed to: at most once a second; unanswered after 2, 4, 8 ... 60 s."""

from __future__ import annotations

PUSH_EVERY_S = 1
RETRY_S = 2
RETRY_S_MAX = 60
NEVER = float("inf")


class Pace:
    """Of one car; volatile, because a restarted daemon starts afresh."""

    def __init__(self) -> None:
        self.pushed_s = -NEVER
        self.due_s = NEVER
        self._retry_s = RETRY_S

    def want(self, now_s: float) -> None:
        """There is something new to push, or the car moved on."""
        self._retry_s = RETRY_S
        self.due_s = max(now_s, min(self.pushed_s, now_s) + PUSH_EVERY_S)

    def pull_forward(self, now_s: float) -> None:
        """The car spoke and stands where it stood: as soon as the limit lets, the wait goes on."""
        self.due_s = max(now_s, min(self.pushed_s, now_s) + PUSH_EVERY_S)

    def stop(self) -> None:
        """Nothing to push."""
        self._retry_s = RETRY_S
        self.due_s = NEVER

    def slow_down(self, now_s: float) -> None:
        """The car does not take what it gets."""
        self._retry_s = RETRY_S_MAX
        self.due_s = now_s + RETRY_S_MAX

    def is_wanted(self) -> bool:
        return self.due_s < NEVER

    def is_due(self, now_s: float) -> bool:
        """Also when it lies further ahead than any wait: then the clock was set back."""
        return now_s >= self.due_s or RETRY_S_MAX < self.due_s - now_s < NEVER

    def note_push(self, now_s: float) -> None:
        """Something was sent; again when it stays unanswered."""
        self.pushed_s = now_s
        self.due_s = now_s + self._retry_s
        self._retry_s = min(2 * self._retry_s, RETRY_S_MAX)
