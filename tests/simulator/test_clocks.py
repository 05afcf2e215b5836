"""The box's clock: wrong, lost, set, broken; and that the program sets it from the centre's time."""

from firmware.wire.journal_format import EPOCH_2020_S
from simulator.clocks import BoxClock, TrueClock
from simulator.kernel import Kernel
from tests.simulator.stories import START_S, Story


def a_clock() -> BoxClock:
    return BoxClock(TrueClock(Kernel(), START_S))


def test_it_is_right_until_something_happens() -> None:
    clock = a_clock()
    assert clock.wall_s() == START_S - EPOCH_2020_S
    clock.ahead_s = -3600
    assert clock.wall_s() == START_S - EPOCH_2020_S - 3600
    assert (clock.is_trusted, clock.is_broken) == (True, False)


def test_setting_it_makes_it_trusted() -> None:
    clock = a_clock()
    clock.is_trusted = False
    clock.set_wall(START_S - EPOCH_2020_S + 5)
    assert (clock.ahead_s, clock.is_trusted) == (5, True)


def test_one_that_is_broken_stays_as_it_is() -> None:
    clock = a_clock()
    clock.break_down()
    assert (clock.is_trusted, clock.is_broken) == (False, True)
    clock.set_wall(1000)
    assert (clock.ahead_s, clock.is_trusted) == (0, False)


def test_a_car_whose_clock_was_lost_gets_the_time_from_the_centre() -> None:
    story = Story()
    story.car.clock.is_trusted = False
    story.car.clock.ahead_s = -1_000_000
    story.car.box.reset()
    story.later(60)
    assert story.car.clock.is_trusted
    assert abs(story.car.clock.ahead_s) <= 1


def test_a_clock_that_is_broken_is_never_trusted_again() -> None:
    story = Story()
    story.car.clock.break_down()
    story.car.box.reset()
    story.later(60)
    assert not story.car.clock.is_trusted
    assert story.car.box.failures == []
