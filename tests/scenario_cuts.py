"""Power cuts and resets at any moment of a story, and what must hold after each.

    python -m tests.scenario_cuts STORY [--every SECONDS] [--random N] [--seed N] [--turns]

The story is told once. At each moment chosen this process forks, and the child's car loses its
power, its program or a journal write there, while the parent tells on. Chosen are all moments at which
something happens, a few chosen by chance, and with --every one each so many seconds.

What must hold (SAFE-3, SAFE-2, SAFE-1): the rental goes on in the state that it was in, or in one
that a deadline leads to; no unlock and no release goes out without a new request; a running
engine is not blocked; no deadline is later than it was; and the driver can end and lock.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from random import Random
from typing import Any

from firmware.wire.codes import PULSE_RELEASE, PULSE_UNLOCK
from simulator.daemon.centre import FleetCentre
from simulator.scenario import times, words
from simulator.scenario.reader import read_file
from simulator.scenario.runner import Outcome, Player, profile_terms
from simulator.scenario.stage import Stage
from simulator.scenario.story import Story

#: How much earlier a deadline may be: the session's record is up to 10 s old, clocks have seconds.
EARLIER_US_MAX = 12 * times.S
OFF_US = 20 * times.S
BOOT_US = 1 * times.S
WATCH_US = 20 * times.S
#: A journal that is in use is written this often, at the least.
WRITES_EVERY_US = 12 * times.S

#: State before the cut -> what it may be after it, without anybody's doing.
FAMILIES: dict[str, set[str]] = {
    "authorising": {"vacant", "ended"},
    "unlocked": {"unlocked", "relocked"},
    "boarding": {"boarding", "secured"},
    "key_returned": {"key_returned", "secured"},
    "ending": {"ending", "ended"},
    "ended": {"ended", "vacant"},
    "reopened": {"reopened", "vacant"},
}
#: In these the car is shut, at the latest soon after the reset.
SHUT = {"vacant", "ended", "relocked", "secured"}
SHUT_US_MAX = 2 * times.S


class CutError(Exception):
    """Something does not hold after a cut."""


class Before:
    """A car as it was when the power went."""

    def __init__(self, stage: Stage) -> None:
        car = stage.car
        self.state = car.state
        self.engine_runs = car.body.engine_is_on
        self.pulses = list(car.relays.pulses)
        now_us = stage.kernel.now_us
        self.deadlines_us = {name: now_us + left * 1000 for name, left in car.box.deadlines()}


def reset(stage: Stage) -> Before:
    """The watchdog bites."""
    before = Before(stage)
    stage.car.box.reset()
    return before


def cut(stage: Stage) -> Before:
    """No power for a while."""
    before = Before(stage)
    stage.car.box.power_cut()
    stage.run_until(stage.since_now_us + OFF_US)
    stage.car.box.power_on()
    return before


def cut_in_storage(stage: Stage) -> Before:
    """The power goes in the middle of a write to the journal, the next one or the one after."""
    car = stage.car
    before = Before(stage)
    car.cut_power_in_storage(stage.since_now_us // times.MS % 2)
    ends_us = stage.since_now_us + WRITES_EVERY_US
    while car.box.is_powered and stage.since_now_us < ends_us:
        before = Before(stage)
        next_us = stage.next_us
        stage.run_until(ends_us if next_us is None else min(next_us, ends_us))
    car.box.power_cut()
    stage.run_until(stage.since_now_us + OFF_US)
    car.box.power_on()
    return before


KINDS = {"reset": reset, "cut": cut, "cut in storage": cut_in_storage}


def check(stage: Stage, kind: str, next_state: str = "") -> None:
    """Have it happen now, to this car, and look at it for a while; CutError when all is not well.

    next_state: what a turn that is cut in its middle may have been about to reach.
    """
    car = stage.car
    if car.state == "off":
        return
    before = KINDS[kind](stage)
    stage.run_until(stage.since_now_us + BOOT_US)
    allowed = _allowed(before.state, stage)
    if kind == "cut in storage" and next_state:
        allowed |= _allowed(next_state, stage)
    if car.state not in allowed:
        raise CutError(f"{before.state} became {car.state}")
    _check_deadlines(before, stage)
    _check_nothing_opens(before, stage)
    _check_it_can_end(stage)


def _allowed(state: str, stage: Stage) -> set[str]:
    """States that follow by themselves, and those that follow from where key and doors are now."""
    body = stage.car.body
    found = set(FAMILIES.get(state, {state}))
    if body.key_is_in_box:
        found |= {"key_returned"} if state == "in_use" else set()
        found |= {"boarding"} if state == "unlocked" and body.open_doors else set()
    elif state in ("unlocked", "boarding", "key_returned"):
        found.add("in_use")
    return found


def _check_deadlines(before: Before, stage: Stage) -> None:
    now_us = stage.kernel.now_us
    after_us = {name: now_us + left * 1000 for name, left in stage.car.box.deadlines()}
    for name, at_us in after_us.items():
        was_us = before.deadlines_us.get(name)
        if was_us is None:
            if stage.car.state == before.state:
                raise CutError(f"deadline {name} was not there before")
        elif at_us > was_us and name != "warn":
            raise CutError(f"deadline {name} is {(at_us - was_us) // 1000} ms later")
        elif at_us < was_us - EARLIER_US_MAX:
            raise CutError(f"deadline {name} is {(was_us - at_us) // 1000} ms earlier")
    if stage.car.state == before.state:
        for name, was_us in before.deadlines_us.items():
            if name == "reopen_relock" and stage.car.body.open_doors:
                continue  # the door ended it (REOPEN-6)
            if name not in after_us and was_us > now_us + EARLIER_US_MAX:
                raise CutError(f"deadline {name} is gone")


def _check_nothing_opens(before: Before, stage: Stage) -> None:
    """A while in which nobody does anything; a lock that was cut off is made up for."""
    car = stage.car
    ends_us = stage.since_now_us + WATCH_US
    state, shut_us = car.state, stage.since_now_us + SHUT_US_MAX
    while stage.since_now_us < ends_us:
        next_us = stage.next_us
        stage.run_until(ends_us if next_us is None else min(next_us, ends_us))
        for line, name in ((PULSE_UNLOCK, "unlock"), (PULSE_RELEASE, "release")):
            if car.relays.pulses[line] > before.pulses[line]:
                raise CutError(f"{name} without anybody's asking")
        if before.engine_runs and car.body.is_blocked:
            raise CutError("a running engine was blocked")
        if car.state != state:
            state, shut_us = car.state, stage.since_now_us + SHUT_US_MAX
        is_due = state in SHUT and not car.body.open_doors and stage.since_now_us > shut_us
        if is_due and not (car.body.is_locked and car.body.is_blocked):
            raise CutError(f"{state}, but doors {car.doors} and engine {car.engine}")
    if car.box.failures:
        raise CutError(car.box.failures[-1])


def _check_it_can_end(stage: Stage) -> None:
    """The driver puts all right and ends, or locks what was reopened."""
    car = stage.car
    body = car.body
    for name in words.INPUTS:
        car.sensors.free(name)
    body.stop_engine()
    body.close_all()
    body.set_brake(True)
    body.set_gear("P")
    body.set_key(True)
    body.set_knob(True)
    car.network.up()
    stage.run_until(stage.since_now_us + 2 * times.S)
    if car.state not in ("vacant", "ended"):
        car.centre.operate("lock" if car.state == "reopened" else "end")
        stage.run_until(stage.since_now_us + 20 * times.S)
    if car.state not in ("vacant", "ended"):
        raise CutError(f"the use cannot be ended: {car.state}, {car.centre.site}")
    if not (body.is_locked and body.is_blocked):
        raise CutError(f"after the end doors are {car.doors}, engine {car.engine}")


class CutStage(Stage):
    """Knows whether the card on the reader was answered: if so, it must not count again."""

    def __init__(self, story: Story, terms: dict[str, Any], vm: str) -> None:
        self._told_at_tap = 0
        self._tapped = b""
        super().__init__(story, terms, vm)
        self.car.box.tells_deadlines = True

    def tap(self, idm: bytes) -> None:
        self._told_at_tap = len(self.car.events)
        self._tapped = idm
        super().tap(idm)

    def withdraw_requests(self) -> None:
        """What was asked and not answered may be done after a reset: that would be no fault."""
        if len(self.car.events) == self._told_at_tap:
            self.car.reader.remove(self._tapped)
        if isinstance(self.car.centre, FleetCentre):
            self.car.centre.withdraw()


class ForkingStage(CutStage):
    """At each of its moments a child tries each kind of cut; failures come back as lines."""

    def __init__(
        self,
        story: Story,
        kinds: list[str],
        moments_us: list[int],
        states: list[tuple[int, str]],
        takes_turns: bool,
    ) -> None:
        self._moments_us: list[int] = []
        super().__init__(story, profile_terms(story), "cpython")
        self._kinds = kinds
        self._states = states
        self._takes_turns = takes_turns
        self._moments_us = sorted(set(moments_us), reverse=True)
        self.failures: list[str] = []
        self.tried = 0

    def run_until(self, since_now_us: int) -> None:
        while self._moments_us and self._moments_us[-1] <= since_now_us:
            moment_us = max(self._moments_us.pop(), self.since_now_us)
            super().run_until(moment_us)
            for kind in self._kinds_now():
                self._fork(kind)
        super().run_until(since_now_us)

    def _kinds_now(self) -> list[str]:
        if not self._takes_turns:
            return self._kinds
        return [self._kinds[len(self._moments_us) % len(self._kinds)]]

    def _fork(self, kind: str) -> None:
        self.tried += 1
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            gc.disable()  # what it leaves ends with it
            os.write(writing, self._try(kind).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read().decode()
        os.waitpid(child, 0)
        if said != "holds":
            self.failures.append(f"{self.since_now_us / times.S:.3f} s, {kind}: {said or 'died'}")

    def _try(self, kind: str) -> str:
        self._moments_us = []
        self.car.timeline.observers.clear()
        later = (state for at_us, state in self._states if at_us > self.since_now_us)
        try:
            self.withdraw_requests()
            check(self, kind, next(later, ""))
        except CutError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent reports it
            return repr(error)
        return "holds"


class StopError(Exception):
    """The moment has come."""


class StoppingStage(CutStage):
    """Comes to a stop at one moment; for an interpreter that cannot be forked."""

    def __init__(self, story: Story, terms: dict[str, Any], vm: str, moment_us: int) -> None:
        self._stop_us: int | None = None
        super().__init__(story, terms, vm)
        self._stop_us = moment_us

    def run_until(self, since_now_us: int) -> None:
        if self._stop_us is not None and self._stop_us <= since_now_us:
            super().run_until(self._stop_us)
            self._stop_us = None
            raise StopError
        super().run_until(since_now_us)


def tell(story: Story, stage: Stage) -> Outcome:
    """The story on that stage."""
    outcome = Outcome(story)
    Player(story, stage, outcome).play()
    return outcome


class Script:
    """A story told once: when something happened, and which states it went through."""

    def __init__(self, story: Story) -> None:
        stage = Stage(story, profile_terms(story), "cpython")
        try:
            outcome = tell(story, stage)
        finally:
            stage.close()
        if not outcome.passed:
            raise CutError(f"{story.path} does not hold: {outcome.failures[0]}")
        happened_us = {t_ms * times.MS for t_ms, _ in outcome.timeline}
        #: When something happens, and a little later: contacts rest, pulses are half done.
        self.moments_us = _apart({*happened_us, *(at_us + 30 * times.MS for at_us in happened_us)})
        self.states = [
            (t_ms * times.MS, what.removeprefix("state "))
            for t_ms, what in outcome.timeline
            if what.startswith("state ")
        ]
        self.lasted_us = outcome.lasted_us

    def by_chance(self, count: int, seed: int) -> list[int]:
        """Moments that nobody chose."""
        random = Random(f"cuts/{seed}")
        return [random.randrange(self.lasted_us) for _ in range(count)]


def _apart(moments_us: set[int]) -> list[int]:
    """Those that are 10 ms apart at the least: less, and it is the same turn."""
    found: list[int] = []
    for moment_us in sorted(moments_us):
        if not found or moment_us - found[-1] >= 10 * times.MS:
            found.append(moment_us)
    return found


def campaign(
    story: Story, kinds: list[str], moments_us: list[int], script: Script, takes_turns: bool = False
) -> ForkingStage:
    """Every kind of cut at every one of these moments, or one kind after the other."""
    stage = ForkingStage(story, kinds, moments_us, script.states, takes_turns)
    tell(story, stage)
    return stage


def check_moment(story: Story, vm: str, moment_us: int, kind: str) -> None:
    """One cut on any interpreter, told from the beginning; CutError when all is not well."""
    stage = StoppingStage(story, profile_terms(story), vm, moment_us)
    try:
        tell(story, stage)
    except StopError:
        stage.withdraw_requests()
        check(stage, kind)
    finally:
        stage.close()


def main(argv: list[str]) -> int:
    """The exit code: 0 when all is well after every cut, 1 when not."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.scenario_cuts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("story")
    parser.add_argument("--kind", choices=KINDS, action="append", help="all, if none is given")
    parser.add_argument("--every", type=int, default=0, metavar="SECONDS")
    parser.add_argument("--random", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--turns", action="store_true", help="one kind a moment, in turn")
    arguments = parser.parse_args(argv)
    story = read_file(arguments.story)
    script = Script(story)
    moments_us = script.moments_us + script.by_chance(arguments.random, arguments.seed)
    if arguments.every:
        moments_us += range(0, script.lasted_us, arguments.every * times.S)
    kinds = arguments.kind or list(KINDS)
    done = campaign(story, kinds, moments_us, script, arguments.turns)
    for failure in done.failures:
        print(failure)
    print(f"{done.tried} cuts, {len(done.failures)} failures")
    return 1 if done.failures or not done.tried else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
