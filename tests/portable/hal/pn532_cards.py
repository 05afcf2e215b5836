"""Our driver of the PN532 and a chip on one virtual clock, as the reader's contract wants them."""

from firmware.ticks import ticks_add, ticks_diff
from hal.fake.byte_link import FakeByteLink
from hal.pn532 import Pn532
from hal.pn532_licences import LicencePn532

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Chip(Protocol):
        """The simulated one, wherever it runs. Times are in microseconds."""

        @property
        def due_us(self) -> int:
            """When `advance` has something to do; -1: nothing."""

        @property
        def looks(self) -> int:
            """Commands carried out."""

        def advance(self, now_us: int) -> list[tuple[int, bytes, int]]:
            """What it sends: (end of the last byte, bytes, baud rate)."""

        def receive(self, now_us: int, data: bytes, baud: int) -> int:
            """The host sends; the end of its last byte."""

        def put(self, now_us: int, ident: bytes) -> None: ...
        def put_licence(self, now_us: int, pupi: bytes, changes: bool) -> None: ...
        def take_away(self, now_us: int) -> None: ...
        def die(self) -> None: ...
        def revive(self) -> None: ...


#: The driver's clock wraps within the check.
_START_MS = 2**30 - 1500


class Pn532Cards:
    """The board polls when bytes have come in and when the driver is due."""

    def __init__(self, chip: "Chip", licences: bool) -> None:
        self._chip = chip
        self._link = FakeByteLink()
        self._now_us = 0
        self._arrivals: "list[tuple[int, bytes, int]]" = []
        self._sends_until_us = 0
        self.reader = (LicencePn532 if licences else Pn532)(self._link, _START_MS)
        self.reader.set_eager(True)

    @property
    def looks(self) -> int:
        return self._chip.looks

    def now_ms(self) -> int:
        return ticks_add(_START_MS, self._now_us // 1000)

    def turn(self) -> "bytes | None":
        while True:
            next_us = self._driver_due_us()
            if self._arrivals:
                next_us = min(next_us, self._arrivals[0][0])
            if self._chip.due_us >= 0:
                next_us = min(next_us, self._chip.due_us)
            self._now_us = max(self._now_us, next_us)
            self._arrivals += self._chip.advance(self._now_us)
            has_bytes = False
            while self._arrivals and self._arrivals[0][0] <= self._now_us:
                _, data, baud = self._arrivals.pop(0)
                self._link.put(data, baud)
                has_bytes = True
            if has_bytes or self._driver_due_us() <= self._now_us:
                return self._poll()

    def put(self, ident: bytes) -> None:
        self._chip.put(self._now_us, ident)

    def put_licence(self, pupi: bytes, changes: bool) -> None:
        self._chip.put_licence(self._now_us, pupi, changes)

    def take_away(self) -> None:
        self._chip.take_away(self._now_us)

    def fail(self) -> None:
        self._chip.die()

    def mend(self) -> None:
        self._chip.revive()

    def _driver_due_us(self) -> int:
        wait_ms = ticks_diff(self.reader.next_due_at_ms, self.now_ms())
        return self._now_us if wait_ms <= 0 else (self._now_us // 1000 + wait_ms) * 1000

    def _poll(self) -> "bytes | None":
        found = self.reader.poll(self.now_ms())
        for baud, data in self._link.take():
            begin_us = max(self._now_us, self._sends_until_us)
            self._sends_until_us = self._chip.receive(begin_us, data, baud)
        return found
