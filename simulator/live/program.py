"""The three ways to tell a story: drawn in the terminal, in plain lines, as a picture."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.kernel import Kernel
from simulator.live.draw_screen import Pace, Screen
from simulator.live.frames import Frames, as_svg
from simulator.live.hands import Hands
from simulator.live.machine import Machine
from simulator.live.pacing import Pacer
from simulator.live.show import Keys, Show
from simulator.live.stage import DirectedStage
from simulator.live.telling import Telling
from simulator.live.terminal import Keyboard, LeaveError, NoKeyboard
from simulator.live.told import ACTED, HELD, MISSED, REFUSED, SAID, Told
from simulator.live.view import Observer
from simulator.scenario import times
from simulator.scenario.problem import StoryError, WordError
from simulator.scenario.story import Story
from simulator.vm.program import ProgramError

DONE, FAILED, USAGE = 0, 1, 2
_SIGNS = {SAID: "", ACTED: "-> ", REFUSED: "refused: ", HELD: "ok: ", MISSED: "MISSED: "}
_TOLD_SHOWN = 60
_KEYS = "Keys stand at the foot of the screen; q or Ctrl-C leaves."


class Cast:
    """A car on its stage, somebody who tells its story, somebody who looks."""

    def __init__(self, arguments: argparse.Namespace, story: Story, terms: dict[str, Any]) -> None:
        self.story = story
        self.stage = DirectedStage(story, terms, arguments.vm, arguments.seed)
        try:
            self.car = self.stage.car
            self.telling = Telling(story, self.stage)
            self.machine = Machine(self.car, arguments.vm, time.monotonic)
            self.observer = Observer(
                self.car, story, terms["start_early_s"], terms["reader_window_s"]
            )
        except BaseException:
            self.stage.close()
            raise

    def screen(self, pace: Pace) -> Screen:
        """What there is to be seen now."""
        self.machine.look()
        telling = self.telling
        return Screen(
            title=self.story.title,
            machine=self.machine.text,
            terms=self.story.profile,
            view=self.observer.look(),
            pace=pace,
            told=(*telling.told[-_TOLD_SHOWN:], *((telling.awaited,) if telling.awaited else ())),
            note=telling.note,
        )

    def play(self) -> int:
        """The story; the exit code for whoever only watched."""
        self.telling.play()
        return DONE if self.telling.outcome.passed else FAILED


def live(arguments: argparse.Namespace, story: Story, terms: dict[str, Any]) -> int:
    """Drawn, with keys; stays open when the story is over."""
    return _guarded(arguments, story, terms, lambda cast: _live(cast, arguments.speed))


def plain(arguments: argparse.Namespace, story: Story, terms: dict[str, Any]) -> int:
    """Line by line; paced where somebody watches, as fast as it goes elsewhere."""
    return _guarded(arguments, story, terms, lambda cast: _plain(cast, arguments.speed))


def picture(arguments: argparse.Namespace, story: Story, terms: dict[str, Any]) -> int:
    """The screen at one moment, as SVG."""
    try:
        at_us = times.since_now_us(arguments.at, story.now) if arguments.at else None
    except WordError as error:
        print(f"--at: {error}", file=sys.stderr)
        return USAGE
    return _guarded(arguments, story, terms, lambda cast: _picture(cast, arguments.picture, at_us))


def _guarded(
    arguments: argparse.Namespace,
    story: Story,
    terms: dict[str, Any],
    tell: Callable[[Cast], int],
) -> int:
    """However it ends, the car's process is gone and there is an exit code."""
    try:
        cast = Cast(arguments, story, terms)
        try:
            return tell(cast)
        finally:
            cast.stage.close()
    except LeaveError as leave:
        return leave.code
    except KeyboardInterrupt:
        return DONE
    except StoryError as error:
        print(error, file=sys.stderr)
        return USAGE
    except ProgramError as error:
        print(f"the program of the box does not start: {error}", file=sys.stderr)
        return FAILED


def _live(cast: Cast, speed: float) -> int:
    from rich.console import Console

    print(f"{cast.machine.name}. {_KEYS}", flush=True)
    code = DONE
    with Keyboard(sys.stdin.fileno()) as keyboard:
        show = direct(cast, speed, keyboard)
        cast.car.box.tells_deadlines = True
        with Frames(Console(highlight=False), time.monotonic) as frames:
            show.draw = lambda: frames.show(lambda: cast.screen(Pace(show.pace, show.pacer.speed)))
            try:
                cast.play()
                show.stay()
            except LeaveError as leave:
                code = leave.code
            except KeyboardInterrupt:
                code = DONE
    print(f"{cast.story.title}: {cast.telling.note}.")
    return code


def direct(
    cast: Cast, speed: float, keyboard: Keys, monotonic: Callable[[], float] = time.monotonic
) -> Show:
    """From now on the clock runs at the show's pace, and keys are heard."""
    show = Show(cast.stage.kernel, Pacer(monotonic, speed), keyboard, monotonic)
    show.telling = cast.telling
    show.hands = Hands(cast.stage, cast.story)
    show.deadlines = cast.observer.deadlines
    cast.telling.on_told = lambda _told: show.step_aside()
    cast.car.timeline.observers.append(show.note)
    cast.stage.director = show
    show.step_aside()
    return show


def _plain(cast: Cast, speed: float) -> int:
    def clock() -> str:
        return f"{datetime.fromtimestamp(cast.car.true_clock.unix_s(), cast.story.now.tzinfo):%H:%M:%S}"

    print(f"firmware on {cast.machine.name}, in plain lines", flush=True)
    if sys.stdout.isatty():
        show = direct(cast, speed, NoKeyboard())
        step_aside = show.step_aside
    else:
        step_aside = _nothing

    def tell(one: Told) -> None:
        step_aside()
        print(f"{one.at}  {_SIGNS[one.kind]}{one.text}", flush=True)

    cast.telling.on_told = tell
    cast.car.timeline.observers.append(
        lambda _now_us, what: print(f"{clock()}      {what}", flush=True)
    )
    code = cast.play()
    print(f"{cast.story.title}: {cast.telling.note}.")
    return code


def _picture(cast: Cast, path: str, at_us: int | None) -> int:
    cast.car.box.tells_deadlines = True
    if at_us is not None:
        cast.stage.director = Stop(cast.stage.kernel, cast.stage.kernel.now_us + at_us)
    with suppress(LeaveError):
        cast.play()
    screen = cast.screen(Pace("real time", 1))
    try:
        Path(path).write_text(as_svg(screen), encoding="utf-8")
    except OSError as error:
        print(f"{path} cannot be written: {error.strerror}", file=sys.stderr)
        return USAGE
    return DONE


class Stop:
    """A `Director` who ends everything at a moment."""

    def __init__(self, kernel: Kernel, at_us: int) -> None:
        self._kernel = kernel
        self._at_us = at_us

    def advance(self, until_us: int, goal_us: int) -> int:  # noqa: ARG002 - a Director
        self._kernel.run_until(min(until_us, self._at_us))
        if self._kernel.now_us >= self._at_us:
            raise LeaveError
        return 0


def _nothing() -> None:
    pass
