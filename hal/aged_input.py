"""An input whose reading comes over a bus: it holds good for a while, then it is stale."""

from firmware.ticks import ticks_diff
from firmware.wire.codes import STALE, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Clock


class AgedIn:
    """A `DigitalIn`. Whoever listens to the bus calls `put` for every telegram.

    `good_ms`: how long a reading holds good, some three of the bus's periods. UNKNOWN before the
    first telegram, which nobody may have missed yet.
    """

    def __init__(self, clock: "Clock", good_ms: int) -> None:
        self._clock = clock
        self._good_ms = good_ms
        self._value = UNKNOWN
        self._at_ms = clock.now_ms()

    def put(self, value: int) -> None:
        """A reading arrived now: YES, NO, or UNKNOWN when the sender cannot tell."""
        self._value = value
        self._at_ms = self._clock.now_ms()

    @property
    def age_ms(self) -> int:
        """How old the newest reading is, while it holds good."""
        return ticks_diff(self._clock.now_ms(), self._at_ms)

    def read(self) -> int:
        """Once stale it stays so until the next `put`, however often the ticks wrap."""
        if ticks_diff(self._clock.now_ms(), self._at_ms) > self._good_ms:
            self._value = STALE
            self._at_ms = self._clock.now_ms()
        return self._value
