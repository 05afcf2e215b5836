"""A key is changed between a stranger's car and the real fleetd, and a stranger's centre and the real car."""

from __future__ import annotations

from tests.fleetd.rig import CAR
from tests.protocol.test_stranger_car import House, house, play  # noqa: F401 - a fixture
from tests.protocol.test_stranger_centre import BOOKING, Pair

SECOND = b"second key of it" * 2


def test_the_strangers_car_takes_the_daemons_next_key(house: House) -> None:  # noqa: F811
    async def story(house: House) -> None:
        car = house.car
        car.hello()
        await house.until(lambda: car.gen == 1)
        await house.until_here(lambda: house.car_row().said_gen == 1)
        house.clock.now_s += 5
        house.fleet.rotate_key(CAR, "operator")
        await house.until(lambda: car.keys.is_changed)
        await house.until_here(lambda: house.car_row().key_slot == 1)
        car.is_answered = False
        car.hello(asking=True)
        await house.until(lambda: car.is_answered)

    play(house, story)


def test_the_real_car_takes_the_strangers_next_key() -> None:
    pair = Pair()
    pair.centre.change(1, BOOKING)
    pair.online()
    pair.centre.change_key(SECOND)
    pair.after(5)
    assert pair.centre.keys.spoken == SECOND
    assert pair.centre.confirmed == (1, 2)
    pair.car.restart()
    pair.server = pair.new_server()
    pair.online()
    assert pair.centre.keys.spoken == SECOND
