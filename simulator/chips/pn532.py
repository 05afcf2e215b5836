"""A PN532 on its serial link, byte for byte and in its own time; without a thread, a clock, I/O.

Whoever holds it tells it what happens and when (microseconds): `receive`, `present`,
`remove`, `reset`, `die`, `revive`. After each of these `due_us` may have changed; at that
time `advance` is called and gives the bursts of bytes that the chip begins to send.

The times on the wire and on the air are computed. The time that the chip's own program takes
is not published; `ACK_US` and `PROGRAM_US` are assumptions, the same for all commands.
"""

import itertools
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from simulator.chips.pn532_commands import Commands, CommandSyntaxError, Outcome
from simulator.chips.pn532_field import Card, Field
from simulator.chips.pn532_frames import ACK, ERROR, FrameDecoder, HostFrame, encode

#: Assumed: from the end of a command to its acknowledgement, and from there to the answer.
ACK_US = 100
PROGRAM_US = 100
#: Assumed: the oscillator after the fifth rising edge; ten bytes 00 at 115200 must do.
WAKE_US = 300
WAKE_EDGES = 5
#: Assumed: after an abort the chip is deaf for so long (libnfc issue 167).
ABORT_US = 500
POWER_ON_BAUD = 115200
_BAUD_TOLERANCE_PERCENT = 3


class Burst(NamedTuple):
    """Bytes without gaps on a serial line, ten bits each."""

    start_us: int
    data: bytes
    baud: int

    def byte_end_us(self, index: int) -> int:
        """When byte `index` is over."""
        return self.start_us + -(-(index + 1) * 10_000_000 // self.baud)

    @property
    def end_us(self) -> int:
        return self.byte_end_us(len(self.data) - 1)


@dataclass
class _Run:
    """A command between its acknowledgement and its answer; `done_us` None: for ever."""

    code: int
    outcome: Outcome
    done_us: int | None


class Pn532Chip:
    """The chip with its antenna. Power is on, and it sleeps (low battery) until woken."""

    def __init__(self) -> None:
        self.field = Field()
        self.commands = Commands(self.field)
        self._decoder = FrameDecoder()
        self._inbox: deque[Burst] = deque()
        self._outbox: deque[Burst] = deque()
        self._is_dead = False
        #: Host bytes that came at another rate than the chip's, and commands carried out.
        self.garbled_bytes = 0
        self.commands_run = 0
        self._power_on()

    def _power_on(self) -> None:
        self.commands.power_on()
        self.baud = POWER_ON_BAUD
        self._decoder.reset()
        self._inbox.clear()
        self._outbox.clear()
        self._run: _Run | None = None
        self._last_answer = b""
        self._then = ""
        self._baud_pending: int | None = None
        self._edges = 0
        self._hears_from_us: int | None = None
        self._sent_until_us = 0

    # What happens to the chip.

    def receive(self, start_us: int, data: bytes, baud: int) -> None:
        """The host begins to send `data` at `start_us`. Bursts come in order, not overlapping."""
        if data and not self._is_dead:
            self._inbox.append(Burst(start_us, data, baud))

    def present(self, card: Card, at_us: int) -> None:
        """Put a card on the reader."""
        self.field.present(card, at_us)
        self._plan()

    def remove(self, at_us: int, card: Card | None = None) -> None:
        """Take a card, or all cards, from the reader."""
        self.field.remove(card, at_us)
        self._plan()

    def reset(self) -> None:
        """Power fails and comes back: every setting is lost, and what was to be sent."""
        self._power_on()

    def die(self) -> None:
        """Silent until `revive`."""
        self._is_dead = True
        self._power_on()

    def revive(self) -> None:
        """Powered again, as after `reset`."""
        self._is_dead = False
        self._power_on()

    def see_host_rate(self, baud: int) -> None:
        """The host changed its rate. Counts as the acknowledgement of a rate being changed.

        Only for a pseudo-terminal, where the acknowledgement can get lost on the way.
        """
        if self._baud_pending == baud:
            self._change_baud()

    # What the chip does.

    @property
    def due_us(self) -> int | None:
        """The earliest time at which `advance` has something to do."""
        due: int | None = self._outbox[0].start_us if self._outbox else None
        if self._inbox and (due is None or self._inbox[0].end_us < due):
            due = self._inbox[0].end_us
        done_us = self._run.done_us if self._run else None
        if done_us is not None and (due is None or done_us < due):
            due = done_us
        return due

    def advance(self, now_us: int) -> list[Burst]:
        """Everything up to `now_us`; the bursts that began to be sent."""
        sent: list[Burst] = []
        due_us = self.due_us
        while due_us is not None and due_us <= now_us:
            if self._outbox and self._outbox[0].start_us == due_us:
                burst = self._outbox.popleft()
                self._sent_until_us = burst.end_us
                sent.append(burst)
                self._follow_up(burst)
            elif self._inbox and self._inbox[0].end_us == due_us:
                self._hear(self._inbox.popleft())
            else:
                self._finish()
            due_us = self.due_us
        return sent

    def _hear(self, burst: Burst) -> None:
        is_garbled = abs(burst.baud - self.baud) * 100 > self.baud * _BAUD_TOLERANCE_PERCENT
        for index, byte in enumerate(burst.data):
            at_us = burst.byte_end_us(index)
            if self._hears_from_us is None:
                self._count_edges(byte, at_us)
            elif at_us < self._hears_from_us:
                continue
            elif is_garbled:
                self.garbled_bytes += 1
                self._decoder.reset()
            else:
                frame = self._decoder.take(byte)
                if frame is not None:
                    self._obey(frame, at_us)

    def _count_edges(self, byte: int, at_us: int) -> None:
        line = [0] + [byte >> bit & 1 for bit in range(8)] + [1]
        self._edges += sum(1 for a, b in itertools.pairwise(line) if a < b)
        if self._edges >= WAKE_EDGES:
            self._hears_from_us = at_us + WAKE_US
            self._decoder.reset()

    def _obey(self, frame: HostFrame, at_us: int) -> None:
        if frame.kind == "nack":
            if self._last_answer and self._run is None and not self._outbox:
                self._send(self._last_answer, at_us + ACK_US)
        elif frame.kind == "ack":
            if self._baud_pending is not None:
                self._change_baud()
            elif self._run is not None or self._outbox:
                self._stop()
                self._hears_from_us = at_us + ABORT_US
        else:
            self._stop()
            self._baud_pending = None
            self._begin(frame.contents, at_us)

    def _change_baud(self) -> None:
        if self._baud_pending is not None:
            self.baud = self._baud_pending
        self._baud_pending = None
        self._decoder.reset()

    def _stop(self) -> None:
        self._run = None
        self._then = ""
        self._outbox.clear()

    def _begin(self, contents: bytes, at_us: int) -> None:
        self.commands_run += 1
        acknowledged_us = self._send(ACK, at_us + ACK_US)
        if len(contents) < 2 or contents[0] != 0xD4:
            self._answer(ERROR, acknowledged_us + PROGRAM_US)
            return
        code = contents[1]
        try:
            outcome = self.commands.run(code, contents[2:], acknowledged_us)
        except CommandSyntaxError:
            self._answer(ERROR, acknowledged_us + PROGRAM_US)
            return
        done_us = acknowledged_us + PROGRAM_US + outcome.duration_us
        self._run = _Run(code, outcome, done_us)
        self._plan()

    def _plan(self) -> None:
        """Work out anew when the poll under way ends."""
        if self._run is not None and self._run.outcome.poll is not None:
            end = self.field.end_of(self._run.outcome.poll)
            self._run.done_us = None if end is None else end.at_us + PROGRAM_US

    def _finish(self) -> None:
        run = self._run
        if run is None or run.done_us is None:
            return
        self._run = None
        data = run.outcome.data
        if run.outcome.poll is not None:
            end = self.field.end_of(run.outcome.poll)
            assert end is not None, "a poll that is done has an end"
            data = self.commands.poll_answer(end)
        self._then = run.outcome.then
        self._answer(encode(bytes([0xD5, run.code + 1]) + data), run.done_us)

    def _answer(self, frame: bytes, at_us: int) -> None:
        self._last_answer = frame
        self._send(frame, at_us)

    def _send(self, frame: bytes, at_us: int) -> int:
        """Queue a frame; returns when its last byte is over."""
        if self._outbox:
            at_us = max(at_us, self._outbox[-1].end_us)
        burst = Burst(max(at_us, self._sent_until_us), frame, self.baud)
        self._outbox.append(burst)
        return burst.end_us

    def _follow_up(self, burst: Burst) -> None:
        if burst.data != self._last_answer or self._outbox:
            return
        if self._then == "baud":
            self._baud_pending = self.commands.baud_wanted
        elif self._then == "sleep":
            self._hears_from_us = None
            self._edges = 0
        self._then = ""
