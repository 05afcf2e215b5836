"""A key contact that says nothing when a lock falls due: START-7, USE-2, and decision 10."""

from firmware.session import SECURITY_DUE
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
    """The lock was due already: it comes with the next look, not another 600 s later (SAFE-3)."""
    for rig, state in ((boarded(), "boarding"), (returned(), "key_returned")):
        rig.run(700)
        assert rig.state == state and rig.pulses == []
        rig.change(codes.IN_KEY, codes.YES)
        rig.run(10)
        assert rig.state == "secured" and rig.pulses == SHUT
        assert rig.seen.count(codes.AUDIT_FAULT) == 1


def test_the_engine_stops_while_the_key_cannot_be_told_safe_1() -> None:
    """What was due and waited for the engine then waits for the key."""
    for rig in (boarded(), returned()):
        rig.change(codes.IN_ENGINE, codes.YES)
        rig.change(codes.IN_KEY, codes.YES)
        rig.run(650)
        rig.change(codes.IN_KEY, codes.UNKNOWN)
        rig.change(codes.IN_ENGINE, codes.NO)
        rig.run(30)
        assert rig.pulses == []
        rig.change(codes.IN_KEY, codes.YES)
        rig.run(10)
        assert rig.state == "secured" and rig.pulses == SHUT


def test_a_key_that_is_found_out_is_taken_start_7_use_2() -> None:
    for rig in (boarded(), returned()):
        rig.run(700)
        rig.change(codes.IN_KEY, codes.NO)
        assert rig.state == "in_use"
        rig.run(1200)
        assert rig.state == "in_use" and rig.pulses == []


def test_a_lock_that_was_due_is_over_with_the_use_end_4() -> None:
    """It would keep new terms away from the vacant car."""
    rig = returned()
    rig.run(700)
    rig.change(codes.IN_KEY, codes.YES)
    session = rig.controller.rental.session
    assert session.has(SECURITY_DUE)
    rig.tap()
    assert rig.state == "ending" and session.has(SECURITY_DUE), "if the end fails it is due again"
    rig.finish_pulses()
    assert rig.state == "ended" and not session.has(SECURITY_DUE)


def test_a_key_that_is_told_to_be_out_of_a_locked_car_is_kept_at_once_safe_3() -> None:
    """No record says so, it was out before; without the session a reset would forget it."""
    rig = Rig()
    rig.change(codes.IN_KEY, codes.NO)
    rig.change(codes.IN_KEY, codes.UNKNOWN)
    rig.start()
    rig.run(61)
    assert rig.state == "relocked"
    turn = rig.change(codes.IN_KEY, codes.NO)
    assert turn.records == [] and rig.state == "relocked"
    assert turn.session_changed


def test_a_key_that_was_out_before_ends_the_boarding_once_it_is_told_start_7() -> None:
    """It could not be told as the door was opened; each return counts from zero then (USE-2)."""
    rig = Rig()
    rig.change(codes.IN_KEY, codes.NO)
    rig.start()
    rig.change(codes.IN_KEY, codes.UNKNOWN)
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    assert rig.state == "boarding"
    rig.change(codes.IN_KEY, codes.NO)
    assert rig.state == "in_use"
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.change(codes.IN_KEY, codes.YES)
    assert rig.state == "key_returned"
    rig.run(599)
    assert rig.state == "key_returned"
    rig.run(2)
    assert rig.state == "secured"


def test_an_engine_that_stops_anew_brings_the_look_into_the_record_safe_3() -> None:
    """The time runs already, so that no deadline is armed or over by it."""
    for rig in (boarded(), returned()):
        rig.run(595)
        assert rig.controller.rental.session.has(SECURITY_DUE)
        rig.change(codes.IN_ENGINE, codes.YES)
        before = rig.controller.rental.deadlines.armed()
        assert rig.change(codes.IN_ENGINE, codes.NO).session_changed
        assert rig.controller.rental.deadlines.armed() == before
