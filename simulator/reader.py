"""The reader in the windscreen: the chip, the serial line to the box, and cards held to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from firmware.touch import AGAIN_MS
from simulator.chips.felica import FelicaCard
from simulator.chips.iso14443b import Iso14443bCard
from simulator.chips.pn532 import Burst, Pn532Chip
from simulator.chips.pn532_field import Card
from simulator.kernel import Event, Kernel
from simulator.world.timeline import Timeline

#: The box wakes when its receiver has heard nothing for so long.
RX_IDLE_US = 500
TAP_US = 800_000
#: TOUCH-1: a card is answered while it is here, and then is not heard for so long.
AGAIN_US = AGAIN_MS * 1000


class Reader:
    """A simulated PN532 on the kernel's clock."""

    def __init__(self, kernel: Kernel, timeline: Timeline) -> None:
        self._kernel = kernel
        self._note = timeline.note
        self.chip = Pn532Chip()
        self.on_received: Callable[[], None] = _nothing
        self._cards: dict[bytes, Card] = {}
        self._removed_us: dict[bytes, int] = {}
        self._arriving: deque[Burst] = deque()
        self._taken = 0
        self._next: Event | None = None
        self._idle: Event | None = None
        self._sends_until_us = 0
        self._is_broken = False
        self._is_powered = False
        self.chip.die()

    # Cards.

    def tap(self, idm: bytes, hold_us: int = TAP_US) -> None:
        """Hold a FeliCa card to the reader for a while."""
        self.present(idm)
        self._kernel.after(hold_us, lambda: self.remove(idm))

    def tap_licence(self, pupi: bytes, changes: bool, hold_us: int = TAP_US) -> None:
        """Hold a type B card to the reader for a while; `changes`: another PUPI each time."""
        self._cards.setdefault(pupi, Iso14443bCard(pupi, changes))
        self.tap(pupi, hold_us)

    def present(self, idm: bytes) -> None:
        """Put a card on the reader, until it is removed."""
        if idm not in self._cards:
            self._cards[idm] = FelicaCard(idm)
        card = self._cards[idm]
        self._note(f"card {idm.hex().upper()[-4:]} on the reader")
        if card not in self.chip.field.cards():
            self.chip.present(card, self._kernel.now_us)
        self._plan()

    def rests(self, idm: bytes) -> bool:
        """Whether another touch of this card may go unheard: it is here, or was until just now."""
        away_us = self._kernel.now_us - self._removed_us.get(idm, -AGAIN_US)
        return away_us < AGAIN_US or self._cards.get(idm) in self.chip.field.cards()

    def clear(self) -> None:
        """Take away whatever lies there."""
        for idm in list(self._cards):
            self.remove(idm)

    def remove(self, idm: bytes) -> None:
        """Take the card away."""
        card = self._cards.get(idm)
        if card is not None and card in self.chip.field.cards():
            self._note(f"card {idm.hex().upper()[-4:]} away")
            self.chip.remove(self._kernel.now_us, card)
            self._removed_us[idm] = self._kernel.now_us
            self._plan()

    # Power and faults.

    def set_power(self, is_on: bool) -> None:
        self._is_powered = is_on
        self._switch()

    @property
    def is_broken(self) -> bool:
        return self._is_broken

    def set_broken(self, is_broken: bool) -> None:
        """Dead, it is silent whatever happens."""
        if is_broken != self._is_broken:
            self._is_broken = is_broken
            self._note("reader dead" if is_broken else "reader alive")
            self._switch()

    def _switch(self) -> None:
        if self._is_powered and not self._is_broken:
            self.chip.revive()
        else:
            self.chip.die()
            self._arriving.clear()
            self._taken = 0
            self._sends_until_us = 0
        self._plan()

    # The serial line.

    def hear(self, data: bytes, baud: int) -> None:
        """The box sends, from now on, after what it is still sending."""
        start_us = max(self._kernel.now_us, self._sends_until_us)
        self._sends_until_us = Burst(start_us, data, baud).end_us
        self.chip.receive(start_us, data, baud)
        self._plan()

    def take_received(self) -> tuple[int, bytes]:
        """(baud rate, bytes) that have reached the box since the last call, of one rate."""
        baud = 0
        data = b""
        now_us = self._kernel.now_us
        while self._arriving:
            burst = self._arriving[0]
            if baud not in (0, burst.baud):
                break
            end = len(burst.data)
            if burst.end_us > now_us:
                end = self._taken
                while burst.byte_end_us(end) <= now_us:
                    end += 1
            if end > self._taken:
                baud = burst.baud
                data += burst.data[self._taken : end]
            if end < len(burst.data):
                self._taken = end
                break
            self._arriving.popleft()
            self._taken = 0
        return baud, data

    def _plan(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None
        due_us = self.chip.due_us
        if due_us is not None:
            self._next = self._kernel.at(due_us, self._advance)

    def _advance(self) -> None:
        for burst in self.chip.advance(self._kernel.now_us):
            self._arriving.append(burst)
            if self._idle is not None:
                self._idle.cancel()
            self._idle = self._kernel.at(burst.end_us + RX_IDLE_US, self._fall_idle)
        self._plan()

    def _fall_idle(self) -> None:
        self._idle = None
        self.on_received()


def _nothing() -> None:
    pass
