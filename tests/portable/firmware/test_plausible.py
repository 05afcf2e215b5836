"""Contacts that contradict each other: doubted in time, believed again when they move (SAFE-1, END-8)."""

from firmware.plausible import HOLD_MS, RUNNING_MV_MIN, UNNOTICED_M_MAX, Plausible
from firmware.snapshot import IS_CONTRADICTORY, Snapshot
from firmware.ticks import FAR_MS, MASK, ticks_add
from firmware.wire.codes import (
    IN_BRAKE,
    IN_ENGINE,
    IN_GEAR_P,
    IN_MOVING,
    INPUTS,
    NO,
    UNKNOWN,
    YES,
)


class Bench:
    """Contacts to set by hand; each `after` is one turn."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self.snapshot.now_ms = MASK - 5000
        self.snapshot.battery_mv = 12600
        self.snapshot.odometer_m = 1000
        self.plausible = Plausible()
        for i in range(INPUTS):
            self.snapshot.contacts[i] = NO
        self.snapshot.contacts[IN_BRAKE] = self.snapshot.contacts[IN_GEAR_P] = YES
        self.snapshot.changed = (1 << INPUTS) - 1
        self.turn()

    def turn(self) -> Snapshot:
        self.plausible.update(self.snapshot)
        return self.snapshot

    def set(self, i: int, value: int) -> Snapshot:
        self.snapshot.contacts[i] = value
        self.snapshot.changed = 1 << i
        return self.turn()

    def after(self, wait_ms: int) -> Snapshot:
        self.snapshot.now_ms = ticks_add(self.snapshot.now_ms, wait_ms)
        self.snapshot.changed = 0
        return self.turn()

    def doubted(self) -> "list[int]":
        snapshot = self.snapshot
        found = [i for i in range(INPUTS) if snapshot.faults[i] & IS_CONTRADICTORY]
        for i in range(INPUTS):
            assert snapshot.values[i] == (UNKNOWN if i in found else snapshot.contacts[i])
        return found


def test_what_fits_together_is_believed() -> None:
    bench = Bench()
    bench.set(IN_ENGINE, YES)
    bench.set(IN_GEAR_P, NO)
    bench.set(IN_MOVING, YES)
    bench.snapshot.odometer_m += 5000
    bench.after(10 * HOLD_MS)
    bench.after(10 * HOLD_MS)
    assert bench.doubted() == [] and bench.plausible.left_ms == FAR_MS


def test_an_engine_that_runs_at_11_volts_while_the_car_stands() -> None:
    bench = Bench()
    bench.snapshot.battery_mv = RUNNING_MV_MIN - 1
    bench.set(IN_ENGINE, YES)
    assert bench.doubted() == [] and bench.plausible.left_ms == HOLD_MS
    bench.after(HOLD_MS - 1)
    assert bench.doubted() == [] and bench.plausible.left_ms == 1
    assert bench.after(1).changed == 1 << IN_ENGINE
    assert bench.doubted() == [IN_ENGINE]
    assert bench.snapshot.in_motion() == UNKNOWN
    # A better battery alone does not clear it; the line has to move.
    bench.snapshot.battery_mv = 14000
    assert bench.after(HOLD_MS).changed == 0
    assert bench.doubted() == [IN_ENGINE]
    assert bench.set(IN_ENGINE, NO).changed == 1 << IN_ENGINE
    assert bench.doubted() == [] and bench.snapshot.in_motion() == NO


def test_volts_that_prove_nothing() -> None:
    """Good enough, unknown, a dip while cranking, or a car on the move."""
    for battery_mv in (RUNNING_MV_MIN, -1):
        bench = Bench()
        bench.snapshot.battery_mv = battery_mv
        bench.set(IN_ENGINE, YES)
        bench.after(HOLD_MS)
        assert bench.doubted() == []
    bench = Bench()
    bench.set(IN_ENGINE, YES)
    for battery_mv in (9000, 12600, 9000):
        bench.snapshot.battery_mv = battery_mv
        bench.after(HOLD_MS - 1)
        assert bench.doubted() == []
    for moving in (YES, UNKNOWN):
        bench = Bench()
        bench.snapshot.battery_mv = 11000
        bench.set(IN_GEAR_P, NO)
        bench.set(IN_MOVING, moving)
        bench.set(IN_ENGINE, YES)
        bench.after(HOLD_MS)
        assert bench.doubted() == []


def test_moving_in_park() -> None:
    """Either may lie: the lever is not taken for P at the end, nor the car for standing."""
    bench = Bench()
    bench.set(IN_ENGINE, YES)
    bench.set(IN_MOVING, YES)
    bench.after(HOLD_MS - 1)
    assert bench.doubted() == []
    bench.after(1)
    assert bench.doubted() == [IN_MOVING, IN_GEAR_P]
    bench.set(IN_MOVING, NO)
    assert bench.doubted() == [IN_GEAR_P]
    bench.set(IN_MOVING, YES)
    bench.after(HOLD_MS)
    assert bench.doubted() == [IN_GEAR_P]  # it alone is the known liar
    bench.set(IN_GEAR_P, NO)
    bench.set(IN_MOVING, NO)
    bench.set(IN_GEAR_P, YES)
    assert bench.doubted() == []


def test_moving_with_the_engine_off() -> None:
    """SAFE-1: at the next traffic light a dead engine line would say that the car is at rest."""
    bench = Bench()
    bench.set(IN_GEAR_P, NO)
    bench.set(IN_MOVING, YES)
    bench.after(HOLD_MS - 1)
    assert bench.doubted() == []
    bench.after(1)
    assert bench.doubted() == [IN_ENGINE]
    bench.set(IN_MOVING, NO)
    assert bench.snapshot.in_motion() == UNKNOWN
    bench.after(3600 * 1000)
    assert bench.doubted() == [IN_ENGINE]
    bench.set(IN_ENGINE, YES)
    bench.set(IN_ENGINE, NO)
    assert bench.doubted() == [] and bench.snapshot.in_motion() == NO


def test_a_push_of_a_few_seconds_proves_nothing() -> None:
    bench = Bench()
    bench.set(IN_GEAR_P, NO)
    for _ in range(3):
        bench.set(IN_MOVING, YES)
        bench.after(HOLD_MS - 1)
        bench.set(IN_MOVING, NO)
        bench.after(1)
    bench.after(HOLD_MS)
    assert bench.doubted() == []


def test_the_odometer_counts_while_the_car_stands() -> None:
    bench = Bench()
    bench.after(0)
    bench.snapshot.odometer_m += UNNOTICED_M_MAX - 1
    bench.after(5)
    assert bench.doubted() == []
    bench.snapshot.odometer_m += 1
    assert bench.after(5).changed == 1 << IN_MOVING
    assert bench.doubted() == [IN_MOVING] and bench.snapshot.in_motion() == UNKNOWN
    bench.set(IN_MOVING, YES)
    bench.set(IN_MOVING, NO)
    assert bench.doubted() == []
    bench.after(HOLD_MS)
    assert bench.doubted() == []  # counted from where it was last seen to move


def test_an_odometer_that_is_not_there_or_starts_anew() -> None:
    for readings in ((-1, 5000, -1, 9000), (900, 1050, 0, 150)):
        bench = Bench()
        for odometer_m in readings:
            bench.snapshot.odometer_m = odometer_m
            bench.after(1000)
            assert bench.doubted() == []


def test_a_drive_of_any_length_between_two_looks() -> None:
    bench = Bench()
    bench.set(IN_GEAR_P, NO)
    bench.set(IN_ENGINE, YES)
    bench.set(IN_MOVING, YES)
    bench.snapshot.odometer_m += 100000
    bench.after(600000)
    bench.set(IN_MOVING, NO)
    assert bench.doubted() == []


def test_a_liar_that_falls_silent_is_no_better() -> None:
    """UNKNOWN in between is not a move."""
    bench = Bench()
    bench.snapshot.battery_mv = 11000
    bench.set(IN_ENGINE, YES)
    bench.after(HOLD_MS)
    bench.set(IN_ENGINE, UNKNOWN)
    bench.set(IN_ENGINE, YES)
    assert bench.doubted() == [IN_ENGINE]
    bench.set(IN_ENGINE, UNKNOWN)
    bench.set(IN_ENGINE, NO)
    assert bench.doubted() == []


def test_no_contradiction_ever_makes_a_car_look_at_rest() -> None:
    """SAFE-1 gets stricter only: all readings of the lines it judges, all batteries, for long."""
    three = (NO, YES, UNKNOWN)
    for engine in three:
        for moving in three:
            for gear in three:
                for battery_mv in (-1, 11000, 12600):
                    bench = Bench()
                    snapshot = bench.snapshot
                    snapshot.battery_mv = battery_mv
                    for i, value in ((IN_ENGINE, engine), (IN_MOVING, moving), (IN_GEAR_P, gear)):
                        bench.set(i, value)
                    for _ in range(3):
                        bench.after(HOLD_MS)
                        snapshot.odometer_m += 150
                        bench.doubted()
                        if snapshot.in_motion() == NO:
                            assert engine == NO and moving == NO
                        if snapshot.values[IN_GEAR_P] == YES:
                            assert gear == YES
