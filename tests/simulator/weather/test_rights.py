"""Who may open, by the second opinion: what happened without a pulse counts as well."""

from __future__ import annotations

import pytest

from hal.fake.flash import PowerCut
from simulator.weather.car import WeatherCar
from simulator.weather.kinds import Weather
from simulator.weather.world import World

_S = 1_000_000


def _pass(world: World, seconds: int) -> None:
    world.kernel.run_until(world.kernel.now_us + seconds * _S)


def test_a_use_begins_although_the_power_goes_before_the_pulse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SAFE-2, SAFE-5: as the long seed 20011 had it; the driver's card opens after the start anew."""
    world = World(1, "top24-2018", 1, 4, 2, Weather())
    car, (driver, card) = world.cars[0], world.template.drivers[0]
    now_s = world.clock.unix_s()
    made = world.offices[0].call(lambda f: f.add_booking(driver, car.ident, now_s, now_s + 3600))
    assert made is not None
    _pass(world, 40)

    def cut(_car: WeatherCar, _line: int) -> None:
        raise PowerCut

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(world, "pulse_begun", cut)
        world.rights.touch(car, card)
        car.tap(card)
        _pass(world, 5)
    assert not car.is_powered
    assert not world.rights.of(car).is_in_use
    _pass(world, 2)
    car.power_on()
    _pass(world, 20)
    ledger = world.rights.of(car)
    assert (ledger.is_in_use, world.rights.opened) == (True, 0)
    assert ledger.driver == 1
