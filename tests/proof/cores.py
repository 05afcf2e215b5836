"""States without their memory (`memory`), and what was found to come of each happening in them.

An outcome is one number: the core that follows, its memory, and which fields of the memory are
copied from the state before.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from tests.proof import memory
from tests.proof.car import Car, Node
from tests.proof.happenings import Happening

#: Not known yet; it cannot happen here, or the program broke.
UNTRIED = -1
NOTHING = -2
#: Places of the outcome's parts: memory, fields that are copied; the core comes before.
_MEMORY_BITS = 7
_COPIED_BITS = 7
_MEMORY_MASK = (1 << _MEMORY_BITS) - 1


def pack_outcome(core: int, found: int, copied: int) -> int:
    return (core << _MEMORY_BITS | found & ~copied) << _COPIED_BITS | copied


def target_of(outcome: int, here: int) -> int:
    """Core and memory of the state that it means where the memory is `here`, as one number."""
    return outcome >> _COPIED_BITS | outcome & _MEMORY_MASK & here


class Cores:
    """Numbered as they are reached; each with a node to come back to."""

    def __init__(self, events: Sequence[Happening], tried: list[int]) -> None:
        self.nodes: list[Node] = []
        self.states: list[str] = []  # of the rental
        self.used = bytearray()  # fields of the memory
        #: A row a core: of each happening a place for each memory that it may see.
        self.outcomes: list[array[int]] = []
        self.is_reset = [memory.is_reset(event) for event in events]
        self._numbers: dict[Any, int] = {}
        self._reads = memory.reads(events)
        self._shifts = [_lowest_bit(fields) for fields in self._reads]
        self._first = [0] * len(events)
        places = 0
        for number in tried:
            self._first[number] = places
            places += (self._reads[number] >> self._shifts[number]) + 1
        self._untried = array("q", [UNTRIED]) * places

    def number(self, car: Car, used: int) -> int:
        """Of the core that the car stands in; its memory was taken out."""
        key = car.key()
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.nodes)
            self.nodes.append(car.save())
            self.states.append(car.rental.state)
            self.used.append(used)
            self.outcomes.append(self._untried[:])
        elif self.used[found] != used:
            raise ValueError(f"memory of {self.used[found]} and of {used} in one core")
        return found

    def slot(self, number: int, here: int) -> int:
        """Where the outcome of a happening stands, given the memory."""
        return self._first[number] + ((here & self._reads[number]) >> self._shifts[number])

    def kept_by(self, number: int, core: int) -> int:
        """The fields in use that this happening neither looks at nor writes."""
        forgotten = memory.DOOR | memory.KEY if self.is_reset[number] else 0
        return self.used[core] & ~(self._reads[number] | forgotten)


def _lowest_bit(fields: int) -> int:
    return (fields & -fields).bit_length() - 1 if fields else 0
