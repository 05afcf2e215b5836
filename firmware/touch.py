"""TOUCH-1: one touch is heard once, however long the card lies there."""

from firmware.ticks import ticks_add, ticks_diff

AWAY_MS = 1000
AGAIN_MS = 3000
#: A technician who looks at cards asks for them anew within this.
DIVERTED_MS = 1000


class Touch:
    """Remembers the last answered card. A held card answers the reader at least every 500 ms."""

    def __init__(self) -> None:
        self._card = b""
        self._answered_ms = 0
        self._seen_ms = 0
        self._is_recent = False
        self._diverts = False
        self._diverted_ms = 0
        #: What was heard since `divert`, for whoever only wants to look at it.
        self.diverted = b""

    def divert(self, now_ms: int) -> None:
        """For a second from now on no touch counts; what is heard stands in `diverted` (TECH-4)."""
        self._diverts = True
        self._diverted_ms = now_ms

    def is_new(self, card: bytes, now_ms: int, listens: bool = True) -> bool:
        """Whether this reading is to be answered; if so it is taken as answered.

        Where the reader does not listen yet, the card may have lain there all along: it is no touch,
        and none counts until none was seen for AWAY_MS (SAFE-3). The first such reading is new.
        """
        if not listens:
            was_told = self._is_recent and not self._card
            self._card = b""
            self._answered_ms = ticks_add(now_ms, -AGAIN_MS)
            self._seen_ms = now_ms
            self._is_recent = True
            return not was_told
        if self._is_recent and (not self._card or card == self._card):
            away = ticks_diff(now_ms, self._seen_ms)
            self._seen_ms = now_ms
            if away < AWAY_MS or ticks_diff(now_ms, self._answered_ms) < AGAIN_MS:
                return False
        self._card = card
        self._answered_ms = now_ms
        self._seen_ms = now_ms
        self._is_recent = True
        if self._diverts:
            self.diverted = card
            return False
        return True

    def forget_old(self, now_ms: int) -> None:
        """Call now and then: keeps the instants from growing older than the counter can tell."""
        if self._diverts and not 0 <= ticks_diff(now_ms, self._diverted_ms) < DIVERTED_MS:
            self._diverts = False
        if self._is_recent and ticks_diff(now_ms, self._seen_ms) > AGAIN_MS:
            self._is_recent = False
