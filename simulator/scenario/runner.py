"""Plays a story and checks what it expects: at each change, not now and then."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware.terms import TermsError, load_settings, load_terms
from simulator.scenario import sights, times
from simulator.scenario.problem import StoryError
from simulator.scenario.seen import Seen
from simulator.scenario.sights import Sight
from simulator.scenario.stage import Stage
from simulator.scenario.steps import SAME_SECOND_US, past_error
from simulator.scenario.story import Step, Story
from simulator.scenario.words import nearest
from simulator.vm.program import ProgramError

PROFILES = Path(__file__).resolve().parents[2] / "firmware" / "profiles"

#: Between two actions, of one list or of two steps that name no time: a hand's, longer than a contact
#: takes to settle.
HAND_US = 200 * times.MS
#: What no hand does happens at once.
SUDDEN = ("power_cut", "reset", "hang")
#: Whoever sees the box start waits until it hears a card.
TOUCHES = ("tap", "staff_tap", "tap_licence")
#: A `see` without `within` looks no sooner after the last action: contacts have rested by then
#: (50 ms), the box has had its turns and its relays have moved.
SETTLE_US = 200 * times.MS


@dataclass(frozen=True)
class Failure:
    """What was wanted and not seen, or seen and not wanted."""

    step: int
    line: int
    wanted: str
    seen: str


@dataclass
class Outcome:
    """How a story went. `timeline`: (milliseconds since `now`, what)."""

    story: Story
    failures: list[Failure] = field(default_factory=list)
    timeline: list[tuple[int, str]] = field(default_factory=list)
    lasted_us: int = 0

    @property
    def passed(self) -> bool:
        return not self.failures


def profile_terms(story: Story) -> dict[str, Any]:
    """The raw terms of the story's profile, checked; StoryError when there are none or bad ones."""
    known = sorted(path.stem for path in PROFILES.glob("*.json"))
    path = PROFILES / f"{story.profile}.json"
    if story.profile.endswith(".json"):
        path = Path(story.profile)
    elif story.profile not in known:
        guess = nearest(story.profile, known)
        hint = f"did you mean {guess}?" if guess else f"there is {', '.join(known)}"
        sentence = f"profile {story.profile} is not known; {hint}"
        raise StoryError(story.path, story.profile_line, sentence)
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        load_settings(story.settings, load_terms(raw))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        what = error if isinstance(error, TermsError) else f"cannot be read: {error}"
        raise StoryError(story.path, 0, f"profile {story.profile}: {what}") from error
    return raw


def play(story: Story, vm: str) -> Outcome:
    """The whole story on that interpreter. StoryError when it cannot be played at all."""
    outcome = Outcome(story)
    try:
        stage = Stage(story, profile_terms(story), vm)
    except ProgramError as error:
        outcome.failures.append(Failure(0, 0, "the program starts", str(error)))
        return outcome
    try:
        Player(story, stage, outcome).play()
    finally:
        stage.close()
    return outcome


class Player:
    """Goes through the steps of one story.

    Who tells the story while it is played extends `take`, `act`, `miss` and `note`: each is called
    when that happens, and does it.
    """

    def __init__(self, story: Story, stage: Stage, outcome: Outcome) -> None:
        self._story = story
        self._stage = stage
        self._outcome = outcome
        self._seen = Seen(stage.car)
        self._acted_us = -SETTLE_US
        stage.car.timeline.observers.append(self.note)

    def play(self) -> None:
        """All steps, or up to one whose time has passed because an earlier one failed."""
        for step in self._story.steps:
            try:
                self.take(step)
            except ProgramError as error:
                self.miss(step, "the program runs", str(error))
                break
            except StoryError as error:
                if self._outcome.passed:
                    raise
                self.miss(step, "to go on", error.sentence)
                break
        self._outcome.lasted_us = self._stage.since_now_us

    def note(self, now_us: int, what: str) -> None:
        """Something is to be seen of the car."""
        t_ms = (now_us - self._stage.kernel.now_us + self._stage.since_now_us) // times.MS
        self._outcome.timeline.append((t_ms, what))

    def miss(self, step: Step, wanted: str, seen: str) -> None:
        """An expectation does not hold."""
        self._outcome.failures.append(Failure(step.number, step.line, wanted, seen))

    def take(self, step: Step) -> None:
        """One step, from its time to the last of what it expects."""
        stage = self._stage
        if step.at_us is not None:
            if step.at_us + SAME_SECOND_US <= stage.since_now_us:
                raise past_error(self._story.path, step, stage.since_now_us, self._story.now)
            stage.run_until(max(step.at_us, stage.since_now_us))
        stage.run_until(stage.since_now_us + step.after_us)
        bugs = len(stage.car.box.failures)
        self.act(step)
        Watch(self._story, stage, step, self._seen, self._acted_us, self.miss).run()
        for bug in stage.car.box.failures[bugs:]:
            self.miss(step, "the program runs without an error", bug)

    def act(self, step: Step) -> None:
        """What a step does, a hand's time after what was done last; nothing, where it only looks."""
        stage = self._stage
        if step.do:
            self._seen = Seen(stage.car)
        for number, action in enumerate(step.do):
            if number or (action.method not in SUDDEN and not step.names_a_time):
                from_us = stage.hears_cards_us if action.method in TOUCHES else 0
                stage.run_until(max(stage.since_now_us, self._acted_us + HAND_US, from_us))
            stage.perform(action)
            stage.run_until(stage.since_now_us + action.takes_us)
            self._acted_us = stage.since_now_us


class Watch:
    """Looks at one step's `see` and `never` until both are decided."""

    def __init__(
        self, story: Story, stage: Stage, step: Step, seen: Seen, acted_us: int, fail: Any
    ) -> None:
        self._story = story
        self._stage = stage
        self._step = step
        self._seen = seen
        self._since = Seen(stage.car)
        self._fail = fail
        begins_us = stage.since_now_us
        self._see = step.see
        self._see_until_us = max(begins_us, acted_us + SETTLE_US)
        if step.within_us is not None:
            self._see_until_us = begins_us + step.within_us
        self._never = list(step.never)
        self._never_until_us = begins_us + step.during_us

    def run(self) -> None:
        """Let the clock run as far as the step needs it."""
        stage = self._stage
        while True:
            now_us = stage.since_now_us
            self._look(now_us)
            ends_us = max(self._see_until_us if self._see else now_us, self._never_until_us)
            if now_us >= ends_us:
                return
            next_us = stage.next_us
            stage.run_until(ends_us if next_us is None else min(next_us, self._target_us(now_us)))

    def _target_us(self, now_us: int) -> int:
        waiting = [self._see_until_us] if self._see else []
        return min(at_us for at_us in (*waiting, self._never_until_us) if at_us > now_us)

    def _look(self, now_us: int) -> None:
        if self._see:
            may_hold = self._step.within_us is not None or now_us >= self._see_until_us
            if may_hold and all(sight.holds(self._seen) for sight in self._see):
                self._see = ()
            elif now_us >= self._see_until_us:
                self._miss()
        for sight in list(self._never):
            if sight.appears(self._view_of_never(sight)):
                self._never.remove(sight)
                self._appear(sight, now_us)

    def _view_of_never(self, sight: Sight) -> Seen:
        """Counts are those since the last `do`; the rest must happen in the step's own time."""
        return self._seen if sight.key in sights.COUNTS else self._since

    def _miss(self) -> None:
        within = ""
        if self._step.within_us is not None:
            within = f" within {times.duration_text(self._step.within_us)}"
        for sight in self._see:
            if not sight.holds(self._seen):
                self._fail(self._step, sight.text + within, sights.show(sight.key, self._seen))
        self._see = ()

    def _appear(self, sight: Sight, now_us: int) -> None:
        during = times.duration_text(self._step.during_us)
        shown = sights.show(sight.key, self._view_of_never(sight))
        at = times.clock_text(self._story.now, now_us)
        self._fail(self._step, f"never {sight.text} during {during}", f"{shown} at {at}")
