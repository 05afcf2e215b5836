"""When the actuators need a turn, and when all rests: SAFE-1."""

from firmware.actuators import SETTLE_MS
from firmware.ticks import FAR_MS, ticks_add
from firmware.wire import codes
from tests.portable.firmware.test_actuators import Bench


def next_ms(bench: Bench, elapsed_ms: int) -> int:
    return bench.actuators.next_ms(ticks_add(bench.snapshot.now_ms, elapsed_ms))


def test_a_pulse_needs_a_turn_when_it_is_due() -> None:
    bench = Bench()
    assert next_ms(bench, 0) == FAR_MS and not bench.actuators.are_moving()
    bench.pulse(codes.PULSE_UNLOCK)
    assert bench.actuators.are_moving()
    for elapsed_ms, left_ms in ((0, 400), (150, 250), (399, 1), (400, 0), (401, 0), (900, 0)):
        assert next_ms(bench, elapsed_ms) == left_ms


def test_the_shortest_pulse_counts() -> None:
    bench = Bench()
    bench.pulse(codes.PULSE_UNLOCK)
    bench.pulse(codes.PULSE_BLOCK)
    assert next_ms(bench, 50) == 150
    bench = Bench()
    bench.pulse(codes.PULSE_BLOCK)
    bench.pulse(codes.PULSE_LOCK)
    assert next_ms(bench, 50) == 150


def test_after_the_last_pulse_the_read_back_gets_its_time() -> None:
    bench = Bench()
    bench.pulse(codes.PULSE_LOCK)
    assert bench.after(400) is None
    assert bench.actuators.are_moving()
    for elapsed_ms, left_ms in ((0, SETTLE_MS), (100, 200), (299, 1), (300, 0), (500, 0)):
        assert next_ms(bench, elapsed_ms) == left_ms
    assert bench.after(SETTLE_MS - 1) is None
    assert bench.after(1) == bytes((codes.PULSE_LOCK,))
    assert not bench.actuators.are_moving() and next_ms(bench, 0) == FAR_MS


def test_nothing_is_done_while_another_pulse_goes_on() -> None:
    bench = Bench()
    bench.pulse(codes.PULSE_BLOCK)
    bench.after(100)
    bench.pulse(codes.PULSE_LOCK)
    assert bench.after(100) is None  # the block is over, the lock lasts 300 ms more
    assert bench.after(299) is None
    assert next_ms(bench, 0) == 1
    assert bench.after(1) is None
    assert bench.after(SETTLE_MS) == bytes((codes.PULSE_BLOCK, codes.PULSE_LOCK))


def test_the_next_pulse_is_told_anew() -> None:
    bench = Bench()
    for line in (codes.PULSE_LOCK, codes.PULSE_UNLOCK):
        bench.pulse(line)
        assert bench.after(400) is None
        assert bench.after(SETTLE_MS) == bytes((line,))
        assert bench.after(1000) is None
