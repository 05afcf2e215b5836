"""Random lives of the whole box, found and shortened by Hypothesis; SAFE-1 to SAFE-6 on every turn."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from firmware.wire import codes
from hal.fake.flash import PowerCut
from tests.proof.life import Life
from tests.proof.scene import (
    CANNOT_TELL,
    CARD,
    DRIVER,
    MINE,
    OTHER,
    OTHER_CARD,
    STAFF_CARD,
    STRANGER,
    THEIRS,
)

VERBS = (
    codes.VERB_START, codes.VERB_END, codes.VERB_REOPEN, codes.VERB_LOCK, codes.VERB_REUNLOCK,
    codes.VERB_POSITION, codes.VERB_ENROL, codes.VERB_MAINTENANCE_ON, codes.VERB_MAINTENANCE_OFF,
)  # fmt: skip
INPUTS = tuple(range(codes.IN_LOCKED + 1))
WAITS_S = (1, 3, 55, 61, 301, 601, 2800)
COUNTS: Counter[str] = Counter()

_OPEN = ("open_door", codes.YES), ("turn_knob", codes.NO), ("open_door", codes.NO)
#: How a life begins: nothing, a start, a drive, a return, an end, a reopen.
STORIES: dict[str, tuple[tuple[str, Any], ...]] = {
    "parked": (),
    "started": (("tap", CARD),),
    "driving": (("tap", CARD), *_OPEN),
    "returned": (("tap", CARD), *_OPEN, ("turn_knob", codes.YES)),
    "ended": (("tap", CARD), *_OPEN, ("turn_knob", codes.YES), ("tap", CARD)),
    "reopened": (("tap", CARD), *_OPEN, ("turn_knob", codes.YES), ("tap", CARD), ("tap", CARD)),
}

_cards = st.sampled_from((CARD, CARD, CARD, OTHER_CARD, STRANGER, STAFF_CARD))
_parked = {codes.IN_KEY, codes.IN_KNOB_AT_RETURN, codes.IN_BRAKE, codes.IN_GEAR_P}


class Lives(RuleBasedStateMachine):
    """Car, driver, clock, power, journal: one thing after the other."""

    @initialize(
        profile=st.sampled_from(tuple(CANNOT_TELL)),
        story=st.sampled_from(tuple(STORIES)),
        wait_s=st.sampled_from((70, 1000)),
        is_online=st.booleans(),
    )
    def begin(self, profile: str, story: str, wait_s: int, is_online: bool) -> None:
        self.life = Life(profile)
        self.life.link(is_online, is_online)
        self.life.run(wait_s)
        for act, value in STORIES[story]:
            getattr(self.life, act)(value)
            self.life.run(2)
        COUNTS["lives"] += 1
        COUNTS["lives of " + profile] += 1
        COUNTS["states reached: " + self.life.loop.state] += 1

    def _do(self, act: Any) -> None:
        """An act in which the power may go; then it comes back, and nothing may be open."""
        life = self.life
        try:
            act(life)
        except PowerCut:
            life.power_cycle(1, life.trusted)
        COUNTS["states reached: " + life.loop.state] += 1
        assert not life.found, life.found[0]

    @rule(card=_cards)
    def touch(self, card: bytes) -> None:
        self._do(lambda life: life.tap(card))

    @rule(verb=st.sampled_from(VERBS), mine=st.booleans(), odd=st.integers(0, 5))
    def order(self, verb: int, mine: bool, odd: int) -> None:
        booking, driver = (MINE, DRIVER) if mine or odd > 1 else (THEIRS, OTHER)
        fields: dict[str, Any] = {}
        if odd == 0:
            fields["boot"] = b"earlier."
        if odd == 1:
            fields["lasts_s"] = 0
        self._do(lambda life: life.order(verb, booking, driver, **fields))

    @rule(
        index=st.sampled_from(INPUTS),
        value=st.sampled_from((codes.NO, codes.YES, codes.NO, codes.YES, codes.UNKNOWN)),
    )
    def move(self, index: int, value: int) -> None:
        self._do(lambda life: life.move(index, value))

    @rule()
    def park(self) -> None:
        """All as an end wants it."""

        def act(life: Life) -> None:
            for index in range(codes.IN_LOCKED):
                life.inputs[index].value = codes.YES if index in _parked else codes.NO
            life.run(1)

        self._do(act)

    @rule()
    def drive(self) -> None:
        """Door, key, away."""

        def act(life: Life) -> None:
            life.move(codes.IN_DOOR_DRIVER, codes.YES)
            life.turn_knob(codes.NO)
            life.move(codes.IN_DOOR_DRIVER, codes.NO)
            life.move(codes.IN_ENGINE, codes.YES)

        self._do(act)

    @rule(seconds=st.sampled_from(WAITS_S))
    def wait(self, seconds: int) -> None:
        self._do(lambda life: life.run(seconds))

    @rule(is_online=st.booleans(), is_reachable=st.booleans())
    def link(self, is_online: bool, is_reachable: bool) -> None:
        self._do(lambda life: life.link(is_online, is_reachable))

    @rule(answers=st.booleans())
    def centre(self, answers: bool) -> None:
        """It answers the car, or is silent."""
        self.life.is_answering = answers
        self._do(lambda life: life.after(10))

    @rule(obeys=st.booleans())
    def relays(self, obeys: bool) -> None:
        self.life.obeys = obeys

    @rule(off_s=st.sampled_from((0, 1, 70, 900, 100_000)), trusted=st.booleans())
    def lose_power(self, off_s: int, trusted: bool) -> None:
        self._do(lambda life: life.power_cycle(off_s, trusted))

    @rule(operations=st.integers(0, 6), both=st.booleans())
    def plan_cut(self, operations: int, both: bool) -> None:
        """The power goes in one of the next writes."""
        self.life.journal_storage.cut_after = operations
        if both:
            self.life.cache_storage.cut_after = operations

    @rule(count=st.integers(1, 3))
    def fail_journal(self, count: int) -> None:
        self.life.journal_storage.fail_next(count)

    @rule(by_s=st.sampled_from((-100_000, -10, 10, 3000, 100_000)))
    def jump(self, by_s: int) -> None:
        self.life.wall_s += by_s
        self._do(lambda life: life.after(10))

    @rule(trusted=st.booleans())
    def trust(self, trusted: bool) -> None:
        self.life.trusted = trusted

    def teardown(self) -> None:
        """SAFE-5: the journal holds what was durable, in order, once."""
        life = self.life
        COUNTS["turns"] += life.turns
        COUNTS["power cuts in a write"] += life.cuts
        COUNTS["resets"] += life.resets
        COUNTS["answers of the centre"] += life.answered
        COUNTS["cards that it was asked about"] += life.asked
        kept = [event for event in life.journal() if event[0] != codes.AUDIT_RESET]
        written = [event for event in life.written if event[0] != codes.AUDIT_RESET]
        assert kept == written[len(written) - len(kept) :], "journal and turns disagree"


def run(examples: int, steps: int = 40) -> tuple[dict[str, Any], bool]:
    """So many lives, the same each time; a failing one is printed at its shortest."""
    COUNTS.clear()
    given = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    is_fine = True
    try:
        run_state_machine_as_test(Lives, settings=given)
    except AssertionError as error:
        is_fine = False
        print(f"a life failed: {error}")
        print("\n".join(getattr(error, "__notes__", [])))
    return {name: COUNTS[name] for name in sorted(COUNTS)}, is_fine
