"""What the contacts say, put side by side: one that cannot be true is not believed.

contacts -> values. An input that contradicts another for 10 s (or over 200 m) was caught lying: its
value is UNKNOWN from then on, until it is seen to move, for a line that moves is alive. UNKNOWN is
stricter than any reading: the car is not at rest (SAFE-1), no check is fulfilled (END-8).
"""

from firmware.snapshot import IS_CONTRADICTORY
from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire.codes import (
    IN_ENGINE,
    IN_GEAR_P,
    IN_MOVING,
    INPUTS,
    NO,
    UNKNOWN,
    YES,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.snapshot import Snapshot

#: A contradiction that stands this long is none of cranking, of a jerk, of two lines that lag.
HOLD_MS = 10000
#: A running engine charges: 13 to 14.5 V, 12.4 V with the poorest alternator. Below this the
#: battery is flat and nothing charges it.
RUNNING_MV_MIN = 11500
#: So far no car moves unnoticed.
UNNOTICED_M_MAX = 200

# Contradictions that are timed.
_FLAT = 0
_PARKED = 1
_DEAD = 2


class Plausible:
    """Times what cannot be true; what was caught lying stands in the snapshot, and outlives a reset."""

    def __init__(self) -> None:
        self._stands = bytearray(3)
        self._since_ms = [0, 0, 0]
        self._mark_m = -1  # the odometer when the car was last seen to move
        self.left_ms = FAR_MS  # until a contradiction has stood long enough

    def update(self, snapshot: "Snapshot") -> None:
        """From the snapshot's contacts, battery and odometer to its values and faults."""
        self._forgive(snapshot)
        if snapshot.changed:
            self._publish(snapshot)
        values = snapshot.values
        engine = values[IN_ENGINE]
        moving = values[IN_MOVING]
        is_flat = 0 <= snapshot.battery_mv < RUNNING_MV_MIN
        is_parked = values[IN_GEAR_P] == YES
        self.left_ms = FAR_MS
        if self._has_stood(_FLAT, engine == YES and moving == NO and is_flat, snapshot.now_ms):
            self._doubt(IN_ENGINE, snapshot)
        if self._has_stood(_PARKED, moving == YES and is_parked, snapshot.now_ms):
            self._doubt(IN_MOVING, snapshot)
            self._doubt(IN_GEAR_P, snapshot)
        if self._has_stood(_DEAD, moving == YES and engine == NO, snapshot.now_ms):
            self._doubt(IN_ENGINE, snapshot)
        if self._crept_away(moving, snapshot.odometer_m):
            self._doubt(IN_MOVING, snapshot)

    def _forgive(self, snapshot: "Snapshot") -> None:
        """A line that was seen to move is believed again, or one whose fault new terms took away."""
        for i in range(IN_ENGINE, IN_GEAR_P + 1):
            if snapshot.lie[i] == UNKNOWN:
                continue
            contact = snapshot.contacts[i]
            has_moved = contact != UNKNOWN and contact != snapshot.lie[i]
            if has_moved or not snapshot.faults[i] & IS_CONTRADICTORY:
                snapshot.lie[i] = UNKNOWN
                snapshot.faults[i] &= ~IS_CONTRADICTORY
                snapshot.changed |= 1 << i

    def _publish(self, snapshot: "Snapshot") -> None:
        for i in range(INPUTS):
            value = snapshot.contacts[i] if snapshot.lie[i] == UNKNOWN else UNKNOWN
            if value != snapshot.values[i]:
                snapshot.before[i] = snapshot.values[i]
                snapshot.values[i] = value

    def _doubt(self, i: int, snapshot: "Snapshot") -> None:
        snapshot.lie[i] = snapshot.contacts[i]
        snapshot.faults[i] |= IS_CONTRADICTORY
        snapshot.changed |= 1 << i
        snapshot.before[i] = snapshot.values[i]
        snapshot.values[i] = UNKNOWN

    def _has_stood(self, rule: int, is_so: bool, now_ms: int) -> bool:
        """Whether this contradiction has stood for long enough just now."""
        if not is_so:
            self._stands[rule] = 0
            return False
        if not self._stands[rule]:
            self._stands[rule] = 1
            self._since_ms[rule] = now_ms
        left = HOLD_MS - ticks_diff(now_ms, self._since_ms[rule])
        if left > 0:
            if left < self.left_ms:
                self.left_ms = left
            return False
        self._stands[rule] = 0
        return True

    def _crept_away(self, moving: int, odometer_m: int) -> bool:
        """The odometer counted on while the car was told to stand."""
        if moving != NO or odometer_m < self._mark_m or self._mark_m < 0:
            self._mark_m = odometer_m
            return False
        return odometer_m - self._mark_m >= UNNOTICED_M_MAX
