"""Contacts that storm: doubted, rate-limited, and heard in the end, whatever they did before."""

from firmware.debounce import (
    EDGES_MAX,
    EDGES_WINDOW_MS,
    NOISY_REST_MS,
    QUIET_MS,
    RESTLESS_MS,
    Debounce,
)
from firmware.snapshot import IS_NOISY, IS_STALE, Snapshot
from firmware.ticks import FAR_MS, MASK, ticks_add
from firmware.wire.codes import (
    IN_DOOR_DRIVER,
    IN_ENGINE,
    IN_KEY,
    IN_KNOB_AT_RETURN,
    INPUTS,
    NO,
    STALE,
    UNKNOWN,
    YES,
)

REST_MS = 50


class Input:
    value = NO

    def read(self) -> int:
        return self.value


class Bench:
    """Inputs to set by hand; each `after` is one turn."""

    def __init__(self, no_sensors: int = 0, no_doors: int = 0, rest_ms: int = REST_MS) -> None:
        """After the first `rest_ms`."""
        self.inputs = tuple([Input() for _ in range(INPUTS)])
        self.snapshot = Snapshot(no_doors)
        self.snapshot.now_ms = MASK - 20
        self.debounce = Debounce(REST_MS, no_sensors | no_doors)
        self.after(0)
        self.after(rest_ms)

    def after(self, wait_ms: int) -> Snapshot:
        self.snapshot.now_ms = ticks_add(self.snapshot.now_ms, wait_ms)
        self.debounce.update(self.inputs, self.snapshot)
        return self.snapshot

    def set(self, i: int, value: int) -> Snapshot:
        self.inputs[i].value = value
        return self.after(0)

    def toggle(self, i: int, rest_ms: int) -> int:
        """One change that lasts for `rest_ms`; the contact after it."""
        self.set(i, YES - self.inputs[i].value)
        return self.after(rest_ms).contacts[i]

    def run(self, wait_ms: int) -> None:
        """Turns as they are asked for."""
        while wait_ms > 0:
            step = min(max(1, self.debounce.left_ms), wait_ms)
            self.after(step)
            wait_ms -= step

    def is_noisy(self, i: int) -> bool:
        return self.snapshot.faults[i] & IS_NOISY != 0

    def make_noisy(self, i: int) -> None:
        for _ in range(EDGES_MAX + 1):
            self.toggle(i, REST_MS)
        assert self.is_noisy(i)


def test_six_changes_in_a_minute_are_heard_the_seventh_is_too_much() -> None:
    bench = Bench()
    for n in range(EDGES_MAX):
        assert bench.toggle(IN_KEY, REST_MS) == (YES, NO)[n % 2]
    assert not bench.is_noisy(IN_KEY)
    assert bench.toggle(IN_KEY, REST_MS) == UNKNOWN
    assert bench.is_noisy(IN_KEY) and bench.snapshot.changed == 1 << IN_KEY
    assert bench.snapshot.contacts[IN_DOOR_DRIVER] == NO and not bench.is_noisy(IN_DOOR_DRIVER)


def test_changes_spread_over_more_than_a_minute_are_all_heard() -> None:
    bench = Bench()
    for _ in range(5):
        for _ in range(EDGES_MAX):
            assert bench.toggle(IN_KEY, REST_MS) != UNKNOWN
        bench.run(EDGES_WINDOW_MS - (EDGES_MAX - 1) * REST_MS)
    assert not bench.is_noisy(IN_KEY)
    bench.after(FAR_MS)
    bench.after(FAR_MS)
    assert bench.toggle(IN_KEY, REST_MS) != UNKNOWN


def test_the_window_ends_after_exactly_a_minute() -> None:
    for early, noisy in ((0, False), (1, True)):
        bench = Bench()
        for _ in range(EDGES_MAX):
            bench.toggle(IN_KEY, REST_MS)
        bench.run(EDGES_WINDOW_MS - EDGES_MAX * REST_MS - early)
        bench.toggle(IN_KEY, REST_MS)
        assert bench.is_noisy(IN_KEY) == noisy


def test_stop_and_go_is_no_noise() -> None:
    """Engine and motion may change all the time: nobody journals them, and a jam is no fault."""
    for i in range(INPUTS):
        bench = Bench()
        for _ in range(20):
            bench.toggle(i, REST_MS)
        assert bench.is_noisy(i) == (i <= IN_KNOB_AT_RETURN), i


def test_an_input_without_rest_is_no_value() -> None:
    """SAFE-1: an engine line that chatters is not "off" because it last rested there."""
    bench = Bench()
    for _ in range(RESTLESS_MS // 40 - 1):
        bench.toggle(7, 40)
        assert bench.snapshot.contacts[7] == NO
    bench.toggle(7, 40)
    assert bench.snapshot.contacts[7] == UNKNOWN and bench.is_noisy(7)


def test_the_turn_is_planned_for_the_end_of_patience() -> None:
    bench = Bench()
    bench.set(7, YES)
    assert bench.debounce.left_ms == REST_MS
    for _ in range(RESTLESS_MS // 40 - 1):
        bench.after(40)
        bench.set(7, YES - bench.inputs[7].value)
    bench.after(20)
    bench.set(7, YES - bench.inputs[7].value)
    assert bench.debounce.left_ms == 20
    bench.after(20)
    assert bench.is_noisy(7) and bench.debounce.left_ms == NOISY_REST_MS - 20


def test_what_it_rests_at_is_heard_after_ten_seconds_and_noise_ends_after_a_minute() -> None:
    for final in (YES, NO):
        bench = Bench()
        bench.make_noisy(IN_KEY)
        bench.set(IN_KEY, YES - final)
        bench.after(100)
        bench.set(IN_KEY, final)
        bench.run(NOISY_REST_MS - 1)
        assert bench.snapshot.contacts[IN_KEY] == UNKNOWN
        bench.after(1)
        assert bench.snapshot.contacts[IN_KEY] == final and bench.is_noisy(IN_KEY)
        assert bench.debounce.left_ms == QUIET_MS - NOISY_REST_MS
        bench.after(QUIET_MS - NOISY_REST_MS - 1)
        assert bench.is_noisy(IN_KEY)
        assert bench.after(1).changed == 1 << IN_KEY
        assert not bench.is_noisy(IN_KEY) and bench.debounce.left_ms == FAR_MS
        assert bench.snapshot.contacts[IN_KEY] == final
        # All is as before: six changes are heard again.
        for _ in range(EDGES_MAX):
            assert bench.toggle(IN_KEY, REST_MS) != UNKNOWN


def test_a_noisy_input_that_stirs_cannot_be_told_at_once() -> None:
    bench = Bench()
    bench.make_noisy(IN_KEY)
    bench.run(NOISY_REST_MS)
    value = bench.snapshot.contacts[IN_KEY]
    assert value != UNKNOWN
    assert bench.set(IN_KEY, YES - value).contacts[IN_KEY] == UNKNOWN
    bench.run(NOISY_REST_MS)
    assert bench.snapshot.contacts[IN_KEY] == YES - value
    bench.run(QUIET_MS - NOISY_REST_MS)
    assert not bench.is_noisy(IN_KEY)


def test_raw_changes_are_counted_for_the_self_test() -> None:
    bench = Bench()
    assert bench.debounce.edges(IN_KEY) == 0  # the first reading is none
    for _ in range(1000):
        bench.toggle(IN_KEY, 3)
    assert bench.debounce.edges(IN_KEY) == 1000
    assert bench.debounce.edges(IN_DOOR_DRIVER) == 0
    bench.debounce._edges[IN_KEY] = MASK - 1
    bench.toggle(IN_KEY, 3)
    bench.toggle(IN_KEY, 3)
    assert bench.debounce.edges(IN_KEY) == MASK


def test_noise_from_the_first_reading_on() -> None:
    bench = Bench(rest_ms=0)
    for _ in range(RESTLESS_MS // 40):
        bench.toggle(IN_KEY, 40)
    assert bench.is_noisy(IN_KEY) and not bench.snapshot.is_settled
    bench.run(NOISY_REST_MS)
    snapshot = bench.after(0)
    assert snapshot.is_settled and snapshot.contacts[IN_KEY] != UNKNOWN


def test_stale_is_unknown_without_delay_and_fresh_after_a_rest() -> None:
    bench = Bench()
    assert bench.set(IN_KEY, STALE).contacts[IN_KEY] == UNKNOWN
    assert bench.snapshot.faults[IN_KEY] == IS_STALE
    assert bench.snapshot.changed == 1 << IN_KEY
    bench.run(5000)
    assert bench.set(IN_KEY, YES).contacts[IN_KEY] == UNKNOWN
    assert bench.snapshot.faults[IN_KEY] == IS_STALE
    bench.after(REST_MS - 1)
    assert bench.snapshot.contacts[IN_KEY] == UNKNOWN
    assert bench.after(1).contacts[IN_KEY] == YES
    assert bench.snapshot.faults[IN_KEY] == 0 and bench.snapshot.changed == 1 << IN_KEY


def test_a_bus_that_comes_and_goes_is_noise_as_well() -> None:
    """The fault does not come and go with it."""
    bench = Bench()
    for i in (IN_KEY, IN_ENGINE):
        told = 0
        for n in range(200):
            before = bench.snapshot.faults[i]
            bench.set(i, STALE if n % 2 else YES)
            bench.after(60)
            told += bench.snapshot.faults[i] != before
        assert bench.is_noisy(i) and told <= EDGES_MAX + 2
        bench.set(i, YES)
        bench.run(QUIET_MS)
        assert bench.snapshot.faults[i] == 0 and bench.snapshot.contacts[i] == YES


def test_what_is_stale_when_the_noise_ends_is_told_as_stale() -> None:
    bench = Bench()
    bench.make_noisy(IN_KEY)
    bench.set(IN_KEY, STALE)
    bench.run(QUIET_MS)
    assert bench.snapshot.faults[IN_KEY] == IS_STALE
    assert bench.snapshot.contacts[IN_KEY] == UNKNOWN


def test_an_input_that_is_not_there_is_neither_read_nor_waited_for() -> None:
    bench = Bench(1 << 11, 1 << 2, 0)
    for value in (YES, NO):
        bench.inputs[2].value = bench.inputs[11].value = value
        bench.after(REST_MS)
        assert bench.snapshot.is_settled
        assert bench.snapshot.contacts[2] == NO  # no such door: closed
        assert bench.snapshot.contacts[11] == UNKNOWN  # no such sensor: nobody knows
