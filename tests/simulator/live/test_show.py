"""The director: a whole day on a clock that the test moves, with hands that step in."""

from contextlib import suppress
from pathlib import Path

import pytest

from simulator.kernel import Kernel
from simulator.live.cast import Cast
from simulator.live.pacing import Pacer
from simulator.live.requests import Resume
from simulator.live.show import Show
from simulator.live.terminal import LeaveError
from simulator.scenario.reader import read_file
from simulator.scenario.runner import play
from tests.simulator.live.troupe import MORNING, OutsideTime, cast_of, direct, morning, rental_day


def tell(cast: Cast, time: OutsideTime, speed: float = 1) -> Show:
    """The story to its end, or until somebody leaves."""
    show = direct(cast, speed, time, time.monotonic)
    with suppress(LeaveError):
        cast.play()
        show.stay()
    return show


def test_the_rental_day_takes_two_minutes_or_three() -> None:
    time = OutsideTime()
    with cast_of(rental_day()) as cast:
        direct(cast, 1, time, time.monotonic)
        assert cast.play() == 0
        assert 90 < time.passed_s < 190


def test_ten_times_the_speed_is_a_tenth_of_the_time() -> None:
    time = OutsideTime()
    with cast_of(rental_day()) as cast:
        direct(cast, 10, time, time.monotonic)
        assert cast.play() == 0
        assert time.passed_s < 25


def test_the_story_is_the_same_as_without_anybody_watching() -> None:
    time = OutsideTime()
    with cast_of(morning()) as cast:
        cast.car.box.tells_deadlines = False
        direct(cast, 1, time, time.monotonic)
        cast.play()
        assert cast.telling.outcome.timeline == play(morning(), "cpython").timeline


def test_after_the_end_it_stays_until_somebody_leaves() -> None:
    time = OutsideTime(leave_s=60)
    with cast_of(morning("  - {see: {doors: locked}}\n")) as cast:
        tell(cast, time)
        assert cast.telling.is_over
        assert 59 < cast.stage.clock_us / 1e6 < 61


def test_a_hand_stops_the_story_and_time_goes_on() -> None:
    time = OutsideTime((1, "k"), leave_s=301)
    with cast_of(morning()) as cast:
        show = tell(cast, time)
        assert show.mode == "driving"
        assert not cast.car.body.key_is_in
        assert cast.telling.step == 1
        assert cast.telling.told[0].text == "You drive; space resumes the story."
        # Five minutes by hand, each as long as outside.
        assert 295 < cast.stage.clock_us / 1e6 < 305


def times_of(cast: Cast) -> dict[str, str]:
    return {one.text: one.at for one in cast.telling.told}


def test_what_is_at_a_time_is_at_that_time_whatever_hands_did(tmp_path: Path) -> None:
    time = OutsideTime((1, "b"), (4, "b"), (5, " "))
    (tmp_path / "morning.yaml").write_text(MORNING)
    with cast_of(read_file(str(tmp_path / "morning.yaml"))) as cast:
        direct(cast, 1, time, time.monotonic)
        assert cast.play() == 0
        at = times_of(cast)
        assert at["The reader begins to blink."] == "09:46:02"
        assert at["card …34CD touches the reader"] == "09:50:00"
        assert cast.stage.was_disturbed


def test_waits_of_the_story_do_not_count_what_hands_used() -> None:
    time = OutsideTime((1, "b"), (21, "b "))
    with cast_of(morning("  - {after: 30s, do: key out, see: {state: vacant}}\n")) as cast:
        direct(cast, 1, time, time.monotonic)
        assert cast.play() == 0
        assert times_of(cast)["key taken out of its box"] in ("09:46:19", "09:46:20")


def test_a_time_that_passed_meanwhile_is_now() -> None:
    time = OutsideTime((1, "b"), (61, "b "))
    with cast_of(morning('  - {at: "09:46:02", do: key out}\n')) as cast:
        direct(cast, 1, time, time.monotonic)
        assert cast.play() == 0
        assert times_of(cast)["key taken out of its box"] in ("09:46:30", "09:46:31")


def test_what_hands_did_may_fail_the_story() -> None:
    time = OutsideTime((1, "b"), (60 * 10, " "))
    steps = '  - {at: "09:46:02", see: {reader: red-blink}}\n  - {at: "09:47:00", do: key out, see: {reader: dark}}\n'
    with cast_of(morning(steps)) as cast:
        direct(cast, 1, time, time.monotonic)
        assert cast.play() == 1
        missed = [one.text for one in cast.telling.told if one.kind == "missed"]
        assert missed == ["step 2 (line 9) wanted reader: dark; seen reader: red-blink"]


def test_space_lets_time_stand_still() -> None:
    time = OutsideTime((2, " "), leave_s=100)
    with cast_of(morning()) as cast:
        show = tell(cast, time)
        assert show.is_still
        assert show.pace == "time stands still"
        before_us = cast.stage.clock_us
    time = OutsideTime((2, " "), (50, " "), leave_s=52)
    with cast_of(morning()) as cast:
        show = tell(cast, time)
        assert not show.is_still
        assert cast.stage.clock_us > before_us


def test_a_jump_ends_two_seconds_before_the_next_deadline() -> None:
    time = OutsideTime((1, "b"), (2, "j"), leave_s=7)
    with cast_of(morning()) as cast:
        tell(cast, time)
        # A start is possible from 09:46:00, half a minute after the story's now.
        assert 28 <= cast.stage.clock_us / 1e6 < 35
        assert time.passed_s < 8


def test_plus_and_minus_change_the_speed() -> None:
    time = OutsideTime((1, "+"), (2, "++"), (3, "-"), leave_s=4)
    with cast_of(morning()) as cast:
        assert tell(cast, time).pacer.speed == 4


def test_it_does_not_turn_in_vain() -> None:
    """The clock waits for outside time between frames; it asks 25 times a second and no more."""
    time = OutsideTime(leave_s=10)
    with cast_of(morning("  - {see: {doors: locked}}\n")) as cast:
        tell(cast, time)
        assert time.waits <= 26 * 10


def test_what_happens_on_the_way_is_not_raced_over() -> None:
    """A race is broken off at the moment at which the reader begins to blink."""
    time = OutsideTime(leave_s=6)
    with cast_of(morning('  - {at: "09:59:00", see: {reader: red-blink}}\n')) as cast:
        slowed: list[int] = []
        show = direct(cast, 1, time, time.monotonic)

        def watch() -> None:
            if cast.car.lamp == "red-blink" and not show.pacer.is_racing:
                slowed.append(cast.stage.clock_us)

        show.show = watch
        with pytest.raises(LeaveError):
            cast.play()
        assert slowed[0] < 31_000_000
        assert slowed[-1] > 31_000_000


def test_step_by_step_time_stands_still_before_each() -> None:
    time = OutsideTime((1, "x"), (20, "x"), leave_s=60)
    with cast_of(morning()) as cast:
        show = direct(cast, 1, time, time.monotonic)
        steps: list[int] = []

        def press(_key: str) -> None:
            steps.append(cast.telling.step)
            assert show.is_still
            show.take(Resume(one_step=True))

        time.press = press
        show.is_still = True
        with pytest.raises(LeaveError):
            cast.play()
        assert steps == [0, 1]
        assert cast.telling.step == 2
        assert show.is_still


def test_who_holds_the_story_may_drive_and_give_it_back() -> None:
    """Time that hands used before a step does not count for the story."""
    time = OutsideTime((1, "b"), (5, " "), leave_s=60)
    with cast_of(morning("  - {after: 1s, see: {doors: locked}}\n")) as cast:
        show = direct(cast, 1, time, time.monotonic)
        show.is_still = True
        with suppress(LeaveError):
            cast.play()
            show.stay()
        assert cast.telling.outcome.passed
        assert cast.telling.is_over
        assert cast.stage.was_disturbed
        assert not cast.car.body.brake_is_on


def test_an_event_due_at_the_very_end_is_run() -> None:
    """As Kernel.run_until has it: up to and including."""
    kernel = Kernel()
    time = OutsideTime()
    show = Show(kernel, Pacer(time.monotonic), time, time.monotonic)
    happened: list[int] = []
    kernel.at(0, lambda: happened.append(kernel.now_us))
    assert show.advance(0, 0) == 0
    assert happened == [0]
