"""The wrapping millisecond counter."""

from firmware.ticks import FAR_MS, MASK, ticks_add, ticks_diff


def test_adds_across_the_wrap() -> None:
    assert ticks_add(MASK, 1) == 0
    assert ticks_add(0, -1) == MASK
    assert ticks_add(5, 7) == 12


def test_differences_across_the_wrap() -> None:
    assert ticks_diff(0, MASK) == 1
    assert ticks_diff(MASK, 0) == -1
    assert ticks_diff(12, 5) == 7
    assert ticks_diff(5, 12) == -7
    assert ticks_diff(9, 9) == 0


def test_half_the_period_is_the_limit() -> None:
    half = (MASK + 1) // 2
    assert ticks_diff(half - 1, 0) == half - 1
    assert ticks_diff(half, 0) == -half


def test_every_distance_within_the_limit_comes_back() -> None:
    for start in (0, 1, MASK - 5000, MASK):
        for distance in (0, 1, 59999, 600000, FAR_MS, -1, -600000, -FAR_MS):
            assert ticks_diff(ticks_add(start, distance), start) == distance
