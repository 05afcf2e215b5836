"""What each key does to the car. A touch, a door, a switch go through the world, as in a story."""

from __future__ import annotations

from collections.abc import Callable

from simulator.live.narration import UNKNOWN_CARD, demo_driver
from simulator.scenario import times
from simulator.scenario.stage import Stage
from simulator.scenario.story import Story

EXTENSION_US = 15 * 60 * times.S
#: A driver, and a card of his, where the story has only one driver.
OTHER_DRIVER = "XXY00009009"
OTHER_CARD = bytes.fromhex("01010601D0D0D0D0")


class Hands:
    """Keys act for the demo driver, see `narration`."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self._stage = stage
        self._body = stage.car.body
        self.own_card, self.driver = demo_driver(story)
        others = [idm for idm, driver in story.cards.items() if driver != self.driver]
        self._other_card = others[0] if others else OTHER_CARD
        self._other_is_known = bool(others)
        self._does: dict[str, Callable[[], None]] = {
            "t": lambda: stage.tap(self.own_card),
            "o": self._touch_other,
            "u": lambda: stage.tap(UNKNOWN_CARD),
            "d": lambda: self._move_door("driver"),
            "p": lambda: self._move_door("trunk"),
            "k": lambda: _discard(self._body.set_key(not self._body.key_is_in)),
            "n": lambda: _discard(self._body.set_knob(not self._body.knob_is_at_return)),
            "e": self._turn_engine,
            "b": lambda: _discard(self._body.set_brake(not self._body.brake_is_on)),
            "g": lambda: _discard(self._body.set_gear("D" if self._body.gear == "P" else "P")),
            "c": self._switch_power,
            "r": stage.reset,
            "w": self._switch_network,
            "s": stage.site_start,
            "f": stage.site_end,
            "x": lambda: stage.site_extend(EXTENSION_US),
            "m": stage.site_reopen,
            "l": stage.site_lock,
        }

    @property
    def keys(self) -> str:
        return "".join(self._does)

    def act(self, key: str) -> list[str]:
        """Do what that key is for; what was to be seen of it at once."""
        noted: list[str] = []

        def note(_now_us: int, what: str) -> None:
            noted.append(what)

        observers = self._stage.car.timeline.observers
        observers.append(note)
        try:
            self._does[key]()
        finally:
            observers.remove(note)
        return noted or ["nothing to be seen"]

    def _touch_other(self) -> None:
        if not self._other_is_known:
            self._other_is_known = True
            self._stage.car.centre.add_card(self._other_card, OTHER_DRIVER)
        self._stage.tap(self._other_card)

    def _move_door(self, door: str) -> None:
        if door in self._body.open_doors:
            self._stage.close_door(door)
        else:
            self._stage.open_door(door)

    def _turn_engine(self) -> None:
        if self._body.engine_is_on:
            self._body.stop_engine()
        else:
            self._body.start_engine()

    def _switch_power(self) -> None:
        if self._stage.car.box.is_powered:
            self._stage.power_cut()
        else:
            self._stage.power_on()

    def _switch_network(self) -> None:
        if self._stage.car.network.is_up:
            self._stage.network_down()
        else:
            self._stage.network_up()


def _discard(_done: bool) -> None:
    """A body's actions say whether they had their way; what is noted says it too."""
