"""Enrolment of a card at the car: ENROL-1, ENROL-2, START-5, SAFE-3, on paper."""

import struct

from firmware.wire import codes
from firmware.wire.journal_format import pack_cause
from tests.portable.firmware.rig import (
    BOOKING,
    CARD,
    DRIVER,
    NEXT_BOOKING,
    OTHER,
    OTHER_CARD,
    STAFF_CARD,
    STRANGER,
    Rig,
    profile,
)
from tests.portable.firmware.test_restore import reset

DONE: "tuple[bool, list[int], bytes]" = (True, [], b"")
ENROLLED = pack_cause(codes.BY_CARD, STRANGER) + struct.pack(">I", DRIVER)


def refused(*reasons: int) -> "tuple[bool, list[int], bytes]":
    return False, list(reasons), b""


def jparc(settings: "dict[str, object] | None" = None) -> Rig:
    return Rig(settings, terms=profile("jparc-2023"))


def opened() -> Rig:
    """DRIVER, whose booking begins in 10 minutes, has asked to register a card."""
    rig = jparc()
    rig.book()
    rig.step()
    rig.mark()
    assert rig.ask(codes.VERB_ENROL, left_s=7800) == DONE
    return rig


def details(rig: Rig, code: int) -> "list[bytes]":
    return [body[10:] for body in rig.bodies if body[0] == code]


def bookings(rig: Rig, code: int) -> "list[int]":
    return [int.from_bytes(body[6:10], "big") for body in rig.bodies if body[0] == code]


def test_enrol_1_the_next_touch_is_stored_for_the_driver() -> None:
    rig = opened()
    assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    assert bookings(rig, codes.AUDIT_ENROL_OPENED) == [BOOKING]
    rig.run(59)
    assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    turn = rig.tap(STRANGER)
    assert details(rig, codes.AUDIT_CARD_ENROLLED) == [ENROLLED]
    assert bookings(rig, codes.AUDIT_CARD_ENROLLED) == [BOOKING]
    assert turn.lamp == codes.LAMP_GREEN_BLINK  # as before: a start is possible
    assert rig.pulses == [] and rig.state == "vacant"
    rig.run(60)
    assert codes.AUDIT_ENROL_EXPIRED not in rig.seen


def test_enrol_2_the_drivers_present_card_is_stored_too_and_starts_nothing() -> None:
    rig = opened()
    rig.tap(CARD)
    assert rig.state == "vacant" and codes.AUDIT_CARD_ENROLLED in rig.seen
    rig.run(5)
    rig.tap(CARD)
    assert rig.state == "unlocked"


def test_enrol_2_one_touch_only() -> None:
    rig = opened()
    rig.tap(STRANGER)
    rig.mark()
    rig.tap(STRANGER)
    assert codes.AUDIT_CARD_ENROLLED not in rig.seen and rig.reasons() == [codes.UNKNOWN_CARD]


def test_enrol_1_over_after_60_s() -> None:
    rig = opened()
    rig.run(59)
    assert codes.AUDIT_ENROL_EXPIRED not in rig.seen
    rig.run(2)
    assert bookings(rig, codes.AUDIT_ENROL_EXPIRED) == [BOOKING]
    assert rig.turn.lamp == codes.LAMP_GREEN_BLINK
    rig.tap(STRANGER)
    assert rig.reasons() == [codes.UNKNOWN_CARD] and codes.AUDIT_CARD_ENROLLED not in rig.seen


def test_enrol_1_asked_again_the_time_begins_anew() -> None:
    rig = opened()
    rig.run(40)
    assert rig.ask(codes.VERB_ENROL, left_s=7760) == DONE
    rig.run(40)
    assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    rig.run(21)
    assert rig.turn.lamp == codes.LAMP_GREEN_BLINK
    assert rig.seen.count(codes.AUDIT_ENROL_EXPIRED) == 1


def test_enrol_2_a_card_of_somebody_else_is_refused_and_the_window_stays_open() -> None:
    for card in (OTHER_CARD, STAFF_CARD):
        rig = opened()
        turn = rig.tap(card)
        assert turn.lamp == codes.LAMP_REFUSED
        assert rig.reasons() == [codes.NOT_THIS_DRIVER] and codes.AUDIT_CARD_REFUSED in rig.seen
        assert rig.pulses == [] and codes.AUDIT_CARD_ENROLLED not in rig.seen
        rig.run(2)
        assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
        rig.tap(STRANGER)
        assert details(rig, codes.AUDIT_CARD_ENROLLED) == [ENROLLED]


def test_enrol_1_too_early_says_when() -> None:
    rig = jparc()
    rig.book(starts_in_s=900)
    answer = rig.ask(codes.VERB_ENROL, left_s=8100)
    assert answer == refused(codes.TOO_EARLY)
    told = struct.unpack(">I", rig.bodies[-1][10 + 11 : 10 + 15])[0]
    assert told == rig.snapshot.wall_s + 60
    rig.run(61)
    assert rig.ask(codes.VERB_ENROL, left_s=8039) == DONE


def test_enrol_1_who_may_not() -> None:
    rig = jparc()
    assert rig.ask(codes.VERB_ENROL) == refused(codes.NO_BOOKING)
    rig.book()
    assert rig.ask(codes.VERB_ENROL, BOOKING, OTHER) == refused(codes.NOT_THIS_DRIVER)
    assert rig.ask(codes.VERB_ENROL, left_s=0) == refused(codes.BOOKING_OVER)
    rig.snapshot.journal_has_room = False
    assert rig.ask(codes.VERB_ENROL) == refused(codes.JOURNAL_FULL)
    assert "enrol" not in dict(rig.deadlines())


def test_enrol_1_only_where_profile_and_car_have_it() -> None:
    for rig in (Rig(), jparc({"reader": False})):
        rig.book()
        assert rig.ask(codes.VERB_ENROL) == refused(codes.NOT_ALLOWED_IN_PROFILE)
        assert "enrol" not in dict(rig.deadlines())


def test_enrol_1_an_open_window_is_not_given_to_another_driver() -> None:
    rig = opened()
    rig.book(NEXT_BOOKING, OTHER)
    assert rig.ask(codes.VERB_ENROL, NEXT_BOOKING, OTHER) == refused(codes.BUSY)
    rig.tap(STRANGER)
    assert details(rig, codes.AUDIT_CARD_ENROLLED) == [ENROLLED]


def test_enrol_1_in_every_state_of_use_and_past_the_booked_end() -> None:
    for story, seconds in (("start", 0), ("drive_off", 0), ("come_back", 700), ("drive_off", 9000)):
        rig = jparc()
        getattr(rig, story)()
        rig.run(seconds)
        state = rig.state
        rig.mark()
        assert rig.ask(codes.VERB_ENROL, left_s=0) == DONE, story
        assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
        rig.tap(STRANGER)
        assert details(rig, codes.AUDIT_CARD_ENROLLED) == [ENROLLED]
        assert rig.state == state and rig.pulses == []
        assert rig.turn.lamp != codes.LAMP_GREEN_YELLOW_BLINK


def test_enrol_1_in_use_another_drivers_number_is_refused() -> None:
    rig = jparc()
    rig.drive_off()
    assert rig.ask(codes.VERB_ENROL, BOOKING, OTHER) == refused(codes.NOT_THIS_DRIVER)


def test_enrol_1_start_5_does_not_forbid_it() -> None:
    rig = jparc()
    rig.book()
    rig.run(3000)
    assert rig.turn.lamp == codes.LAMP_DARK
    assert rig.ask(codes.VERB_START, left_s=4800) == DONE
    rig.finish_pulses()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    assert rig.ask(codes.VERB_ENROL, left_s=4800) == DONE
    assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    rig.tap(STRANGER)
    assert details(rig, codes.AUDIT_CARD_ENROLLED) == [ENROLLED]
    assert rig.turn.lamp == codes.LAMP_DARK


def test_enrol_1_the_window_goes_on_through_start_and_end() -> None:
    rig = opened()
    assert rig.ask(codes.VERB_START, left_s=7800) == DONE
    rig.finish_pulses()
    assert rig.state == "unlocked" and rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    rig.command(codes.VERB_END)
    assert rig.state == "ending"
    rig.tap(STRANGER)
    assert details(rig, codes.AUDIT_CARD_ENROLLED) == [ENROLLED]
    rig.finish_pulses()
    assert rig.state == "ended"
    rig.run(120)
    assert codes.AUDIT_ENROL_EXPIRED not in rig.seen


def test_enrol_1_an_end_does_not_close_the_window() -> None:
    rig = jparc()
    rig.come_back()
    assert rig.ask(codes.VERB_ENROL) == DONE
    rig.command(codes.VERB_END)
    rig.finish_pulses()
    assert rig.state == "ended" and rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    rig.run(61)
    assert rig.turn.lamp == codes.LAMP_ORANGE_BLINK
    assert bookings(rig, codes.AUDIT_ENROL_EXPIRED) == [BOOKING]


def test_enrol_1_while_the_centre_is_asked_about_a_card() -> None:
    rig = jparc()
    rig.snapshot.is_online = True
    rig.book()
    rig.tap()
    assert rig.state == "authorising"
    assert rig.ask(codes.VERB_ENROL) == DONE
    rig.tap(STRANGER)
    assert details(rig, codes.AUDIT_CARD_ENROLLED) == [ENROLLED]
    rig.step(("centre_answered", b""))
    assert rig.state == "unlocked"  # by the card that asked


def test_safe_3_the_window_survives_a_reset_and_is_never_longer() -> None:
    rig = opened()
    rig.run(20)
    reset(rig, off_s=10)
    assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    rig.tap(STRANGER)
    assert details(rig, codes.AUDIT_CARD_ENROLLED) == [ENROLLED]


def test_safe_3_it_expires_with_the_time_off() -> None:
    rig = opened()
    rig.run(20)
    reset(rig, off_s=41)
    assert bookings(rig, codes.AUDIT_ENROL_EXPIRED) == [BOOKING]
    rig.tap(STRANGER)
    assert codes.AUDIT_CARD_ENROLLED not in rig.seen


def test_safe_3_what_is_overdue_takes_no_card_before_the_inputs_are_told() -> None:
    rig = opened()
    record = rig.controller.state()
    rig.snapshot.wall_s += 100
    rig.snapshot.is_settled = False
    rig.controller = rig.new_controller()
    rig.mark()
    assert rig.controller.restore(record, rig.snapshot, -1)
    rig.tap(STRANGER)
    assert rig.turn.lamp == codes.LAMP_REFUSED
    assert codes.AUDIT_CARD_ENROLLED not in rig.seen


def test_safe_4_without_a_trusted_clock_what_was_left_is_left() -> None:
    rig = opened()
    rig.run(20)
    reset(rig, off_s=500, trusted=False)
    rig.run(39)
    assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    rig.run(2)
    assert rig.seen.count(codes.AUDIT_ENROL_EXPIRED) == 1


def saves_after(rig: Rig, wait_ms: int) -> bool:
    rig.advance_ms(wait_ms)
    rig.controller.step(rig.snapshot, [], rig.turn)
    return rig.turn.session_changed


def test_safe_3_the_record_is_renewed_while_a_window_is_open() -> None:
    rig = opened()
    rig.controller.state()
    assert not saves_after(rig, 9999) and rig.turn.next_due_ms == 1
    assert saves_after(rig, 1)
    rig.run(60)
    assert not saves_after(rig, 20000)  # nothing is open: a parked car writes nothing
