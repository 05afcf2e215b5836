"""A whole car whose contacts hang loose or lie: real firmware, real daemon, seeded chance."""

from typing import Any

import pytest

from firmware.wire import codes
from tests.simulator.stories import SECOND_US, Story


def names(story: Story) -> list[str]:
    return [str(event) for event in story.car.events]


def in_use(**settings: Any) -> Story:
    story = Story(**settings)
    story.start_by_card()
    story.board()
    story.later(1)
    assert story.car.state == "in_use"
    return story


@pytest.mark.parametrize(
    "vm", ["cpython", pytest.param("micropython", marks=pytest.mark.micropython)]
)
def test_a_key_that_lies_loosely_in_its_box(vm: str) -> None:
    """A storm of some twenty edges a second costs six records and a fault, and ends with the truth."""
    story = in_use(vm=vm)
    story.car.body.set_knob(True)
    story.later(1)
    before, erases = len(story.car.events), sum(story.car.journal_flash.erases)
    story.car.sensors.loosen("key")
    story.later(60)
    noise = names(story)[before:]
    assert noise.count("fault: input_noisy key") == 1
    assert len(noise) <= 7
    assert set(noise) <= {"key_in", "key_out", "fault: input_noisy key"}
    assert sum(story.car.journal_flash.erases) - erases <= 1
    before = len(story.car.events)
    story.car.body.set_key(True)
    story.car.sensors.free("key")
    story.later(11)
    assert story.car.state == "key_returned"
    story.later(50)
    assert names(story)[before:] == ["fault_cleared: input_noisy key", "key_in"]
    story.mark()
    story.car.centre.operate("end")
    story.later(5)
    assert story.car.state == "ended"
    story.car.close()


def test_bounces_are_the_seeds() -> None:
    def edges(seed: int) -> list[int]:
        story = Story(seed=seed)
        seen: list[int] = []
        story.car.sensors.on_change = lambda: seen.append(story.kernel.now_us)
        story.car.sensors.loosen("door_driver")
        story.later(5)
        story.car.sensors.free("door_driver")
        count = len(seen)
        story.later(5)
        assert len(seen) - count <= 1
        assert story.car.sensors.values[codes.IN_DOOR_DRIVER] == codes.NO
        return seen

    assert edges(1) == edges(1) != edges(2)
    assert 20 < len(edges(1)) < 1000


def test_a_car_that_drives_is_not_in_park() -> None:
    """Who tells a story says "drive", and need not say that the lever was moved."""
    story = in_use()
    story.car.body.start_engine()
    story.car.body.drive(3500, 60 * SECOND_US)
    story.later(30)
    assert story.car.sensors.values[codes.IN_GEAR_P] == codes.NO
    story.later(31)
    assert story.car.sensors.values[codes.IN_GEAR_P] == codes.YES
    assert not [name for name in names(story) if name.startswith("fault")]


def test_a_gear_switch_that_says_p_on_the_road_is_not_believed_at_the_end() -> None:
    """END-1, END-8: until the driver moves the lever once."""
    story = in_use()
    story.car.sensors.stick("gear", codes.YES)
    story.car.body.start_engine()
    story.car.body.drive(3500, 60 * SECOND_US)
    story.later(61)
    assert names(story)[-3:] == [
        "fault: input_contradictory moving",
        "fault: input_contradictory gear",
        "fault_cleared: input_contradictory moving",
    ]
    story.car.sensors.free("gear")
    story.return_key()
    story.mark()
    story.car.centre.operate("end")
    story.later(3)
    assert story.refusal == ["cannot_tell"]
    assert story.car.state == "key_returned"
    story.car.body.set_gear("D")
    story.later(1)
    story.car.body.set_gear("P")
    story.later(1)
    story.car.centre.operate("end")
    story.later(5)
    assert story.car.state == "ended"


def test_an_engine_that_runs_at_eleven_volts_without_a_move() -> None:
    """END-8, SAFE-1: is it the engine or its line? Nobody ends, nothing is blocked."""
    story = in_use()
    story.car.body.start_engine()
    story.car.body.set_battery(11000)
    story.car.body.set_key(True)
    story.car.body.set_knob(True)
    story.later(11)
    assert names(story).count("fault: input_contradictory engine") == 1
    story.mark()
    story.car.centre.operate("end")
    story.later(3)
    assert story.refusal == ["cannot_tell"]
    assert story.car.engine == "free"
    story.car.body.stop_engine()
    story.later(1)
    assert names(story)[-1] == "fault_cleared: input_contradictory engine"
    story.car.centre.operate("end")
    story.later(5)
    assert story.car.state == "ended"


def test_a_car_that_says_what_it_lacks_ends_without_a_word_about_it() -> None:
    """END-2: no lamps' and windows' sensors, no warning, and nothing to wait for after a reset."""
    story = in_use(no_sensor=["lights", "window"])
    story.car.body.set_lights(True)
    story.later(10)
    story.return_key()
    story.mark()
    story.car.centre.operate("end")
    story.later(5)
    assert story.car.state == "ended"
    assert story.car.warnings == []


def test_a_bus_that_falls_silent() -> None:
    """END-8: a stale reading is none."""
    story = in_use()
    story.car.sensors.stick("brake", codes.STALE)
    story.later(1)
    story.return_key()
    story.mark()
    story.car.centre.operate("end")
    story.later(3)
    assert story.refusal == ["cannot_tell"]
    assert names(story).count("fault: input_stale brake") == 1
    story.car.sensors.free("brake")
    story.later(1)
    assert names(story)[-1] == "fault_cleared: input_stale brake"
