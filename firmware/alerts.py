"""Hazard lamps, buzzer, voice, the reader's refusal, tests: what was called, what it shows now.

Levels are a function of what was called and of the time since; nothing counts turns.
"""

from firmware.ticks import ticks_add, ticks_diff
from firmware.wire.codes import OUT_BUZZER, OUT_HAZARD, OUT_VOICE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.car_terms import Terms
    from firmware.turn import Turn

FLASH_ON_MS = 400
FLASH_MS = 800
WARNING_MS = 3000
REFUSAL_MS = 900
#: A lamp or sounder that a technician tests is on for so long (TECH-3).
TEST_MS = 2000


class Alerts:
    """At most one hazard signal, one sound and one refusal at a time; a new one replaces the old."""

    def __init__(self, terms: "Terms") -> None:
        self._terms = terms
        self._hazard_ms = 0  # how long the signal lasts, 0 = none
        self._hazard_at_ms = 0
        self._sound_ms = 0
        self._sound_at_ms = 0
        self._refusal_ms = 0
        self._refusal_at_ms = 0
        self._test_ms = 0
        self._test_at_ms = 0
        self._test_line = 0

    def flash(self, count: int, now_ms: int) -> None:
        """Hazard lamps: so many flashes (START-3: two, END-4: one), each to be seen as one.

        Where the lamps flash already, they are dark first.
        """
        if self._hazard_ms:
            now_ms = ticks_add(now_ms, FLASH_MS - FLASH_ON_MS)
        self._hazard_ms = count * FLASH_MS
        self._hazard_at_ms = now_ms
        self._sound_ms = 0

    def alarm(self, now_ms: int) -> None:
        """END-5: hazard lamps flash and the sounder sounds."""
        self._hazard_ms = self._sound_ms = self._terms.refused_end_ms
        self._hazard_at_ms = self._sound_at_ms = now_ms

    def warn(self, now_ms: int) -> None:
        """USE-3: the sounder, once. A longer sound that goes on already is as good (END-5)."""
        left_ms = self._sound_ms - ticks_diff(now_ms, self._sound_at_ms)
        if not self._sound_ms or left_ms < WARNING_MS:
            self._sound_ms = WARNING_MS
            self._sound_at_ms = now_ms

    def refuse(self, now_ms: int) -> None:
        """START-9: the reader's one refusal signal."""
        self._refusal_ms = REFUSAL_MS
        self._refusal_at_ms = now_ms

    def test(self, line: int, now_ms: int) -> None:
        """One of the levels, OUT_*, for a technician who looks and listens (TECH-3)."""
        self._test_line = line
        self._test_ms = TEST_MS
        self._test_at_ms = now_ms

    def take_back(self, now_ms: int, turn: "Turn") -> None:
        """What flashed in this step did not happen; one flash, an end's or a lock's, fails (END-5)."""
        hazard_ms = self._hazard_ms
        if self._hazard_at_ms == now_ms and hazard_ms <= 2 * FLASH_MS:
            self._hazard_ms = turn.levels[OUT_HAZARD] = 0
            if hazard_ms == FLASH_MS:
                self.alarm(now_ms)
                self.show(now_ms, turn)

    def is_refusing(self, now_ms: int, turn: "Turn") -> bool:
        """Whether the reader shows a refusal now."""
        if self._refusal_ms:
            left = self._refusal_ms - ticks_diff(now_ms, self._refusal_at_ms)
            if left > 0:
                turn.due_in(left)
                return True
            self._refusal_ms = 0
        return False

    def show(self, now_ms: int, turn: "Turn") -> None:
        """Write hazard and sounder levels into the turn."""
        if self._hazard_ms:
            since = ticks_diff(now_ms, self._hazard_at_ms)
            if since >= self._hazard_ms:
                self._hazard_ms = 0
            elif since < 0:
                turn.due_in(-since)
            else:
                phase = since % FLASH_MS
                if phase < FLASH_ON_MS:
                    turn.levels[OUT_HAZARD] = 1
                    turn.due_in(FLASH_ON_MS - phase)
                else:
                    turn.due_in(FLASH_MS - phase)
                turn.due_in(self._hazard_ms - since)
        if self._sound_ms:
            left = self._sound_ms - ticks_diff(now_ms, self._sound_at_ms)
            if left <= 0:
                self._sound_ms = 0
            else:
                turn.levels[OUT_VOICE if self._terms.speaks else OUT_BUZZER] = 1
                turn.due_in(left)
        if self._test_ms:
            left = self._test_ms - ticks_diff(now_ms, self._test_at_ms)
            if left <= 0:
                self._test_ms = 0
            else:
                turn.levels[self._test_line] = 1
                turn.due_in(left)
