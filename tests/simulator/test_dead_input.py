"""A use whose end needs an input that stays dead is ended with a staff review: END-8, by hand of the desk.

The way that docs/refusals.md and docs/technician.md tell: new terms, a new start of the program,
the driver's end.
"""

import pytest

from firmware.wire import codes
from simulator.daemon.centre import FleetCentre
from tests.simulator.stories import DRIVER, Story


def refused_end(setting: str) -> Story:
    """The brake's line has died in a use, and the driver wants to end it."""
    story = Story(cannot_tell=setting)
    story.start_by_card()
    story.board()
    story.car.sensors.stick("brake", codes.UNKNOWN)
    story.later(60)
    story.return_key()
    assert end(story) == ["cannot_tell"]
    assert story.car.state == "key_returned"
    return story


def end(story: Story) -> list[str]:
    """The phone's end: the reasons against it."""
    story.mark()
    story.car.centre.operate("end")
    story.later(10)
    return story.refusal


def centre_of(story: Story) -> FleetCentre:
    assert isinstance(story.car.centre, FleetCentre)
    return story.car.centre


def set_to(story: Story, setting: str) -> None:
    """`fleetd car terms CAR --set cannot_tell=...`, until the car has it."""
    centre = centre_of(story)
    car = centre.identity.car
    centre.fleet.set_car_terms(car, None, {"cannot_tell": setting}, "mori")
    assert not centre.fleet.car_terms(car)["in_car_since_s"]
    story.later(30)
    assert centre.fleet.car_terms(car)["in_car_since_s"]


@pytest.mark.parametrize(("setting", "by_supply"), [("ask_again", False), ("refuse", True)])
def test_new_terms_a_new_start_and_the_drivers_end(setting: str, by_supply: bool) -> None:
    story = refused_end(setting)
    if by_supply:
        story.later(700)
        assert story.car.state == "secured"
        assert end(story) == ["cannot_tell"]
    set_to(story, "staff_review")
    # Rule 10: never in the middle of a use, but at a start of the program.
    assert end(story) == ["cannot_tell"]
    if by_supply:
        story.car.box.power_cut()
        story.later(10)
        story.car.box.power_on()
    else:
        story.car.box.reset()
    story.later(30)
    assert end(story) == []
    assert story.car.state == "ended"
    assert (story.car.doors, story.car.engine) == ("locked", "blocked")
    centre = centre_of(story)
    booking = centre.fleet.bookings_of(centre._ident(DRIVER))[0]
    assert (booking["status"], booking["needs_review"]) == ("ended", 1)
    # The input is mended: the car, vacant, goes by its old setting again at once.
    story.later(700)
    set_to(story, setting)
    assert story.car.state == "vacant"
