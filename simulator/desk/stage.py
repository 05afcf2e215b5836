"""The stage of a car on a desk: its records are there, its daemon is a process of its own."""

from __future__ import annotations

from simulator.car import Car
from simulator.live.stage import DirectedStage
from simulator.scenario import times
from simulator.scenario.preparation import unix_s
from simulator.scenario.story import Story

#: The car comes to its records so long before `now`, longer than any reader's window is open, so
#: that no booking of the story counts as one that has only just arrived.
RECORDS_S = 5 * 3600
#: The box has its power again so long before `now`.
_POWER_ON_US = -15 * times.S
_NETWORK_GONE_US = -2 * times.S
_PATIENCE_US = 30 * times.S
_STEP_US = times.S // 4
_REST_US = 2 * times.S


class DeskStage(DirectedStage):
    """The car was made before, and goes on when the story is over."""

    def __init__(self, story: Story, car: Car) -> None:
        self._direct()
        self._story = story
        self.kernel = car.kernel
        self.car = car
        self.begins_us = car.true_clock.at_us(unix_s(story.now))

    def prepare(self) -> None:
        """Until `now`, in the time of the processes around; what cannot be had by then comes later.

        The hours between are a jump of the clock, with the box without power, as in every story.
        """
        self._wait_until_in_step(self.since_now_us + _PATIENCE_US)
        self.run_until(self.since_now_us + _REST_US)
        self.car.box.power_cut()
        self.kernel.run_until(self.begins_us + _POWER_ON_US)
        self.car.box.power_on()
        self._wait_until_in_step(_NETWORK_GONE_US)
        self.run_until(_NETWORK_GONE_US)
        if not self._story.network_is_up:
            self.car.network.down()
        self.run_until(0)

    def _wait_until_in_step(self, until_us: int) -> None:
        while not self.car.centre.is_in_step and self.since_now_us < until_us:
            self.run_until(min(self.since_now_us + _STEP_US, until_us))
