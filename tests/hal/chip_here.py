"""The simulated PN532 with the small face that the reader's contract wants (`pn532_cards.Chip`)."""

from simulator.chips.felica import FelicaCard
from simulator.chips.iso14443b import Iso14443bCard
from simulator.chips.pn532 import Burst, Pn532Chip


class ChipHere:
    """In this process."""

    def __init__(self) -> None:
        self._chip = Pn532Chip()

    @property
    def due_us(self) -> int:
        due_us = self._chip.due_us
        return -1 if due_us is None else due_us

    @property
    def looks(self) -> int:
        return self._chip.commands_run

    def advance(self, now_us: int) -> list[tuple[int, bytes, int]]:
        return [(burst.end_us, burst.data, burst.baud) for burst in self._chip.advance(now_us)]

    def receive(self, now_us: int, data: bytes, baud: int) -> int:
        self._chip.receive(now_us, data, baud)
        return Burst(now_us, data, baud).end_us

    def put(self, now_us: int, ident: bytes) -> None:
        self._chip.remove(now_us)
        self._chip.present(FelicaCard(ident), now_us)

    def put_licence(self, now_us: int, pupi: bytes, changes: bool) -> None:
        self._chip.remove(now_us)
        self._chip.present(Iso14443bCard(pupi, changes), now_us)

    def take_away(self, now_us: int) -> None:
        self._chip.remove(now_us)

    def die(self) -> None:
        self._chip.die()

    def revive(self) -> None:
        self._chip.revive()
