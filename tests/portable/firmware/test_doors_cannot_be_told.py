"""REOPEN-3, REOPEN-6, START-6: a door that cannot be told keeps no car, one that stands open is opened."""

from firmware.wire import codes
from tests.portable.firmware.rig import NEXT_BOOKING, OTHER, STAFF_CARD, Rig

REVIEW = {"cannot_tell": "staff_review", "no_sensor": ["door_driver"]}
SHUT = [codes.PULSE_LOCK, codes.PULSE_BLOCK]
FLAG_STAFF_REVIEW, FLAG_DOORS_OPEN = 2, 4


def reopened(policy: str, door: int = codes.UNKNOWN) -> Rig:
    settings = REVIEW if policy == "staff_review" else {"cannot_tell": policy}
    rig = Rig(settings)
    if policy == "staff_review":
        rig.set(codes.IN_DOOR_DRIVER, codes.UNKNOWN)
    rig.end()
    rig.tap()
    rig.finish_pulses()
    rig.change(codes.IN_DOOR_DRIVER, door)
    rig.mark()
    return rig


def window_flags(rig: Rig) -> "list[int]":
    return [body[10] for body in rig.bodies if body[0] == codes.AUDIT_WINDOW_OVER]


def faults(rig: Rig) -> "list[int]":
    return [body[10] for body in rig.bodies if body[0] == codes.AUDIT_FAULT]


def test_reopen_3_staff_review_locks_and_says_that_nobody_could_tell() -> None:
    for index in (codes.IN_DOOR_DRIVER, codes.IN_KNOB_AT_RETURN):
        rig = reopened("staff_review")
        rig.change(index, codes.UNKNOWN)
        rig.command(codes.VERB_LOCK)
        rig.finish_pulses()
        assert rig.state == "vacant" and rig.pulses == SHUT
        assert window_flags(rig) == [FLAG_STAFF_REVIEW] and faults(rig) == []


def test_reopen_3_what_is_known_to_be_wrong_is_refused_all_the_same() -> None:
    for index, value, reason in (
        (codes.IN_TRUNK, codes.YES, codes.DOOR_OPEN),
        (codes.IN_KEY, codes.NO, codes.KEY_NOT_IN_BOX),
    ):
        rig = reopened("staff_review")
        rig.change(index, value)
        assert rig.ask(codes.VERB_LOCK)[1] == [reason] and rig.pulses == []


def test_reopen_3_other_settings_ask_again() -> None:
    for policy in ("ask_again", "refuse"):
        rig = reopened(policy)
        assert rig.ask(codes.VERB_LOCK)[1] == [codes.CANNOT_TELL] and rig.state == "reopened"


def test_reopen_6_after_60_s_the_car_locks_whatever_the_setting() -> None:
    for policy in ("ask_again", "staff_review", "refuse"):
        rig = reopened(policy)
        rig.run(61)
        assert rig.state == "vacant" and rig.pulses == SHUT
        assert window_flags(rig) == [FLAG_STAFF_REVIEW] and faults(rig) == []


def test_reopen_6_and_when_the_window_ends() -> None:
    for policy in ("ask_again", "staff_review", "refuse"):
        rig = reopened(policy, codes.YES)
        rig.change(codes.IN_DOOR_DRIVER, codes.UNKNOWN)
        rig.run(601)
        assert rig.state == "vacant" and rig.pulses == SHUT and faults(rig) == []


def test_reopen_6_a_door_that_stands_open_is_told_once_and_locked_as_soon_as_it_does_not() -> None:
    """Closed, or not known open any more."""
    for value in (codes.NO, codes.UNKNOWN):
        rig = reopened("ask_again", codes.YES)
        rig.run(3600)
        assert rig.state == "vacant" and rig.pulses == []
        assert window_flags(rig) == [FLAG_DOORS_OPEN]
        assert faults(rig) == [codes.FAULT_DOORS_LEFT_OPEN]
        rig.change(codes.IN_DOOR_DRIVER, value)
        assert rig.pulses == SHUT
        rig.finish_pulses()
        rig.mark()
        rig.change(codes.IN_LOCKED, codes.NO)  # somebody's own key
        rig.change(codes.IN_TRUNK, codes.YES)
        rig.change(codes.IN_TRUNK, codes.NO)
        assert rig.pulses == [], "it was one lock that was owed"


def test_reopen_6_the_lock_that_is_owed_outlives_a_reset_safe_3() -> None:
    for while_away in (False, True):
        rig = reopened("ask_again", codes.YES)
        rig.run(601)
        record = rig.controller.state()
        if while_away:
            rig.set(codes.IN_DOOR_DRIVER, codes.NO)
        rig.controller = rig.new_controller()
        rig.mark()
        assert rig.controller.restore(record, rig.snapshot, -1)
        rig.step()
        if not while_away:
            assert rig.pulses == []
            rig.change(codes.IN_DOOR_DRIVER, codes.NO)
        assert rig.pulses == SHUT


def test_reopen_6_a_car_that_was_left_open_is_everybodys_again() -> None:
    """START-10, STAFF-CAR-1: no stuck switch keeps staff, technicians or the next driver out."""
    rig = reopened("ask_again", codes.YES)
    rig.run(601)
    assert rig.ask(codes.VERB_MAINTENANCE_ON, 0)[0] and rig.state == "maintenance"
    rig = reopened("ask_again", codes.YES)
    rig.run(601)
    rig.tap(STAFF_CARD)
    assert rig.reasons() == [codes.DOOR_OPEN], "refused for the door, which staff sees, not busy"
    rig.book(NEXT_BOOKING, OTHER)
    rig.command(codes.VERB_START, NEXT_BOOKING, OTHER)
    assert rig.state == "unlocked"
    rig.finish_pulses()
    rig.mark()
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    assert rig.state == "boarding" and rig.pulses == [], "and nothing is owed any more"


def test_reopen_6_staff_who_is_in_is_not_locked_out() -> None:
    rig = reopened("ask_again", codes.YES)
    rig.run(601)
    rig.change(codes.IN_LOCKED, codes.YES)
    rig.tap(STAFF_CARD)
    rig.finish_pulses()
    rig.mark()
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    assert rig.pulses == []
    rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_LOCK]


def test_a_record_that_stands_reopened_without_a_window_gets_out_safe_3() -> None:
    """A program before this one let a car stand there."""
    for door in (codes.YES, codes.UNKNOWN):
        rig = reopened("ask_again", door)
        deadlines = rig.controller.rental.deadlines
        deadlines.clear()
        record = rig.controller.state()
        rig.controller = rig.new_controller()
        rig.mark()
        assert rig.controller.restore(record, rig.snapshot, -1)
        rig.step()
        assert rig.state == "vacant" and len(window_flags(rig)) == 1
        assert rig.pulses == ([] if door == codes.YES else SHUT)


def start_with_open_door(key: int = codes.YES) -> Rig:
    rig = Rig()
    rig.set(codes.IN_KNOB_AT_RETURN, key)
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.start()
    rig.mark()
    return rig


def test_start_6_a_door_that_was_open_at_the_unlock_and_is_closed_was_opened() -> None:
    rig = start_with_open_door()
    rig.run(20)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    assert rig.state == "boarding"
    rig.run(60)
    assert rig.state == "boarding" and rig.pulses == []
    rig = start_with_open_door(codes.NO)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    assert rig.state == "in_use"


def test_start_6_a_door_that_stands_open_after_60_s_was_opened() -> None:
    """A switch that is stuck, or a tailgate; the 600 s of START-7 go on."""
    rig = start_with_open_door()
    rig.run(61)
    assert rig.state == "boarding" and rig.pulses == []
    rig.run(540)
    assert rig.state == "secured"
    rig = start_with_open_door(codes.NO)
    rig.run(61)
    assert rig.state == "in_use" and rig.pulses == []


def test_start_6_a_door_that_cannot_be_told_stops_no_relock() -> None:
    rig = Rig(REVIEW)
    rig.change(codes.IN_DOOR_DRIVER, codes.UNKNOWN)
    rig.start()
    rig.run(61)
    assert rig.state == "relocked"


def test_reopen_6_a_door_that_was_open_at_the_reopen_and_is_closed_was_opened() -> None:
    rig = Rig()
    rig.end()
    rig.change(codes.IN_TRUNK, codes.YES)
    rig.tap()
    rig.finish_pulses()
    rig.change(codes.IN_TRUNK, codes.NO)
    rig.mark()
    rig.run(61)
    assert rig.state == "reopened" and rig.pulses == []
