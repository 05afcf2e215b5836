"""Start of use, on paper: START-1 to START-12, SAFE-1, SAFE-2."""

from firmware.wire import codes
from tests.portable.firmware.rig import (
    BOOKING,
    CARD,
    NEXT_BOOKING,
    OTHER,
    OTHER_CARD,
    STRANGER,
    Rig,
)


def test_start_by_card_start_2_start_3() -> None:
    rig = Rig()
    rig.book()
    rig.mark()
    turn = rig.tap()
    assert rig.state == "unlocked"
    assert rig.pulses == [codes.PULSE_UNLOCK, codes.PULSE_RELEASE]
    assert turn.levels[codes.OUT_HAZARD] == 1
    assert rig.seen == [
        codes.AUDIT_START_REQUESTED,
        codes.AUDIT_UNLOCKED,
        codes.AUDIT_ENGINE_RELEASED,
    ]


def test_start_by_phone_does_the_same_start_2() -> None:
    rig = Rig()
    rig.book()
    rig.mark()
    assert rig.command(codes.VERB_START) == (True, [], b"")
    assert rig.state == "unlocked"
    assert rig.pulses == [codes.PULSE_UNLOCK, codes.PULSE_RELEASE]


def test_start_1_from_14_minutes_before_until_the_end() -> None:
    rig = Rig()
    rig.book(starts_in_s=841)
    rig.mark()
    rig.tap()
    assert rig.state == "vacant" and rig.reasons() == [codes.TOO_EARLY]
    assert rig.ask(codes.VERB_START, left_s=841 + 7200)[1] == [codes.TOO_EARLY]
    rig.run(1)
    rig.tap()
    assert rig.state == "unlocked"


def test_start_1_refusal_says_when() -> None:
    rig = Rig()
    rig.book(starts_in_s=1000)
    rig.mark()
    rig.tap()
    opens = rig.snapshot.wall_s + 1000 - 840
    assert int.from_bytes(rig.bodies[-1][-4:], "big") == opens


def test_start_1_not_from_the_end_on() -> None:
    rig = Rig()
    rig.book(starts_in_s=-7200)
    rig.mark()
    rig.tap()
    assert rig.reasons() == [codes.BOOKING_OVER]
    assert rig.ask(codes.VERB_START, left_s=0)[1] == [codes.BOOKING_OVER]
    assert rig.pulses == []


def test_start_11_late_start_by_phone_until_the_last_second() -> None:
    rig = Rig()
    rig.book(starts_in_s=-7199)
    assert rig.ask(codes.VERB_START, left_s=1)[0] is True
    assert rig.state == "unlocked"


def test_start_4_reader_blinks_45_minutes_from_14_before() -> None:
    rig = Rig()
    rig.book(starts_in_s=900)
    rig.run(59)
    assert rig.turn.lamp == codes.LAMP_DARK
    rig.run(2)
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.run(2697)
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.run(2)
    assert rig.turn.lamp == codes.LAMP_DARK
    assert codes.AUDIT_WINDOW_LAPSED in rig.seen


def test_start_4_counts_from_the_arrival_of_a_late_booking() -> None:
    rig = Rig()
    rig.book(starts_in_s=-1800, received_s=rig.snapshot.wall_s)
    rig.run(2690)
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.run(15)
    assert rig.turn.lamp == codes.LAMP_DARK


def test_start_4_never_beyond_the_bookings_end() -> None:
    rig = Rig()
    rig.book(starts_in_s=0, length_s=1800)
    rig.run(1795)
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.run(10)
    assert rig.turn.lamp == codes.LAMP_DARK


def test_start_4_two_windows_at_once_each_lapses_in_its_own_time() -> None:
    rig = Rig()
    rig.book(starts_in_s=600)
    rig.book(NEXT_BOOKING, OTHER, starts_in_s=900)
    rig.mark()
    rig.run(600 - 840 + 2700 - 2)
    assert rig.seen == []
    rig.run(4)
    assert rig.seen == [codes.AUDIT_WINDOW_LAPSED]
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.run(300)
    assert rig.seen == [codes.AUDIT_WINDOW_LAPSED] * 2
    assert rig.turn.lamp == codes.LAMP_DARK


def test_start_4_lamp_really_blinks() -> None:
    rig = Rig()
    rig.book()
    levels = set()
    for _ in range(20):
        rig.advance_ms(100)
        levels.add(rig.step().levels[codes.OUT_RED])
    assert levels == {0, 1}


def test_start_5_after_the_window_only_the_phone() -> None:
    rig = Rig()
    rig.book(starts_in_s=-1900)
    rig.mark()
    rig.tap()
    assert rig.state == "vacant" and rig.reasons() == [codes.WINDOW_OVER]
    rig.run(1)
    assert rig.ask(codes.VERB_START, left_s=5300)[0] is True
    rig.change(codes.IN_KNOB_AT_RETURN, codes.NO)
    rig.change(codes.IN_KNOB_AT_RETURN, codes.YES)
    assert rig.state == "key_returned"
    assert rig.turn.lamp == codes.LAMP_DARK
    rig.tap()
    assert rig.state == "key_returned" and rig.reasons() == [codes.WINDOW_OVER]
    rig.run(1)
    rig.command(codes.VERB_END)
    assert rig.state == "ending"
    rig.finish_pulses()
    assert rig.state == "ended" and rig.turn.lamp == codes.LAMP_DARK
    rig.tap()
    assert rig.state == "ended" and rig.reasons() == [codes.WINDOW_OVER]


def test_start_6_relocks_after_60_s() -> None:
    rig = Rig()
    rig.start()
    rig.mark()
    rig.run(59)
    assert rig.state == "unlocked"
    rig.run(2)
    assert rig.state == "relocked"
    assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    assert codes.AUDIT_RELOCKED in rig.seen
    rig.run(700)
    assert rig.state == "relocked"


def test_start_6_way_out_is_end_and_book_again() -> None:
    rig = Rig()
    rig.start()
    rig.run(61)
    rig.tap()
    assert rig.state == "ending"
    rig.finish_pulses()
    assert rig.state == "ended"
    rig.run(601)
    rig.mark()
    rig.tap()
    assert rig.state == "vacant" and rig.reasons() == [codes.BOOKING_OVER]


def test_start_7_key_not_taken_for_600_s() -> None:
    rig = Rig()
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    assert rig.state == "boarding"
    rig.mark()
    rig.run(598)
    assert rig.state == "boarding"
    rig.run(3)
    assert rig.state == "secured"
    assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def test_start_7_a_key_already_out_counts_as_taken() -> None:
    rig = Rig()
    rig.set(codes.IN_KEY, codes.NO)
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    assert rig.state == "in_use"
    rig.run(700)
    assert rig.state == "in_use"


def test_start_7_unknown_key_locks_nobody_out() -> None:
    rig = Rig()
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_KEY, codes.UNKNOWN)
    rig.mark()
    rig.run(601)
    assert rig.state == "boarding" and rig.pulses == []
    assert codes.AUDIT_FAULT in rig.seen


def test_start_8_smart_key_cars_alike() -> None:
    rig = Rig({"smart_key": True})
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.run(601)
    assert rig.state == "secured"


def test_start_9_one_signal_whatever_the_reason() -> None:
    for card, reason, booked in (
        (STRANGER, codes.UNKNOWN_CARD, True),
        (OTHER_CARD, codes.NOT_THIS_DRIVER, True),
        (OTHER_CARD, codes.NO_BOOKING, False),
        (CARD, codes.NO_BOOKING, False),
    ):
        rig = Rig()
        if booked:
            rig.book()
        rig.mark()
        turn = rig.tap(card)
        assert rig.reasons() == [reason]
        assert turn.lamp == codes.LAMP_REFUSED
        assert rig.pulses == [] and rig.state == "vacant"
        rig.run(2)
        assert rig.turn.lamp != codes.LAMP_REFUSED


def test_start_10_a_held_car_refuses_the_next_driver() -> None:
    rig = Rig()
    rig.drive_off()
    rig.book(NEXT_BOOKING, OTHER, 300)
    rig.mark()
    rig.tap(OTHER_CARD)
    assert rig.reasons() == [codes.NOT_RETURNED]
    assert rig.seen == [codes.AUDIT_START_REFUSED, codes.AUDIT_CARD_REFUSED]
    answer = rig.ask(codes.VERB_START, NEXT_BOOKING, OTHER)
    assert answer[1] == [codes.NOT_RETURNED]
    assert rig.state == "in_use" and rig.pulses == []


def test_start_10_a_reopen_window_does_not_refuse() -> None:
    rig = Rig()
    rig.end()
    rig.book(NEXT_BOOKING, OTHER, 300)
    rig.mark()
    rig.tap(OTHER_CARD)
    assert rig.state == "unlocked"
    assert rig.controller.rental.session.driver == OTHER


def test_start_10_reopened_refuses_the_next_driver() -> None:
    rig = Rig()
    rig.end()
    rig.tap()
    assert rig.state == "reopened"
    rig.book(NEXT_BOOKING, OTHER, 300)
    rig.mark()
    rig.tap(OTHER_CARD)
    assert rig.state == "reopened" and rig.reasons() == [codes.NOT_RETURNED]


def test_start_12_asks_the_centre_and_falls_back_after_3_s() -> None:
    rig = Rig(online=True)
    rig.book()
    turn = rig.tap()
    assert rig.state == "authorising"
    assert turn.lamp == codes.LAMP_RED
    assert turn.asks
    rig.run(4)
    assert rig.state == "unlocked"


def test_start_12_no_booking_returns_to_what_it_was() -> None:
    rig = Rig(online=True)
    rig.tap()
    assert rig.state == "authorising"
    rig.run(4)
    assert rig.state == "vacant" and rig.reasons() == [codes.NO_BOOKING]


def test_start_12_the_centres_answer_decides_at_once() -> None:
    rig = Rig(online=True)
    rig.book()
    rig.tap()
    rig.step(("centre_answered", b""))
    assert rig.state == "unlocked"


def test_start_12_a_second_card_meanwhile_is_not_confused() -> None:
    rig = Rig(online=True)
    rig.book()
    rig.tap()
    rig.mark()
    rig.tap(STRANGER)
    assert rig.state == "authorising" and rig.reasons() == [codes.BUSY]
    rig.step(("centre_answered", b""))
    assert rig.state == "unlocked"
    assert rig.controller.rental.session.ident == CARD


def test_safe_4_untrusted_clock_card_no_phone_yes() -> None:
    rig = Rig()
    rig.book()
    rig.snapshot.wall_is_trusted = False
    rig.mark()
    rig.tap()
    assert rig.reasons() == [codes.CLOCK_UNTRUSTED]
    assert rig.ask(codes.VERB_START)[0] is True


def test_safe_2_another_drivers_phone_cannot_use_this_booking() -> None:
    rig = Rig()
    rig.book()
    rig.mark()
    assert rig.ask(codes.VERB_START, BOOKING, OTHER)[1] == [codes.NOT_THIS_DRIVER]
    assert rig.pulses == []


def test_safe_1_relock_waits_for_a_running_engine() -> None:
    rig = Rig()
    rig.start()
    rig.change(codes.IN_ENGINE, codes.YES)
    rig.mark()
    rig.run(61)
    assert rig.state == "unlocked" and rig.pulses == []
    assert codes.AUDIT_SECURITY_DUE in rig.seen
    rig.change(codes.IN_ENGINE, codes.NO)
    assert rig.state == "relocked"
    assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def test_safe_1_security_waits_while_motion_cannot_be_told() -> None:
    rig = Rig()
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_MOVING, codes.UNKNOWN)
    rig.mark()
    rig.run(601)
    assert rig.state == "boarding" and rig.pulses == []
    rig.change(codes.IN_MOVING, codes.NO)
    assert rig.state == "secured"


def test_a_repeated_command_gets_the_same_answer_and_no_act() -> None:
    rig = Rig()
    rig.book()
    first = rig.command(codes.VERB_START, ident=b"SAMESAME")
    rig.finish_pulses()
    rig.mark()
    assert rig.command(codes.VERB_START, ident=b"SAMESAME") == first
    assert rig.pulses == [] and rig.seen == []


def test_start_12_a_centre_within_reach_is_tried_before_a_refusal() -> None:
    for end_first in (False, True):
        rig = Rig()
        if end_first:
            rig.end()
        rig.snapshot.may_connect = True
        before = rig.state
        turn = rig.tap(OTHER_CARD)
        assert rig.state == "authorising" and turn.asks
        rig.run(4)
        assert rig.state == before and rig.reasons() == [codes.NO_BOOKING]
