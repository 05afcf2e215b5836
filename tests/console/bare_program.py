"""A box from the factory on one end of a pseudo-terminal: bare, then in service, and bare again.

    python|micropython -m tests.console.bare_program FD FOLDER

Both interpreters. Car and reader are in memory, clock and network are real: with the `box.json` that
comes over the cable it says HELLO to a daemon on this machine. Its flash outlives its restarts, not
the process. Says `ready` first, and `restart REASON` on standard output when it starts anew.
"""

import os
import select
import sys
import time

from boards import bare
from boards.bare_file import lay_bare
from boards.box import run
from boards.box_config import ConfigError, load_file
from boards.box_ports import BoxPorts
from boards.own_settings import CENTRE, OwnSettings
from firmware.ticks import ticks_diff
from firmware.wire.codes import INPUTS, OUTS, PULSES
from firmware.wire.journal_format import EPOCH_2020_S
from hal.fake.analog import FakeAnalogIn, FakePosition, FakePulseCounter
from hal.fake.card_reader import FakeCardReader
from hal.fake.clock import FakeClock
from hal.fake.digital import FakeDigitalIn, FakeDigitalOut, OutputLog
from hal.fake.flash import Flash
from hal.fake.watchdog import FakeWatchdog
from hal.socket_network import SocketNetwork
from hal.socket_trust import Trust
from tests.console.box_program import ON_CPYTHON, PtyLink, say, ticks_ms
from tests.portable.boards.box_rig import AT_REST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from boards.box_config import BoxConfig
    from hal.api import CardReader

VERSION = "0.1.0"
BOARD = "pi"
WAIT_MS_MAX = 50
#: Entropy of the link whose first wait is the shortest of many: 13 ms (`firmware.backoff`).
_SOON = bytes((0, 0, 0x06, 0x6F))


class HealthyPorts(BoxPorts):
    """With a reader that answers, in place of a PN532 on a line."""

    def make_reader(self, reads_licences: bool, now_ms: int) -> "CardReader":
        return FakeCardReader(self.clock)


class PtyBoard:
    """A `Board` between a cable and a folder."""

    file = "tests/console/bare_program.py"
    has_prompt = False

    def __init__(self, fd: int, folder: str) -> None:
        self.folder = folder
        self.link = PtyLink(fd)
        self.clock = FakeClock()
        self.flashes = (Flash(16), Flash(16, seed=2))
        self.log = OutputLog(self.clock)
        self._poll: Any = select.poll()
        self._poll.register(fd if ON_CPYTHON else self.link._file, select.POLLIN)

    def set_clock(self) -> None:
        self.clock.set(ticks_ms(), int(time.time()) - EPOCH_2020_S, True)

    def own_settings(self) -> OwnSettings:
        return OwnSettings(self.folder + "box.json", lambda _: None, CENTRE)

    def build(self, config: "BoxConfig") -> BoxPorts:
        ports = HealthyPorts()
        ports.clock = self.clock
        values = bytearray(AT_REST)
        ports.inputs = tuple([FakeDigitalIn(values, i) for i in range(INPUTS)])
        ports.levels = tuple([FakeDigitalOut(i, self.log) for i in range(OUTS)])
        ports.pulses = tuple([FakeDigitalOut(OUTS + i, self.log) for i in range(PULSES)])
        ports.pulse_ms = (400, 400, 200, 200)
        ports.battery = FakeAnalogIn(12600)
        ports.position = FakePosition()
        ports.odometer = FakePulseCounter()
        ports.network = SocketNetwork(self._trust_of(config))
        ports.journal_storage, ports.cache_storage = self.flashes
        ports.watchdog = FakeWatchdog()
        ports.console = self.link
        return ports

    def _trust_of(self, config: "BoxConfig") -> "Trust | None":
        if not config.tls:
            return None
        with open(self.folder + config.ca, "rb") as file:
            return Trust(file.read(), config.server_name)

    def entropy(self) -> bytes:
        return os.urandom(12) + _SOON

    def wait(self, due_ms: int) -> None:
        self.pause(ticks_diff(due_ms, ticks_ms()))
        self.set_clock()
        self.log.clear()

    def pause(self, wait_ms: int) -> None:
        for _, event in self._poll.poll(max(0, min(wait_ms, WAIT_MS_MAX))):
            if not event & select.POLLIN:
                time.sleep(0.01)  # nobody has the other end; do not spin

    def make_safe(self) -> None:
        pass

    def keep_reason(self, error: Exception) -> None:
        say("failed " + str(error))

    def reset(self) -> None:
        raise RuntimeError

    def restart(self, reason: str) -> None:
        say("restart " + reason)
        if reason == "bare":
            lay_bare(self.folder)


def main(words: "list[str]") -> None:
    board = PtyBoard(int(words[-2]), words[-1])
    say("ready")
    while True:
        try:
            config = load_file(board.folder)
        except ConfigError as error:
            bare.run(board.link, board.folder, BOARD, VERSION, str(error), board.pause)
            say("restart provisioned")
            continue
        board.set_clock()
        run(board, config)


if __name__ == "__main__":
    main(sys.argv)
