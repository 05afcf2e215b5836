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


_LONG_AGO = -1


class BatteryGuard:
    """Give it every reading. A board may move both limits by its own `offset_mv`."""

    def __init__(self, now_ms: int) -> None:
        self.level = FULL
        self.left_ms = 0  # until the next reading is wanted
        self.offset_mv = 0
        self._holds = 0  # levels that are about to change: bits 1 << LOW, 1 << CRITICAL
        self._low_at_ms = 0  # since when
        self._critical_at_ms = 0
        self._ran_at_ms = now_ms  # the engine

    def update(self, mv: int, engine: int, now_ms: int) -> None:
        """From the newest reading to `level` and `left_ms`.

        `mv` -1, or an engine that just stopped: nothing begins and nothing ends. An engine of which
        nobody can tell whether it runs counts as standing: what it feeds is no less than 12.4 V.
        """
        self.left_ms = FAR_MS
        runs = engine == YES
        if runs:
            self._ran_at_ms = now_ms
        elif self._ran_at_ms != _LONG_AGO:
            left_ms = REST_AFTER_MS - ticks_diff(now_ms, self._ran_at_ms)
            if left_ms > 0:
                self.left_ms = left_ms
                self._holds = 0
                return
            self._ran_at_ms = _LONG_AGO
        if mv < 0 and not runs:
            self._holds = 0
            return
        if self._has_changed(LOW, mv, runs, now_ms):
            self.level = FULL if self.level else LOW
        if self._has_changed(CRITICAL, mv, runs, now_ms):
            if self.level == CRITICAL:
                self.level = LOW
            else:
                self.level = CRITICAL
                self._holds = 0  # LOW's way down is over as well
        if mv >= 0 and self.left_ms > LOOK_MS:
            self.left_ms = LOOK_MS

    def _has_changed(self, level: int, mv: int, runs: bool, now_ms: int) -> bool:
        """Whether the battery fell to this level, or rose above it, for the whole hold time."""
        is_critical = level == CRITICAL
        limit_mv = (CRITICAL_MV if is_critical else LOW_MV) + self.offset_mv
        if self.level >= level:
            # An engine that runs charges, unless the voltage tells of a dead alternator.
            changes = mv < 0 or mv >= limit_mv + HYSTERESIS_MV
            hold_ms = BETTER_HOLD_MS
        else:
            changes = not runs and mv < limit_mv
            hold_ms = _CRITICAL_HOLD_MS if is_critical else _LOW_HOLD_MS
        if not changes:
            self._holds &= ~(1 << level)
            return False
        if not self._holds & 1 << level:
            self._holds |= 1 << level
            if is_critical:
                self._critical_at_ms = now_ms
            else:
                self._low_at_ms = now_ms
        since_ms = self._critical_at_ms if is_critical else self._low_at_ms
        left_ms = hold_ms - ticks_diff(now_ms, since_ms)
        if left_ms > 0:
            if left_ms > HOLD_LOOK_MS:
                left_ms = HOLD_LOOK_MS
            if left_ms < self.left_ms:
                self.left_ms = left_ms
            return False
        self._holds &= ~(1 << level)
        return True
