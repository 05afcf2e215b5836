"""Deadlines at their edges: overdue, due now, due in a millisecond, all gone (SAFE-4)."""

from firmware.deadlines import NOT_ARMED, Deadlines
from firmware.ticks import FAR_MS, MASK, ticks_add

BEGAN_MS = MASK - 3


def after(elapsed_ms: int, *delays: int) -> Deadlines:
    deadlines = Deadlines(("key", "relock"))
    deadlines.now_ms = BEGAN_MS
    for slot in range(len(delays)):
        deadlines.arm(slot, delays[slot])
    deadlines.now_ms = ticks_add(BEGAN_MS, elapsed_ms)
    return deadlines


def test_what_is_overdue_has_no_time_left_and_not_less() -> None:
    for elapsed_ms, left_ms in ((998, 2), (999, 1), (1000, 0), (1001, 0), (60000, 0)):
        deadlines = after(elapsed_ms, 1000)
        assert deadlines.left_ms(0) == left_ms
        assert deadlines.next_ms() == left_ms


def test_the_nearest_of_all_counts() -> None:
    assert after(0, 500, 300).next_ms() == 300
    assert after(0, 300, 500).next_ms() == 300
    assert after(0).next_ms() == FAR_MS


def test_two_that_are_due_at_once_come_in_their_order() -> None:
    deadlines = after(300, 300, 300)
    assert [deadlines.take_due(), deadlines.take_due(), deadlines.take_due()] == [0, 1, -1]


def test_clear_disarms_all() -> None:
    deadlines = after(0, 300, 500)
    deadlines.clear()
    assert [deadlines.is_armed(slot) for slot in (0, 1)] == [False, False]
    assert [deadlines.left_ms(slot) for slot in (0, 1)] == [NOT_ARMED, NOT_ARMED]
    assert deadlines.next_ms() == FAR_MS and deadlines.take_due() == -1


def test_a_name_has_its_slot() -> None:
    deadlines = after(0)
    assert deadlines.index("relock") == 1
    try:
        deadlines.index("warn")
    except ValueError:
        return
    raise AssertionError("there is no such deadline")
