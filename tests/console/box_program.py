"""A whole box whose console is one end of a pseudo-terminal. Runs on both interpreters.

    python|micropython -m tests.console.box_program FD

FD: the master's end, inherited and non-blocking. The real loop over ports in memory, on the real
clock, from `tests.portable.firmware.loop_rig`; commands for its world come as lines on standard input:

    input I V          the car's input I reads V (0 no, 1 yes, 2 cannot tell)
    reader 0|1         the card reader is silent, or answers
    tap HEX            a card is put to it
    book ID DRIVER FROM_S LENGTH_S       the centre's next change: a booking, so many seconds from now
    card HEX DRIVER    the centre's next change: a card
    staff HEX NUMBER   the centre's next change: a staff card
    battery MV         what the battery reads
    antenna A          0 cannot tell, 1 ok, 2 open, 3 short
    trusted 0|1        whether the clock is trusted
    centre 0|1         the centre can be reached
    air N              there is no Wi-Fi, for TROUBLE_* N of `network_codes`; 0: it is there again
    wait MS            the world's clock goes on by so much at once
    quit

Each is answered by a line `ok` on standard output; the first line is `ready`, `restart REASON` tells
that a command of the console asked for one, which is then done.
"""

import binascii
import gc
import select
import struct
import sys
import time

from firmware.console_door import ConsoleBox, ConsoleDoor
from firmware.ticks import ticks_add, ticks_diff
from firmware.version import VERSION
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.records import BOOKING, CARD
from tests.portable.firmware.loop_rig import Box, Still

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RECEIVE_BYTES = 256
WAIT_MS_MAX = 200
_CARDS = {"card": codes.OP_PUT_CARD, "staff": codes.OP_PUT_STAFF}
_ERROR_BITS = select.POLLHUP | select.POLLERR

clock: "Any" = time


def ticks_ms() -> int:
    if hasattr(clock, "ticks_ms"):
        return int(clock.ticks_ms()) & 0x3FFFFFFF
    return int(clock.monotonic() * 1000) & 0x3FFFFFFF


class PtyLink:
    """A `ByteLink` on the master of a pseudo-terminal; `is_there` while somebody has the other end."""

    def __init__(self, fd: int) -> None:
        self._file: Any = open(fd, "r+b", buffering=0)  # noqa: SIM115 - until the program ends
        self._fd = fd
        self._poll: Any = select.poll()
        self._poll.register(fd if ON_CPYTHON else self._file, select.POLLIN)
        self._buffer = bytearray(RECEIVE_BYTES)
        self._begin = 0
        self._end = 0

    @property
    def is_there(self) -> bool:
        """Hanging up is told when the last one has closed it, and not before the first one came."""
        for _, event in self._poll.poll(0):
            if event & _ERROR_BITS and not event & select.POLLIN:
                self._begin = self._end = 0
                return False
        return True

    def any(self) -> int:
        if self._begin == self._end:
            self._begin, self._end = 0, 0
            for _, event in self._poll.poll(0):
                if event & select.POLLIN:
                    try:
                        self._end = self._file.readinto(self._buffer) or 0
                    except OSError:
                        self._end = 0
        return self._end - self._begin

    def readinto(self, buffer: bytearray) -> int:
        count = min(len(buffer), self.any())
        buffer[:count] = self._buffer[self._begin : self._begin + count]
        self._begin += count
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        try:
            return self._file.write(data) or 0
        except OSError:
            return 0

    def set_baud(self, rate: int) -> None:
        """A pseudo-terminal has none."""


ON_CPYTHON = sys.implementation.name == "cpython"


class Gauge(Still):
    """Battery and position that read what they were told."""

    def __init__(self) -> None:
        self.mv = 12600

    def read_mv(self) -> int:
        return self.mv


class Air:
    """What a board's `Network` says of itself."""

    is_reachable = True
    trouble = 0
    detail = ""


class World:
    """The box, the clock and what standard input asks for."""

    def __init__(self, fd: int) -> None:
        self.link = PtyLink(fd)
        self.box = Box()
        self.gauge = Gauge()
        self.box.battery = self.box.position = self.gauge
        self.box.centre.online = True
        self.air = Air()
        self.box.network = self.air  # type: ignore[attr-defined]
        self.real_ms = ticks_ms()
        self.part_ms = 0
        self.wants_restart = ""
        self.fit_door()

    def fit_door(self) -> None:
        inside = ConsoleBox(self.box.loop, VERSION, self.restart)
        self.door = ConsoleDoor(self.link, inside)

    def restart(self, reason: str) -> None:
        self.wants_restart = reason

    def advance(self, by_ms: int) -> None:
        box = self.box
        box.now_ms = ticks_add(box.now_ms, by_ms)
        self.part_ms += by_ms
        box.wall_s += self.part_ms // 1000
        self.part_ms %= 1000

    def turn(self) -> int:
        """One turn; how long to wait for the next."""
        real_ms = ticks_ms()
        self.advance(ticks_diff(real_ms, self.real_ms))
        self.real_ms = real_ms
        box = self.box
        box.clock.set(box.now_ms, box.wall_s, box.trusted)
        due_ms = self.door.follow(box.loop.turn())
        box.centre.take()  # what the car says to the centre
        if self.wants_restart:
            say("restart " + self.wants_restart)
            self.wants_restart = ""
            box.restart()
            self.fit_door()
            return 0
        return max(0, min(WAIT_MS_MAX, ticks_diff(due_ms, box.now_ms)))

    def obey(self, words: "list[str]") -> bool:
        """A command of standard input; False: quit."""
        box, verb = self.box, words[0]
        if verb == "input":
            box.inputs[int(words[1])].value = int(words[2])
        elif verb == "reader":
            box.reader.is_healthy = words[1] == "1"
        elif verb == "tap":
            box.reader.card = binascii.unhexlify(words[1])
        elif verb == "book":
            self.book(*[int(word) for word in words[1:5]])
        elif verb in _CARDS:
            record = struct.pack(CARD, binascii.unhexlify(words[1]), int(words[2]))
            box.put_delta([(_CARDS[verb], record)])
        elif verb == "battery":
            self.gauge.mv = int(words[1])
        elif verb == "antenna":
            self.gauge.antenna = int(words[1])
        elif verb == "trusted":
            box.trusted = words[1] == "1"
        elif verb == "centre":
            box.centre.online = words[1] == "1"
        elif verb == "air":
            self.air.trouble = int(words[1])
            self.air.is_reachable = not self.air.trouble
        elif verb == "wait":
            self.advance(int(words[1]))
        else:
            return False
        return True

    def book(self, number: int, driver: int, from_s: int, length_s: int) -> None:
        begins = EPOCH_2020_S + self.box.wall_s + from_s
        record = struct.pack(BOOKING, number, driver, begins, begins + length_s)
        self.box.put_delta([(codes.OP_PUT_BOOKING, record)])


def say(line: str) -> None:
    out: Any = sys.stdout.buffer
    out.write(line.encode() + b"\n")
    if ON_CPYTHON:
        out.flush()


def main(words: "list[str]") -> None:
    fd = int(words[-1])
    world = World(fd)
    asked: Any = select.poll()
    asked.register(sys.stdin, select.POLLIN)
    asked.register(fd if ON_CPYTHON else world.link._file, select.POLLIN)
    gc.collect()
    say("ready")
    wait_ms = 0
    while True:
        for one, event in asked.poll(wait_ms):
            if event & _ERROR_BITS and not event & select.POLLIN and wait_ms:
                clock.sleep(0.01)  # nobody has the other end; do not spin
            if one is sys.stdin or one == 0:
                line = sys.stdin.readline()
                if not line or not world.obey(line.split()):
                    return
                wait_ms = world.turn()
                say("ok")
        wait_ms = world.turn()


if __name__ == "__main__":
    main(sys.argv)
