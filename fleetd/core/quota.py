"""How much one car may have kept within an hour: what it says is kept for ever, so it is bounded.

A car that was away for weeks brings its whole journal at once, some 20,000 events at most; twice
that goes through without a pause. What is over the bound is not taken and not confirmed: an honest
car keeps it and says it again.
"""

from __future__ import annotations

#: A box's journal has 64 sectors of 4 KiB, an event takes 12 bytes and more of it.
EVENTS_MAX = 50_000
#: A journal is begun anew when the flash was lost; at each start while the flash cannot be read.
JOURNALS_MAX = 16
WINDOW_S = 3600


class OverQuota(Exception):  # noqa: N818 - what it is about, not an error of ours
    """`what` there was too much of."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Quota:
    """Of one car; volatile, because a restarted daemon starts afresh."""

    def __init__(self) -> None:
        self._began_s = -WINDOW_S
        self._events = 0
        self._journals: set[int] = set()
        #: Somebody was told of it within this hour.
        self.is_told = False

    def take_journal(self, now_s: int, number: int) -> None:
        """One that begins; OverQuota when it is one too many."""
        self._begin(now_s)
        if len(self._journals | {number}) > JOURNALS_MAX:
            raise OverQuota("journals")
        self._journals.add(number)

    def take_events(self, now_s: int, count: int) -> None:
        """OverQuota, and none of them taken, when it is too much."""
        self._begin(now_s)
        if self._events + count > EVENTS_MAX:
            raise OverQuota("events")
        self._events += count

    def _begin(self, now_s: int) -> None:
        if not 0 <= now_s - self._began_s < WINDOW_S:  # also when the clock was set back
            self._began_s, self.is_told = now_s, False
            self._events = 0
            self._journals.clear()
