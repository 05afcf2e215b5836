"""N cars for D days: drivers who come now and then, the weather of life, and the watchers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from simulator.weather import kinds
from simulator.weather.chronicle import Violation
from simulator.weather.kinds import Weather
from simulator.weather.people import People
from simulator.weather.trouble import Trouble
from simulator.weather.world import World

PROFILE = "top24-2023"
DAY_S = 86_400
_S = 1_000_000
#: A car is visited about so often a day, by people who take their time.
_PACE = 400.0
_STEP_S = 600
_CALM_S_MAX = 1800
#: Kind -> seconds between two at one car, or at the daemon.
_USUAL_S = {
    kinds.CUT: 3 * 3600, kinds.BLACKOUT: 8 * 3600, kinds.POWER_CUT: 4 * DAY_S,
    kinds.FLASH_CUT: 2 * DAY_S, kinds.RESET: 3 * DAY_S,
}  # fmt: skip
_USUAL_OF_DAEMON_S = {kinds.DAEMON_CRASH: DAY_S, kinds.DAEMON_STOP: 2 * DAY_S}
_HARSH_S = {
    kinds.CUT: 1800, kinds.BLACKOUT: 2 * 3600, kinds.POWER_CUT: 10 * 3600,
    kinds.FLASH_CUT: 4 * 3600, kinds.RESET: 8 * 3600, kinds.JOURNAL_ERASED: 5 * DAY_S,
    kinds.COPY_ERASED: 3 * DAY_S, kinds.CLOCK_LOST: DAY_S, kinds.CLOCK_JUMP: DAY_S,
    kinds.REPLAYED: 3600, kinds.ALTERED: 2 * 3600, kinds.READDRESSED: 4 * 3600,
    kinds.HELD: 4 * 3600,
}  # fmt: skip
_HARSH_OF_DAEMON_S = {kinds.DAEMON_CRASH: 2 * 3600, kinds.DAEMON_STOP: 8 * 3600}
FAULTS = ("none", "usual", "harsh")


def weather_of(faults: str, cars: int) -> Weather:
    """Of a whole fleet: the more cars, the more happens."""
    if faults == "none":
        return Weather()
    is_harsh = faults == "harsh"
    of_car = _HARSH_S if is_harsh else _USUAL_S
    of_daemon = _HARSH_OF_DAEMON_S if is_harsh else _USUAL_OF_DAEMON_S
    percent = {kinds.LOST: 10, kinds.DOUBLED: 10, kinds.LATE: 10} if is_harsh else {kinds.LOST: 2}
    every_s = {kind: every_s / cars for kind, every_s in of_car.items()}
    return Weather(percent, every_s | {kind: float(s) for kind, s in of_daemon.items()})


class Days:
    """`run` goes through all of it; what a watcher says ends it."""

    def __init__(self, cars: int, days: float, seed: int, faults: str) -> None:
        self._arguments = {"cars": cars, "days": days, "seed": seed, "faults": faults}
        self._cars = cars
        self._days = days
        self.weather = weather_of(faults, cars)
        self.world = World(seed, PROFILE, cars, max(3 * cars, 6), 4, self.weather)
        self.violations: list[str] = []

    def run(self, tell: Callable[[float], None]) -> dict[str, Any]:
        """The result; `tell` hears how many days have passed."""
        began_s = time.monotonic()
        world = self.world
        trouble = Trouble(world, self.weather)
        people = People(world, _PACE)
        people.begin()
        try:
            end_us = int(self._days * DAY_S * _S)
            while world.kernel.now_us < end_us:
                world.kernel.run_until(min(end_us, world.kernel.now_us + _STEP_S * _S))
                tell(world.kernel.now_us / _S / DAY_S)
            trouble.stop()
            people.stop()
            self._calm_down()
        except Violation as violation:
            self.violations.append(str(violation))
        return self._result(time.monotonic() - began_s)

    def _calm_down(self) -> None:
        """Until nobody has anything left to tell, or it takes too long."""
        world = self.world
        world.be_calm()
        until_us = world.kernel.now_us + _CALM_S_MAX * _S
        while world.lacking() and world.kernel.now_us < until_us:
            world.kernel.run_until(world.kernel.now_us + 5 * _S)
        lacking = world.lacking()
        if lacking:
            raise Violation("after the faults stop all come together within 30 minutes", lacking)

    def _result(self, wall_s: float) -> dict[str, Any]:
        world = self.world
        events, lost, doubled = world.told.lost_and_doubled(world.offices[0])
        vehicle_days = self._cars * world.kernel.now_us / _S / DAY_S
        return {
            **self._arguments,
            "vehicle_days": round(vehicle_days, 2),
            "wall_s": round(wall_s, 2),
            "vehicle_days_per_s": round(vehicle_days / max(wall_s, 1e-9), 2),
            "safety_violations": len(self.violations),
            "violations": self.violations,
            "audit_events": events,
            "audit_lost": lost,
            "audit_doubled": doubled,
            "counts": dict(sorted(world.trace.counts.items())) | {"opened": world.rights.opened},
            "digest": world.trace.digest(),
        }
