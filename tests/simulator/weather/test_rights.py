"""Who may open, by the second opinion: what happened without a pulse counts as well."""

from __future__ import annotations

import pytest

from hal.fake.flash import PowerCut
from simulator.weather.car import WeatherCar
from simulator.weather.kinds import Weather
from simulator.weather.rights import LEASE_S
from simulator.weather.world import World

_S = 1_000_000
_MS = 1_000


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


def test_a_change_that_a_hello_tells_of_first_renews_the_lease() -> None:
    """SAFE-2, as short seed 15414 had it: the answer to that HELLO was lost, the card opens by right."""
    world = World(1, "top24-2018", 1, 4, 2, Weather())
    car = world.cars[0]
    _pass(world, 40)
    before = world.copies.standing(car)
    now_s = world.clock.unix_s()
    driver = world.template.drivers[0][0]
    made = world.offices[0].call(lambda f: f.add_booking(driver, car.ident, now_s, now_s + 3600))
    assert made is not None
    world.rights.of(car).lease_us = -LEASE_S * _S
    while world.copies.standing(car) == before:  # up to the turn of the change, and no further
        assert world.kernel.now_us < 60 * _S
        world.kernel.run_until(world.kernel.now_us + _MS)
    assert world.kernel.now_us - world.rights.of(car).lease_us <= _MS


def test_an_event_that_is_seen_after_a_power_cut_is_judged_by_when_it_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """I3, as short seed 18190 had it: taken in time, in the turn in which the power went."""
    world = World(1, "top24-2018", 1, 4, 2, Weather())
    car = world.cars[0]
    _pass(world, 40)

    def cut(*_: object) -> bytes:
        raise PowerCut

    assert car.loop is not None
    with monkeypatch.context() as meanwhile:
        # The journal has it, and the turn goes no further.
        meanwhile.setattr(car.loop._controller, "keep", cut)
        asked = world.offices[0].call(lambda f: f.ask_position(car.ident, "desk", "lost"))
        assert asked is not None
        _pass(world, 5)
    assert not car.is_powered
    _pass(world, 120)
    car.power_on()
    _pass(world, 20)
    assert list(world.requests._intents.values()) == [1]
