"""How full the car's 12 V battery is, by what it reads at rest.

A reading counts as rest voltage when the engine has stood still for some minutes; until then it is
that of the alternator, or of a battery that was charged just now. Two limits, each with a
hysteresis and a hold time. After a reset both are judged anew, from FULL (docs/power.md).
"""

from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire.codes import YES

FULL = 0
LOW = 1
CRITICAL = 2

#: Published for a box like this one: it goes off below 12.20 V held for 240 s, no owner may set that
#: below 12.1 V, and 180 s are its time for a critical voltage (AutoPi).
LOW_MV = 12200
CRITICAL_MV = 12100
_LOW_HOLD_MS = 240000
_CRITICAL_HOLD_MS = 180000
#: So far above its limit a level ends: with 12.4 V, what the poorest alternator gives.
HYSTERESIS_MV = 200
BETTER_HOLD_MS = 300000
REST_AFTER_MS = 300000
#: While a hold time runs a reading is wanted this often, else this often.
HOLD_LOOK_MS = 60000
LOOK_MS = 1800000


class BatteryGuard:
    """Give it every reading; `limits_mv` are LOW's and CRITICAL's, a board may set its own."""

    def __init__(self, now_ms: int) -> None:
        self.level = FULL
        self.left_ms = 0  # until the next reading is wanted
        self.limits_mv = [LOW_MV, CRITICAL_MV]
        self._is_below = bytearray(2)
        self._holds = bytearray(2)  # which of them is about to change
        self._since_ms = [0, 0]
        self._rests = False
        self._ran_at_ms = now_ms

    def update(self, mv: int, engine: int, now_ms: int) -> int:
        """The levels that began or ended just now: bits 1 << LOW, 1 << CRITICAL.

        `mv` -1, or an engine that just stopped: nothing begins and nothing ends. An engine of which
        nobody can tell whether it runs counts as standing: what it feeds is no less than 12.4 V.
        """
        self.left_ms = FAR_MS
        runs = engine == YES
        if not self._has_rested(runs, now_ms) or (mv < 0 and not runs):
            self._holds[0] = self._holds[1] = 0
            return 0
        crossed = 0
        for i in range(2):
            if self._has_crossed(i, mv, runs, now_ms):
                self._is_below[i] ^= 1
                crossed |= 1 << (i + 1)
        below = self._is_below
        self.level = CRITICAL if below[1] else LOW if below[0] else FULL
        if mv >= 0 and self.left_ms > LOOK_MS:
            self.left_ms = LOOK_MS
        return crossed

    def is_below(self, level: int) -> bool:
        """Whether the battery is at LOW or below it; likewise at CRITICAL."""
        return self._is_below[level - 1] == 1

    def _has_rested(self, runs: bool, now_ms: int) -> bool:
        """Whether the reading can be judged: the engine runs, or has stood still for long enough."""
        if runs:
            self._rests = False
            self._ran_at_ms = now_ms
        elif not self._rests:
            left_ms = REST_AFTER_MS - ticks_diff(now_ms, self._ran_at_ms)
            if left_ms > 0:
                self.left_ms = left_ms
                return False
            self._rests = True
        return True

    def _has_crossed(self, i: int, mv: int, runs: bool, now_ms: int) -> bool:
        """Whether limit `i` has been crossed for the whole of its hold time."""
        if self._is_below[i]:
            # An engine that runs charges, unless the voltage tells of a dead alternator.
            changes = mv < 0 or mv >= self.limits_mv[i] + HYSTERESIS_MV
            hold_ms = BETTER_HOLD_MS
        else:
            changes = not runs and mv < self.limits_mv[i]
            hold_ms = _CRITICAL_HOLD_MS if i else _LOW_HOLD_MS
        if not changes:
            self._holds[i] = 0
            return False
        if not self._holds[i]:
            self._holds[i] = 1
            self._since_ms[i] = now_ms
        left_ms = hold_ms - ticks_diff(now_ms, self._since_ms[i])
        if left_ms > 0:
            if left_ms > HOLD_LOOK_MS:
                left_ms = HOLD_LOOK_MS
            if left_ms < self.left_ms:
                self.left_ms = left_ms
            return False
        self._holds[i] = 0
        return True
