"""Levels lapse, pulses have their width, the interlock stands before them: SAFE-1, SAFE-6."""

from firmware.actuators import SETTLE_MS, Actuators
from firmware.snapshot import Snapshot
from firmware.ticks import FAR_MS, MASK, ticks_add
from firmware.turn import Turn
from firmware.wire import codes

IDENT = b"IDENTITY"


class Line:
    def __init__(self) -> None:
        self.level = True
        self.history: "list[bool]" = []

    def write(self, level: bool) -> None:
        self.level = level
        self.history.append(level)


class Ports:
    def __init__(self) -> None:
        self.levels = tuple([Line() for _ in range(codes.OUTS)])
        self.pulses = tuple([Line() for _ in range(codes.PULSES)])
        self.pulse_ms = (400, 400, 200, 200)


class Bench:
    def __init__(self) -> None:
        self.ports = Ports()
        self.actuators = Actuators(self.ports)  # type: ignore[arg-type]
        self.snapshot = Snapshot()
        self.snapshot.now_ms = MASK - 100
        self.snapshot.values[codes.IN_ENGINE] = codes.NO
        self.snapshot.values[codes.IN_MOVING] = codes.NO
        self.turn = Turn()

    def pulse(self, line: int, cause: int = codes.BY_CARD) -> None:
        now = self.snapshot.now_ms
        self.turn.clear()
        self.turn.pulse(line, cause, IDENT, ticks_add(now, 1000))
        self.actuators.apply(self.turn, self.snapshot, True, now)

    def after(self, wait_ms: int) -> "bytes | None":
        self.snapshot.now_ms = ticks_add(self.snapshot.now_ms, wait_ms)
        return self.actuators.service(self.snapshot.now_ms)


def test_everything_is_off_at_first() -> None:
    bench = Bench()
    for line in bench.ports.levels + bench.ports.pulses:
        assert line.history == [False]


def test_a_pulse_has_the_boards_width_and_is_done_after_settling() -> None:
    bench = Bench()
    bench.pulse(codes.PULSE_UNLOCK)
    line = bench.ports.pulses[codes.PULSE_UNLOCK]
    assert line.history == [False, True]
    assert bench.actuators.next_ms(bench.snapshot.now_ms) == 400
    assert bench.after(399) is None and line.history == [False, True]
    assert bench.after(1) is None and line.history == [False, True, False]
    assert bench.actuators.next_ms(bench.snapshot.now_ms) == SETTLE_MS
    assert bench.after(SETTLE_MS - 1) is None
    assert bench.after(1) == bytes((codes.PULSE_UNLOCK,))
    assert bench.after(1) is None
    assert bench.actuators.next_ms(bench.snapshot.now_ms) == FAR_MS


def test_fault_1_a_pulse_that_does_not_show_is_known_until_one_of_that_line_does() -> None:
    for line, index, shown in (
        (codes.PULSE_UNLOCK, codes.IN_LOCKED, codes.NO),
        (codes.PULSE_LOCK, codes.IN_LOCKED, codes.YES),
        (codes.PULSE_RELEASE, codes.IN_BLOCKED, codes.NO),
        (codes.PULSE_BLOCK, codes.IN_BLOCKED, codes.YES),
    ):
        bench = Bench()
        idle = Turn()
        for value, unproved in (
            (codes.UNKNOWN, 0),
            (1 - shown, 1 << line),
            (codes.UNKNOWN, 1 << line),
            (shown, 0),
        ):
            before = bench.actuators.unproved
            bench.pulse(line)
            bench.snapshot.values[index] = value
            bench.after(400)
            bench.actuators.apply(idle, bench.snapshot, True, bench.snapshot.now_ms)
            assert bench.actuators.unproved == before, "not before it has settled"
            assert bench.after(SETTLE_MS) == bytes((line,))
            bench.actuators.apply(idle, bench.snapshot, True, bench.snapshot.now_ms)
            assert bench.actuators.unproved == unproved, (line, value)


def test_fault_1_a_pulse_that_another_one_undid_proves_nothing() -> None:
    bench = Bench()
    bench.pulse(codes.PULSE_UNLOCK)
    bench.after(400)  # it is done, and has not settled
    bench.pulse(codes.PULSE_LOCK)
    bench.snapshot.values[codes.IN_LOCKED] = codes.YES
    bench.after(400)
    assert bench.after(SETTLE_MS) == bytes((codes.PULSE_UNLOCK, codes.PULSE_LOCK))
    bench.actuators.apply(Turn(), bench.snapshot, True, bench.snapshot.now_ms)
    assert bench.actuators.unproved == 0


def test_fault_1_of_locks_and_unlocks_in_a_row_the_last_one_counts() -> None:
    unlock, lock = codes.PULSE_UNLOCK, codes.PULSE_LOCK
    for lines, locked, unproved in (
        ((unlock, lock), codes.NO, 1 << lock),
        ((unlock, lock, unlock), codes.NO, 0),
        ((unlock, lock, unlock), codes.YES, 1 << unlock),
        ((lock, unlock, lock), codes.YES, 0),
    ):
        bench = Bench()
        for line in lines:
            bench.pulse(line)
            bench.after(400)
        bench.snapshot.values[codes.IN_LOCKED] = locked
        assert bench.after(SETTLE_MS) == bytes(lines)
        bench.actuators.apply(Turn(), bench.snapshot, True, bench.snapshot.now_ms)
        assert bench.actuators.unproved == unproved, (lines, locked)


def test_fault_1_two_relays_that_do_not_show_are_both_known() -> None:
    bench = Bench()
    lines = codes.PULSE_UNLOCK, codes.PULSE_RELEASE
    for line in lines:
        bench.pulse(line)
        bench.after(400)
    bench.snapshot.values[codes.IN_LOCKED] = bench.snapshot.values[codes.IN_BLOCKED] = codes.YES
    assert bench.after(SETTLE_MS) == bytes(lines)
    bench.actuators.apply(Turn(), bench.snapshot, True, bench.snapshot.now_ms)
    assert bench.actuators.unproved == 1 << codes.PULSE_UNLOCK | 1 << codes.PULSE_RELEASE


def test_the_opposite_pulse_ends_the_first() -> None:
    bench = Bench()
    bench.pulse(codes.PULSE_UNLOCK)
    bench.after(100)
    bench.pulse(codes.PULSE_LOCK)
    assert not bench.ports.pulses[codes.PULSE_UNLOCK].level
    assert bench.ports.pulses[codes.PULSE_LOCK].level


def test_what_the_interlock_forbids_does_not_move_safe_1() -> None:
    bench = Bench()
    bench.snapshot.values[codes.IN_ENGINE] = codes.YES
    bench.pulse(codes.PULSE_BLOCK)
    bench.pulse(codes.PULSE_UNLOCK, codes.BY_DEADLINE)
    assert not bench.ports.pulses[codes.PULSE_BLOCK].level
    assert not bench.ports.pulses[codes.PULSE_UNLOCK].level


def test_a_level_that_is_not_wanted_again_goes_off_safe_6() -> None:
    bench = Bench()
    bench.turn.levels[codes.OUT_HAZARD] = 1
    bench.actuators.apply(bench.turn, bench.snapshot, True, 0)
    bench.actuators.apply(bench.turn, bench.snapshot, True, 0)
    hazard = bench.ports.levels[codes.OUT_HAZARD]
    assert hazard.history == [False, True]
    bench.turn.clear()
    bench.actuators.apply(bench.turn, bench.snapshot, True, 0)
    assert not hazard.level


def test_all_off_ends_a_pulse_and_reports_none() -> None:
    bench = Bench()
    bench.pulse(codes.PULSE_UNLOCK)
    bench.actuators.all_off()
    assert not bench.ports.pulses[codes.PULSE_UNLOCK].level
    assert bench.after(2000) is None
