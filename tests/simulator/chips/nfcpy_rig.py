"""nfcpy's own driver on a pseudo-terminal with the simulated chip behind it, in one process.

Nothing of nfcpy is changed. Only when it has written to the terminal, the chip takes these bytes and
does all its work before nfcpy goes on, on a clock that jumps over the chip's own waits. So no answer can be
late, however busy the machine is; the waits of nfcpy itself are real.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager

import nfc
import nfc.clf
import nfc.clf.pn532
import nfc.clf.transport

from simulator.chips.pn532_field import Card
from simulator.chips.pn532_terminal import Terminal

#: When to give up on a kernel that does not pass bytes on.
PATIENCE_S = 30.0


class NfcpyRig:
    """The chip, its terminal, and the clock of both."""

    def __init__(self) -> None:
        self._skipped_us = 0
        self.terminal = Terminal(self.clock_us)
        self.chip = self.terminal.chip

    def clock_us(self) -> int:
        return time.monotonic_ns() // 1000 + self._skipped_us

    def present(self, card: Card) -> None:
        self.chip.present(card, self.clock_us())

    def remove(self) -> None:
        self.chip.remove(self.clock_us())

    def serve(self, count: int) -> None:
        """Take so many bytes of the host, and let the chip do all that follows from them."""
        while count:
            ready, _, _ = select.select([self.terminal], [], [], PATIENCE_S)
            assert ready, f"{count} bytes did not arrive"
            count -= self.terminal.take_host_bytes()
        wait_s = self.terminal.wait_s()
        while wait_s is not None:
            self._skipped_us += round(wait_s * 1e6)
            self.terminal.work()
            wait_s = self.terminal.wait_s()

    def open(self) -> nfc.ContactlessFrontend:
        """As `nfc.ContactlessFrontend(path)` does; its own search looks at names in /dev only."""
        transport = ServedTTY(self)
        device = nfc.clf.pn532.init(transport)
        device._path = self.terminal.path
        frontend = nfc.ContactlessFrontend()
        frontend.device = device
        return frontend


class ServedTTY(nfc.clf.transport.TTY):  # type: ignore[misc]  # nfcpy has no types
    """nfcpy's transport; after each write the chip has its turn."""

    def __init__(self, rig: NfcpyRig) -> None:
        self._rig = rig
        super().__init__(rig.terminal.path)

    def write(self, frame: bytes) -> None:
        super().write(frame)
        self._rig.serve(len(frame))


@contextmanager
def nfcpy_rig() -> Iterator[NfcpyRig]:
    rig = NfcpyRig()
    try:
        yield rig
    finally:
        rig.terminal.close()


def sensed(frontend: nfc.ContactlessFrontend, *kinds: str) -> str | None:
    """The identifier of the FeliCa card that nfcpy senses, in hex digits."""
    target = frontend.sense(*[nfc.clf.RemoteTarget(kind) for kind in kinds])
    return None if target is None else target.sensf_res[1:9].hex().upper()
