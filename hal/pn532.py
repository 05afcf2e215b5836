"""The FeliCa reader: a PN532 on a serial link, asked without ever waiting for it.

`poll` does what is due and returns; the board calls it when bytes have come in and at
`next_due_at_ms`. While a card is expected (eager) the chip itself tries again and again for
about half a second a command, so a touch is found within one try and an empty half second
costs two calls. The field stays on, so that no card has to start for each poll.

An identifier counts only when two answers in a row agree, for the frames carry just an 8-bit
sum: of 31,000 simulated answers that passed it with 1 to 3 % of the bytes damaged, 57 had a
wrong identifier, and of the reports none. A card that stays is reported every 250 ms, from
one answer each, as long as the identifier does not change.

The commands and what each answer must look like: UM0701-02, sections 7.2 and 7.3.
"""

from firmware.ticks import ticks_add, ticks_diff
from hal import pn532_dialogue as dialogue
from hal import pn532_frames as frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import ByteLink

#: A held card is reported at this pace; TOUCH-1 calls a card away after 1 s of silence.
REPORT_EVERY_MS = 250
CALM_POLL_EVERY_MS = 1000
EAGER_WINDOW_MS = 500
#: A chip that answers at once without a card is not asked more often than this.
EAGER_POLL_EVERY_MS_MIN = 50

#: After a crash the chip may still stand at a rate that another program gave it. The usual
#: rate comes three times, for noise and for a chip that the first command only wakes.
RATES = (115200, 115200, 115200, 921600, 460800, 230400)
PROBE_PAUSE_MS = 3
BACK_OFF_MS_MIN = 250
BACK_OFF_MS_MAX = 4000

ANSWER_TIMEOUT_MS = 60
CALM_TIMEOUT_MS = 300
#: A chip that was reset tries for ever; it is set up anew after this.
EAGER_TIMEOUT_MS = 800
SENDS_MAX = 5

_CALM_RETRIES = 2
#: 118 tries of 4.23 ms (212 kbit/s) are 499 ms.
EAGER_RETRIES = 117
_FIRST_RETRIES = 24  # of the first look at each kind: 106 ms, for a card that takes 20 to wake
#: 255 would mean for ever.
_EAGER_RETRIES_MAX = 254
#: Calm polls that a card may miss before it counts as gone.
HELD_POLLS = 4

# The command under way, or next. The public ones are also for `pn532_licences`, which has one more.
_FIRMWARE = 0
_SLOW_DOWN = 1
_CHANGE_BAUD = 2
_SAM = 3
_RETRIES = 4
FIELD = 5
POLL = 6


class Pn532:
    """A `CardReader` on a `ByteLink` at 115200 baud.

    `system_code` is the same for all polls, so that a card with several systems always gives
    one identifier (FFFF: that of its first system). With `with_424` every other empty poll is
    made at 424 kbit/s, for cards that do not hear 212, and a touch may take a window longer: no
    board wants it, since every FeliCa card hears 212 and FeliCa Lite only that (boards/README.md).

    `is_healthy` is True until a whole round of probing went unanswered, and again as soon as it is
    set up; a missing chip is known 0.2 s after power-on. It listens after one empty eager round.
    """

    def __init__(
        self,
        link: "ByteLink",
        now_ms: int,
        system_code: int = 0xFFFF,
        with_424: bool = False,
    ) -> None:
        self._link = link
        self._dialogue = dialogue.Dialogue(link, now_ms)
        polls = [frames.FELICA_212]
        if with_424:
            polls.append(frames.FELICA_424)
        self._polls = [frames.with_system_code(poll, system_code) for poll in polls]
        self._poll_index = 0
        self._retries_frame = bytearray(frames.MAX_RETRIES)

        self.is_healthy = True
        self.is_listening = False
        self.next_due_at_ms = now_ms
        #: Times that the chip had to be set up anew, modulo 2**16.
        self.restarts = 0

        self._now_ms = now_ms
        self._step = _FIRMWARE
        self._step_at_ms = now_ms
        self._rate_index = 0
        self._back_off_ms = BACK_OFF_MS_MIN

        self._is_eager = False
        self._window_ms = EAGER_WINDOW_MS
        self._eager_retries = EAGER_RETRIES
        #: The number of retries that the chip was given; -1: not known.
        self._chip_retries = -1
        self._field_is_on = False

        self._candidate = bytearray(8)
        self._has_candidate = False
        self._held_polls = 0
        self._found: bytes | None = None
        link.set_baud(RATES[0])

    def set_eager(self, eager: bool) -> None:
        """Eager: a card is expected, it is found in milliseconds. Calm: once a second."""
        if eager and not self._is_eager and self._step == POLL and self._held_polls == 0:
            if not self._dialogue.is_under_way():
                self._step_at_ms = self._now_ms
                self.next_due_at_ms = self._now_ms
        self._is_eager = eager

    def poll(self, now_ms: int) -> bytes | None:
        """Do what is due; the identifier (IDm) of a card that answered since the last call."""
        self._now_ms = now_ms
        end = self._dialogue.poll(now_ms)
        if end == dialogue.ANSWERED:
            self._hear_answer(now_ms)
        elif end != dialogue.UNDER_WAY:
            if end == dialogue.OVERDUE and self._step == POLL:
                self._halve_window()
            self._give_up(now_ms)
        if not self._dialogue.is_under_way() and ticks_diff(self._step_at_ms, now_ms) <= 0:
            self._act(now_ms)
        if self._dialogue.is_under_way():
            self.next_due_at_ms = self._dialogue.next_due_at_ms
        else:
            self.next_due_at_ms = self._step_at_ms
        found = self._found
        if found is not None:
            self._found = None
        return found

    def _next_step(self, step: int, pause_ms: int, now_ms: int) -> None:
        self._step = step
        self._step_at_ms = ticks_add(now_ms, pause_ms)

    # What goes out.

    def _act(self, now_ms: int) -> None:
        if self._step == _CHANGE_BAUD:
            self._link.set_baud(RATES[0])
            self._rate_index = 0
            self._step = _FIRMWARE
        eager_retries = self._eager_retries if self.is_listening else _FIRST_RETRIES
        retries = eager_retries if self._is_eager else _CALM_RETRIES
        if self._step == POLL and self._chip_retries != retries:
            self._step = _RETRIES
        if self._step == _FIRMWARE:
            self._start(frames.GET_FIRMWARE_VERSION, 1, True, now_ms)
        elif self._step == _SLOW_DOWN:
            self._start(frames.BAUD_115200, 1, True, now_ms)
        elif self._step == _SAM:
            self._start(frames.SAM_NORMAL, SENDS_MAX, True, now_ms)
        elif self._step == _RETRIES:
            self._retries_frame[10] = retries
            self._retries_frame[11] = (0xF5 - retries) & 0xFF
            self._start(self._retries_frame, SENDS_MAX, False, now_ms)
        elif self._step == FIELD:
            self._start(frames.FIELD_ON, SENDS_MAX, False, now_ms)
        else:
            self._start(self._polls[self._poll_index], SENDS_MAX, False, now_ms)

    def _start(
        self, command: "bytes | bytearray", sends_max: int, needs_wake_up: bool, now_ms: int
    ) -> None:
        timeout_ms = ANSWER_TIMEOUT_MS
        if self._step == POLL:
            is_calm = self._chip_retries == _CALM_RETRIES
            timeout_ms = CALM_TIMEOUT_MS if is_calm else EAGER_TIMEOUT_MS
        self._dialogue.start(command, timeout_ms, sends_max, needs_wake_up, now_ms)

    def _give_up(self, now_ms: int) -> None:
        """The command failed. When that was no probe, the chip was perhaps reset."""
        if self._step != _FIRMWARE and self._step != _SLOW_DOWN:
            self.restarts = (self.restarts + 1) & 0xFFFF
            self._begin_anew(dialogue.ABORT_PAUSE_MS, now_ms)
            return
        self._rate_index += 1
        if self._rate_index < len(RATES):
            rate = RATES[self._rate_index]
            self._link.set_baud(rate)
            step = _FIRMWARE if rate == RATES[0] else _SLOW_DOWN
            self._next_step(step, PROBE_PAUSE_MS, now_ms)
            return
        self.is_healthy = self.is_listening = False
        self._has_candidate = False
        self._held_polls = 0
        self._link.set_baud(RATES[0])
        self._begin_anew(self._back_off_ms, now_ms)
        self._back_off_ms = min(2 * self._back_off_ms, BACK_OFF_MS_MAX)

    def _begin_anew(self, pause_ms: int, now_ms: int) -> None:
        self._rate_index = 0
        self._chip_retries = -1
        self._field_is_on = False
        self._next_step(_FIRMWARE, pause_ms, now_ms)

    def _doubt(self, now_ms: int) -> None:
        """The answer is whole, yet not one that this command can have."""
        if self._dialogue.repeat(now_ms) != dialogue.UNDER_WAY:
            self._give_up(now_ms)

    # What comes in.

    def _hear_answer(self, now_ms: int) -> None:
        body = self._dialogue.body
        length = self._dialogue.body_bytes
        if self._step == POLL:
            self._hear_poll_answer(length, now_ms)
        elif self._step == _FIRMWARE:
            if length == 6 and body[2] == 0x32:
                self._next_step(_SAM, 0, now_ms)
            else:
                self._doubt(now_ms)
        elif length != 2:
            self._doubt(now_ms)
        elif self._step == _SLOW_DOWN:
            self._dialogue.confirm()
            self._next_step(_CHANGE_BAUD, PROBE_PAUSE_MS, now_ms)
        elif self._step == _SAM:
            self._next_step(_RETRIES, 0, now_ms)
        elif self._step == _RETRIES:
            self._chip_retries = self._retries_frame[10]
            self._next_step(POLL if self._field_is_on else FIELD, 0, now_ms)
        else:
            self._field_is_on = True
            self.is_healthy = True
            self._back_off_ms = BACK_OFF_MS_MIN
            self._next_step(POLL, 0, now_ms)

    def _hear_poll_answer(self, length: int, now_ms: int) -> None:
        if length == 3 and self._dialogue.body[2] == 0:
            self._hear_no_card(now_ms)
        elif self._is_one_felica_card(length):
            self._hear_card(now_ms)
        else:
            self._doubt(now_ms)

    def _is_one_felica_card(self, length: int) -> bool:
        """One target, number 1, and a polling response of 18 or 20 bytes that fills the frame."""
        body = self._dialogue.body
        if length < 6 or body[2] != 1 or body[3] != 1 or body[5] != 0x01:
            return False
        return (body[4] == 18 or body[4] == 20) and length == 4 + body[4]

    def _hear_card(self, now_ms: int) -> None:
        body = self._dialogue.body
        agrees = self._has_candidate
        for index in range(8):
            if self._candidate[index] != body[6 + index]:
                agrees = False
                self._candidate[index] = body[6 + index]
        self._has_candidate = True
        if agrees:
            self._found = bytes(self._candidate)
            self._held_polls = HELD_POLLS
            self._next_step(POLL, REPORT_EVERY_MS, now_ms)
        else:
            self._next_step(POLL, 0, now_ms)

    def _hear_no_card(self, now_ms: int) -> None:
        elapsed_ms = ticks_diff(now_ms, self._dialogue.sent_at_ms)
        was_eager = self._chip_retries != _CALM_RETRIES
        self._poll_index = (self._poll_index + 1) % len(self._polls)
        if was_eager and not self._has_candidate and self._poll_index == 0:
            self.is_listening = True
        self._held_polls = 0 if was_eager or self._held_polls == 0 else self._held_polls - 1
        if self._held_polls == 0:
            self._has_candidate = False
        if was_eager:
            self._fit_window(elapsed_ms)
        pause_ms = CALM_POLL_EVERY_MS if self._held_polls == 0 else REPORT_EVERY_MS
        if self._is_eager:
            pause_ms = max(EAGER_POLL_EVERY_MS_MIN - elapsed_ms, 0) if was_eager else 0
        self._next_step(POLL, pause_ms, now_ms)

    def _fit_window(self, elapsed_ms: int) -> None:
        """How long a try takes is the chip's affair: keep the window near its length."""
        window_ms = self._window_ms
        if window_ms * 3 // 4 <= elapsed_ms <= window_ms * 3 // 2:
            return
        tries = (self._chip_retries + 1) * window_ms // max(elapsed_ms, 1)
        # Never the calm number, which tells the two apart.
        self._eager_retries = min(max(tries - 1, _CALM_RETRIES + 1), _EAGER_RETRIES_MAX)

    def _halve_window(self) -> None:
        """Perhaps the chip's tries take longer; if not, the next empty window tells."""
        self._eager_retries = max(self._eager_retries // 2, _CALM_RETRIES + 1)
