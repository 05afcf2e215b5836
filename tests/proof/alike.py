"""Whether a state goes on like the one that it is merged into (`normal.merge`), happening by happening."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from firmware.wire import codes
from tests.proof import normal
from tests.proof.car import Node
from tests.proof.explore import Exploration
from tests.proof.happenings import Happening
from tests.proof.trouble import STORIES

#: Places in `Car.key` and in its values: doors and starter as they read may differ where they decide
#: nothing, and may change again in any later state.
_VALUES = 3
_READ_BACKS = (codes.IN_LOCKED, codes.IN_BLOCKED)

Outcome = tuple[tuple[Any, ...], tuple[str, ...], tuple[Any, ...]]


class Difference(NamedTuple):
    """After `way` the car differs from what it is taken for, and `happening` shows it."""

    way: list[str]
    happening: str
    apart: Outcome
    merged: Outcome


class Comparison:
    """States around the stories: of every kind of change that merging makes, the first found.

    Every `every`th happening is followed to see where it leads.
    """

    def __init__(self, profile: str, states: int, every: int) -> None:
        self.exploration = Exploration(profile)
        self.exploration.run(states, STORIES)
        self.every = every
        self.checked = 0
        self._seen: set[Any] = set()

    def differences(self, checked_max: int) -> Iterator[Difference]:
        """Until so many were looked at."""
        exploration, car, n = self.exploration, self.exploration.car, 0
        for at in range(exploration.explored, len(exploration.core_of)):
            for event in exploration.events:
                n += 1
                if n % self.every or self.checked == checked_max:
                    continue
                exploration.load(at)
                if event.can(car):
                    event.do(car)
                    yield from self._compare([*exploration.way(at), event.name])

    def _compare(self, way: list[str]) -> Iterator[Difference]:
        car = self.exploration.car
        car.found.clear()
        normal.settle(car)
        normal.seal(car)
        apart, key = car.save(), car.key()
        normal.normalise(car)
        merged, merged_key = car.save(), car.key()
        kind = (
            car.rental.state,
            car.pending,
            tuple(one == other for one, other in zip(key[0], merged_key[0], strict=True)),
            tuple(one == other for one, other in zip(key[1:], merged_key[1:], strict=True)),
        )
        if key == merged_key or kind in self._seen:
            return
        self._seen.add(kind)
        self.checked += 1
        for event in self.exploration.events:
            one, other = self._outcome(apart, event), self._outcome(merged, event)
            if one is None or other is None:
                # An input that reads so already: then nothing may come of it.
                here = (), (), merged_key
                one, other = (((), *found[1:]) if found else here for found in (one, other))
            if _plain(one) != _plain(other):
                yield Difference(way, event.name, one, other)

    def _outcome(self, node: Node, event: Happening) -> Outcome | None:
        car = self.exploration.car
        car.load(node)
        if not event.can(car):
            return None
        car.trace = []
        event.do(car)
        trace, car.trace = tuple(car.trace), None
        found = tuple(sorted({watcher for watcher, _ in car.found}))
        car.found.clear()
        car.normalise()
        return trace, found, car.key()


def _plain(outcome: Outcome) -> Outcome:
    trace, found, key = outcome
    values = bytearray(key[_VALUES])
    for index in _READ_BACKS:
        values[index] = 0
    return trace, found, (*key[:_VALUES], bytes(values), *key[_VALUES + 1 :])
