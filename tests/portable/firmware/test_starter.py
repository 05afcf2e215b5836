"""The starter block moves by pulses alone, or the centre hears of it: SAFE-1, FAULT-1."""

from firmware.wire import codes
from tests.portable.firmware.rig import Rig

MOVED = codes.FAULT_STARTER_MOVED
UNBLOCKED = codes.FAULT_RELEASE_NOT_CONFIRMED


def told(rig: Rig) -> "list[tuple[int, int]]":
    """(fault or fault_cleared, which fault) since `mark`."""
    codes_of = (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED)
    return [(body[0], body[10]) for body in rig.bodies if body[0] in codes_of]


def test_fault_1_a_block_that_moved_by_itself_is_told_once_and_cleared_once() -> None:
    rig = Rig()
    rig.mark()
    rig.change(codes.IN_BLOCKED, codes.NO)
    rig.run(30)
    assert told(rig) == [(codes.AUDIT_FAULT, MOVED)] and rig.pulses == []
    rig.change(codes.IN_BLOCKED, codes.YES)
    rig.run(30)
    assert told(rig) == [(codes.AUDIT_FAULT, MOVED), (codes.AUDIT_FAULT_CLEARED, MOVED)]


def test_what_a_pulse_asked_for_is_no_fault() -> None:
    rig = Rig()
    rig.end()
    rig.run(700)
    assert told(rig) == []


def test_the_read_back_has_until_the_relays_rest() -> None:
    rig = Rig()
    rig.book()
    rig.tap()
    rig.set(codes.IN_BLOCKED, codes.YES)  # not moved yet
    rig.step()
    rig.step()
    assert told(rig) == []
    rig.set(codes.IN_BLOCKED, codes.NO)
    rig.step()
    rig.finish_pulses()
    rig.step()
    assert told(rig) == []


def test_fault_1_a_release_that_does_not_show_is_told_once_and_cleared() -> None:
    rig = Rig()
    rig.book()
    rig.tap()
    rig.mark()
    for _ in range(3):
        rig.set(codes.IN_BLOCKED, codes.YES)
        rig.finish_pulses()
    rig.run(5)
    assert rig.pulses == [codes.PULSE_RELEASE] * 2
    assert told(rig) == [(codes.AUDIT_FAULT, UNBLOCKED)]
    rig.change(codes.IN_BLOCKED, codes.NO)
    assert told(rig)[1:] == [(codes.AUDIT_FAULT_CLEARED, UNBLOCKED)]


def test_a_pulse_that_the_interlock_drops_awaits_nothing_safe_1() -> None:
    rig = Rig()
    rig.book()
    rig.tap()
    rig.finish_pulses()
    rig.mark()
    rig.turn.clear()
    rig.set(codes.IN_ENGINE, codes.YES)
    rig.step()
    rig.run(61)  # the lock is due, and waits
    assert rig.pulses == []
    rig.change(codes.IN_BLOCKED, codes.YES)
    assert told(rig) == [(codes.AUDIT_FAULT, MOVED)]


def test_after_a_reset_the_first_reading_counts_as_right_safe_3() -> None:
    rig = Rig()
    rig.drive_off()
    record = rig.controller.state()
    rig.controller = rig.new_controller()
    rig.mark()
    assert rig.controller.restore(record, rig.snapshot, -1)
    rig.run(20)
    assert told(rig) == []
    rig.change(codes.IN_BLOCKED, codes.YES)
    assert told(rig) == [(codes.AUDIT_FAULT, MOVED)]


def test_a_reading_that_cannot_be_told_says_nothing() -> None:
    rig = Rig()
    rig.mark()
    rig.change(codes.IN_BLOCKED, codes.UNKNOWN)
    rig.run(5)
    rig.change(codes.IN_BLOCKED, codes.YES)
    assert told(rig) == []


def test_a_step_that_was_not_journaled_tells_again() -> None:
    rig = Rig()
    record = rig.controller.state()
    rig.set(codes.IN_BLOCKED, codes.NO)
    rig.controller.step(rig.snapshot, [], rig.turn)
    assert len(rig.turn.records) == 1
    rig.controller.take_back(0, record)
    rig.mark()
    rig.step()
    rig.step()
    assert told(rig) == [(codes.AUDIT_FAULT, MOVED)]
