"""When the debouncer needs a turn, what it waits for, how noise begins and ends."""

from firmware.debounce import (
    EDGES_MAX,
    EDGES_WINDOW_MS,
    NOISY_REST_MS,
    QUIET_MS,
    RESTLESS_MS,
    Debounce,
)
from firmware.snapshot import IS_NOISY, IS_STALE
from firmware.ticks import FAR_MS
from firmware.wire import codes
from tests.portable.firmware.test_debounce import Bench

REST_MS = 50


def settled() -> Bench:
    bench = Bench()
    bench.after(0)
    bench.after(REST_MS)
    return bench


def turn_over(bench: Bench, times: int) -> None:
    """The first input changes and comes to rest, so often."""
    for _ in range(times):
        bench.inputs[0].value = codes.YES - bench.inputs[0].value
        bench.after(1)
        bench.after(REST_MS)


def test_nothing_is_awaited_before_the_first_reading_and_after_the_last() -> None:
    assert Debounce(REST_MS).left_ms == FAR_MS
    assert settled().debounce.left_ms == FAR_MS


def test_each_input_is_waited_for_the_first_too() -> None:
    for i in (0, 1, codes.INPUTS - 1):
        bench = Bench()
        bench.after(0)
        bench.inputs[i].value = codes.YES
        bench.after(REST_MS - 1)
        assert not bench.after(1).is_settled
        assert bench.after(REST_MS - 1).is_settled


def test_an_absent_input_is_neither_read_nor_waited_for() -> None:
    bench = Bench()
    bench.debounce = Debounce(REST_MS, 1 << 3)
    bench.after(0)
    bench.inputs[3].value = codes.YES
    snapshot = bench.after(REST_MS)
    assert snapshot.is_settled and snapshot.changed == (1 << codes.INPUTS) - 1 - (1 << 3)
    assert snapshot.contacts[3] == codes.UNKNOWN and bench.debounce.edges(3) == 0
    assert snapshot.contacts[2] == codes.NO and snapshot.contacts[4] == codes.NO


def test_the_nearest_rest_is_awaited() -> None:
    bench = settled()
    bench.inputs[0].value = codes.YES
    bench.after(10)
    assert bench.debounce.left_ms == REST_MS
    bench.inputs[1].value = codes.YES
    bench.after(20)
    assert bench.debounce.left_ms == REST_MS - 20


def test_what_finds_no_rest_for_a_second_is_noisy() -> None:
    bench = settled()
    for elapsed_ms in range(0, RESTLESS_MS, 40):
        bench.inputs[0].value = codes.YES - bench.inputs[0].value
        assert not bench.after(40 if elapsed_ms else 0).faults[0]
    assert bench.debounce.left_ms == 40  # the second is over before it could have rested
    snapshot = bench.after(39)
    assert snapshot.faults[0] == 0 and bench.debounce.left_ms == 1
    snapshot = bench.after(1)
    assert snapshot.faults[0] == IS_NOISY and snapshot.contacts[0] == codes.UNKNOWN
    assert bench.debounce.left_ms == NOISY_REST_MS - 40


def test_before_the_second_is_over_its_rest_is_awaited_if_that_is_nearer() -> None:
    bench = settled()
    for _ in range(24):
        bench.inputs[0].value = codes.YES - bench.inputs[0].value
        bench.after(40)
    bench.after(20)  # 940 ms after it ceased to rest, it has rested for 20
    assert bench.debounce.left_ms == REST_MS - 20


def test_a_blip_that_goes_back_is_no_change() -> None:
    bench = settled()
    for _ in range(3 * EDGES_MAX):
        bench.inputs[0].value = codes.YES
        bench.after(1)
        bench.inputs[0].value = codes.NO
        bench.after(1)
        bench.after(REST_MS)
    assert bench.snapshot.faults[0] == 0 and bench.snapshot.contacts[0] == codes.NO


def test_the_first_value_after_a_reset_is_no_change_whoever_rested_before() -> None:
    bench = Bench()
    bench.after(0)
    bench.inputs[0].value = codes.YES
    bench.after(1)
    bench.after(REST_MS - 1)  # the others have rested
    bench.after(1)
    assert bench.snapshot.is_settled
    turn_over(bench, EDGES_MAX)
    assert bench.snapshot.faults[0] == 0


def test_noise_counts_when_it_has_rested_and_ends_when_it_is_quiet() -> None:
    bench = settled()
    turn_over(bench, EDGES_MAX)
    assert bench.snapshot.faults[0] == 0
    turn_over(bench, 1)
    snapshot = bench.snapshot
    assert snapshot.faults[0] == IS_NOISY and snapshot.contacts[0] == codes.UNKNOWN
    assert bench.debounce.left_ms == NOISY_REST_MS - REST_MS
    bench.after(1000)
    assert bench.debounce.left_ms == NOISY_REST_MS - REST_MS - 1000
    bench.after(NOISY_REST_MS - REST_MS - 1000)
    assert snapshot.contacts[0] == codes.YES and snapshot.faults[0] == IS_NOISY
    assert bench.debounce.left_ms == QUIET_MS - NOISY_REST_MS
    bench.after(1000)
    assert bench.debounce.left_ms == QUIET_MS - NOISY_REST_MS - 1000
    assert bench.after(QUIET_MS - NOISY_REST_MS - 1000).faults[0] == 0
    assert snapshot.changed == 1 and bench.debounce.left_ms == FAR_MS


def test_a_window_counts_for_itself() -> None:
    bench = settled()
    turn_over(bench, EDGES_MAX)
    bench.after(EDGES_WINDOW_MS)
    turn_over(bench, EDGES_MAX)
    assert bench.snapshot.faults[0] == 0
    turn_over(bench, 1)
    assert bench.snapshot.faults[0] == IS_NOISY


def test_a_stale_reading_stays_stale_however_often_it_comes() -> None:
    bench = settled()
    for _ in range(2):
        bench.inputs[9].value = codes.STALE
        snapshot = bench.after(1)
        assert snapshot.faults[9] == IS_STALE and snapshot.contacts[9] == codes.UNKNOWN
        bench.inputs[9].value = codes.NO
        bench.after(1)
    snapshot = bench.after(REST_MS)
    assert snapshot.faults[9] == 0 and snapshot.contacts[9] == codes.NO


def test_two_changes_of_one_turn_are_both_told() -> None:
    bench = settled()
    bench.inputs[8].value = bench.inputs[9].value = codes.STALE
    snapshot = bench.after(1)
    assert snapshot.changed == 1 << 8 | 1 << 9
    assert snapshot.faults[8] == snapshot.faults[9] == IS_STALE
