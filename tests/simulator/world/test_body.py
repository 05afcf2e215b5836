"""The car by itself: what can be done, what cannot, and what is noted."""

import pytest

from simulator.kernel import Kernel
from simulator.world.body import Body
from simulator.world.journey import ODOMETER_M, STATION_LATITUDE_UDEG, UDEG_A_METRE
from simulator.world.timeline import Timeline

MINUTE_US = 60_000_000


class Scene:
    """A body whose notes are kept."""

    def __init__(self, has_knob: bool = True, has_smart_key: bool = False) -> None:
        self.kernel = Kernel()
        timeline = Timeline(self.kernel)
        self.notes: list[str] = []
        timeline.observers.append(lambda _at_us, what: self.notes.append(what))
        self.body = Body(self.kernel, timeline, has_knob, has_smart_key)

    def ready(self) -> Body:
        """Unlocked, released, key taken."""
        self.body.move_locks(False)
        self.body.move_block(False)
        self.body.set_key(False)
        self.notes.clear()
        return self.body


def test_it_stands_as_every_story_begins() -> None:
    body = Scene().body
    assert body.is_locked
    assert body.is_blocked
    assert not body.open_doors
    assert body.key_is_in_box
    assert body.knob_is_at_return
    assert body.brake_is_on
    assert body.gear == "P"
    assert body.battery_mv == 12600
    others = (body.engine_is_on, body.lights_are_on, body.window_is_open, body.is_moving)
    assert others == (False, False, False, False)


def test_a_locked_door_does_not_open() -> None:
    scene = Scene()
    assert not scene.body.open_door("driver")
    assert scene.notes == ["door driver does not open: locked"]
    scene.body.move_locks(False)
    assert scene.body.open_door("driver")
    assert scene.body.open_door("trunk")
    assert scene.body.open_doors == {"driver", "trunk"}
    scene.body.close_all()
    assert not scene.body.open_doors
    assert scene.notes[1:] == [
        "doors unlocked",
        "door driver opened",
        "door trunk opened",
        "door driver closed",
        "door trunk closed",
    ]


def test_what_changes_nothing_is_not_noted() -> None:
    scene = Scene()
    body = scene.body
    body.set_key(True)
    body.set_brake(True)
    body.set_gear("P")
    body.set_lights(False)
    body.set_window(False)
    body.move_locks(True)
    body.move_block(True)
    body.stop_engine()
    body.close_door("driver")
    body.set_battery(12600)
    assert scene.notes == []


@pytest.mark.parametrize(
    ("has_knob", "key_is_in", "at_return", "in_box"),
    [
        (True, True, True, True),
        (True, True, False, False),
        (True, False, True, False),
        (False, True, True, True),
        (False, False, True, False),
    ],
)
def test_the_key_is_in_the_box(
    has_knob: bool, key_is_in: bool, at_return: bool, in_box: bool
) -> None:
    body = Scene(has_knob).body
    body.set_key(key_is_in)
    if has_knob:
        body.set_knob(at_return)
    assert body.key_is_in_box is in_box


def test_a_connector_has_no_knob() -> None:
    scene = Scene(has_knob=False)
    assert not scene.body.set_knob(False)
    assert scene.notes == ["the knob does not turn: this car has a connector"]


def test_a_blocked_engine_does_not_start_and_a_running_one_is_not_stopped() -> None:
    scene = Scene()
    body = scene.body
    body.set_key(False)
    assert not body.start_engine()
    assert scene.notes[-1] == "engine does not start: blocked"
    body.move_block(False)
    assert body.start_engine()
    body.move_block(True)
    assert body.engine_is_on


def test_the_engine_needs_the_key_or_a_smart_one() -> None:
    scene = Scene()
    scene.body.move_block(False)
    assert not scene.body.start_engine()
    assert scene.notes[-1] == "engine does not start: the key is in the box"
    smart = Scene(has_smart_key=True).body
    smart.move_block(False)
    assert smart.start_engine()


def test_driving_needs_the_engine_and_takes_its_time() -> None:
    scene = Scene()
    body = scene.ready()
    assert not body.drive(3500, 20 * MINUTE_US)
    body.start_engine()
    assert body.drive(3500, 20 * MINUTE_US)
    scene.kernel.run_until(5 * MINUTE_US)
    moves = [body.is_moving]
    assert body.journey.odometer_m() == ODOMETER_M + 875
    assert body.journey.latitude_udeg() == STATION_LATITUDE_UDEG + 875 * UDEG_A_METRE
    scene.kernel.run_until(20 * MINUTE_US)
    moves.append(body.is_moving)
    assert moves == [True, False]
    assert body.journey.odometer_m() == ODOMETER_M + 3500
    assert body.journey.latitude_udeg() == STATION_LATITUDE_UDEG
    assert scene.notes == [
        "the car does not move: the engine is off",
        "engine on",
        "car moves",
        "car stands",
    ]


def test_turning_the_engine_off_ends_a_drive() -> None:
    scene = Scene()
    body = scene.ready()
    body.start_engine()
    body.drive(1000, 10 * MINUTE_US)
    scene.kernel.run_until(2 * MINUTE_US)
    body.stop_engine()
    scene.kernel.run_until(30 * MINUTE_US)
    assert body.journey.odometer_m() == ODOMETER_M + 200
    assert body.journey.latitude_udeg() == STATION_LATITUDE_UDEG + 200 * UDEG_A_METRE
    assert scene.notes[-2:] == ["car stands", "engine off"]


def test_the_drivers_key_locks_once_it_is_taken() -> None:
    """USE-1."""
    scene = Scene()
    scene.body.move_locks(False)
    assert not scene.body.use_drivers_key(lock=True)
    locked = [scene.body.is_locked]
    assert scene.notes[-1] == "doors are not locked by key: the key is in the box"
    scene.body.set_key(False)
    assert scene.body.use_drivers_key(lock=True)
    locked.append(scene.body.is_locked)
    assert scene.body.use_drivers_key(lock=False)
    locked.append(scene.body.is_locked)
    assert locked == [False, True, False]
