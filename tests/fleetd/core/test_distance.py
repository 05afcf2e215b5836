"""A distance is two readings of one counter, or it is not known."""

from fleetd.core.distance import NONE, POSITIONS, PULSES, between_m


def test_two_readings_of_one_counter_are_a_distance() -> None:
    assert between_m(1000, PULSES, 19_500, PULSES) == 18_500
    assert between_m(1000, POSITIONS, 1000, POSITIONS) == 0
    assert between_m(1000, None, 3000, None) == 2000  # a car that does not say by what


def test_no_difference_of_two_counters_is_one() -> None:
    """The box was changed in the use, or another one counts since."""
    for start, end in ((PULSES, POSITIONS), (None, PULSES), (POSITIONS, None)):
        assert between_m(1000, start, 19_500, end) is None


def test_a_counter_that_is_not_there_or_began_anew_gives_none() -> None:
    assert between_m(None, NONE, None, NONE) is None
    assert between_m(None, NONE, 5, PULSES) is None
    assert between_m(1000, PULSES, 999, PULSES) is None
