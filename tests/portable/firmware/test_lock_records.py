"""Each lock stands in the journal once, with its cause: REOPEN-6, STAFF-CAR-1, TECH-3, on paper."""

from firmware.wire import codes
from tests.portable.firmware.rig import BOOKING, STAFF_CARD, Rig
from tests.portable.firmware.test_technician import ask, in_state

LOCKED = codes.AUDIT_LOCKED
NOBODYS = bytes(4)
DRIVERS = BOOKING.to_bytes(4, "big")


def locks(rig: Rig) -> "list[tuple[bytes, int]]":
    """(booking, cause) of each; there are as many pulses."""
    found = [(body[6:10], body[10]) for body in rig.bodies if body[0] == LOCKED]
    assert rig.pulses.count(codes.PULSE_LOCK) == len(found)
    return found


def reopened() -> Rig:
    rig = Rig()
    rig.end()
    rig.tap()
    rig.finish_pulses()
    assert rig.state == "reopened"
    rig.mark()
    return rig


def use_door(rig: Rig) -> None:
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)


def test_reopen_6_no_door_opened_for_60_s() -> None:
    rig = reopened()
    rig.run(90)
    rig.finish_pulses()
    rig.run(900)
    assert rig.state == "vacant" and locks(rig) == [(DRIVERS, codes.BY_DEADLINE)]
    assert rig.seen == [LOCKED, codes.AUDIT_WINDOW_OVER, codes.AUDIT_ENGINE_BLOCKED]


def test_reopen_6_the_window_ends_with_closed_doors() -> None:
    rig = reopened()
    use_door(rig)
    rig.run(900)
    assert rig.state == "vacant" and locks(rig) == [(DRIVERS, codes.BY_DEADLINE)]


def test_reopen_6_doors_left_open_lock_when_they_close() -> None:
    rig = reopened()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.run(900)
    assert locks(rig) == []
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    assert rig.state == "vacant" and locks(rig) == [(NOBODYS, codes.BY_DEADLINE)]


def test_staff_car_1_by_their_card_in_a_car_of_nobody() -> None:
    for story in ("", "end"):  # vacant; a driver's reopen window
        rig = Rig()
        if story:
            getattr(rig, story)()
        rig.tap(STAFF_CARD)
        rig.finish_pulses()
        use_door(rig)
        rig.mark()
        rig.tap(STAFF_CARD)
        assert locks(rig) == [(NOBODYS, codes.BY_CARD)]
        assert rig.seen == [codes.AUDIT_STAFF_OUT, LOCKED]


def test_staff_car_1_by_time_also_while_a_card_is_asked_about() -> None:
    for is_online in (False, True):
        rig = Rig()
        rig.book()
        rig.tap(STAFF_CARD)
        rig.finish_pulses()
        rig.run(58)
        rig.mark()
        if is_online:
            rig.snapshot.is_online = True
            rig.tap()
            assert rig.state == "authorising"
        rig.run(3 if not is_online else 2)
        assert locks(rig) == [(NOBODYS, codes.BY_DEADLINE)]


def test_tech_3_by_a_technician_and_at_the_end_of_maintenance() -> None:
    rig = in_state("vacant")
    assert ask(rig, codes.ACT_UNLOCK) == []
    rig.finish_pulses()
    use_door(rig)
    rig.mark()
    assert ask(rig, codes.ACT_LOCK) == [] and locks(rig) == [(NOBODYS, codes.BY_TECHNICIAN)]
    assert ask(rig, codes.ACT_MAINTENANCE_ON) == []
    rig.mark()
    assert ask(rig, codes.ACT_MAINTENANCE_OFF) == []
    assert locks(rig) == [(NOBODYS, codes.BY_TECHNICIAN)]
