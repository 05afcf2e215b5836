"""What tests of the live view share: time and keys that a test makes, a story on its stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simulator.kernel import Kernel
from simulator.live.cast import Cast, make_show
from simulator.live.draw_screen import Screen
from simulator.live.draw_screen import screen_of as screen_of_feed
from simulator.live.hands import request_of
from simulator.live.requests import Do, read_request
from simulator.live.show import Show
from simulator.live.stage import DirectedStage
from simulator.live.terminal import LeaveError
from simulator.live.view import View, view_of
from simulator.scenario.reader import read_file, read_text
from simulator.scenario.runner import profile_terms
from simulator.scenario.story import Story

RENTAL_DAY = "tests/scenarios/rental-day.yaml"

#: One booking from ten to noon, one driver, a quarter of an hour before anything can happen.
MORNING = """\
title: A morning
profile: top24-2023
now: "2026-04-01T09:45:30+09:00"
cards: {"0101060112AB34CD": XXY00001001}
bookings:
  - {id: B1, driver: XXY00001001, start: "10:00", end: "12:00"}
steps:
  # The reader begins to blink.
  - {at: "09:46:02", see: {reader: red-blink}}
  - {at: "09:50:00", do: tap 0101060112AB34CD}
  - {within: 10s, see: {state: unlocked}}
  - {after: 5s, do: [open driver, knob rent, key out, close driver]}
  - {never: {state: secured}, during: 30m}
"""


def morning(steps: str = "") -> Story:
    """The story above, or with other steps."""
    text = MORNING.partition("steps:\n")[0] + "steps:\n" + steps if steps else MORNING
    return read_text(text, "morning.yaml")


def rental_day() -> Story:
    return read_file(RENTAL_DAY)


@contextmanager
def cast_of(story: Story, vm: str = "cpython") -> Iterator[Cast]:
    """A car on its stage, ended when the test is."""
    terms = profile_terms(story)
    cast = Cast(story, DirectedStage(story, terms, vm, 1), terms, vm)
    cast.car.box.tells_deadlines = True
    try:
        yield cast
    finally:
        cast.stage.close()


def screen_of(cast: Cast) -> Screen:
    seen = cast.look("real time", 1.0)
    return screen_of_feed(seen, cast.telling.told, cast.car.true_clock.unix_s())


def view_now(cast: Cast) -> View:
    return view_of(cast.look("real time", 1.0), cast.car.true_clock.unix_s())


def act(cast: Cast, keys: str, rest_s: float = 3) -> list[str]:
    """Press keys one after the other, for what they do to the car; what was to be seen at once."""
    noted = []
    for key in keys:
        asked = request_of(key, cast.look("you drive", 1.0))
        assert asked is not None
        request = read_request(asked, cast.story.now)
        assert isinstance(request, Do)
        noted += cast.stage.perform_by_hand(request.action)
        run_for(cast.stage.kernel, rest_s)
    return noted


def direct(cast: Cast, speed: float, time: OutsideTime, monotonic: Callable[[], float]) -> Show:
    """A show whose keys are pressed outside, as a view and its feed would have it."""
    show = make_show(cast, speed, time, monotonic)

    def press(key: str) -> None:
        asked = request_of(key, cast.look(show.pace, show.pacer.speed))
        if asked is not None:
            show.take(read_request(asked, cast.story.now))

    time.press = press
    return show


class OutsideTime:
    """An `Audience`: seconds that pass when somebody waits, keys that are pressed at a time."""

    def __init__(self, *presses: tuple[float, str], leave_s: float | None = None) -> None:
        self.now_s = 1000.0
        self._presses = [(self.now_s + at_s, keys) for at_s, keys in presses]
        self._leave_s = None if leave_s is None else self.now_s + leave_s
        self.press: Callable[[str], None] = _ignore
        self.waits = 0

    @property
    def passed_s(self) -> float:
        return self.now_s - 1000.0

    def monotonic(self) -> float:
        return self.now_s

    def wait(self, seconds: float) -> None:
        self.waits += 1
        self.now_s += max(seconds, 0.0)

    def attend(self) -> None:
        if self._leave_s is not None and self.now_s >= self._leave_s:
            raise LeaveError
        due = [keys for at_s, keys in self._presses if at_s <= self.now_s]
        del self._presses[: len(due)]
        for key in "".join(due):
            self.press(key)


def run_for(kernel: Kernel, seconds: float) -> None:
    kernel.run_until(kernel.now_us + int(seconds * 1_000_000))


def _ignore(_key: str) -> None:
    pass
