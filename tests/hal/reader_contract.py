"""The reader's contract in a process of its own; the chip is in the test's (`test_reader_contract.py`).

micropython tests/hal/reader_contract.py felica|licences
"""

import sys

from tests.hal.by_pipe import ask
from tests.portable.hal.contracts import card_reader
from tests.portable.hal.pn532_cards import Pn532Cards

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ChipByPipe:
    """`pn532_cards.Chip`; `due_us` and `looks` are those after the last call."""

    def __init__(self) -> None:
        self.due_us, self.looks = ask("begin")

    def _do(self, name: str, *words: object) -> "Any":
        found, self.due_us, self.looks = ask("do", name.encode(), *words)
        return found

    def advance(self, now_us: int) -> "list[tuple[int, bytes, int]]":
        if 0 <= self.due_us <= now_us:
            return [tuple(one) for one in self._do("advance", now_us)]
        return []

    def receive(self, now_us: int, data: bytes, baud: int) -> int:
        return int(self._do("receive", now_us, data, baud))

    def put(self, now_us: int, ident: bytes) -> None:
        self._do("put", now_us, ident)

    def put_licence(self, now_us: int, pupi: bytes, changes: bool) -> None:
        self._do("put_licence", now_us, pupi, changes)

    def take_away(self, now_us: int) -> None:
        self._do("take_away", now_us)

    def die(self) -> None:
        self._do("die")

    def revive(self) -> None:
        self._do("revive")


def main(words: "list[str]") -> None:
    licences = words[1] == "licences"

    def make() -> "tuple[Any, Pn532Cards]":
        cards = Pn532Cards(ChipByPipe(), licences)
        return cards.reader, cards

    more = card_reader.LICENCES if licences else ()
    for check in card_reader.ALL + card_reader.TIMED + card_reader.PACED + more:
        check(make)
        ask("passed", check.__name__.encode())


if __name__ == "__main__":
    main(sys.argv)
