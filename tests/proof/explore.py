"""All states that the car can reach, breadth first, with every watcher on every step."""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Callable
from typing import Any

from tests.proof import memory, trouble
from tests.proof.car import Car
from tests.proof.cores import NOTHING, UNTRIED, Cores, pack_outcome, target_of
from tests.proof.rescue import rescue
from tests.proof.watchers import WATCHERS

#: Different complaints are kept up to so many; each with the shortest way to it.
COMPLAINTS_MAX = 200
PAUSE_STATES = 20_000
#: Of so many transitions that are copied one is tried all the same.
CHECK_EVERY = 97


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
    """One profile. `level` 1 has fewer happenings; `depth_max` bounds the length of a sequence.

    `shares`: whether a happening is tried once for all memories that it does not look at, and else
    copied; `names`: these happenings alone.
    """

    def __init__(
        self,
        profile: str,
        level: int = 2,
        depth_max: int = 0,
        terms: dict[str, Any] | None = None,
        shares: bool = True,
        names: frozenset[str] = frozenset(),
    ) -> None:
        self.car = Car(profile, WATCHERS, terms or {})
        self.profile = profile
        self.events = trouble.ALL
        self.tried = [
            n
            for n, event in enumerate(self.events)
            if event.level <= level and (not names or event.name in names)
        ]
        self.depth_max = depth_max
        self.shares = shares
        #: Stop when one of these watchers says something that is not known.
        self.stop_for: set[str] = set()
        self.known: frozenset[tuple[str, str]] = frozenset()
        self.explored = 0  # states from which everything was tried
        self.transitions = 0
        self.tries = 0  # of those, done and not copied
        self.copies = 0
        self.checked = 0  # of the copied, done all the same
        self.depth = 0
        self.seconds = 0.0
        self.spent = 0.0  # of those, before this run took up where another stopped
        self.on_pause: Callable[[], None] | None = None  # every PAUSE_STATES states
        self.is_complete = False
        self.complaints: dict[tuple[str, str], Complaint] = {}
        # A state is a core and a memory.
        self.core_of = array("i")
        self.memories = array("h")
        self.parents = array("i")
        self.how = array("h")
        self.depths = array("h")
        self.edges_from = array("i")
        self.edges_to = array("i")
        self.cores = Cores(self.events, self.tried)
        self._is_found = False
        self._seen: dict[int, int] = {}  # a core's number and a memory
        self._rescued: set[int] = set()  # the same, of the memory what a rescue looks at

    def run(self, states_max: int = 0, stories: Stories = ()) -> None:
        """Until nothing new is reached, or a bound is; the states along the stories come first."""
        began = time.process_time() - self.spent
        if not self.core_of:
            self._judge(0, -1)
            self._add(self._arrive(0), -1, -1, 0)
            for story in stories:
                self._tell_story(story)
        while self.explored < len(self.core_of) and not self._is_found:
            at = self.explored
            if states_max and at >= states_max:
                break
            if self.depth_max and self.depths[at] >= self.depth_max:
                break
            self._try_everything(at)
            self.explored += 1
            if self.explored % 100 == 0:
                self._tell()
            if self.on_pause and self.explored % PAUSE_STATES == 0:
                self.spent = time.process_time() - began
                self.on_pause()
        self.is_complete = self.explored == len(self.core_of)
        self.seconds = time.process_time() - began

    def load(self, at: int) -> None:
        """The car stands in that state."""
        core = self.core_of[at]
        self.car.load(self.cores.nodes[core])
        memory.put(self.car, self.memories[at], self.cores.used[core])

    def state(self, at: int) -> str:
        """The name of the rental's state."""
        return self.cores.states[self.core_of[at]]

    def _tell_story(self, story: tuple[str, ...]) -> None:
        """A path through the states, so that a bounded search begins everywhere at once."""
        names = [event.name for event in self.events]
        at = 0
        for name in story:
            number = names.index(name)
            self.load(at)
            if not self.events[number].can(self.car):
                return  # a planted fault may stand in the way
            outcome = self._happen(at, number)
            if outcome < 0 or self._is_found:
                return
            at = self._follow(at, number, outcome)

    def _happen(self, at: int, number: int) -> int:
        """What comes of it in the state that the car stands in: see `Cores`."""
        car = self.car
        self.tries += 1
        try:
            self.events[number].do(car)
            car.normalise()
        except Exception as error:  # noqa: BLE001 - a planted fault may raise anything
            car.found.append(("no_exception", f"{type(error).__name__}: {error}"))
            self._judge(at, number)
            return NOTHING
        if car.found:
            self._judge(at, number)
        return self._arrive(self.cores.kept_by(number, self.core_of[at]) if at >= 0 else 0)

    def _arrive(self, keeps: int) -> int:
        """The outcome that the car stands in; `keeps`: fields of the memory that are as they were."""
        car = self.car
        found, used = memory.take(car) if self.shares else (0, 0)
        return pack_outcome(self.cores.number(car, used), found, keeps & used)

    def _follow(self, at: int, number: int, outcome: int) -> int:
        """The state that the outcome means here."""
        target = self._seen.get(target_of(outcome, self.memories[at]), -1)
        if target < 0:
            target = self._add(outcome, at, number, self.depths[at] + 1)
        return target

    def _try_everything(self, at: int) -> None:
        events, cores, core, here = self.events, self.cores, self.core_of[at], self.memories[at]
        outcomes = cores.outcomes[core]
        targets: set[int] = set()
        for number in self.tried:
            slot = cores.slot(number, here)
            outcome = outcomes[slot]
            if outcome == UNTRIED:
                self.load(at)
                outcome = NOTHING
                if events[number].can(self.car):
                    outcome = self._happen(at, number)
                    if self._is_found:
                        return
                outcomes[slot] = outcome
            elif outcome >= 0:
                self.copies += 1
                if self.copies % CHECK_EVERY == 0:
                    self._check(at, number, outcome)
            if outcome >= 0:
                self.transitions += 1
                target = self._follow(at, number, outcome)
                if target != at and not cores.is_reset[number]:
                    targets.add(target)
        self.edges_from.extend([at] * len(targets))
        self.edges_to.extend(sorted(targets))
        self._try_rescue(at)

    def _check(self, at: int, number: int, outcome: int) -> None:
        """A copied outcome is tried all the same."""
        self.checked += 1
        self.load(at)
        tried = self._happen(at, number)
        here = self.memories[at]
        if tried < 0 or target_of(tried, here) != target_of(outcome, here):
            self.car.found.append(("copies_are_right", f"from {self.state(at)}"))
            self._judge(at, number)

    def _try_rescue(self, at: int) -> None:
        car = self.car
        key = self.core_of[at] * memory.MEMORIES + (self.memories[at] & memory.OF_A_RESCUE)
        if key in self._rescued:
            return
        self._rescued.add(key)
        self.load(at)
        if not rescue(car) and not car.found:
            car.found.append(("a_way_out_exists", f"no way out of {self.state(at)}"))
        if car.found:
            self._judge(at, -1)

    def _add(self, outcome: int, parent: int, number: int, depth: int) -> int:
        key = target_of(outcome, self.memories[parent] if parent >= 0 else 0)
        target = self._seen[key] = len(self.core_of)
        self.core_of.append(key // memory.MEMORIES)
        self.memories.append(key % memory.MEMORIES)
        self.parents.append(parent)
        self.how.append(number)
        self.depths.append(depth)
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
                way = self.way(at) if at < len(self.core_of) else []
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
        back: list[list[int]] = [[] for _ in self.core_of]
        for source, target in zip(self.edges_from, self.edges_to, strict=True):
            back[target].append(source)
        free = bytearray(len(self.core_of))
        todo = [at for at in range(len(free)) if self.state(at) == "vacant"]
        for at in todo:
            free[at] = 1
        while todo:
            for source in back[todo.pop()]:
                if not free[source]:
                    free[source] = 1
                    todo.append(source)
        return [at for at in range(len(free)) if not free[at]]

    def levels(self) -> int:
        """So many happenings in a row, and all that they can lead to was looked at."""
        if self.explored == len(self.core_of):
            return self.depth
        return min(self.depths[self.explored :]) - 1

    def _tell(self) -> None:
        if sys.stderr.isatty():
            left = len(self.core_of) - self.explored
            words = f"{self.profile}: {self.explored} states, {left} waiting, depth {self.depth}"
            print(f"\r{words} ", end="", file=sys.stderr)
