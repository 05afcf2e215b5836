"""Deadlines on a clock that wraps: SAFE-4."""

from firmware.deadlines import NOT_ARMED, Deadlines
from firmware.ticks import FAR_MS, MASK, ticks_add, ticks_diff


def armed(*delays: int, now_ms: int = MASK - 100) -> Deadlines:
    deadlines = Deadlines(("a", "b", "c"))
    deadlines.now_ms = now_ms
    for slot in range(len(delays)):
        deadlines.arm(slot, delays[slot])
    return deadlines


def test_ticks_wrap() -> None:
    assert ticks_add(MASK, 1) == 0
    assert ticks_diff(5, MASK - 5) == 11
    assert ticks_diff(MASK - 5, 5) == -11
    assert ticks_add(3, -5) == MASK - 1


def test_due_exactly_at_the_delay_across_the_wrap() -> None:
    deadlines = armed(1000)
    deadlines.now_ms = ticks_add(deadlines.now_ms, 999)
    assert deadlines.take_due() == -1 and deadlines.next_ms() == 1
    deadlines.now_ms = ticks_add(deadlines.now_ms, 1)
    assert deadlines.take_due() == 0
    assert deadlines.take_due() == -1


def test_the_earliest_comes_first() -> None:
    deadlines = armed(300, 100, 200)
    deadlines.now_ms = ticks_add(deadlines.now_ms, 1000)
    assert [deadlines.take_due() for _ in range(4)] == [1, 2, 0, -1]


def test_left_and_disarm() -> None:
    deadlines = armed(300)
    assert deadlines.left_ms(0) == 300 and deadlines.left_ms(1) == NOT_ARMED
    deadlines.disarm(0)
    assert deadlines.left_ms(0) == NOT_ARMED and deadlines.next_ms() == FAR_MS


def test_shorten_only_brings_nearer() -> None:
    deadlines = armed(300, 5000)
    deadlines.shorten(1000)
    assert deadlines.left_ms(0) == 0 and deadlines.left_ms(1) == 4000
    assert deadlines.left_ms(2) == NOT_ARMED


def test_a_delay_is_clamped() -> None:
    deadlines = armed(FAR_MS + 5, -7)
    assert deadlines.left_ms(0) == FAR_MS and deadlines.left_ms(1) == 0


def test_which_are_armed() -> None:
    deadlines = armed(300, 100)
    assert deadlines.armed() == b"\1\1\0"
    deadlines.disarm(0)
    assert deadlines.armed() == b"\0\1\0"
