"""After a reset the car is looked at before a deadline is judged: SAFE-3, START-7, USE-2."""

from firmware.wire import codes
from tests.portable.firmware.rig import Rig


def wake(rig: Rig, off_s: int) -> None:
    """A reset; no input was read yet at the first step."""
    record = rig.controller.state()
    rig.snapshot.wall_s += off_s
    told = bytes(rig.snapshot.values)
    rig.snapshot.values[:] = bytes([codes.UNKNOWN] * codes.INPUTS)
    rig.snapshot.is_settled = False
    rig.controller = rig.new_controller()
    rig.mark()
    assert rig.controller.restore(record, rig.snapshot, -1)
    rig.step()
    for i in range(codes.INPUTS):
        rig.set(i, told[i])


def test_use_2_a_deadline_that_passed_without_power_locks_safe_3() -> None:
    rig = Rig()
    rig.come_back()
    wake(rig, 900)
    assert rig.state == "key_returned" and rig.seen == []
    rig.snapshot.is_settled = True
    rig.step()
    assert rig.state == "secured"
    assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def test_an_input_that_never_rests_does_not_stop_the_deadlines() -> None:
    rig = Rig()
    rig.come_back()
    wake(rig, 900)
    rig.advance_ms(999)
    rig.step()
    assert rig.state == "key_returned"
    rig.advance_ms(1)
    rig.step()
    assert rig.state == "secured"


def test_the_wait_asks_for_a_turn() -> None:
    rig = Rig()
    rig.come_back()
    wake(rig, 900)
    assert 0 < rig.turn.next_due_ms <= 1000
