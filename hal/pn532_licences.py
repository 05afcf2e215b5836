"""The reader's driver where licences count as cards: FeliCa and ISO 14443-B, in turn.

Of a type B card only the PUPI is read, four bytes of its answer to the request (ATQB). It is
reported as `B` and three zeros before it. FeliCa polls for any system are answered by a card's
first one, whose identifier begins with the digit 0 (JIS X 6319-4), and an answer that begins
like a PUPI's is passed over here: the two kinds can never be taken for each other.

A PUPI may be made anew each time that a card gets power (ISO/IEC 14443-3), so it counts only
when two activations agree, with the field off between them. A card that gives another one each
time is reported as NO_IDENT: it is nobody's, cannot be registered, and is refused like any
card that nobody knows. Whoever sells a reader system for Japan says so of the driving licence;
nobody here has held one to a reader. A PUPI is no secret, and it is as easily copied as an IDm.

Both kinds get the same number of tries, since another number would cost a command: about
300 ms for FeliCa, then some 90 ms for type B, whose tries are shorter. A card that was found
stays activated and silent, hence the field goes off after each answer of type B, and where a
poll had to be sent again: its first answer may have been lost.

UM0701-02, section 7.3.5: the answer is the number of targets, 01, the ATQB of 12 bytes from 50
on, and the length and bytes of the answer to ATTRIB, which the chip sends by itself.
"""

from firmware.wire.journal_format import NO_IDENT
from hal import pn532_frames as frames
from hal.pn532 import (
    EAGER_RETRIES,
    EAGER_WINDOW_MS,
    FIELD,
    HELD_POLLS,
    POLL,
    REPORT_EVERY_MS,
    SENDS_MAX,
    Pn532,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import ByteLink

#: Of a FeliCa poll, in which nobody is heard who holds a licence.
WINDOW_MS = 300
#: A card has lost its power after 5 ms (ISO/IEC 14443-3), and hears within 5; some need 20.
FIELD_OFF_MS = 10
START_UP_MS = 20
#: So many activations in a row with another PUPI each, and it is never the same. A single
#: answer that was damaged unnoticed makes two.
CHANGES_MAX = 4

_PREFIX = b"B\0\0\0"
#: One more step beside those of `Pn532`.
_FIELD_OFF = 7


class LicencePn532(Pn532):
    """A `CardReader` that hears FeliCa cards and type B cards."""

    def __init__(self, link: "ByteLink", now_ms: int, system_code: int = 0xFFFF) -> None:
        super().__init__(link, now_ms, system_code)
        self._polls.append(frames.TYPE_B)
        self._window_ms = WINDOW_MS
        self._eager_retries = EAGER_RETRIES * WINDOW_MS // EAGER_WINDOW_MS
        self._changes = 0
        self._is_field_off = False
        self._field_pause_ms = FIELD_OFF_MS
        self._looks_again = False

    def _is_type_b(self) -> bool:
        return self._polls[self._poll_index] is frames.TYPE_B

    def _begin_anew(self, pause_ms: int, now_ms: int) -> None:
        self._is_field_off = False
        self._field_pause_ms = FIELD_OFF_MS
        super()._begin_anew(pause_ms, now_ms)

    def _act(self, now_ms: int) -> None:
        if self._step == FIELD and not self._is_field_off:
            self._step = _FIELD_OFF
        if self._step == _FIELD_OFF:
            self._start(frames.FIELD_OFF, SENDS_MAX, False, now_ms)
        else:
            super()._act(now_ms)

    def _restart_field(self, pause_ms: int, now_ms: int) -> None:
        self._is_field_off = False
        self._field_pause_ms = pause_ms
        self._next_step(FIELD, 0, now_ms)

    def _hear_answer(self, now_ms: int) -> None:
        step = self._step
        if step == _FIELD_OFF and self._dialogue.body_bytes == 2:
            self._field_is_on = False
            self._is_field_off = True
            self._next_step(FIELD, self._field_pause_ms, now_ms)
            return
        super()._hear_answer(now_ms)
        if step == FIELD and self._step == POLL and self._is_type_b():
            self._next_step(POLL, START_UP_MS, now_ms)

    def _hear_poll_answer(self, length: int, now_ms: int) -> None:
        body = self._dialogue.body
        if not self._is_type_b() or length <= 3:
            super()._hear_poll_answer(length, now_ms)
        elif (
            length > 16 and (body[2], body[3], body[4]) == (1, 1, 0x50) and length == 17 + body[16]
        ):
            self._hear_type_b(now_ms)
        else:
            self._doubt(now_ms)

    def _hear_type_b(self, now_ms: int) -> None:
        agrees = was_other = self._has_candidate
        for index in range(8):
            byte = _PREFIX[index] if index < 4 else self._dialogue.body[index + 1]
            if self._candidate[index] != byte:
                agrees = False
                self._candidate[index] = byte
        self._has_candidate = True
        self._looks_again = False
        pause_ms = FIELD_OFF_MS
        if agrees:
            self._changes = 0
        elif was_other and self._changes < CHANGES_MAX:
            self._changes += 1
        if agrees or self._changes == CHANGES_MAX:
            self._found = bytes(self._candidate) if agrees else NO_IDENT
            self._held_polls = HELD_POLLS
            pause_ms = REPORT_EVERY_MS
        self._restart_field(pause_ms, now_ms)

    def _hear_card(self, now_ms: int) -> None:
        self._changes = 0
        body = self._dialogue.body
        for index in range(4):
            if body[6 + index] != _PREFIX[index]:
                super()._hear_card(now_ms)
                return
        self._has_candidate = False
        self._poll_index = len(self._polls) - 1
        self._next_step(POLL, REPORT_EVERY_MS, now_ms)

    def _hear_no_card(self, now_ms: int) -> None:
        index = self._poll_index
        was_type_b = self._is_type_b()
        is_deaf = was_type_b and self._dialogue.sends > 1
        self._looks_again = is_deaf and not self._looks_again
        if self._looks_again:
            self._restart_field(FIELD_OFF_MS, now_ms)
            return
        eager_retries = self._eager_retries
        super()._hear_no_card(now_ms)
        if was_type_b:
            self._eager_retries = eager_retries  # the window is that of FeliCa polls
        if self._held_polls:
            self._poll_index = index  # the card that was there is looked for again
        else:
            self._changes = 0
        if is_deaf:
            self._restart_field(FIELD_OFF_MS, now_ms)
        elif not self._held_polls and self._is_type_b() and not self._is_eager:
            self._next_step(POLL, 0, now_ms)  # calm: both kinds, then a pause
