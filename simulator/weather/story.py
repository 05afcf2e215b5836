"""One seed: storm, now and then days of silence, and the calm in which all must come together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from simulator.weather import kinds
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Trace, Violation
from simulator.weather.key_desk import KeyDesk
from simulator.weather.kinds import Weather, draw
from simulator.weather.people import People
from simulator.weather.template import START_S
from simulator.weather.trouble import Trouble
from simulator.weather.world import World

TOGETHER = "after the faults stop, daemon and cars are in step in time (I4)"
CALM_S_MAX = 1200
#: Where keys were changed: a car at rest says HELLO every 12 to 18 minutes, and tries its first key
#: after five minutes of those that nobody answered.
KEY_CALM_S_MAX = 1800
_LOOK_S = 2
_S = 1_000_000
_PROFILES = ("top24-2018", "top24-2023", "jparc-2023")
_STAFF = (2, 20, 90)
_HORIZON_S = 72 * 3600


@dataclass(frozen=True)
class Form:
    """How long and how large a run is."""

    cars: tuple[int, int]
    drivers: int
    storm_s: tuple[int, int]


SHORT = Form((1, 2), 8, (150, 420))
LONG = Form((2, 4), 24, (1200, 4800))


@dataclass
class Outcome:
    """`rule` is "" when everything held."""

    seed: int
    digest: str = ""
    rule: str = ""
    what: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    simulated_s: float = 0.0
    #: From the last fault until all were in step.
    calm_s: float = 0.0
    last: list[str] = field(default_factory=list)


def play(
    seed: int,
    form: Form = SHORT,
    allowed: tuple[str, ...] = kinds.KINDS,
    tell: Callable[[str], None] | None = None,
) -> Outcome:
    """Never raises for what is found."""
    outcome = Outcome(seed)
    run = Run(seed, form, allowed, tell)
    try:
        outcome.calm_s = run.play()
    except Violation as violation:
        outcome.rule, outcome.what = violation.rule, violation.what
    trace: Trace = run.world.trace
    trace.counts["opened"] += run.world.rights.opened
    outcome.digest, outcome.counts = trace.digest(), dict(trace.counts)
    outcome.simulated_s = run.world.kernel.now_us / _S
    outcome.last = list(trace.last)
    return outcome


class Run:
    """What is drawn from the seed, and its parts in order."""

    def __init__(
        self,
        seed: int,
        form: Form,
        allowed: tuple[str, ...],
        tell: Callable[[str], None] | None,
    ) -> None:
        random = Random(f"{seed}/form")
        self._storm_s = random.randint(*form.storm_s)
        self._weather = draw(random, allowed)
        is_allowed = kinds.FITTED in allowed
        self._weather.has_fitted = is_allowed and Random(f"{seed}/fitted").random() < kinds.SHARE
        changes = Random(f"{seed}/keys")
        if changes.random() < kinds.SHARE and kinds.KEY_CHANGE in allowed:
            self._weather.key_change_every_s = changes.choice(kinds.KEY_CHANGE_EVERY_S)
        profile, staff = random.choice(_PROFILES), random.choice(_STAFF)
        cars = random.randint(*form.cars)
        self.world = World(seed, profile, cars, form.drivers, staff, self._weather, tell)
        self._random = random

    def play(self) -> float:
        """How long the calm took; Violation when something does not hold."""
        world = self.world
        trouble = Trouble(world, self._weather)
        people = People(world)
        desk = KeyDesk(world, self._weather.key_change_every_s, frozenset(self._weather.every_s))
        people.begin()
        if self._weather.has_silence:
            self._pass(self._storm_s // 2)
            for one in (trouble, people, desk):
                one.stop()
            free = [car for car in self.world.cars if car.loop and car.loop.state == "vacant"]
            if free:
                self._be_silent(people, self._random.choice(free))
            for one in (people, trouble, desk):
                one.begin()
            self._pass(self._storm_s // 2)
        else:
            self._pass(self._storm_s)
        for one in (trouble, people, desk):
            one.stop()
        return self._calm_down()

    def _pass(self, seconds: float) -> None:
        self.world.kernel.run_until(self.world.kernel.now_us + int(seconds * _S))

    def _be_silent(self, people: People, car: WeatherCar) -> None:
        """No word of the daemon for longer than the lease; somebody else brings what he kept.

        The other cars have no power meanwhile: a use that goes on for days costs much time.
        """
        world = self.world
        driver = self._random.choice(list(people.cards))
        starts_s = world.clock.unix_s() + _HORIZON_S - 60
        people.ask(car, "book for later", lambda fleet: fleet.add_booking(
            driver, car.ident, starts_s, starts_s + 7200))  # fmt: skip
        weather, world.air.weather = world.air.weather, Weather()
        self._pass(40)
        world.trace.count(kinds.SILENCE)
        world.air.is_silent = True
        for one in world.cars:
            world.air.cut(one)
            if one is not car:
                one.power_cut()
        for at_s in (3600, 100_000, _HORIZON_S - 600):
            world.kernel.run_until((starts_s - START_S - _HORIZON_S + at_s) * _S)
            self._pretend(car)
        world.kernel.run_until((starts_s - START_S + 1500) * _S)
        people.tap(car, people.cards[driver])
        self._pass(20)
        world.air.is_silent = False
        world.air.weather = weather
        for one in world.cars:
            one.power_on()
            world.air.connect_soon(one)

    def _pretend(self, car: WeatherCar) -> None:
        """A false daemon: it has no key, only old frames."""
        air = self.world.air
        car.link.is_up = True
        car.wake()
        for frame in air.ways[car.ident].captured_down[-12:]:
            air.bring_down(car, frame, self._random.randint(1, 30) * _S)
        self._pass(40)
        car.link.is_up = False
        car.wake()

    def _calm_down(self) -> float:
        world = self.world
        world.be_calm()
        began_us = world.kernel.now_us
        until_s = KEY_CALM_S_MAX if self._weather.key_change_every_s else CALM_S_MAX
        while True:
            lacking = world.lacking()
            if not lacking:
                break
            if world.kernel.now_us - began_us > until_s * _S:
                raise Violation(TOGETHER, lacking)
            self._pass(_LOOK_S)
        world.requests.check_all()
        for car in world.cars:
            world.copies.compare(car)
        world.key_tables.look_for_secrets(world.offices[0], world.offices[0].beside)
        return (world.kernel.now_us - began_us) / _S
