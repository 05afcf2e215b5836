"""A fixed set of named deadlines on the monotonic clock (SAFE-4)."""

from firmware.ticks import FAR_MS, ticks_add, ticks_diff

NOT_ARMED = -1


class Deadlines:
    """One slot a name; `now_ms` is set once a turn by the controller."""

    def __init__(self, names: "tuple[str, ...]") -> None:
        self.names = names
        self.now_ms = 0
        self._at_ms = [0] * len(names)
        self._armed = bytearray(len(names))

    def index(self, name: str) -> int:
        """The slot of that name; ValueError when there is none."""
        return self.names.index(name)

    def arm(self, slot: int, delay_ms: int) -> None:
        """Due `delay_ms` from now; longer than FAR_MS (74 hours) counts as FAR_MS, negative as 0."""
        if delay_ms > FAR_MS:
            delay_ms = FAR_MS
        elif delay_ms < 0:
            delay_ms = 0
        self._at_ms[slot] = ticks_add(self.now_ms, delay_ms)
        self._armed[slot] = 1

    def disarm(self, slot: int) -> None:
        self._armed[slot] = 0

    def is_armed(self, slot: int) -> bool:
        return self._armed[slot] == 1

    def armed(self) -> bytes:
        """Which are armed: a byte a slot, 0 or 1."""
        return bytes(self._armed)

    def left_ms(self, slot: int) -> int:
        """Time until it is due, 0 when overdue, NOT_ARMED when it is not armed."""
        if not self._armed[slot]:
            return NOT_ARMED
        left = ticks_diff(self._at_ms[slot], self.now_ms)
        return left if left > 0 else 0

    def take_due(self) -> int:
        """Disarm the earliest deadline that is due and return its slot; -1 when none is."""
        found = -1
        earliest = 1
        for slot in range(len(self._at_ms)):
            if self._armed[slot]:
                left = ticks_diff(self._at_ms[slot], self.now_ms)
                if left < earliest:
                    found = slot
                    earliest = left
        if found >= 0:
            self._armed[found] = 0
        return found

    def next_ms(self) -> int:
        """Time until the earliest one, at most FAR_MS."""
        nearest = FAR_MS
        for slot in range(len(self._at_ms)):
            if self._armed[slot]:
                left = ticks_diff(self._at_ms[slot], self.now_ms)
                if left < nearest:
                    nearest = left
        return nearest if nearest > 0 else 0

    def shorten(self, elapsed_ms: int) -> None:
        """Bring every armed deadline nearer; one that is passed is due now."""
        for slot in range(len(self._at_ms)):
            if self._armed[slot]:
                self.arm(slot, self.left_ms(slot) - elapsed_ms)

    def clear(self) -> None:
        """Disarm all."""
        for slot in range(len(self._armed)):
            self._armed[slot] = 0
