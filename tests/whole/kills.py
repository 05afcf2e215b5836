"""SIGKILL at random moments within a rental, and what must hold after each.

KILLS=all in the environment: 50 of them instead of 22.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from random import Random
from typing import Any

from tests.scenario_cuts import FAMILIES
from tests.whole.desk import Desk
from tests.whole.driver import Phone
from tests.whole.flash import Kept

STATES = ("unlocked", "boarding", "in_use", "key_returned", "ending", "ended", "reopened")
CAR, DAEMON, BOTH = "car", "daemon", "both"
#: For each state; one more comes before the start, which may be right after the touch.
VICTIMS: tuple[str, ...] = (CAR, BOTH, DAEMON)
if os.environ.get("KILLS") == "all":
    VICTIMS += (CAR, BOTH, CAR, DAEMON)
KILLS = len(STATES) * len(VICTIMS) + 1
VISIT_KILLS_MIN, VISIT_KILLS_MAX = 3, 4
#: Outside time from the first sight of a state to the kill, at the most.
WITHIN_S = {"in_use": 1.5, "ending": 0.3}
WITHIN_ELSE_S = 0.4
#: How often the hands rest until the kill, so that the state does not pass.
HANDS_REST = 0.7
#: Simulated, after a restart: nobody does anything, and the car is watched.
WATCH_S = 2.0
#: What a session's record says of a deadline is in whole seconds.
SECOND_S = 1.0
#: States in which the doors stay open when they were, and the engine free.
OPEN_STATES = {"unlocked", "boarding", "in_use", "key_returned"}
#: Deadlines that only ever come nearer, as the feed calls them by state.
DEADLINES = {
    ("unlocked", "locks, unless a door opens"): "relock",
    ("unlocked", "security lock, unless key taken"): "key",
    ("boarding", "security lock, unless key taken"): "key",
    ("key_returned", "security lock, unless key taken"): "key_return",
    ("ended", "reopen window closes"): "reopen_window",
    ("reopened", "reopen window closes"): "reopen_window",
    ("reopened", "locks, unless a door opens"): "reopen_relock",
}


class Kills:
    """`consider` is called at each look; it kills, starts again and checks when it is time."""

    def __init__(self, desk: Desk, phone: Phone, chance: Random) -> None:
        self._desk = desk
        self._phone = phone
        self._chance = chance
        self._plan = {state: list(VICTIMS) for state in STATES} | {"vacant": [BOTH]}
        for victims in self._plan.values():
            chance.shuffle(victims)
        self._state = ""
        self._left = 0
        self._at_s: float | None = None
        self._holds = False
        self.count = 0
        #: How often each state of the car's journal was hit.
        self.hits: Counter[str] = Counter()
        #: Every event that was in the journal at a kill, by number.
        self.events: dict[int, bytes] = {}
        self.instance = 0
        self.log: list[str] = []

    @property
    def hands_rest(self) -> bool:
        """The kill that is due next finds a car that nobody touches."""
        return self._holds and self._at_s is not None

    def wants(self, state: str) -> bool:
        return bool(self._plan.get(state))

    def consider(self) -> None:
        state = self._desk.seen["state"]
        if state != self._state:
            self._enter(state)
        if self._at_s is not None and time.monotonic() >= self._at_s:
            self._at_s = None
            self._left -= 1
            self._strike(self._plan[self._state].pop())
            self._plan_next()

    def keep(self, kept: Kept) -> None:
        """Events that a journal holds: a number never stands for two."""
        assert self.instance in (0, kept.instance), "the journal was lost"
        self.instance = kept.instance
        for number, event in kept.events.items():
            assert self.events.setdefault(number, event) == event, f"event {number} has changed"

    def _enter(self, state: str) -> None:
        self._state = state
        self._left = self._chance.randint(VISIT_KILLS_MIN, VISIT_KILLS_MAX)
        self._at_s = None
        self._plan_next()

    def _plan_next(self) -> None:
        if self._left and self.wants(self._state):
            within_s = WITHIN_S.get(self._state, WITHIN_ELSE_S)
            self._at_s = time.monotonic() + self._chance.uniform(0, within_s)
            self._holds = self._chance.random() < HANDS_REST

    def _strike(self, victim: str) -> None:
        desk = self._desk
        victims = {
            CAR: [desk.car], DAEMON: [desk.daemon], BOTH: [desk.car, desk.daemon],
        }[victim]  # fmt: skip
        first, *rest = self._chance.sample(victims, len(victims))
        was_busy = self._phone.is_busy
        desk.kill(first, *rest)
        kept = desk.journal()
        self.keep(kept)
        self.count += 1
        self.hits[kept.state] += 1
        self.log.append(
            f"{time.monotonic():.1f} {self.count}: {victim} killed, seen {self._state}, kept {kept.state}"
        )
        if desk.car not in victims:
            desk.start_again(*victims)
            return
        world = json.loads((desk.folder / "world.json").read_text())["world"]
        desk.start_again(*victims)
        self._check(kept, world, may_open=was_busy)

    def _check(self, kept: Kept, world: dict[str, Any], *, may_open: bool) -> None:
        """`may_open`: the phone asked for something just before, which is done yet (START-2)."""
        desk = self._desk
        first = desk.seen["state"]
        if not may_open:
            assert first in allowed(kept.state, world), f"{kept.state} became {first}"
        self._check_deadlines(kept)
        ends_s = desk.now_s + WATCH_S
        while desk.now_s < ends_s:
            desk.pass_time(0)
            if not may_open:
                self._check_body(kept, world)

    def _check_body(self, kept: Kept, world: dict[str, Any]) -> None:
        state, body = self._desk.seen["state"], self._desk.seen["body"]
        assert body["is_locked"] or not world["is_locked"], f"a locked car opened, {kept.state}"
        assert body["is_blocked"] or not world["is_blocked"], f"the engine was freed, {kept.state}"
        assert not (world["engine_is_on"] and body["is_blocked"]), "a running engine was blocked"
        if state in OPEN_STATES and state == kept.state:
            assert body["is_locked"] == world["is_locked"], f"the doors were locked in {state}"
            assert body["is_blocked"] == world["is_blocked"], f"the engine was blocked in {state}"

    def _check_deadlines(self, kept: Kept) -> None:
        seen = self._desk.seen
        if seen["state"] != kept.state:
            return
        for deadline in seen["deadlines"]:
            name = DEADLINES.get((kept.state, deadline["what"]))
            if name is not None:
                assert name in kept.deadlines, f"{name} was not armed before the kill"
                later_s = deadline["at_ms"] / 1000 - kept.deadlines[name]
                assert later_s <= SECOND_S, f"{name} is {later_s} s later than before the kill"


def allowed(state: str, world: dict[str, Any]) -> set[str]:
    """What may become of a state without anybody's doing, with the key where it is now."""
    found = set(FAMILIES.get(state, {state}))
    is_in_box = world["key_is_in"] and world["knob_is_at_return"]
    if is_in_box:
        found |= {"key_returned"} if state == "in_use" else set()
        found |= {"boarding"} if state == "unlocked" and world["open_doors"] else set()
    elif state in ("unlocked", "boarding", "key_returned"):
        found.add("in_use")
    return found
