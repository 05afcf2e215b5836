"""The world that outlives a car's process: doors, switches, drives, faults, and the time."""

from pathlib import Path
from typing import Any

import pytest

from firmware.wire.codes import ANTENNA_SHORT
from simulator.car import Car, CarPlan
from simulator.desk import world_file
from simulator.desk.clock import Course
from simulator.desk.state_files import StateError, write_json
from simulator.desk.world_file import WorldFile
from simulator.kernel import Kernel
from tests.simulator.live.troupe import morning

START_S = 1775004600
S = 1_000_000


@pytest.fixture(name="terms")
def profile_terms_of_the_morning() -> dict[str, Any]:
    from simulator.scenario.runner import profile_terms

    return profile_terms(morning())


def car_at(start_s: int, terms: dict[str, Any]) -> Car:
    return Car(Kernel(), CarPlan(start_s, terms))


def unlocked_and_driving(terms: dict[str, Any]) -> Car:
    """Ten kilometres in ten minutes, four of which have passed; a door is open, an input stuck."""
    car = car_at(START_S, terms)
    car.kernel.run_until(10 * S)
    body = car.body
    body.move_locks(False)
    body.move_block(False)
    body.open_door("trunk")
    body.set_key(False)
    body.set_knob(False)
    body.start_engine()
    body.set_gear("D")
    body.set_lights(True)
    body.set_battery(11_900)
    body.set_antenna(ANTENNA_SHORT)
    body.drive(10_000, 600 * S)
    car.sensors.stick("brake", 0)
    car.reader.set_broken(True)
    car.clock.ahead_s = 120
    car.network.down()
    car.kernel.run_until(250 * S)
    return car


def test_a_car_is_as_it_was(terms: dict[str, Any], tmp_path: Path) -> None:
    before = unlocked_and_driving(terms)
    WorldFile(tmp_path).keep(before, START_S + 250)
    kept = WorldFile(tmp_path).read()
    assert kept is not None
    world, simulated_s = kept
    assert simulated_s == START_S + 250
    after = car_at(START_S + 250, terms)
    world_file.restore(after, world)
    assert world_file.describe(after) == world
    assert after.body.open_doors == {"trunk"}
    assert after.sensors.values == before.sensors.values
    assert after.body.journey.odometer_m() == before.body.journey.odometer_m()
    assert after.body.journey.antenna == ANTENNA_SHORT
    before.close()
    after.close()


def test_a_drive_goes_on_while_nobody_computes_it(terms: dict[str, Any]) -> None:
    before = unlocked_and_driving(terms)
    world = world_file.describe(before)
    # A minute and a half later: 330 of 600 seconds are over.
    after = car_at(START_S + 340, terms)
    world_file.restore(after, world)
    assert world_file.describe(after)["journey"]["is_under_way"]
    driven_m = after.body.journey.odometer_m() - 12_345_000
    assert driven_m == 5_500
    after.kernel.run_until(270 * S)
    assert not after.body.is_moving
    assert after.body.journey.odometer_m() == 12_355_000
    before.close()
    after.close()


def test_a_drive_that_was_over_meanwhile_is_over(terms: dict[str, Any]) -> None:
    before = unlocked_and_driving(terms)
    after = car_at(START_S + 5000, terms)
    world_file.restore(after, world_file.describe(before))
    after.kernel.run_until(S)
    assert not after.body.is_moving
    assert after.body.journey.odometer_m() == 12_355_000
    before.close()
    after.close()


def test_a_box_without_power_gets_none_by_being_restored(terms: dict[str, Any]) -> None:
    before = car_at(START_S, terms)
    before.kernel.run_until(2 * S)
    assert before.state == "vacant"
    before.box.power_cut()
    after = car_at(START_S + 2, terms)
    world_file.restore(after, world_file.describe(before))
    after.kernel.run_until(5 * S)
    assert after.state == "off"
    before.close()
    after.close()


def test_it_is_written_when_something_changed_or_the_time_is_wanted(
    terms: dict[str, Any], tmp_path: Path
) -> None:
    car = car_at(START_S, terms)
    world = WorldFile(tmp_path)

    def kept_s() -> float:
        kept = world.read()
        assert kept is not None
        return kept[1]

    world.keep(car, 1.0)
    world.keep(car, 2.0)
    assert kept_s() == 1.0
    world.keep(car, 3.0, time_too=True)
    assert kept_s() == 3.0
    car.body.set_window(True)
    world.keep(car, 4.0)
    assert kept_s() == 4.0
    car.close()


def test_a_clock_that_runs_is_found_again(tmp_path: Path) -> None:
    world = WorldFile(tmp_path)
    assert world.read_course(100.0) is None
    world.keep_course(Course(50.0, START_S, 10.0))
    assert world.read_course(100.0) == Course(50.0, START_S, 10.0)
    assert world.read_course(49.0) is None  # the machine was started anew
    world.forget_course()
    world.forget_course()
    assert world.read_course(100.0) is None


def test_what_is_no_world_gets_a_sentence(tmp_path: Path) -> None:
    assert WorldFile(tmp_path).read() is None
    write_json(tmp_path / "world.json", {"world": 3})
    with pytest.raises(StateError, match="holds no world"):
        WorldFile(tmp_path).read()
