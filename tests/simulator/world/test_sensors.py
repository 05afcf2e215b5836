"""The wires to the box: contacts bounce, sensors fail, some are not there."""

import pytest

from firmware.wire import codes
from simulator.kernel import Kernel
from simulator.world.body import Body
from simulator.world.sensors import BOUNCE_US, MECHANICAL, Sensors
from simulator.world.timeline import Timeline

AT_REST = bytes((0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1))


class Scene:
    """Sensors on a body; every change of the values is kept."""

    def __init__(self, not_fitted: frozenset[int] = frozenset(), seed: int = 1) -> None:
        self.kernel = Kernel(seed)
        timeline = Timeline(self.kernel)
        self.notes: list[str] = []
        timeline.observers.append(lambda _at_us, what: self.notes.append(what))
        self.body = Body(self.kernel, timeline, True, False)
        self.sensors = Sensors(self.kernel, timeline, self.body, not_fitted)
        self.seen: list[tuple[int, bytes]] = []
        self.sensors.on_change = lambda: self.seen.append(
            (self.kernel.now_us, bytes(self.sensors.values))
        )

    def rest(self) -> None:
        self.kernel.run_until(self.kernel.now_us + BOUNCE_US)


def test_they_see_the_car_as_it_stands() -> None:
    assert bytes(Scene().sensors.values) == AT_REST


@pytest.mark.parametrize("seed", range(20))
def test_a_contact_bounces_and_comes_to_rest(seed: int) -> None:
    scene = Scene(seed=seed)
    scene.body.set_key(False)
    scene.rest()
    toggles = [values[codes.IN_KEY] for _, values in scene.seen]
    assert 3 <= len(toggles) <= 7
    assert toggles == [i % 2 for i in range(len(toggles))]
    assert scene.sensors.values[codes.IN_KEY] == codes.NO
    assert scene.seen[0][0] == 0
    assert scene.seen[-1][0] < BOUNCE_US


def test_bounce_is_the_seeds() -> None:
    def seen(seed: int) -> list[tuple[int, bytes]]:
        scene = Scene(seed=seed)
        scene.body.set_key(False)
        scene.rest()
        return scene.seen

    assert seen(1) == seen(1)
    assert seen(1) != seen(2)


def test_electronics_do_not_bounce() -> None:
    scene = Scene()
    scene.body.set_lights(True)
    scene.rest()
    assert len(scene.seen) == 1
    assert codes.IN_LIGHTS not in MECHANICAL


def test_a_contact_that_moves_again_ends_where_it_is() -> None:
    scene = Scene()
    scene.body.set_key(False)
    scene.kernel.run_until(200)
    scene.body.set_key(True)
    scene.rest()
    scene.rest()
    assert scene.sensors.values[codes.IN_KEY] == codes.YES


def test_everything_is_wired_to_its_own_input() -> None:
    scene = Scene()
    body = scene.body
    body.move_locks(False)
    body.move_block(False)
    for door in ("driver", "passenger", "rear-left", "rear-right", "trunk"):
        body.open_door(door)
    body.set_key(False)
    body.set_knob(False)
    body.start_engine()
    body.drive(1000, 1_000_000)
    body.set_brake(False)
    body.set_gear("D")
    body.set_lights(True)
    body.set_window(True)
    scene.rest()
    flipped = bytes(1 - value for value in AT_REST)
    assert bytes(scene.sensors.values) == flipped


def test_a_stuck_input_stays_and_a_freed_one_tells_the_truth() -> None:
    scene = Scene()
    scene.sensors.stick("engine", codes.YES)
    assert scene.sensors.values[codes.IN_ENGINE] == codes.YES
    scene.body.set_lights(True)
    assert scene.sensors.values[codes.IN_ENGINE] == codes.YES
    scene.sensors.stick("door_driver", codes.UNKNOWN)
    assert scene.sensors.values[codes.IN_DOOR_DRIVER] == codes.UNKNOWN
    scene.body.move_locks(False)
    scene.body.open_door("driver")
    scene.sensors.free("engine")
    scene.sensors.free("door_driver")
    scene.rest()
    assert scene.sensors.values[codes.IN_ENGINE] == codes.NO
    assert scene.sensors.values[codes.IN_DOOR_DRIVER] == codes.YES
    assert scene.notes[0] == "input engine stuck at yes"
    assert "input door_driver free" in scene.notes


def test_an_input_without_a_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        Scene().sensors.stick("hatch", codes.YES)


def test_a_sensor_that_is_not_fitted_cannot_tell() -> None:
    scene = Scene(frozenset({codes.IN_GEAR_P}))
    assert scene.sensors.values[codes.IN_GEAR_P] == codes.UNKNOWN
    scene.body.set_gear("D")
    assert scene.sensors.values[codes.IN_GEAR_P] == codes.UNKNOWN
