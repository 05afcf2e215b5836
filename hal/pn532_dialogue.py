"""One command to the PN532 and its answer: acknowledgement, timeouts, repeats, abort.

Nothing here knows what a command means. After `start`, call `poll` when bytes have come in
and at `next_due_at_ms`, until it gives an end: ANSWERED, FAILED or OVERDUE.
"""

from firmware.ticks import ticks_add, ticks_diff
from hal import pn532_frames as frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import ByteLink

#: Wake-up, command and acknowledgement take 3 ms; the chip has 15 ms (UM0701-02, 6.2.1.3).
ACK_TIMEOUT_MS = 25
#: Frames come without gaps; after so long a silence the rest of a frame does not come.
FRAME_GAP_MS = 15
#: A chip that was told to stop does not hear a command in the same instant.
ABORT_PAUSE_MS = 3
NACKS_MAX = 2
_CHUNKS_A_POLL_MAX = 8

# What `poll` gives.
UNDER_WAY = 0
ANSWERED = 1
#: No acknowledgement, or no whole answer, after all repeats.
FAILED = 2
#: Acknowledged, then silent; the command was stopped.
OVERDUE = 3

_IDLE = 0
_AWAITING_ACK = 1
_AWAITING_ANSWER = 2
_BEFORE_REPEAT = 3


class Dialogue:
    """One command at a time over a `ByteLink`."""

    def __init__(self, link: "ByteLink", now_ms: int) -> None:
        self._link = link
        self._reader = frames.FrameReader()
        self._state = _IDLE
        self._command: "bytes | bytearray" = frames.GET_FIRMWARE_VERSION
        self._needs_wake_up = False
        self._answer_timeout_ms = 0
        self._sends_left = 0
        self._nacks_left = 0
        self._received_at_ms = now_ms
        self._end = UNDER_WAY

        self.sent_at_ms = now_ms
        #: How often the command under way, or the last one, was sent.
        self.sends = 0
        self.next_due_at_ms = now_ms
        #: Code and payload of the answer begin at byte 1; `body_bytes` counts from byte 0.
        self.body = self._reader.body
        self.body_bytes = 0
        #: Answers that did not arrive as they were sent.
        self.damaged = 0

    def is_under_way(self) -> bool:
        return self._state != _IDLE

    def start(
        self,
        command: "bytes | bytearray",
        answer_timeout_ms: int,
        sends_max: int,
        needs_wake_up: bool,
        now_ms: int,
    ) -> None:
        """Send a command frame; it is sent at most `sends_max` times."""
        self._command = command
        self._answer_timeout_ms = answer_timeout_ms
        self._needs_wake_up = needs_wake_up
        self._sends_left = sends_max
        self.sends = 0
        self._send(now_ms)

    def confirm(self) -> None:
        """Acknowledge the answer, which a change of the baud rate asks for."""
        self._link.write(frames.ACK)

    def poll(self, now_ms: int) -> int:
        """Take what has come in, do what is due."""
        if self._link.any():
            self._receive(now_ms)
        if self._state != _IDLE and ticks_diff(self.next_due_at_ms, now_ms) <= 0:
            if self._state == _BEFORE_REPEAT:
                self._send(now_ms)
            else:
                self._miss(now_ms)
        end = self._end
        self._end = UNDER_WAY
        return end

    def repeat(self, now_ms: int) -> int:
        """The answer makes no sense: ask again. FAILED when that was the last time."""
        self.damaged = (self.damaged + 1) & 0xFFFF
        self._fail_or_repeat(now_ms)
        end = self._end
        self._end = UNDER_WAY
        return end

    def _send(self, now_ms: int) -> None:
        self._reader.clear()
        if self._needs_wake_up:
            self._link.write(frames.WAKE_UP)
        self._link.write(self._command)
        self._sends_left -= 1
        self.sends += 1
        self._nacks_left = NACKS_MAX
        self.sent_at_ms = now_ms
        self._state = _AWAITING_ACK
        self._wait(ACK_TIMEOUT_MS, now_ms)

    def _wait(self, wait_ms: int, now_ms: int) -> None:
        self.next_due_at_ms = ticks_add(now_ms, wait_ms)

    def _receive(self, now_ms: int) -> None:
        reader = self._reader
        if ticks_diff(now_ms, self._received_at_ms) > FRAME_GAP_MS:
            reader.clear()
        self._received_at_ms = now_ms
        for _ in range(_CHUNKS_A_POLL_MAX):
            if not self._link.any():
                break
            reader.fill(self._link)
            kind = reader.next()
            while kind != frames.NOTHING:
                self._hear(kind, now_ms)
                if self._end != UNDER_WAY:
                    return
                kind = reader.next()
        if self._state == _AWAITING_ANSWER and (reader.noise_bytes or reader.is_within_frame()):
            # Perhaps the answer, perhaps only noise: what is missing comes at once or never.
            if ticks_diff(self.next_due_at_ms, now_ms) > FRAME_GAP_MS:
                self._wait(FRAME_GAP_MS, now_ms)

    def _hear(self, kind: int, now_ms: int) -> None:
        if self._state == _AWAITING_ACK:
            # An answer before the acknowledgement belongs to an earlier command.
            if kind == frames.IS_ACK:
                self._reader.noise_bytes = 0
                self._state = _AWAITING_ANSWER
                self._wait(self._answer_timeout_ms, now_ms)
            elif kind == frames.IS_NACK:
                self._fail_or_repeat(now_ms)
        elif self._state == _AWAITING_ANSWER:
            if kind == frames.IS_ANSWER:
                if self.body[1] == self._command[6] + 1:
                    self.body_bytes = self._reader.body_bytes
                    self._finish(ANSWERED)
            elif kind == frames.IS_DAMAGED:
                self._ask_for_the_answer_again(now_ms)
            elif kind == frames.IS_ERROR or kind == frames.IS_NACK:
                self._fail_or_repeat(now_ms)

    def _ask_for_the_answer_again(self, now_ms: int) -> None:
        self.damaged = (self.damaged + 1) & 0xFFFF
        if self._nacks_left > 0:
            self._nacks_left -= 1
            self._reader.clear()
            self._link.write(frames.NACK)
            self._wait(ACK_TIMEOUT_MS, now_ms)

    def _miss(self, now_ms: int) -> None:
        """Nothing came in time."""
        is_overdue = (
            self._state == _AWAITING_ANSWER
            and ticks_diff(now_ms, self.sent_at_ms) >= self._answer_timeout_ms
        )
        if self._state == _AWAITING_ANSWER:
            self._link.write(frames.ACK)
        if is_overdue:
            self._finish(OVERDUE)
        else:
            self._fail_or_repeat(now_ms)

    def _fail_or_repeat(self, now_ms: int) -> None:
        if self._sends_left > 0:
            self._state = _BEFORE_REPEAT
            self._wait(ABORT_PAUSE_MS, now_ms)
        else:
            self._finish(FAILED)

    def _finish(self, end: int) -> None:
        self._state = _IDLE
        self._end = end
