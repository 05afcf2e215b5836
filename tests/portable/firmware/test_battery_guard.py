"""POWER-1: limits, hold times, what counts as rest voltage, and what is never judged."""

from firmware.battery_guard import (
    BETTER_HOLD_MS,
    CRITICAL,
    CRITICAL_MV,
    FULL,
    HOLD_LOOK_MS,
    HYSTERESIS_MV,
    LOOK_MS,
    LOW,
    LOW_MV,
    REST_AFTER_MS,
    BatteryGuard,
)
from firmware.ticks import FAR_MS, MASK, ticks_add
from firmware.wire.codes import NO, UNKNOWN, YES

LOW_HOLD_MS = 240_000
CRITICAL_HOLD_MS = 180_000
GOOD_MV = 12_600


class Bench:
    """A guard whose engine has stood for long; time begins 5 s before the ticks wrap."""

    def __init__(self) -> None:
        self.now_ms = MASK - 5000
        self.guard = BatteryGuard(self.now_ms)
        self.engine = NO
        self.mv = GOOD_MV
        self.after(0)
        self.after(REST_AFTER_MS)

    def after(self, ms: int) -> int:
        """So much later one reading; the level then."""
        self.now_ms = ticks_add(self.now_ms, ms)
        self.guard.update(self.mv, self.engine, self.now_ms)
        return self.guard.level

    def for_ms(self, ms: int) -> int:
        """Readings whenever one is wanted, for so long, the last one then; the level."""
        while ms > self.guard.left_ms:
            ms -= self.guard.left_ms
            self.after(self.guard.left_ms)
        return self.after(ms)


def drained(mv: int) -> Bench:
    bench = Bench()
    bench.mv = mv
    bench.after(0)
    bench.for_ms(LOW_HOLD_MS)
    return bench


def test_low_begins_below_its_limit_when_it_was_held() -> None:
    bench = Bench()
    bench.mv = LOW_MV - 1
    assert bench.after(0) == FULL
    assert bench.for_ms(LOW_HOLD_MS - 1) == FULL
    assert bench.after(1) == LOW


def test_at_its_limit_nothing_begins() -> None:
    assert drained(LOW_MV).guard.level == FULL
    assert drained(CRITICAL_MV).guard.level == LOW


def test_critical_has_a_shorter_hold() -> None:
    bench = Bench()
    bench.mv = CRITICAL_MV - 1
    bench.after(0)
    assert bench.for_ms(CRITICAL_HOLD_MS - 1) == FULL
    assert bench.after(1) == CRITICAL
    assert bench.for_ms(LOW_HOLD_MS) == CRITICAL


def test_critical_may_follow_low_without_a_hold_of_its_own_behind_it() -> None:
    bench = Bench()
    bench.mv = LOW_MV - 1
    bench.after(0)
    bench.for_ms(LOW_HOLD_MS - 60_000)
    bench.mv = CRITICAL_MV - 1
    bench.after(0)
    assert bench.for_ms(60_000) == LOW
    assert bench.for_ms(CRITICAL_HOLD_MS - 60_001) == LOW
    assert bench.after(1) == CRITICAL


def test_one_better_reading_begins_the_hold_anew() -> None:
    bench = Bench()
    bench.mv = LOW_MV - 1
    bench.after(0)
    bench.after(LOW_HOLD_MS - 1)
    bench.mv = LOW_MV
    bench.after(0)
    bench.mv = LOW_MV - 1
    bench.after(0)
    assert bench.for_ms(LOW_HOLD_MS - 1) == FULL
    assert bench.after(1) == LOW


def test_readings_that_swing_about_critical_are_low_all_the_same() -> None:
    bench = Bench()
    for number in range(9):
        bench.mv = CRITICAL_MV + (20 if number % 2 else -20)
        bench.after(30_000)
    assert bench.guard.level == LOW


def test_a_level_ends_above_its_limit_only_and_when_that_was_held() -> None:
    bench = drained(CRITICAL_MV - 1)
    bench.mv = CRITICAL_MV + HYSTERESIS_MV - 1
    assert bench.for_ms(3 * BETTER_HOLD_MS) == CRITICAL
    bench.mv += 1
    bench.after(0)
    assert bench.for_ms(BETTER_HOLD_MS - 1) == CRITICAL
    assert bench.after(1) == LOW
    bench.mv = LOW_MV + HYSTERESIS_MV
    bench.after(0)
    assert bench.for_ms(BETTER_HOLD_MS - 1) == LOW
    assert bench.after(1) == FULL


def test_the_way_up_never_uses_what_was_held_on_the_way_down() -> None:
    bench = Bench()
    bench.mv = CRITICAL_MV - 1
    bench.after(0)
    assert bench.for_ms(CRITICAL_HOLD_MS) == CRITICAL
    bench.mv = GOOD_MV
    bench.after(0)
    assert bench.for_ms(BETTER_HOLD_MS - 1) == CRITICAL
    assert bench.after(1) == FULL


def test_while_the_engine_runs_nothing_begins_and_after_it_minutes_have_to_pass() -> None:
    bench = Bench()
    bench.engine = YES
    bench.mv = 9_000
    assert bench.for_ms(3 * LOW_HOLD_MS) == FULL
    bench.engine = NO
    bench.for_ms(REST_AFTER_MS - 1)
    assert bench.guard.left_ms == 1
    assert bench.for_ms(1 + CRITICAL_HOLD_MS - 1) == FULL
    assert bench.after(1) == CRITICAL


def test_an_engine_that_charges_ends_both_levels() -> None:
    for mv in (14_000, -1):
        bench = drained(CRITICAL_MV - 1)
        bench.engine = YES
        bench.mv = mv
        bench.after(0)
        assert bench.for_ms(BETTER_HOLD_MS - 1) == CRITICAL
        assert bench.after(1) == FULL


def test_minutes_of_an_engine_do_not_count_for_the_rest_behind_it() -> None:
    bench = drained(CRITICAL_MV - 1)
    bench.engine = YES
    bench.mv = 14_000
    bench.after(0)
    bench.for_ms(BETTER_HOLD_MS - 1000)
    bench.engine = NO
    bench.mv = GOOD_MV
    bench.for_ms(REST_AFTER_MS)
    assert bench.for_ms(BETTER_HOLD_MS - 1) == CRITICAL
    assert bench.after(1) == FULL


def test_one_whose_alternator_is_dead_does_not() -> None:
    bench = drained(CRITICAL_MV - 1)
    bench.engine = YES
    assert bench.for_ms(5 * BETTER_HOLD_MS) == CRITICAL


def test_what_cannot_be_told_begins_nothing_and_ends_nothing() -> None:
    bench = Bench()
    bench.mv = -1
    bench.after(0)
    assert bench.guard.left_ms == FAR_MS, "and nothing ticks for it"
    assert bench.after(10 * LOW_HOLD_MS) == FULL
    bench = drained(CRITICAL_MV - 1)
    bench.mv = -1
    assert bench.after(10 * BETTER_HOLD_MS) == CRITICAL


def test_a_hold_does_not_run_while_nothing_can_be_told() -> None:
    bench = Bench()
    bench.mv = LOW_MV - 1
    bench.after(0)
    bench.mv = -1
    bench.after(LOW_HOLD_MS)
    bench.mv = LOW_MV - 1
    assert bench.after(0) == FULL
    assert bench.for_ms(LOW_HOLD_MS - 1) == FULL


def test_an_engine_that_cannot_be_told_does_not_keep_the_guard_from_its_work() -> None:
    bench = Bench()
    bench.engine = UNKNOWN
    bench.mv = LOW_MV - 1
    bench.after(0)
    assert bench.for_ms(LOW_HOLD_MS) == LOW


def test_readings_are_wanted_seldom_and_each_minute_while_a_hold_runs() -> None:
    bench = Bench()
    assert bench.guard.left_ms == LOOK_MS
    bench.mv = LOW_MV - 1
    bench.after(0)
    assert bench.guard.left_ms == HOLD_LOOK_MS
    bench.after(LOW_HOLD_MS - 5000)
    assert bench.guard.left_ms == 5000


def test_a_reset_begins_from_full_with_all_times_anew() -> None:
    guard = BatteryGuard(0)
    guard.update(11_000, NO, 0)
    assert guard.left_ms == REST_AFTER_MS
    guard.update(11_000, NO, REST_AFTER_MS)
    guard.update(11_000, NO, REST_AFTER_MS + CRITICAL_HOLD_MS - 1)
    assert guard.level == FULL
    guard.update(11_000, NO, REST_AFTER_MS + CRITICAL_HOLD_MS)
    assert guard.level == CRITICAL


def test_a_board_may_move_both_limits() -> None:
    bench = Bench()
    bench.guard.offset_mv = -200
    bench.mv = LOW_MV - 200
    assert bench.for_ms(2 * LOW_HOLD_MS) == FULL
    bench.mv -= 1
    bench.after(0)
    assert bench.for_ms(LOW_HOLD_MS) == LOW
    bench.mv = CRITICAL_MV - 201
    bench.after(0)
    assert bench.for_ms(LOW_HOLD_MS) == CRITICAL
