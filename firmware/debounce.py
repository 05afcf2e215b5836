"""Raw readings become stable values: a contact counts when it has rested for a while."""

from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire.codes import INPUTS, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.snapshot import Snapshot
    from hal.api import DigitalIn


class Debounce:
    """Holds the last raw value of every input and since when it has stood."""

    def __init__(self, rest_ms: int) -> None:
        self._rest_ms = rest_ms
        self._raw = bytearray([UNKNOWN] * INPUTS)
        self._since_ms = [0] * INPUTS
        self._waiting = bytearray(INPUTS)
        self._was_read = False
        self._unsettled = (1 << INPUTS) - 1
        self.left_ms = FAR_MS  # until the next value may become stable

    def update(self, inputs: "tuple[DigitalIn, ...]", snapshot: "Snapshot") -> None:
        """Read every input once; stable changes go into the snapshot's values and `changed`."""
        now_ms = snapshot.now_ms
        changed = 0
        nearest = FAR_MS
        for i in range(INPUTS):
            raw = inputs[i].read()
            if raw != self._raw[i] or not self._was_read:
                self._raw[i] = raw
                self._since_ms[i] = now_ms
                self._waiting[i] = 1
            if self._waiting[i]:
                left = self._rest_ms - ticks_diff(now_ms, self._since_ms[i])
                if left > 0:
                    if left < nearest:
                        nearest = left
                    continue
                self._waiting[i] = 0
                self._unsettled &= ~(1 << i)
                if raw != snapshot.values[i]:
                    snapshot.before[i] = snapshot.values[i]
                    snapshot.values[i] = raw
                    changed |= 1 << i
        self._was_read = True
        self.left_ms = nearest
        snapshot.changed = changed
        snapshot.is_settled = self._unsettled == 0
