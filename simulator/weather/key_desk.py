"""The operator's person who gives cars new keys, as `python -m fleetd car rotate-key` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleetd.core.refused import Refused
from simulator.weather import kinds

if TYPE_CHECKING:
    from simulator.kernel import Event
    from simulator.weather.car import WeatherCar
    from simulator.weather.office import Office
    from simulator.weather.world import World

_WHO = "desk"
#: Statements that the command still gets through when its process is killed.
_PLACES_MAX = 25
_KILLED_SHARE = 0.2
#: Of cars that get a key lose their power, or the flash in an operation, soon after.
_DISTURBED_SHARE = 0.5
_SOON_US = (50_000, 6_000_000)
_FLASH_OPERATIONS_MAX = 8
_S = 1_000_000


class KeyDesk:
    """Goes on until `stop`; a change that is under way goes on by itself."""

    def __init__(self, world: World, every_s: float, disturbs: frozenset[str]) -> None:
        self._world = world
        self._every_s = every_s
        self._disturbs = disturbs
        self._random = world.kernel.random("key desk")
        self._next: Event | None = None
        self.begin()

    def begin(self) -> None:
        if self._every_s:
            wait_s = min(self._random.expovariate(1 / self._every_s), 4 * self._every_s)
            self._next = self._world.kernel.after(int(wait_s * _S), self._act)

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def _act(self) -> None:
        car = self._random.choice(self._world.cars)
        # With a clone the operator does not know which of them is the right one.
        office = self._random.choice(self._world.offices)
        dies_in = None
        if self._random.random() < _KILLED_SHARE and kinds.DAEMON_CRASH in self._disturbs:
            dies_in = self._random.randrange(_PLACES_MAX)
        if self._rotate(car, office, dies_in) and self._random.random() < _DISTURBED_SHARE:
            self._world.kernel.after(self._random.randint(*_SOON_US), lambda: self._disturb(car))
        self.begin()

    def _rotate(self, car: WeatherCar, office: Office, dies_in: int | None) -> bool:
        """Whether a key was made, as far as the operator saw."""
        what = f"{car.name} at {office.name}"
        try:
            number = office.by_hand(lambda fleet: fleet.rotate_key(car.ident, _WHO), dies_in)
        except Refused as refused:
            self._world.trace.note(f"new key for {what} refused: {refused.code}")
            return False
        if number is None:
            self._world.trace.note(f"the command for a new key of {what} was killed")
            return False
        self._world.trace.count(kinds.KEY_CHANGE, f"{number} for {what}")
        return True

    def _disturb(self, car: WeatherCar) -> None:
        """In the middle of it."""
        wanted = self._random.choice((kinds.POWER_CUT, kinds.FLASH_CUT, kinds.RESET, kinds.CUT))
        if wanted not in self._disturbs or car.loop is None:
            return
        if wanted == kinds.FLASH_CUT:
            car.cache_flash.cut_after = self._random.randrange(_FLASH_OPERATIONS_MAX)
            return
        self._world.trace.count(wanted, f"{car.name} in a change of its key")
        if wanted == kinds.POWER_CUT:
            self._world.cut_power(car, self._random.randint(0, 5))
        elif wanted == kinds.RESET:
            car.reset()
        else:
            self._world.air.cut(car)
