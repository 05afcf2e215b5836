"""What happens before a story begins: the car gets its records, and comes into step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.centre import Centre
from simulator.scenario import times
from simulator.scenario.problem import StoryError
from simulator.scenario.story import Story

if TYPE_CHECKING:
    from simulator.scenario.stage import Stage

#: The car gets its records so long before `now`, longer than any reader's window is open (4 h), so
#: that no booking of the story counts as one that has only just arrived. Then it stands without
#: power until shortly before the story begins.
PREPARATION_S = 5 * 3600
_PATIENCE_US = 60 * times.S
_REST_US = 5 * times.S
_POWER_ON_US = -40 * times.S
_NETWORK_GONE_US = -5 * times.S


def prepare(stage: Stage, story: Story) -> None:
    """Until `now`. StoryError when the daemon would not have such cards or bookings."""
    car = stage.car
    for what, refusal in _put_records(car.centre, story):
        if refusal:
            raise StoryError(story.path, 0, f"the centre does not take {what}: {refusal}")
    _run_until_in_step(stage, stage.since_now_us + _PATIENCE_US)
    stage.run_until(stage.since_now_us + _REST_US)
    car.box.power_cut()
    stage.run_until(_POWER_ON_US)
    car.box.power_on()
    _run_until_in_step(stage, _NETWORK_GONE_US)
    stage.run_until(_NETWORK_GONE_US)
    if not story.network_is_up:
        car.network.down()
    stage.run_until(0)


def _put_records(centre: Centre, story: Story) -> Iterable[tuple[str, str]]:
    """(what, the refusal's code) of each card and booking."""
    for idm, driver in story.cards.items():
        yield f"card {idm.hex().upper()}", centre.add_card(idm, driver)
    for idm in staff_cards(story):
        yield f"staff card {idm.hex().upper()}", centre.add_staff(idm, "staff")
    for one in story.bookings:
        starts_s, ends_s = unix_s(one.start), unix_s(one.end)
        yield f"booking {one.id}", centre.add_booking(one.id, one.driver, starts_s, ends_s)


def _run_until_in_step(stage: Stage, until_us: int) -> None:
    while not stage.car.centre.is_in_step:
        if stage.since_now_us >= until_us:
            raise RuntimeError("the car was not in step with the centre before the story began")
        stage.run_until(stage.since_now_us + times.S)


def staff_cards(story: Story) -> list[bytes]:
    """Cards that a story calls a staff's."""
    found: dict[bytes, None] = {}
    for step in story.steps:
        for action in step.do:
            if action.method == "staff_tap" and isinstance(action.arguments[0], bytes):
                found[action.arguments[0]] = None
    return list(found)


def unix_s(at: datetime) -> int:
    """As the centre counts."""
    return int(at.timestamp())
