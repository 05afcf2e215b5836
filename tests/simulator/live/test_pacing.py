"""How quickly simulated time passes, on a clock that the test moves."""

import pytest

from simulator.live.pacing import LEAD_US, RACE_S, SPEED_MAX, SPEED_MIN, Pacer, S
from tests.simulator.live.troupe import OutsideTime


def test_real_time_is_real_time() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    time.wait(0.1)
    assert 99_000 < pacer.due_us(5 * S, None) - 5 * S <= 100_000
    assert not pacer.is_racing


def test_ten_times_as_quick() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic, 10)
    time.wait(0.1)
    assert 990_000 < pacer.due_us(0, None) <= S
    assert pacer.rate == 10


def race(pacer: Pacer, time: OutsideTime, now_us: int, goal_us: int, until_us: int) -> float:
    """Seconds outside until the clock gets there."""
    began_s = time.now_s
    while now_us < until_us:
        assert time.now_s - began_s < 60
        time.wait(0.05)
        now_us = pacer.due_us(now_us, goal_us)
    return time.now_s - began_s


def test_a_long_gap_takes_three_seconds_and_ends_ahead_of_its_end() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    goal_us = 3600 * S
    assert RACE_S - 0.1 < race(pacer, time, 0, goal_us, goal_us - LEAD_US) < RACE_S + 0.1
    time.wait(0.05)
    assert 0 < pacer.due_us(goal_us - LEAD_US, goal_us) - (goal_us - LEAD_US) <= 50_000
    assert not pacer.is_racing


def test_a_race_never_overshoots() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    time.wait(0.2)
    assert pacer.due_us(0, 60 * S) < 60 * S - LEAD_US
    time.wait(0.2)
    assert pacer.due_us(58 * S, 60 * S) == 60 * S - LEAD_US


def test_a_short_gap_is_raced_no_longer_than_a_tenth_of_it() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    assert race(pacer, time, 0, 11 * S, 10 * S) < 1.1


def test_speed_counts_for_races_too() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic, 10)
    assert race(pacer, time, 0, 3600 * S, 3599 * S) < RACE_S / 10 + 0.11


def test_lingering_puts_off_the_race() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    pacer.linger(0, 4 * S)
    time.wait(0.1)
    assert pacer.due_us(0, 3600 * S) <= 100_000
    time.wait(0.1)
    assert pacer.due_us(4 * S, 3600 * S) > 10 * S


def test_lingering_stops_a_race_under_way() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    time.wait(0.1)
    now_us = pacer.due_us(0, 3600 * S)
    assert pacer.is_racing
    pacer.linger(now_us, 2 * S)
    time.wait(0.1)
    assert 0 < pacer.due_us(now_us, 3600 * S) - now_us <= 100_000


def test_a_jump_goes_where_it_should_and_no_further() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    pacer.linger(0, 4 * S)
    pacer.jump(600 * S)
    now_us = 0
    for _ in range(100):
        time.wait(0.05)
        now_us = pacer.due_us(now_us, None)
        if not pacer.is_racing:
            break
    assert 600 * S <= now_us < 600 * S + 200_000
    assert not pacer.is_jumping


def test_the_story_goes_on_before_a_jump_ends() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    pacer.jump(600 * S)
    assert race(pacer, time, 0, 100 * S, 99 * S) < 10
    assert pacer.due_us(99 * S, 100 * S) == 99 * S


def test_a_machine_that_slept_does_not_leap() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    time.wait(3600)
    assert pacer.due_us(0, None) <= S


def test_time_stood_still_does_not_count() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic)
    time.wait(0.2)
    pacer.restart()
    assert pacer.due_us(7, None) == 7


def test_speed_has_bounds() -> None:
    pacer = Pacer(OutsideTime().monotonic)
    pacer.set_speed(SPEED_MAX * 2)
    assert pacer.speed == SPEED_MAX
    pacer.set_speed(SPEED_MIN / 2)
    assert pacer.speed == SPEED_MIN


def test_what_is_awaited_from_outside_holds_a_race_and_a_high_speed() -> None:
    time = OutsideTime()
    pacer = Pacer(time.monotonic, 60)
    assert (pacer.rate, pacer.is_held) == (60, False)
    pacer.limit = lambda: 1.0
    assert (pacer.rate, pacer.is_held) == (1.0, True)
    time.wait(0.1)
    assert pacer.due_us(0, None) == pytest.approx(0.1 * S, abs=2)
    time.wait(0.1)
    assert pacer.due_us(0, 3600 * S) == pytest.approx(0.1 * S, abs=2)
    assert pacer.is_racing
    pacer.limit = lambda: 1e9
    time.wait(0.1)
    assert pacer.due_us(0, 3600 * S) > 60 * S
    pacer.set_speed(0.5)
    pacer.limit = lambda: 1.0
    time.wait(0.1)
    assert pacer.due_us(0, None) == pytest.approx(0.05 * S, abs=2)
