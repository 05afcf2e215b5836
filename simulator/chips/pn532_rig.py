"""The reader's driver and the simulated chip on one virtual clock, with a noisy line between.

For tests and measurements of the reader alone; a whole car runs on the simulator's kernel.
"""

from firmware.ticks import ticks_add, ticks_diff
from hal.fake.byte_link import FakeByteLink
from hal.pn532 import Pn532
from hal.pn532_licences import LicencePn532
from simulator.chips.pn532 import Burst, Pn532Chip

#: The driver's clock begins shortly before it wraps.
CLOCK_START_MS = 2**30 - 5000


class Pn532Rig:
    """Runs events in the order of their time; `reports` are the driver's (time, IDm)."""

    def __init__(
        self,
        system_code: int = 0xFFFF,
        with_424: bool = False,
        seed: int = 1,
        turn_us: int = 0,
        licences: bool = False,
    ) -> None:
        self.now_us = 0
        #: How late the board calls the driver after bytes have come in.
        self.turn_us = turn_us
        self.chip = Pn532Chip()
        self.link = FakeByteLink(seed)
        self.driver = (
            LicencePn532(self.link, CLOCK_START_MS, system_code)
            if licences
            else Pn532(self.link, CLOCK_START_MS, system_code, with_424)
        )
        self.reports: list[tuple[int, bytes]] = []
        self.turns = 0
        self._arrivals: list[Burst] = []
        self._host_sends_until_us = 0

    def now_ms(self) -> int:
        return ticks_add(CLOCK_START_MS, self.now_us // 1000)

    def is_healthy(self) -> bool:
        return self.driver.is_healthy

    def run(self, duration_ms: int) -> None:
        """Let `duration_ms` of virtual time pass."""
        end_us = self.now_us + duration_ms * 1000
        while True:
            next_us = self._next_event_us()
            if next_us > end_us:
                break
            self.now_us = max(self.now_us, next_us)
            self._do_events()
        self.now_us = end_us

    def _driver_due_us(self) -> int:
        wait_ms = ticks_diff(self.driver.next_due_at_ms, self.now_ms())
        return self.now_us if wait_ms <= 0 else (self.now_us // 1000 + wait_ms) * 1000

    def _next_event_us(self) -> int:
        next_us = self._driver_due_us()
        if self._arrivals:
            next_us = min(next_us, self._arrivals[0].end_us + self.turn_us)
        if self.chip.due_us is not None:
            next_us = min(next_us, self.chip.due_us)
        return next_us

    def _do_events(self) -> None:
        self._arrivals += self.chip.advance(self.now_us)
        has_bytes = False
        while self._arrivals and self._arrivals[0].end_us + self.turn_us <= self.now_us:
            burst = self._arrivals.pop(0)
            self.link.put(burst.data, burst.baud)
            has_bytes = True
        if has_bytes or self._driver_due_us() <= self.now_us:
            self.turns += 1
            found = self.driver.poll(self.now_ms())
            if found is not None:
                self.reports.append((self.now_us, found))
            for baud, data in self.link.take():
                start_us = max(self.now_us, self._host_sends_until_us)
                self.chip.receive(start_us, data, baud)
                self._host_sends_until_us = Burst(start_us, data, baud).end_us
