"""A reader in memory: a test holds cards to it."""

from firmware.ticks import ticks_add, ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Clock

#: As by the real ones; without a card it has nothing to do.
HELD_MS = 250
_IDLE_MS = 60_000


class FakeCardReader:
    """A `CardReader`, always quick. Fault switch: `is_healthy`; a dead one hears nothing."""

    def __init__(self, clock: "Clock") -> None:
        self.is_healthy = True
        self._listens = False
        #: What the program wishes.
        self.is_eager = False
        #: Answers at the next poll, and is away again.
        self.card: "bytes | None" = None
        self._held: "bytes | None" = None
        self._clock = clock
        self._due_at_ms = 0

    @property
    def is_listening(self) -> bool:
        return self._listens and self.is_healthy

    @property
    def next_due_at_ms(self) -> int:
        if self._held is None:
            return ticks_add(self._clock.now_ms(), _IDLE_MS)
        return self._due_at_ms

    def poll(self, now_ms: int) -> "bytes | None":
        found, self.card = self.card, None
        if self._held is not None and ticks_diff(now_ms, self._due_at_ms) >= 0:
            self._due_at_ms = ticks_add(now_ms, HELD_MS)
            found = self._held
        if not self.is_healthy:
            found = None
        self._listens = self.is_healthy and (self._listens or found is self._held is None)
        return found

    def set_eager(self, eager: bool) -> None:
        self.is_eager = eager

    def begin(self) -> None:
        """As after a reset: it has not looked yet."""
        self._listens = False

    def hold(self, ident: "bytes | None") -> None:
        """A card lies there from now on (NO_IDENT: one whose identifier changes); None: no card."""
        self._held = ident
        self._due_at_ms = self._clock.now_ms()
