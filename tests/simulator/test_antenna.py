"""POS-1: a position without its antenna, from the car's roof to the daemon's journal."""

from typing import Any

import pytest

from firmware.wire import codes
from fleetd.decode.events import event_words
from fleetd.store import event_rows
from tests.simulator.stories import Story

LONG_ENOUGH_S = 80


def faults(story: Story) -> list[tuple[str, int]]:
    """(event, argument) of what the daemon was told of the antenna, in its own words."""
    centre = story.car.centre
    rows = event_rows.of_car(centre._db, centre.identity.car)  # type: ignore[attr-defined]
    words = [event_words(row["body"]) for row in rows]
    return [(w["event"], w["argument"]) for w in words if w.get("fault") == "antenna_missing"]


def alarms(story: Story) -> list[str]:
    """What the operator has to see to."""
    return [one["name"] for one in story.car.centre.fleet.status()["alarms"]]  # type: ignore[attr-defined]


def asked(story: Story) -> dict[str, Any]:
    """What the car says of its place when the operator asks."""
    command = story.car.centre.ask_position("overdue")
    story.later(5)
    assert command.status == "accepted"
    centre = story.car.centre
    row = event_rows.of_car(centre._db, centre.identity.car)[-1]  # type: ignore[attr-defined]
    words = event_words(row["body"])
    assert words["event"] == "position_reported"
    return words


@pytest.mark.parametrize("fault", [codes.ANTENNA_OPEN, codes.ANTENNA_SHORT])
def test_a_missing_antenna_is_told_to_the_daemon_and_its_return_too(fault: int) -> None:
    story = Story()
    story.later(LONG_ENOUGH_S)
    assert faults(story) == []
    assert "position_valid" in asked(story)["flags"]
    story.car.body.set_antenna(fault)
    story.later(LONG_ENOUGH_S)
    assert faults(story) == [("fault", fault)]
    assert alarms(story) == ["antenna_missing"]
    assert "fault: antenna_missing" in " ".join(story.notes())
    words = asked(story)
    assert "position_valid" not in words["flags"]
    assert "latitude" not in words
    story.car.body.set_antenna(codes.ANTENNA_OK)
    story.later(LONG_ENOUGH_S)
    assert faults(story) == [("fault", fault), ("fault_cleared", codes.ANTENNA_OK)]
    assert alarms(story) == []
    assert "position_valid" in asked(story)["flags"]
    story.car.close()


def test_a_plug_that_is_loose_for_a_moment_is_not_told() -> None:
    story = Story()
    story.car.body.set_antenna(codes.ANTENNA_OPEN)
    story.later(30)
    story.car.body.set_antenna(codes.ANTENNA_OK)
    story.later(LONG_ENOUGH_S)
    assert faults(story) == []
    story.car.close()
