"""The simulated PN532 on a pseudo-terminal, in a thread, in real time; and how tests wait for it."""

import os
import select
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from hal.linux.clock import LinuxClock
from hal.linux.reader_nfcpy import NfcpyReader
from simulator.chips.felica import FelicaCard
from simulator.chips.pn532_terminal import Terminal

#: Nothing that a test waits for takes this long; waiting ends when it comes.
WITHIN_S = 40


def clock_us() -> int:
    return time.monotonic_ns() // 1000


class ChipThread:
    """`do` runs something with the chip, in its thread."""

    def __init__(self) -> None:
        self.terminal = Terminal(clock_us)
        self.path = self.terminal.path
        self._orders: list[Callable[[], None]] = []
        self._order_out, self._order_in = os.pipe()
        self._is_over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.pull_out()
        os.close(self._order_in)
        os.close(self._order_out)

    def do(self, order: Callable[[], None]) -> None:
        done = threading.Event()

        def run() -> None:
            order()
            done.set()

        self._orders.append(run)
        os.write(self._order_in, b"!")
        assert done.wait(WITHIN_S)

    def present(self, ident: bytes) -> None:
        """In place of the one that is there."""
        chip = self.terminal.chip

        def exchange() -> None:
            chip.remove(clock_us())
            chip.present(FelicaCard(ident), clock_us())

        self.do(exchange)

    def remove(self) -> None:
        self.do(lambda: self.terminal.chip.remove(clock_us()))

    def rate(self) -> int:
        return self.terminal.chip.baud

    def pull_out(self) -> None:
        """The adapter: both ends of the line go."""
        if self._is_over:
            return
        self._is_over = True
        os.write(self._order_in, b"!")
        self._thread.join(WITHIN_S)
        self.terminal.close()

    def _serve(self) -> None:
        while not self._is_over:
            line = self.terminal.fileno()
            ready, _, _ = select.select([line, self._order_out], [], [], self.terminal.wait_s())
            if self._order_out in ready:
                os.read(self._order_out, 1)
                if self._orders:
                    self._orders.pop(0)()
            if line in ready:
                self.terminal.take_host_bytes()
            self.terminal.work()


class Watching:
    """Polls a reader as a board does: when its process has said something, or when it is due."""

    def __init__(self, words: list[str]) -> None:
        self.clock = LinuxClock()
        self.reader = NfcpyReader(words, self.clock.now_ms())
        self.reader.set_eager(True)
        self.found: list[bytes] = []

    def until(self, is_done: Callable[[], bool]) -> None:
        until_s = time.monotonic() + WITHIN_S
        while not is_done():
            assert time.monotonic() < until_s, "it does not come"
            reader = self.reader
            sources = [reader.fileno()] if reader.fileno() >= 0 else []
            select.select(sources, [], [], 0.05)
            ident = reader.poll(self.clock.now_ms())
            if ident is not None:
                self.found.append(ident)

    def until_found(self, ident: bytes) -> None:
        self.found.clear()
        self.until(lambda: ident in self.found)
        assert set(self.found) == {ident}
