"""Plays a story step by step and says what is going on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator.live import narration
from simulator.live.script import wanted
from simulator.live.sentences import about_reasons
from simulator.live.stage import DirectedStage
from simulator.live.told import ACTED, AWAITED, HELD, MISSED, REFUSED, SAID, Told
from simulator.scenario import times
from simulator.scenario.actions import Action
from simulator.scenario.runner import Outcome, Player
from simulator.scenario.story import Step, Story

#: Lines that are kept.
TOLD_MAX = 100


class Telling(Player):
    """`on_told` gets each line, in the order in which it is told."""

    def __init__(self, story: Story, stage: DirectedStage) -> None:
        self.outcome = Outcome(story)
        super().__init__(story, stage, self.outcome)
        self._directed = stage
        stage.on_perform = self._act
        self._now = story.now
        self._comments = narration.read_comments(story.path)
        self._steps = len(story.steps)
        self._refusals = len(stage.car.refusals)
        self.told: list[Told] = []
        #: What is being looked for.
        self.awaited: Told | None = None
        self.on_told: Callable[[Told], None] = _ignore
        self.step = 0
        self.held = 0
        self.is_over = False

    @property
    def missed(self) -> int:
        return len(self.outcome.failures)

    @property
    def standing(self) -> str:
        """How it stands."""
        at = "over" if self.is_over else f"step {self.step} of {self._steps}"
        return f"{at}, {self.held} held, {self.missed} missed"

    def play(self) -> None:
        super().play()
        self.is_over = True

    def say(self, kind: str, text: str) -> None:
        """Tell a line, now."""
        one = self._line(kind, text)
        self.told.append(one)
        del self.told[:-TOLD_MAX]
        self.on_told(one)

    def hear_refusals(self) -> None:
        """Tell of refusals that were not told yet, whoever asked."""
        refusals = self._directed.car.refusals
        while self._refusals < len(refusals):
            reasons = refusals[self._refusals]
            self._refusals += 1
            one = self._line(REFUSED, about_reasons(reasons, self._now.tzinfo))
            # One touch may be refused in two records, of the request and of the card.
            if self.told[-1:] != [one]:
                self.say(one.kind, one.text)

    def _line(self, kind: str, text: str) -> Told:
        at = times.clock_text(self._now, self._directed.clock_us // times.S * times.S)
        return Told(at, kind, text)

    def note(self, now_us: int, what: str) -> None:
        super().note(now_us, what)
        self.hear_refusals()

    def take(self, step: Step) -> None:
        stage = self._directed
        stage.hold()
        self.step = step.number
        missed = self.missed
        if step.at_us is not None:
            if step.at_us > stage.clock_us:
                stage.goal_us = 0
                stage.run_to_clock(step.at_us)
                step = replace(step, at_us=None)
            elif stage.was_disturbed:
                step = replace(step, at_us=None)
        stage.goal_us = 0
        super().take(step)
        self.awaited = None
        self.hear_refusals()
        if (step.see or step.never) and self.missed == missed:
            self.held += 1
            self.say(HELD, wanted(step))

    def act(self, step: Step) -> None:
        comment = self._comments.get(step.line)
        if comment:
            self.say(SAID, comment)
        super().act(step)
        stage = self._directed
        if step.within_us is not None or step.never:
            self.awaited = self._line(AWAITED, wanted(step))
            stage.goal_us = stage.since_now_us + max(step.within_us or 0, step.during_us)

    def _act(self, action: Action) -> None:
        self.say(ACTED, narration.about(action))

    def miss(self, step: Step, wanted: str, seen: str) -> None:
        super().miss(step, wanted, seen)
        self.say(MISSED, f"step {step.number} (line {step.line}) wanted {wanted}; seen {seen}")


def _ignore(_told: Told) -> None:
    pass
