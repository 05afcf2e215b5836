"""Rates: an allowance fills up with time and is spent; a waiting list holds who failed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class Allowance:
    """So many at once, so many a second afterwards (a token bucket)."""

    __slots__ = ("_at", "_burst", "_left", "_per_s")

    def __init__(self, per_s: float, burst: int, now: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = float(burst)
        self._at = now

    def has(self, now: float) -> bool:
        """Is there one to spend?"""
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = now
        return self._left >= 1

    def spend(self, now: float) -> bool:
        """Take one; False when there is none."""
        if not self.has(now):
            return False
        self._left -= 1
        return True

    def wait_s(self, now: float) -> float:
        """Seconds until there is one."""
        return 0.0 if self.has(now) else (1 - self._left) / self._per_s


class Allowances:
    """An allowance a key. Bounded: who was asked for longest ago is forgotten first."""

    def __init__(self, per_s: float, burst: int, keys_max: int) -> None:
        self._per_s = per_s
        self._burst = burst
        self._keys_max = keys_max
        self._of: OrderedDict[Hashable, Allowance] = OrderedDict()

    def __len__(self) -> int:
        return len(self._of)

    def has(self, key: Hashable, now: float) -> bool:
        """Has this key one to spend? Asking alone is not remembered."""
        known = self._of.get(key)
        return self._burst >= 1 if known is None else known.has(now)

    def spend(self, key: Hashable, now: float) -> bool:
        """Take one of this key; False when there is none."""
        known = self._of.get(key)
        if known is None:
            known = self._of[key] = Allowance(self._per_s, self._burst, now)
            if len(self._of) > self._keys_max:
                self._of.popitem(last=False)
        else:
            self._of.move_to_end(key)
        return known.spend(now)

    def wait_s(self, key: Hashable, now: float) -> float:
        """Seconds until this key has one."""
        known = self._of.get(key)
        return 0.0 if known is None else known.wait_s(now)


class WaitingList:
    """Who has to wait until when; each failure in a row doubles the wait. Bounded likewise."""

    def __init__(self, first_s: float, most_s: float, keys_max: int) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._keys_max = keys_max
        self._until: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # until, last wait

    def __len__(self) -> int:
        return len(self._until)

    def waits(self, key: Hashable, now: float) -> bool:
        """Must this key still wait?"""
        return key in self._until and now < self._until[key][0]

    def failed(self, key: Hashable, now: float) -> None:
        """One more failure. A quiet time of twice the longest wait makes it the first again."""
        until, last_s = self._until.get(key, (now, 0.0))
        fresh = last_s == 0.0 or now - until > 2 * self._most_s
        wait_s = self._first_s if fresh else min(2 * last_s, self._most_s)
        self._put(key, now + wait_s, wait_s)

    def hold(self, key: Hashable, until: float) -> None:
        """Wait until then, whatever came before; no failure."""
        self._put(key, until, self._until.get(key, (0.0, 0.0))[1])

    def forget(self, key: Hashable) -> None:
        """This key is in order again."""
        self._until.pop(key, None)

    def _put(self, key: Hashable, until: float, wait_s: float) -> None:
        self._until[key] = (until, wait_s)
        self._until.move_to_end(key)
        if len(self._until) > self._keys_max:
            self._until.popitem(last=False)
