"""Our driver keeps the reader's contract against the simulated PN532, on both interpreters."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.hal.chip_here import ChipHere
from tests.hal.pipe_process import run_micropython
from tests.portable.hal.contracts import card_reader
from tests.portable.hal.pn532_cards import Pn532Cards

FELICA = card_reader.ALL + card_reader.TIMED + card_reader.PACED
EVERYTHING = FELICA + card_reader.LICENCES
KINDS = [("felica", FELICA), ("licences", EVERYTHING)]


@pytest.mark.parametrize(
    ("kind", "check"), [(kind, check) for kind, checks in KINDS for check in checks]
)
def test_on_cpython(kind: str, check: Callable[[Any], None]) -> None:
    def make() -> tuple[Any, Pn532Cards]:
        cards = Pn532Cards(ChipHere(), kind == "licences")
        return cards.reader, cards

    check(make)


class Chips:
    """What the process asks for (`reader_contract.py`)."""

    def __init__(self) -> None:
        self.passes: list[str] = []
        self._chip = ChipHere()

    def begin(self) -> list[int]:
        self._chip = ChipHere()
        return [self._chip.due_us, self._chip.looks]

    def do(self, name: bytes, *words: object) -> list[object]:
        done = getattr(self._chip, name.decode())(*words)
        return [done, self._chip.due_us, self._chip.looks]

    def passed(self, name: bytes) -> None:
        self.passes.append(name.decode())


@pytest.mark.micropython
@pytest.mark.parametrize(("kind", "checks"), KINDS)
def test_on_micropython(kind: str, checks: tuple[Callable[[Any], None], ...]) -> None:
    chips = Chips()
    run_micropython("tests/hal/reader_contract.py", chips, kind)
    assert chips.passes == [check.__name__ for check in checks]
