"""All states that the car can reach, breadth first, with every watcher on every step."""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Callable
from typing import Any

from tests.proof import trouble
from tests.proof.car import Car, Node
from tests.proof.watchers import WATCHERS

#: Different complaints are kept up to so many; each with the shortest way to it.
COMPLAINTS_MAX = 200
PAUSE_STATES = 2000


Stories = tuple[tuple[str, ...], ...]


class Complaint:
    """What a watcher said, how often, and the shortest sequence of happenings that leads there."""

    def __init__(self, watcher: str, words: str, way: list[str], states: int) -> None:
        self.watcher = watcher
        self.words = words
        self.way = way
        self.states = states  # explored before it was found
        self.count = 1


class Exploration:
    """One profile. `level` 1 has fewer happenings; `depth_max` bounds the length of a sequence."""

    def __init__(
        self,
        profile: str,
        level: int = 2,
        depth_max: int = 0,
        terms: dict[str, Any] | None = None,
    ) -> None:
        self.car = Car(profile, WATCHERS, terms or {})
        self.profile = profile
        self.events = trouble.ALL
        self.tried = [n for n, event in enumerate(self.events) if event.level <= level]
        self.depth_max = depth_max
        #: Stop when one of these watchers says something that is not known.
        self.stop_for: set[str] = set()
        self.known: frozenset[tuple[str, str]] = frozenset()
        self.explored = 0  # states from which everything was tried
        self.transitions = 0
        self.depth = 0
        self.seconds = 0.0
        self.spent = 0.0  # of those, before this run took up where another stopped
        self.on_pause: Callable[[], None] | None = None  # every PAUSE_STATES states
        self.is_complete = False
        self.complaints: dict[tuple[str, str], Complaint] = {}
        self.nodes: list[Node | None] = []
        self.parents = array("i")
        self.how = array("h")
        self.depths = array("h")
        self.states: list[str] = []
        self.edges_from = array("i")
        self.edges_to = array("i")
        self._is_found = False
        self._seen: dict[Any, int] = {}

    def run(self, states_max: int = 0, stories: Stories = ()) -> None:
        """Until nothing new is reached, or a bound is; the states along the stories come first."""
        began = time.process_time() - self.spent
        if not self.nodes:
            self._judge(0, -1)
            self._add(-1, -1, 0)
            for story in stories:
                self._tell_story(story)
        while self.explored < len(self.nodes) and not self._is_found:
            at = self.explored
            if states_max and at >= states_max:
                break
            if self.depth_max and self.depths[at] >= self.depth_max:
                break
            self._try_everything(at)
            self.nodes[at] = None
            self.explored += 1
            if self.explored % 100 == 0:
                self._tell()
            if self.on_pause and self.explored % PAUSE_STATES == 0:
                self.spent = time.process_time() - began
                self.on_pause()
        self.is_complete = self.explored == len(self.nodes)
        self.seconds = time.process_time() - began

    def _tell_story(self, story: tuple[str, ...]) -> None:
        """A path through the states, so that a bounded search begins everywhere at once."""
        car = self.car
        names = [event.name for event in self.events]
        node = self.nodes[0]
        assert node is not None
        car.load(node)
        at = 0
        for name in story:
            number = names.index(name)
            if not self.events[number].can(car):
                return  # a planted fault may stand in the way
            at = self._happen(at, number)
            if at < 0:
                return

    def _happen(self, at: int, number: int) -> int:
        """The state that follows, -1 when the program broke or what was looked for is found."""
        car = self.car
        try:
            self.events[number].do(car)
            car.normalise()
        except Exception as error:  # noqa: BLE001 - a planted fault may raise anything
            car.found.append(("no_exception", f"{type(error).__name__}: {error}"))
            self._judge(at, number)
            return -1
        self.transitions += 1
        if car.found:
            self._judge(at, number)
            if self._is_found:
                return -1
        target = self._add(at, number, self.depths[at] + 1)
        if not self.events[number].name.startswith("reset"):
            self.edges_from.append(at)
            self.edges_to.append(target)
        return target

    def _try_everything(self, at: int) -> None:
        car = self.car
        node = self.nodes[at]
        assert node is not None
        car.load(node)
        for number in self.tried:
            if self.events[number].can(car):
                self._happen(at, number)
                if self._is_found:
                    return
                car.load(node)
        if not trouble.rescue(car) and not car.found:
            car.found.append(("a_way_out_exists", f"no way out of {self.states[at]}"))
        if car.found:
            self._judge(at, -1)

    def _add(self, parent: int, number: int, depth: int) -> int:
        key = self.car.key()
        found = self._seen.get(key)
        if found is not None:
            return found
        target = self._seen[key] = len(self.nodes)
        self.nodes.append(self.car.save())
        self.parents.append(parent)
        self.how.append(number)
        self.depths.append(depth)
        self.states.append(self.car.rental.state)
        self.depth = max(self.depth, depth)
        return target

    def _judge(self, at: int, number: int) -> None:
        car = self.car
        for watcher, words in car.found:
            if (watcher, words) in self.known:
                continue
            self._is_found = self._is_found or watcher in self.stop_for
            known = self.complaints.get((watcher, words))
            if known is not None:
                known.count += 1
            elif len(self.complaints) < COMPLAINTS_MAX:
                way = self.way(at) if at < len(self.nodes) else []
                if number >= 0:
                    way.append(self.events[number].name)
                self.complaints[watcher, words] = Complaint(watcher, words, way, at + 1)
        car.found.clear()

    def way(self, at: int) -> list[str]:
        """The happenings that lead to that state."""
        found: list[str] = []
        while at >= 0 and self.how[at] >= 0:
            found.append(self.events[self.how[at]].name)
            at = self.parents[at]
        return found[::-1]

    def find_stuck(self) -> list[int]:
        """States from which no happening but a reset leads back to a car that anybody may start.

        FAULT-1, END-6, START-10: a driver's or the operator's way out always exists.
        """
        back: list[list[int]] = [[] for _ in self.states]
        for source, target in zip(self.edges_from, self.edges_to, strict=True):
            back[target].append(source)
        free = bytearray(len(self.states))
        todo = [at for at, state in enumerate(self.states) if state == "vacant"]
        for at in todo:
            free[at] = 1
        while todo:
            for source in back[todo.pop()]:
                if not free[source]:
                    free[source] = 1
                    todo.append(source)
        return [at for at in range(len(self.states)) if not free[at]]

    def levels(self) -> int:
        """So many happenings in a row, and all that they can lead to was looked at."""
        if self.explored == len(self.nodes):
            return self.depth
        return min(self.depths[self.explored :]) - 1

    def _tell(self) -> None:
        if sys.stderr.isatty():
            left = len(self.nodes) - self.explored
            words = f"{self.profile}: {self.explored} states, {left} waiting, depth {self.depth}"
            print(f"\r{words} ", end="", file=sys.stderr)
