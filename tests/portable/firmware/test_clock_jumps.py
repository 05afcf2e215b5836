"""The wall clock jumps by any amount, with and without a reset: SAFE-3, SAFE-4."""

from firmware.ticks import MASK, ticks_diff
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from hal.fake.clock import START_MS, FakeClock
from tests.portable.firmware.loop_rig import NOW, Box
from tests.portable.firmware.test_storage_damage import rented, rises, set_input, touch

HOUR_S = 3600
#: Seconds by which it jumps.
JUMPS_S = (0, 1, 2, 3, 600, HOUR_S, 74 * HOUR_S, 75 * HOUR_S)
JUMP_POWERS = (20, 28, 29, 30, 31)
#: Times that it shows, in seconds since 2020: before it, in 2054, 2088, 2106 and after.
TIMES_S = (
    -EPOCH_2020_S,
    -1,
    0,
    1,
    0x3FFFFFFF,
    0x40000000,
    0x7FFFFFFF,
    0x80000000,
    (1 << 32) - EPOCH_2020_S - 1,
    (1 << 32) - EPOCH_2020_S,
    (1 << 32) - 1,
    1 << 32,
    1 << 40,
)


def times() -> "list[int]":
    found = list(TIMES_S)
    for jump_s in list(JUMPS_S) + [1 << power for power in JUMP_POWERS]:
        found.append(NOW + jump_s)
        found.append(NOW - jump_s)
    return found


def unlocked() -> Box:
    box = Box()
    box.book()
    touch(box)
    assert box.loop.state == "unlocked"
    return box


def returned() -> Box:
    box = rented()
    set_input(box, codes.IN_KNOB_AT_RETURN, codes.YES)
    box.after(1000)
    assert box.loop.state == "key_returned"
    return box


def ended() -> Box:
    box = returned()
    touch(box)
    for index in (codes.IN_LOCKED, codes.IN_BLOCKED):
        set_input(box, index, codes.YES)
    for _ in range(4):
        box.after(1000)
    assert box.loop.state == "ended"
    return box


def reset_at(box: Box, wall_s: int, trusted: bool) -> None:
    """The start alone: no turn yet that a deadline could pass in."""
    turn = box.after
    box.after = lambda wait_ms: box.loop  # type: ignore[method-assign]
    box.wall_s, box.trusted = wall_s, trusted
    box.restart()
    box.after = turn  # type: ignore[method-assign]


def test_safe_3_safe_4_across_a_reset_no_deadline_of_the_start_is_later() -> None:
    check_resets(unlocked())


def test_safe_3_safe_4_across_a_reset_no_deadline_of_the_return_is_later() -> None:
    check_resets(returned())


def test_safe_3_safe_4_across_a_reset_no_deadline_of_the_reopening_is_later() -> None:
    check_resets(ended())


def check_resets(box: Box) -> None:
    """Whatever the clock shows before and after it, and is worth."""
    state = box.loop.state
    image = bytes(box.journal_storage.contents)
    for was_trusted in (True, False):
        box.journal_storage.contents[:] = image
        reset_at(box, NOW, True)
        box.trusted = was_trusted
        box.after(60)
        box.after(10_000)  # the record is renewed, with what the clock is worth now
        assert box.loop.state == state
        before = dict(box.loop.deadlines())
        assert before
        kept = bytes(box.journal_storage.contents)
        pulses = rises(box)
        for wall_s in times():
            for trusted in (True, False):
                box.journal_storage.contents[:] = kept
                reset_at(box, wall_s, trusted)
                assert box.loop.state == state
                off_s = wall_s - NOW
                is_told = was_trusted and trusted and 0 < off_s <= 0x3FFFFFFF - NOW
                check_deadlines(before, dict(box.loop.deadlines()), off_s if is_told else 0)
                assert rises(box) == pulses


def check_deadlines(before: "dict[str, int]", after: "dict[str, int]", off_s: int) -> None:
    """Earlier by the time off where that can be told, else by nothing; never later."""
    assert sorted(after) == sorted(before)
    for name, left_ms in after.items():
        assert left_ms <= max(0, before[name] - 1000 * off_s), (name, off_s)
        assert off_s or left_ms >= before[name] - 1000, (name, "nothing tells of a time off")


def test_safe_4_while_it_runs_no_deadline_moves_and_nothing_raises() -> None:
    for make in (unlocked, ended):
        box = make()
        box.centre.online = True
        state = box.loop.state
        for wall_s in times():
            box.wall_s = wall_s
            before = dict(box.loop.deadlines())
            box.after(7)
            after = dict(box.loop.deadlines())
            assert box.loop.state == state
            for name, left_ms in before.items():
                assert after[name] == left_ms - 7, (name, wall_s)
            box.centre.take()


def test_safe_4_a_time_that_cannot_be_is_not_trusted_and_starts_nothing() -> None:
    for wall_s in (-1, 0x40000000, 1 << 32):
        box = Box()
        box.book()
        box.wall_s = wall_s
        before = rises(box)
        touch(box)
        assert box.loop.state == "vacant" and rises(box) == before
        box.restart()
        box.after(4000)
        touch(box)
        assert box.loop.state == "vacant" and rises(box) == before
        box.wall_s = NOW
        box.after(4000)
        box.after(4000)
        touch(box)
        assert box.loop.state == "unlocked"


def test_rule_7_a_clock_set_far_back_does_not_make_an_old_copy_young() -> None:
    box = Box()
    box.book()
    box.wall_s = NOW - 73 * HOUR_S
    box.put_delta([(codes.OP_DEL_BOOKING, b"\0\0\0\x09")])
    lease_s = box.loop._cache.lease_from_s
    assert lease_s == NOW
    touch(box)
    assert box.loop.state == "vacant"


def test_the_box_on_paper_starts_five_seconds_before_the_ticks_wrap() -> None:
    assert START_MS == MASK + 1 - 5000
    assert FakeClock().now_ms() == START_MS
    box = unlocked()
    assert ticks_diff(box.now_ms, START_MS) < 5000
    before = dict(box.loop.deadlines())
    box.after(6000)
    assert box.now_ms < START_MS, "wrapped"
    after = dict(box.loop.deadlines())
    for name, left_ms in before.items():
        assert after[name] == left_ms - 6000
