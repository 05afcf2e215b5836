"""Staff cards: STAFF-CAR-1, SAFE-2, SAFE-3, on paper."""

from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT, pack_cause
from tests.portable.firmware.rig import BOOKING, CARD, STAFF_CARD, Rig, unfinished
from tests.portable.firmware.test_restore import reset

BY_CARD = pack_cause(codes.BY_CARD, STAFF_CARD)
BY_DEADLINE = pack_cause(codes.BY_DEADLINE, NO_IDENT)


def details(rig: Rig, code: int) -> "list[bytes]":
    """Of events that belong to no booking."""
    found = [body for body in rig.bodies if body[0] == code]
    assert [body[6:10] for body in found] == [bytes(4)] * len(found)
    return [body[10:] for body in found]


def staff_in(rig: Rig) -> Rig:
    rig.mark()
    rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_UNLOCK]
    rig.finish_pulses()
    rig.mark()
    return rig


def work(rig: Rig) -> None:
    """A door is opened and closed."""
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.run(10)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)


def test_staff_car_1_opens_a_vacant_car_with_the_engine_blocked_safe_2() -> None:
    rig = Rig()
    turn = rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_UNLOCK] and rig.state == "vacant"
    assert turn.pulse_cause[codes.PULSE_UNLOCK] == codes.BY_CARD
    assert turn.pulse_ident[codes.PULSE_UNLOCK] == STAFF_CARD
    assert turn.levels[codes.OUT_HAZARD] == 1
    assert details(rig, codes.AUDIT_STAFF_IN) == [BY_CARD]


def test_staff_car_1_a_further_touch_locks() -> None:
    rig = staff_in(Rig())
    work(rig)
    rig.run(300)
    assert rig.pulses == []
    rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_LOCK]
    assert details(rig, codes.AUDIT_STAFF_OUT) == [BY_CARD]
    rig.run(120)
    assert rig.pulses == [codes.PULSE_LOCK]


def test_staff_car_1_doors_that_cannot_be_told_are_unlocked() -> None:
    rig = Rig()
    rig.change(codes.IN_LOCKED, codes.UNKNOWN)
    rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_UNLOCK]


def test_staff_car_1_an_open_door_refuses_the_lock() -> None:
    rig = staff_in(Rig())
    rig.change(codes.IN_TRUNK, codes.YES)
    turn = rig.tap(STAFF_CARD)
    assert rig.pulses == [] and turn.lamp == codes.LAMP_REFUSED
    assert codes.AUDIT_CARD_REFUSED in rig.seen and rig.reasons() == [codes.DOOR_OPEN]


def test_staff_car_1_a_door_that_cannot_be_told_refuses_nothing() -> None:
    """Staff sees it."""
    rig = staff_in(Rig())
    rig.change(codes.IN_TRUNK, codes.UNKNOWN)
    rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_LOCK]


def test_staff_car_1_a_door_that_stands_open_is_not_locked_after_60_s() -> None:
    """As START-6 has it: a door that was open before staff came counts as opened."""
    rig = Rig()
    rig.change(codes.IN_TRUNK, codes.YES)
    rig.tap(STAFF_CARD)
    rig.finish_pulses()
    rig.mark()
    rig.run(61)
    assert rig.pulses == []


def test_staff_car_1_no_door_opened_for_60_s_locks() -> None:
    rig = staff_in(Rig())
    rig.run(59)
    assert rig.pulses == []
    rig.run(2)
    assert rig.pulses == [codes.PULSE_LOCK]
    assert details(rig, codes.AUDIT_STAFF_OUT) == [BY_DEADLINE]


def test_staff_car_1_a_door_that_was_opened_keeps_the_car_open() -> None:
    rig = staff_in(Rig())
    rig.run(50)
    work(rig)
    rig.run(600)
    assert rig.pulses == [] and codes.AUDIT_STAFF_OUT not in rig.seen


def test_staff_car_1_in_the_reopen_window() -> None:
    rig = Rig()
    rig.end()
    staff_in(rig)
    assert rig.state == "ended"
    work(rig)
    rig.run(601)
    assert rig.state == "vacant" and rig.pulses == []
    rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_LOCK]


def test_staff_car_1_not_while_somebody_uses_the_car() -> None:
    for story, seconds in (("start", 0), ("start", 61), ("drive_off", 0), ("come_back", 700)):
        rig = Rig()
        getattr(rig, story)()
        rig.run(seconds)
        state = rig.state
        rig.mark()
        turn = rig.tap(STAFF_CARD)
        assert rig.state == state and rig.pulses == []
        assert turn.lamp == codes.LAMP_REFUSED and rig.reasons() == [codes.NOT_RETURNED]
        assert rig.seen == [codes.AUDIT_CARD_REFUSED]


def test_staff_car_1_not_while_something_is_finished() -> None:
    rigs = unfinished()
    for rig, state in rigs:
        assert rig.state == state
        rig.mark()
        turn = rig.tap(STAFF_CARD)
        assert turn.lamp == codes.LAMP_REFUSED and rig.reasons() == [codes.BUSY]
        assert rig.pulses == [] and rig.state == state
    asking, _ = rigs[0]
    asking.step(("centre_answered", b""))
    assert asking.state == "unlocked"


def test_staff_car_1_a_drivers_start_ends_it() -> None:
    rig = staff_in(Rig())
    rig.book()
    rig.tap(CARD)
    assert rig.state == "unlocked"
    assert details(rig, codes.AUDIT_STAFF_OUT) == [pack_cause(codes.BY_CARD, CARD)]
    assert "staff" not in dict(rig.deadlines())
    assert not rig.controller.rental.session.has(128)


def test_staff_car_1_a_drivers_reopen_ends_it() -> None:
    rig = Rig()
    rig.end()
    staff_in(rig)
    rig.tap(CARD)
    assert rig.state == "reopened" and codes.AUDIT_STAFF_OUT in rig.seen
    assert "staff" not in dict(rig.deadlines())


def test_staff_car_1_the_deadline_holds_while_a_driver_is_asked_about() -> None:
    rig = staff_in(Rig(online=True))
    rig.run(58)
    rig.tap(CARD)
    assert rig.state == "authorising"
    rig.run(2)
    assert rig.state == "authorising" and rig.pulses == [codes.PULSE_LOCK]
    assert details(rig, codes.AUDIT_STAFF_OUT) == [BY_DEADLINE]


def test_staff_car_1_a_door_opened_while_a_driver_is_asked_about_counts() -> None:
    rig = staff_in(Rig(online=True))
    rig.run(58)
    rig.tap(CARD)
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.run(10)
    assert rig.state == "vacant" and codes.PULSE_LOCK not in rig.pulses


def test_staff_car_1_a_full_journal_opens_nothing() -> None:
    rig = Rig()
    rig.snapshot.journal_has_room = False
    rig.tap(STAFF_CARD)
    assert rig.pulses == [] and rig.reasons() == [codes.JOURNAL_FULL]


def test_fault_1_a_motor_that_does_not_move_is_told() -> None:
    rig = Rig()
    rig.tap(STAFF_CARD)
    rig.set(codes.IN_LOCKED, codes.YES)
    rig.finish_pulses()
    assert details(rig, codes.AUDIT_FAULT) == [bytes((codes.FAULT_UNLOCK_NOT_CONFIRMED, 0))]
    rig = staff_in(Rig())
    rig.mark()
    rig.tap(STAFF_CARD)
    for _ in range(3):
        assert details(rig, codes.AUDIT_FAULT) == []
        rig.set(codes.IN_LOCKED, codes.NO)
        rig.finish_pulses()
    assert rig.pulses == [codes.PULSE_LOCK] * 3
    assert details(rig, codes.AUDIT_FAULT) == [bytes((codes.FAULT_LOCK_NOT_CONFIRMED, 0))]
    assert rig.turn.levels[codes.OUT_BUZZER] == 1, "told to the card that asked (END-5)"


def test_safe_3_a_reset_opens_nothing_and_the_deadline_holds() -> None:
    for end_first in (False, True):
        rig = Rig()
        if end_first:
            rig.end()
            rig.run(601)
        staff_in(rig)
        rig.run(20)
        reset(rig, off_s=30)
        assert rig.state == "vacant" and rig.pulses == []
        rig.run(9)
        assert rig.pulses == []
        rig.run(2)
        assert rig.pulses == [codes.PULSE_LOCK]
        assert details(rig, codes.AUDIT_STAFF_OUT) == [BY_DEADLINE]


def test_safe_3_the_deadline_that_passed_without_power_locks() -> None:
    rig = staff_in(Rig())
    reset(rig, off_s=300)
    assert rig.pulses == [codes.PULSE_LOCK]


def test_safe_3_an_unlock_that_was_cut_off_stays_locked() -> None:
    rig = Rig()
    rig.tap(STAFF_CARD)
    rig.set(codes.IN_LOCKED, codes.YES)
    reset(rig, off_s=5)
    assert rig.pulses == []
    rig.tap(STAFF_CARD)
    assert rig.pulses == [codes.PULSE_UNLOCK]


def test_safe_3_a_staffs_lock_that_was_cut_off_is_finished() -> None:
    for end_first in (False, True):
        rig = Rig()
        if end_first:
            rig.end()
        staff_in(rig)
        rig.tap(STAFF_CARD)
        rig.set(codes.IN_LOCKED, codes.NO)
        reset(rig, off_s=5)
        assert rig.pulses == [codes.PULSE_LOCK], end_first
        assert rig.state == ("ended" if end_first else "vacant")


def test_safe_3_staff_at_work_is_not_locked_in_by_a_reset() -> None:
    rig = Rig()
    rig.end()
    rig.run(601)
    staff_in(rig)
    work(rig)
    reset(rig, off_s=5)
    rig.run(100)
    assert rig.pulses == []


def test_staff_car_1_what_staff_does_in_the_window_is_of_no_booking() -> None:
    """Only in a reopened car the lock is of the driver's booking."""
    rig = Rig()
    rig.end()
    staff_in(rig)
    rig.tap(STAFF_CARD)
    told = [body[6:10] for body in rig.bodies if body[0] == codes.AUDIT_LOCKED]
    assert rig.state == "ended" and told == [bytes(4)]
    rig.run(10)
    rig.tap()
    rig.finish_pulses()
    rig.mark()
    rig.tap()
    told = [body[6:10] for body in rig.bodies if body[0] == codes.AUDIT_LOCKED]
    assert rig.state == "reopened" and told == [BOOKING.to_bytes(4, "big")]
