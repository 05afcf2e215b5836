"""Raw readings become contacts: rested, fresh, and not in a storm.

A contact counts when it has rested for a while. A door, key or knob that changes more than 6 times
in a minute, and any input that finds no rest for a second, is noisy: then it cannot be told until it
has rested for 10 s, and it is noisy until it has rested for a minute. So a key that lies loosely in
its box moves the table, and the flash behind it, no more often than the session record is renewed
anyway, and what a contact rests at is heard, however long it bounced before.
"""

from firmware.snapshot import IS_NOISY, IS_STALE
from firmware.ticks import FAR_MS, MASK, ticks_diff
from firmware.wire.codes import IN_KNOB_AT_RETURN, INPUTS, STALE, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.snapshot import Snapshot
    from hal.api import DigitalIn

#: So many changes of a door, key or knob within the window are heard one by one. Stop and go is no
#: noise: the other inputs are not journaled, so only the coming and going of their bus counts.
EDGES_MAX = 6
EDGES_WINDOW_MS = 60000
#: An input that finds no rest for this long is noisy too: a value that it left is no value.
RESTLESS_MS = 1000
#: A noisy input counts when it has rested this long: as often as the session record is renewed.
NOISY_REST_MS = 10000
#: Noise is over when the input has rested this long.
QUIET_MS = 60000
_UNREAD = 255


class Debounce:
    """Holds the last raw value of every input and since when it has stood.

    `absent`: a bit for each input that is not wired; it is not read, and not waited for.
    """

    def __init__(self, rest_ms: int, absent: int = 0) -> None:
        self._rest_ms = rest_ms
        self._absent = absent
        self._raw = bytearray([_UNREAD] * INPUTS)
        self._since_ms = [0] * INPUTS  # the newest raw change
        self._left_rest_ms = [0] * INPUTS  # when it last ceased to rest
        self.waiting = bytearray(INPUTS)  # 1: it has moved, and not come to rest yet
        self._edges = [0] * INPUTS
        self._heard = bytearray(INPUTS)  # changes in the window
        self._window_ms = [0] * INPUTS
        self._unsettled = ((1 << INPUTS) - 1) & ~absent
        self.left_ms = FAR_MS  # until the next value may become stable

    def edges(self, i: int) -> int:
        """Raw changes of an input that turns saw since the reset, for the self-test; counts to 2**30."""
        return self._edges[i]

    def since_ms(self, i: int) -> int:
        """When the raw reading of an input changed last; it stands while the ticks wrap."""
        return self._since_ms[i]

    def update(self, inputs: "tuple[DigitalIn, ...]", snapshot: "Snapshot") -> None:
        """Read every input once; stable changes go into the snapshot's contacts and `changed`."""
        now_ms = snapshot.now_ms
        snapshot.changed = 0
        nearest = FAR_MS
        for i in range(INPUTS):
            if self._absent & (1 << i):
                continue
            raw = inputs[i].read()
            if raw != self._raw[i]:
                self._take_edge(i, raw, snapshot)
            if self._heard[i] and ticks_diff(now_ms, self._window_ms[i]) >= EDGES_WINDOW_MS:
                self._heard[i] = 0
            left = FAR_MS
            if self.waiting[i]:
                left = self._rest(i, raw, snapshot)
            elif snapshot.faults[i] & IS_NOISY:
                left = self._calm(i, raw, snapshot)
            if left < nearest:
                nearest = left
        self.left_ms = nearest
        snapshot.is_settled = self._unsettled == 0

    def _take_edge(self, i: int, raw: int, snapshot: "Snapshot") -> None:
        if self._raw[i] != _UNREAD and self._edges[i] < MASK:
            self._edges[i] += 1
        self._raw[i] = raw
        self._since_ms[i] = snapshot.now_ms
        if not self.waiting[i]:
            self.waiting[i] = 1
            self._left_rest_ms[i] = snapshot.now_ms
        if snapshot.faults[i] & IS_NOISY:
            self._put(i, UNKNOWN, snapshot)
        elif raw == STALE:
            # No rest for this: a reading is believed no longer than its port vouches for it.
            self._put(i, UNKNOWN, snapshot)
            self._fault(i, IS_STALE, True, snapshot)

    def _rest(self, i: int, raw: int, snapshot: "Snapshot") -> int:
        """Time until this input counts; when it has rested, it does."""
        rested_ms = ticks_diff(snapshot.now_ms, self._since_ms[i])
        if snapshot.faults[i] & IS_NOISY:
            if rested_ms < NOISY_REST_MS:
                return NOISY_REST_MS - rested_ms
        elif rested_ms < self._rest_ms:
            left = RESTLESS_MS - ticks_diff(snapshot.now_ms, self._left_rest_ms[i])
            if left <= 0:
                return self._doubt(i, rested_ms, snapshot)
            return left if left < self._rest_ms - rested_ms else self._rest_ms - rested_ms
        elif self._is_too_much(i, raw, snapshot):
            return self._doubt(i, rested_ms, snapshot)
        self.waiting[i] = 0
        self._unsettled &= ~(1 << i)
        self._put(i, UNKNOWN if raw == STALE else raw, snapshot)
        if snapshot.faults[i] & IS_NOISY:
            return QUIET_MS - rested_ms
        self._fault(i, IS_STALE, raw == STALE, snapshot)
        return FAR_MS

    def _is_too_much(self, i: int, raw: int, snapshot: "Snapshot") -> bool:
        """Count a change that came to rest; the first value after a reset is none."""
        if self._unsettled & (1 << i) or raw == snapshot.contacts[i]:
            return False
        if i > IN_KNOB_AT_RETURN and raw != STALE and not snapshot.faults[i] & IS_STALE:
            return False
        if self._heard[i] == 0:
            self._window_ms[i] = snapshot.now_ms
        self._heard[i] += 1
        return self._heard[i] > EDGES_MAX

    def _doubt(self, i: int, rested_ms: int, snapshot: "Snapshot") -> int:
        """It is noisy from now on, and cannot be told."""
        self._fault(i, IS_NOISY, True, snapshot)
        self._put(i, UNKNOWN, snapshot)
        return NOISY_REST_MS - rested_ms

    def _calm(self, i: int, raw: int, snapshot: "Snapshot") -> int:
        """Time until the noise is over."""
        left = QUIET_MS - ticks_diff(snapshot.now_ms, self._since_ms[i])
        if left > 0:
            return left
        self._fault(i, IS_NOISY, False, snapshot)
        self._fault(i, IS_STALE, raw == STALE, snapshot)
        return FAR_MS

    def _put(self, i: int, value: int, snapshot: "Snapshot") -> None:
        if value != snapshot.contacts[i]:
            snapshot.contacts[i] = value
            snapshot.changed |= 1 << i

    def _fault(self, i: int, bit: int, stands: bool, snapshot: "Snapshot") -> None:
        if (snapshot.faults[i] & bit != 0) != stands:
            snapshot.faults[i] ^= bit
            snapshot.changed |= 1 << i
