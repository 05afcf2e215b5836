"""A car on its stage, somebody who tells its story, somebody who looks: all that a view shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from simulator.live.machine import Machine
from simulator.live.narration import UNKNOWN_CARD, demo_driver
from simulator.live.observer import Observer, Snapshot
from simulator.live.pacing import Pacer
from simulator.live.show import Audience, Show
from simulator.live.stage import DirectedStage
from simulator.live.telling import Telling
from simulator.scenario.preparation import staff_cards
from simulator.scenario.story import Story

DONE, FAILED = 0, 1
#: A card of a driver who has no booking, where the story has only one driver.
OTHER_CARD = bytes.fromhex("01010601D0D0D0D0")
#: A card of the staff, where the story has none.
STAFF_CARD = bytes.fromhex("010106015AFF5AFF")


#: What the phone can ask for only where the operator's terms have it: verb -> key of the terms.
_OFFERED = {"reunlock": "reunlock", "enrol": "enrolment"}


class Cast:
    """The stage ends with `close`, also when this cannot be made."""

    def __init__(self, story: Story, stage: DirectedStage, terms: dict[str, Any], vm: str) -> None:
        self.story = story
        self.stage = stage
        self._vm = vm
        #: The demo driver's card now, 16 hex digits; "" when nobody knows better than the story.
        self.own_card: Callable[[], str] = str
        self._offers = [verb for verb, key in _OFFERED.items() if terms.get(key)]
        try:
            self.car = stage.car
            self.telling = Telling(story, stage)
            self.machine = Machine(self.car, vm, time.monotonic)
            self.observer = Observer(
                self.car, story, terms["start_early_s"], terms["reader_window_s"]
            )
        except BaseException:
            stage.close()
            raise

    def look(self, mode: str, speed: float) -> Snapshot:
        """The feed's "car": what there is to be seen now. `mode`: how time passes, in words."""
        self.machine.look()
        telling = self.telling
        awaited = telling.awaited
        return {
            **self.observer.look(),
            "machine": self.machine.text,
            "vm": self._vm,
            "offers": self._offers,
            "pace": {"mode": mode, "speed": speed},
            "story": {
                "standing": telling.standing,
                "step": telling.step,
                "is_over": telling.is_over,
                "awaited": awaited._asdict() if awaited else None,
            },
            "cards": [
                {**one, "rests": self.car.reader.rests(bytes.fromhex(one["idm"]))}
                for one in cards(self.story, self.own_card())
            ],
        }

    def play(self) -> int:
        """The story; the exit code for whoever only watched."""
        self.telling.play()
        return DONE if self.telling.outcome.passed else FAILED

    def direct(self, show: Show) -> None:
        """From now on the clock runs at the show's pace, and it does what is asked."""
        show.telling = self.telling
        show.stage = self.stage
        show.deadlines = self.observer.deadlines
        self.telling.on_told = lambda _told: show.step_aside()
        self.car.timeline.observers.append(show.note)
        self.car.box.tells_deadlines = True
        self.stage.director = show
        show.step_aside()


def make_show(
    cast: Cast, speed: float, audience: Audience, monotonic: Any = time.monotonic
) -> Show:
    """A show that directs the cast."""
    show = Show(cast.stage.kernel, Pacer(monotonic, speed), audience, monotonic)
    cast.direct(show)
    return show


def cards(story: Story, own_now: str = "") -> list[dict[str, str]]:
    """The tray of cards: what `tap` can be given, and whose each is.

    `own_now`: one that was registered at the car is the driver's, and the old one nobody's.
    """
    own, driver = demo_driver(story)
    others = [idm for idm, name in story.cards.items() if name != driver]
    found = [
        ("own", own),
        ("other", others[0] if others else OTHER_CARD),
        ("unknown", UNKNOWN_CARD),
        ("staff", (staff_cards(story) or [STAFF_CARD])[0]),
    ]
    tray = {whose: idm.hex().upper() for whose, idm in found}
    if own_now and own_now != tray["own"]:
        nobodys = next((whose for whose, idm in tray.items() if idm == own_now), "unknown")
        tray["own"], tray[nobodys] = own_now, tray["own"]
    return [{"whose": whose, "idm": idm} for whose, idm in tray.items()]
