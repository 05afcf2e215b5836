"""The director of a live car: lets time pass at its pace, does what is asked, has it shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulator.kernel import Kernel
from simulator.live.pacing import AFTER_A_STEP_US, AFTER_AN_EVENT_US, Pacer, S
from simulator.live.requests import Do, Jump, Pause, Rate, Request, Resume
from simulator.live.stage import DirectedStage
from simulator.live.telling import Telling
from simulator.live.told import ACTED, SAID
from simulator.scenario.actions import Action

#: Looks at those who watch and at the clock are so far apart.
FRAME_S = 0.04
#: Before a deadline to which somebody jumps.
_BEFORE_A_DEADLINE_US = 2 * S

#: The beginnings of what is worth slowing down for on the way.
_EVENTS = ("event ", "state ", "reader ", "buzzer on", "voice on", "mail ", "power ", "reset")

TELLING, DRIVING = "telling", "driving"


class Audience(Protocol):
    """Those who watch and ask."""

    def attend(self) -> None:
        """Hear what they want; called once a frame."""

    def wait(self, seconds: float) -> None:
        """That long, or until they want something."""


class Show:
    """A `Director`. `show` is called often and decides itself whether there is something to show."""

    def __init__(
        self, kernel: Kernel, pacer: Pacer, audience: Audience, monotonic: Callable[[], float]
    ) -> None:
        self._kernel = kernel
        self.pacer = pacer
        self._audience = audience
        self._monotonic = monotonic
        self._frame_s = monotonic()
        self._due_us = kernel.now_us
        self._something_happened = False
        self.telling: Telling | None = None
        self.stage: DirectedStage | None = None
        self.show: Callable[[], None] = _nothing
        #: Told when simulated time begins to pass at another rate, or may have.
        self.on_pace: Callable[[], None] = _nothing
        #: Milliseconds to each deadline that is shown.
        self.deadlines: Callable[[], list[tuple[str, int]]] = list
        self.mode = TELLING
        self.is_still = False
        self._is_one_step = False

    @property
    def rate(self) -> float:
        """Simulated seconds a second, just now."""
        return 0.0 if self.is_still else self.pacer.rate

    @property
    def pace(self) -> str:
        """How time passes, in words."""
        if self.is_still:
            return "time stands still"
        if self.pacer.is_racing:
            return "racing"
        if self.mode == DRIVING:
            return "you drive"
        return "real time" if self.pacer.speed == 1 else f"x{self.pacer.speed:g}"

    def note(self, _now_us: int, what: str) -> None:
        """An observer of the timeline."""
        if what.startswith(_EVENTS):
            self._something_happened = True

    def step_aside(self) -> None:
        """A step of the story was taken: show what comes of it."""
        self.pacer.stop_jump()
        self.pacer.linger(self._kernel.now_us, AFTER_A_STEP_US)
        self._due_us = self._kernel.now_us

    def advance(self, until_us: int, goal_us: int) -> int:
        while self._kernel.now_us < until_us:
            aside_us = self._frame(goal_us)
            if aside_us:
                return aside_us
            self._run(min(self._due_us, until_us))
        # What is due just then, as the kernel's own run_until has it.
        self._kernel.run_until(until_us)
        return 0

    def hold(self) -> int:
        """Before a step of the story: until it may be taken. How much time hands used meanwhile."""
        if self._is_one_step:
            self._is_one_step = False
            self.is_still = True
        aside_us = 0
        while self.is_still or self.mode == DRIVING:
            aside_us += self._frame(self._kernel.now_us)
        return aside_us

    def stay(self) -> None:
        """The story is over: until somebody leaves."""
        while True:
            self._frame(None)
            self._run(self._due_us)

    def _frame(self, goal_us: int | None) -> int:
        """Once in FRAME_S, as long as the clock has not where to run: requests, pace, screen.

        Returns how much time passed while hands had the car.
        """
        began_us = self._kernel.now_us
        while True:
            now_s = self._monotonic()
            if now_s < self._frame_s:
                if self._kernel.now_us < self._due_us:
                    return self._kernel.now_us - began_us
                self._audience.wait(self._frame_s - now_s)
                now_s = self._monotonic()
            self._frame_s = now_s + FRAME_S
            self._audience.attend()
            by_hand = self.mode == DRIVING
            if self.is_still:
                self.pacer.restart()
                self._due_us = self._kernel.now_us
            else:
                goal = None if by_hand else goal_us
                self._due_us = self.pacer.due_us(self._kernel.now_us, goal)
            if self.telling:
                self.telling.hear_refusals()
            self.on_pace()
            self.show()
            if self.is_still or (by_hand and goal_us is not None):
                self._run(self._due_us)
            else:
                return self._kernel.now_us - began_us

    def _run(self, until_us: int) -> None:
        """Run the clock there, or as far as this frame's time allows, or to what happens."""
        kernel = self._kernel
        while kernel.now_us < until_us:
            next_us = kernel.next_at_us
            kernel.run_until(until_us if next_us is None else min(next_us, until_us))
            if self._something_happened:
                self._something_happened = False
                if self.pacer.is_racing and not self.pacer.is_jumping:
                    self.pacer.linger(kernel.now_us, AFTER_AN_EVENT_US)
                    self._due_us = kernel.now_us
                    return
            if self.pacer.is_held or self._monotonic() >= self._frame_s:
                self._due_us = kernel.now_us
                return

    # What is asked.

    def take(self, request: Request) -> None:
        """Do it; what of it can be seen is told."""
        if isinstance(request, Do):
            self._act(request.action)
        elif isinstance(request, Rate):
            self.pacer.set_speed(request.rate)
        elif isinstance(request, Pause):
            self.is_still = request.is_on
            self.pacer.stop_jump()
        elif isinstance(request, Jump):
            self._jump()
        elif isinstance(request, Resume):
            self._resume(request.one_step)

    def _resume(self, one_step: bool) -> None:
        telling = self.telling
        self._is_one_step = one_step and telling is not None and not telling.is_over
        self.is_still = False
        self.pacer.stop_jump()
        if self.mode == DRIVING and telling and not telling.is_over:
            self.mode = TELLING
            telling.say(SAID, "The story goes on; what you did may fail what it expects.")

    def _act(self, action: Action) -> None:
        telling, stage = self.telling, self.stage
        if telling is None or stage is None:
            return
        self.is_still = False
        self._is_one_step = False
        if self.mode == TELLING:
            self.mode = DRIVING
            over = telling.is_over
            telling.say(SAID, "You drive." if over else "You drive; space resumes the story.")
        self.pacer.stop_jump()
        noted = stage.perform_by_hand(action)
        telling.say(ACTED, f"you: {', '.join(noted)}")

    def _jump(self) -> None:
        now_us = self._kernel.now_us
        at_us = [now_us + left_ms * 1000 for _, left_ms in self.deadlines()]
        later = [one for one in at_us if one - _BEFORE_A_DEADLINE_US > now_us]
        if later:
            self.is_still = False
            self.pacer.jump(min(later) - _BEFORE_A_DEADLINE_US)


def _nothing() -> None:
    pass
