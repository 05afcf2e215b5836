"""The desk's clock: three numbers are the time in every process."""

import pytest

from simulator.desk.clock import RATE_MAX, Course, DeskClock, read_course

NOON_S = 1775012400.0


class Monotonic:
    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


def test_time_goes_on_at_its_rate() -> None:
    course = Course(50.0, NOON_S, 10.0)
    assert course.at(50.0) == NOON_S
    assert course.at(51.5) == NOON_S + 15
    assert course.at(49.0) == NOON_S - 10


def test_another_rate_changes_the_future_alone() -> None:
    course = Course(50.0, NOON_S, 10.0).turned(52.0, 0.0)
    assert course.at(52.0) == course.at(1000.0) == NOON_S + 20


def test_a_message_is_read_as_it_was_told() -> None:
    course = Course(50.25, NOON_S, 60.0)
    assert read_course(course.message()) == course


@pytest.mark.parametrize(
    "clock",
    [
        None,
        [],
        {},
        {"monotonic_s": 1, "simulated_s": 2},
        {"monotonic_s": 1, "simulated_s": 2, "rate": "3"},
        {"monotonic_s": True, "simulated_s": 2, "rate": 3},
        {"monotonic_s": 1, "simulated_s": float("nan"), "rate": 3},
        {"monotonic_s": 1, "simulated_s": 2, "rate": -0.1},
        {"monotonic_s": 1, "simulated_s": 2, "rate": RATE_MAX + 1},
    ],
)
def test_what_makes_no_sense_is_no_course(clock: object) -> None:
    assert read_course({"clock": clock}) is None
    assert read_course(clock) is None


def test_the_course_is_told_when_the_rate_changes() -> None:
    monotonic = Monotonic()
    clock = DeskClock(monotonic, NOON_S, 1.0)
    told: list[Course] = []
    clock.on_change = told.append
    monotonic.now_s += 2
    clock.follow(NOON_S + 2, 1.0)
    assert told == []
    clock.follow(NOON_S + 2, 60.0)
    assert told == [Course(52.0, NOON_S + 2, 60.0)]
    monotonic.now_s += 1
    assert clock.now_s() == NOON_S + 62


def test_the_course_is_told_when_the_simulation_stands_elsewhere() -> None:
    """A jump, or a machine that is too slow; what is below the slack is nobody's business."""
    monotonic = Monotonic()
    clock = DeskClock(monotonic, NOON_S, 10.0)
    told: list[Course] = []
    clock.on_change = told.append
    clock.follow(NOON_S + 0.4, 10.0)
    clock.follow(NOON_S - 0.4, 10.0)
    assert told == []
    clock.follow(NOON_S - 0.6, 10.0)
    clock.follow(NOON_S + 3600, 10.0)
    assert [course.simulated_s for course in told] == [NOON_S - 0.6, NOON_S + 3600]
