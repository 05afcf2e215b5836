"""A story told in this process alone, in simulated time: in plain lines, or as a picture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.kernel import Kernel
from simulator.live.cast import Cast, make_show
from simulator.live.draw_screen import screen_of
from simulator.live.frames import as_svg
from simulator.live.stage import DirectedStage
from simulator.live.terminal import LeaveError, Nobody
from simulator.live.told import SIGNS, Told
from simulator.scenario import times
from simulator.scenario.problem import StoryError, WordError
from simulator.scenario.story import Story
from simulator.vm.program import ProgramError

DONE, FAILED, USAGE = 0, 1, 2


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
        stage = DirectedStage(story, terms, arguments.vm, arguments.seed)
        cast = Cast(story, stage, terms, arguments.vm)
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


def _plain(cast: Cast, speed: float) -> int:
    def clock() -> str:
        return f"{datetime.fromtimestamp(cast.car.true_clock.unix_s(), cast.story.now.tzinfo):%H:%M:%S}"

    print(f"firmware on {cast.machine.name}, in plain lines", flush=True)
    if sys.stdout.isatty():
        show = make_show(cast, speed, Nobody())
        step_aside = show.step_aside
    else:
        step_aside = _nothing

    def tell(one: Told) -> None:
        step_aside()
        print(f"{one.at}  {SIGNS[one.kind]}{one.text}", flush=True)

    cast.telling.on_told = tell
    cast.car.timeline.observers.append(
        lambda _now_us, what: print(f"{clock()}      {what}", flush=True)
    )
    code = cast.play()
    print(f"{cast.story.title}: {cast.telling.standing}.")
    return code


def _picture(cast: Cast, path: str, at_us: int | None) -> int:
    cast.car.box.tells_deadlines = True
    if at_us is not None:
        cast.stage.director = Stop(cast.stage.kernel, cast.stage.kernel.now_us + at_us)
    with suppress(LeaveError):
        cast.play()
    seen = cast.look("real time", 1)
    screen = screen_of(seen, cast.telling.told, cast.car.true_clock.unix_s())
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

    def hold(self) -> int:
        return 0


def _nothing() -> None:
    pass
