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
    """Give it every reading. A board may set limits of its own, LOW's and CRITICAL's."""

    def __init__(self, now_ms: int) -> None:
        self.limits_mv = (LOW_MV, CRITICAL_MV)
        self.level = FULL
        #: The levels that the battery is at or below: bits 1 << LOW, 1 << CRITICAL.
        self.below = 0
        self.left_ms = 0  # until the next reading is wanted
        self._holds = 0  # those bits that are about to change
        self._since_ms = [0, 0]
        self._rests = False
        self._ran_at_ms = now_ms

    def update(self, mv: int, engine: int, now_ms: int) -> int:
        """The bits of `below` that changed just now.

        `mv` -1, or an engine that just stopped: nothing begins and nothing ends. An engine of which
        nobody can tell whether it runs counts as standing: what it feeds is no less than 12.4 V.
        """
        self.left_ms = FAR_MS
        runs = engine == YES
        if runs:
            self._rests = False
            self._ran_at_ms = now_ms
        elif not self._rests:
            left_ms = REST_AFTER_MS - ticks_diff(now_ms, self._ran_at_ms)
            if left_ms > 0:
                self.left_ms = left_ms
            self._rests = left_ms <= 0
        if not runs and (mv < 0 or not self._rests):
            self._holds = 0
            return 0
        crossed = 0
        for i in range(2):
            if self._has_crossed(i, mv, runs, now_ms):
                crossed |= 1 << LOW << i
        self.below ^= crossed
        self._holds &= ~crossed
        self.level = CRITICAL if self.below >> CRITICAL else LOW if self.below else FULL
        if mv >= 0 and self.left_ms > LOOK_MS:
            self.left_ms = LOOK_MS
        return crossed

    def _has_crossed(self, i: int, mv: int, runs: bool, now_ms: int) -> bool:
        """Whether limit `i` has been crossed for the whole of its hold time."""
        bit = 1 << LOW << i
        if self.below & bit:
            # An engine that runs charges, unless the voltage tells of a dead alternator.
            changes = mv < 0 or mv >= self.limits_mv[i] + HYSTERESIS_MV
            hold_ms = BETTER_HOLD_MS
        else:
            changes = not runs and mv < self.limits_mv[i]
            hold_ms = _CRITICAL_HOLD_MS if i else _LOW_HOLD_MS
        if not changes:
            self._holds &= ~bit
            return False
        if not self._holds & bit:
            self._holds |= bit
            self._since_ms[i] = now_ms
        left_ms = hold_ms - ticks_diff(now_ms, self._since_ms[i])
        if 0 < left_ms < self.left_ms:
            self.left_ms = left_ms if left_ms < HOLD_LOOK_MS else HOLD_LOOK_MS
        return left_ms <= 0
