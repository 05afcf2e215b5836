"""A key contact that says nothing when a lock falls due: START-7, USE-2, and decision 10."""

from firmware.wire import codes
from tests.portable.firmware.rig import Rig

SHUT = [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def boarded() -> Rig:
    """A door was opened and closed, the key not taken; from now on its place cannot be told."""
    rig = Rig()
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.run(10)
    rig.change(codes.IN_KEY, codes.UNKNOWN)
    rig.mark()
    return rig


def returned() -> Rig:
    rig = Rig()
    rig.come_back()
    rig.run(10)
    rig.change(codes.IN_KEY, codes.UNKNOWN)
    rig.mark()
    return rig


def test_nobody_is_locked_out_and_the_centre_is_told_start_7_use_2() -> None:
    for rig, state in ((boarded(), "boarding"), (returned(), "key_returned")):
        rig.run(595)
        assert rig.state == state and rig.pulses == []
        assert rig.seen.count(codes.AUDIT_FAULT) == 1


def test_a_key_that_is_found_in_the_box_is_not_forgotten_start_7_use_2() -> None:
    for rig, state in ((boarded(), "boarding"), (returned(), "key_returned")):
        rig.run(700)
        rig.change(codes.IN_KEY, codes.YES)
        rig.run(480)
        assert rig.state == state and rig.pulses == []
        rig.run(20)
        assert rig.state == "secured" and rig.pulses == SHUT


def test_a_key_that_is_found_out_is_taken_start_7_use_2() -> None:
    for rig in (boarded(), returned()):
        rig.run(700)
        rig.change(codes.IN_KEY, codes.NO)
        assert rig.state == "in_use"
        rig.run(1200)
        assert rig.state == "in_use" and rig.pulses == []
