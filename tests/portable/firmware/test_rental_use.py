"""During use, the end, the forgotten item, on paper: USE-1 to USE-4, END-1 to END-8, REOPEN-1 to REOPEN-6."""

from firmware.wire import codes
from tests.portable.firmware.rig import BOOKING, NEXT_BOOKING, OTHER, OTHER_CARD, Rig


def test_use_1_the_drivers_own_key_is_not_fought() -> None:
    rig = Rig()
    rig.drive_off()
    rig.mark()
    rig.change(codes.IN_LOCKED, codes.YES)
    rig.run(900)
    rig.change(codes.IN_LOCKED, codes.NO)
    rig.run(900)
    assert rig.pulses == [] and rig.state == "in_use"


def test_use_2_key_back_for_600_s_locks() -> None:
    rig = Rig()
    rig.come_back()
    rig.mark()
    rig.run(598)
    assert rig.state == "key_returned"
    rig.run(3)
    assert rig.state == "secured"
    assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def test_use_2_taking_the_key_starts_a_new_time() -> None:
    rig = Rig()
    rig.come_back()
    rig.run(500)
    rig.change(codes.IN_KEY, codes.NO)
    rig.change(codes.IN_KEY, codes.YES)
    rig.run(500)
    assert rig.state == "key_returned"
    rig.run(101)
    assert rig.state == "secured"


def test_use_2_taking_the_key_cancels_a_waiting_lock_safe_1() -> None:
    rig = Rig({"smart_key": True})
    rig.come_back()
    rig.change(codes.IN_ENGINE, codes.YES)
    rig.run(601)
    assert rig.state == "key_returned"
    rig.mark()
    rig.change(codes.IN_KEY, codes.NO)
    rig.change(codes.IN_ENGINE, codes.NO)
    rig.run(30)
    assert rig.state == "in_use" and rig.pulses == []


def test_use_3_warns_10_minutes_before_and_every_10_after() -> None:
    rig = Rig()
    rig.drive_off()
    rig.mark()
    rig.run(600 + 7200 - 600 - 5)
    assert rig.seen.count(codes.AUDIT_WARNED) == 0
    rig.run(10)
    assert rig.seen.count(codes.AUDIT_WARNED) == 1
    assert rig.state == "in_use"
    rig.run(600)
    assert rig.seen.count(codes.AUDIT_WARNED) == 2
    rig.run(1800)
    assert rig.seen.count(codes.AUDIT_WARNED) == 5


def test_use_3_sounds_the_buzzer() -> None:
    rig = Rig()
    rig.drive_off()
    sounded = False
    for _ in range(7200):
        rig.advance_ms(1000)
        sounded = sounded or rig.step().levels[codes.OUT_BUZZER] == 1
    assert sounded


def test_use_4_an_extension_moves_the_warnings() -> None:
    rig = Rig()
    rig.drive_off()
    index = rig.bookings.find(BOOKING)
    starts, ends = rig.bookings.starts_s(index), rig.bookings.ends_s(index)
    rig.bookings.put(BOOKING, rig.bookings.driver(index), starts, ends + 900, 0)
    rig.mark()
    rig.step(("records_changed", b""))
    assert rig.seen == [codes.AUDIT_EXTENDED]
    rig.mark()
    rig.run(600 + 7200 - 600 + 890)
    assert rig.seen.count(codes.AUDIT_WARNED) == 0
    rig.run(20)
    assert rig.seen.count(codes.AUDIT_WARNED) == 1


def test_use_4_a_booking_is_never_shortened() -> None:
    rig = Rig()
    rig.drive_off()
    index = rig.bookings.find(BOOKING)
    starts, ends = rig.bookings.starts_s(index), rig.bookings.ends_s(index)
    rig.bookings.put(BOOKING, rig.bookings.driver(index), starts, ends - 3600, 0)
    rig.mark()
    rig.step(("records_changed", b""))
    rig.run(3600)
    assert rig.seen == []


def test_end_1_end_4_by_card() -> None:
    rig = Rig()
    rig.come_back()
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.mark()
    turn = rig.tap()
    assert rig.state == "ending"
    assert turn.levels[codes.OUT_HAZARD] == 1
    assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    rig.finish_pulses()
    assert rig.state == "ended"
    assert rig.seen == [
        codes.AUDIT_END_REQUESTED,
        codes.AUDIT_LOCKED,
        codes.AUDIT_ENGINE_BLOCKED,
        codes.AUDIT_ENDED,
    ]


def test_end_1_every_check_has_its_reason_in_order() -> None:
    rig = Rig()
    rig.drive_off()
    for index, value in (
        (codes.IN_ENGINE, codes.YES),
        (codes.IN_BRAKE, codes.NO),
        (codes.IN_TRUNK, codes.YES),
        (codes.IN_GEAR_P, codes.NO),
    ):
        rig.change(index, value)
    rig.mark()
    accepted, reasons, _ = rig.ask(codes.VERB_END)
    assert not accepted
    assert reasons == [
        codes.ENGINE_RUNNING,
        codes.KEY_NOT_IN_BOX,
        codes.BRAKE_OFF,
        codes.DOOR_OPEN,
        codes.NOT_IN_PARK,
    ]
    assert rig.state == "in_use" and rig.pulses == []


def test_end_1_no_gear_sensor_no_gear_check() -> None:
    rig = Rig({"gear_sensor": False})
    rig.come_back()
    rig.change(codes.IN_GEAR_P, codes.UNKNOWN)
    assert rig.command(codes.VERB_END) is None
    rig.finish_pulses()
    assert rig.state == "ended" and rig.answered()[0] is True


def test_end_1_rolling_is_not_an_end_safe_1() -> None:
    rig = Rig()
    rig.come_back()
    rig.change(codes.IN_MOVING, codes.YES)
    assert rig.ask(codes.VERB_END)[1] == [codes.ENGINE_RUNNING]


def test_end_2_lights_and_windows_are_told_not_refused() -> None:
    rig = Rig()
    rig.come_back()
    rig.change(codes.IN_LIGHTS, codes.YES)
    rig.change(codes.IN_WINDOW, codes.YES)
    rig.command(codes.VERB_END)
    rig.finish_pulses()
    assert rig.answer() == (
        True,
        [],
        bytes((codes.WARN_LIGHTS_ON, codes.WARN_WINDOW_OPEN)),
    )


def test_end_3_second_touch_after_the_start_does_not_end() -> None:
    rig = Rig()
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    assert rig.turn.lamp == codes.LAMP_DARK
    rig.mark()
    rig.tap()
    assert rig.state == "boarding" and rig.reasons() == [codes.BUSY]
    rig.command(codes.VERB_END)
    assert rig.state == "ending"


def test_end_3_dark_while_a_check_fails() -> None:
    rig = Rig()
    rig.come_back()
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.change(codes.IN_BRAKE, codes.NO)
    assert rig.turn.lamp == codes.LAMP_DARK
    rig.change(codes.IN_BRAKE, codes.UNKNOWN)
    assert rig.turn.lamp == codes.LAMP_DARK
    rig.change(codes.IN_BRAKE, codes.YES)
    assert rig.turn.lamp == codes.LAMP_RED_BLINK


def test_end_5_refused_flashes_and_sounds_for_5_s() -> None:
    rig = Rig()
    rig.come_back()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.mark()
    turn = rig.tap()
    assert rig.state == "key_returned" and rig.reasons() == [codes.DOOR_OPEN]
    assert turn.levels[codes.OUT_HAZARD] == 1 and turn.levels[codes.OUT_BUZZER] == 1
    rig.run(4)
    assert rig.turn.levels[codes.OUT_BUZZER] == 1
    rig.run(2)
    assert rig.turn.levels[codes.OUT_BUZZER] == 0 and rig.turn.levels[codes.OUT_HAZARD] == 0
    assert rig.pulses == []
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.tap()
    assert rig.state == "ending"


def test_end_6_from_secured_by_card() -> None:
    rig = Rig()
    rig.come_back()
    rig.run(601)
    assert rig.state == "secured"
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.tap()
    rig.finish_pulses()
    assert rig.state == "ended"


def test_end_6_from_secured_at_the_start_by_card() -> None:
    rig = Rig()
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.run(601)
    assert rig.state == "secured"
    assert rig.turn.lamp == codes.LAMP_DARK
    rig.tap()
    assert rig.state == "ending"


def test_end_7_repeated_while_locking_reports_once() -> None:
    rig = Rig()
    rig.come_back()
    rig.mark()
    assert rig.command(codes.VERB_END) is None
    assert rig.command(codes.VERB_END) == (False, [codes.BUSY], b"")
    rig.finish_pulses()
    assert rig.answered()[0] is True
    assert rig.seen.count(codes.AUDIT_ENDED) == 1
    assert rig.command(codes.VERB_END) == (True, [codes.NOTHING_TO_UNDO], b"")
    assert rig.seen.count(codes.AUDIT_ENDED) == 1


def test_end_4_a_lock_that_does_not_lock_is_tried_again_then_refused() -> None:
    rig = Rig()
    rig.come_back()
    rig.command(codes.VERB_END)
    for _ in range(3):
        assert rig.state == "ending"
        rig.set(codes.IN_LOCKED, codes.NO)
        rig.finish_pulses()
    assert rig.state == "key_returned"
    assert rig.answered()[0] is False
    assert codes.AUDIT_FAULT in rig.seen and codes.AUDIT_ENDED not in rig.seen


def test_end_8_ask_again_refuses_with_the_input() -> None:
    for setting in ("ask_again", "refuse"):
        rig = Rig({"cannot_tell": setting})
        rig.come_back()
        rig.change(codes.IN_BRAKE, codes.UNKNOWN)
        rig.mark()
        assert rig.ask(codes.VERB_END)[1] == [codes.CANNOT_TELL]
        assert int.from_bytes(rig.bodies[-1][-4:], "big") == 1 << codes.IN_BRAKE
        assert rig.state == "key_returned"


def test_end_8_staff_review_ends_and_says_so() -> None:
    rig = Rig({"cannot_tell": "staff_review"})
    rig.come_back()
    rig.change(codes.IN_BRAKE, codes.UNKNOWN)
    rig.command(codes.VERB_END)
    rig.finish_pulses()
    assert rig.state == "ended"
    assert rig.bodies[-1][0] == codes.AUDIT_ENDED and rig.bodies[-1][-1] & 2


def test_end_8_no_review_for_an_engine_that_cannot_be_told_safe_1() -> None:
    rig = Rig({"cannot_tell": "staff_review"})
    rig.come_back()
    rig.change(codes.IN_ENGINE, codes.UNKNOWN)
    assert rig.ask(codes.VERB_END)[1] == [codes.CANNOT_TELL]


def test_end_8_known_failures_stand_beside_the_unknown() -> None:
    rig = Rig({"cannot_tell": "staff_review"})
    rig.come_back()
    rig.change(codes.IN_BRAKE, codes.UNKNOWN)
    rig.change(codes.IN_TRUNK, codes.YES)
    assert rig.ask(codes.VERB_END)[1] == [codes.DOOR_OPEN]


def test_reopen_1_once_by_card_engine_stays_blocked_reopen_2() -> None:
    rig = Rig()
    rig.end()
    assert rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.mark()
    rig.tap()
    assert rig.state == "reopened"
    assert rig.pulses == [codes.PULSE_UNLOCK]


def test_reopen_1_not_after_600_s_reopen_5() -> None:
    rig = Rig()
    rig.end()
    rig.run(598)
    assert rig.state == "ended" and rig.turn.lamp == codes.LAMP_RED_BLINK
    rig.run(3)
    assert rig.state == "vacant" and rig.turn.lamp == codes.LAMP_DARK
    assert codes.AUDIT_WINDOW_OVER in rig.seen
    assert rig.ask(codes.VERB_REOPEN)[1] == [codes.REOPEN_OVER]


def test_reopen_1_only_the_same_driver() -> None:
    rig = Rig()
    rig.end()
    rig.mark()
    rig.tap(OTHER_CARD)
    assert rig.state == "ended" and rig.pulses == []
    assert rig.ask(codes.VERB_REOPEN, NEXT_BOOKING, OTHER)[1] == [codes.NOT_THIS_DRIVER]


def test_reopen_3_lock_ends_the_window_reopen_4() -> None:
    rig = Rig()
    rig.end()
    rig.tap()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.mark()
    rig.tap()
    assert rig.state == "reopened" and rig.reasons() == [codes.DOOR_OPEN]
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.mark()
    rig.tap()
    assert rig.state == "reopened" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    rig.finish_pulses()
    assert rig.state == "vacant"
    assert rig.seen == [
        codes.AUDIT_LOCKED,
        codes.AUDIT_ENGINE_BLOCKED,
        codes.AUDIT_REOPEN_LOCKED,
        codes.AUDIT_WINDOW_OVER,
    ]
    assert rig.ask(codes.VERB_REOPEN)[1] == [codes.REOPEN_USED]


def test_reopen_3_a_key_taken_meanwhile_is_refused() -> None:
    rig = Rig()
    rig.end()
    rig.command(codes.VERB_REOPEN)
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_KEY, codes.NO)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.mark()
    assert rig.ask(codes.VERB_LOCK)[1] == [codes.KEY_NOT_IN_BOX]
    assert codes.AUDIT_REOPEN_REFUSED in rig.seen and rig.state == "reopened"


def test_reopen_5_a_second_reopen_is_refused() -> None:
    rig = Rig()
    rig.end()
    rig.command(codes.VERB_REOPEN)
    assert rig.ask(codes.VERB_REOPEN)[1] == [codes.REOPEN_USED]


def test_reopen_6_no_door_opened_for_60_s() -> None:
    rig = Rig()
    rig.end()
    rig.tap()
    rig.mark()
    rig.run(61)
    assert rig.state == "vacant" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    assert rig.ask(codes.VERB_REOPEN)[1] == [codes.REOPEN_USED]


def test_reopen_6_doors_left_open_lock_when_they_close() -> None:
    rig = Rig()
    rig.end()
    rig.tap()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.mark()
    rig.run(601)
    assert rig.state == "vacant" and rig.seen.count(codes.AUDIT_FAULT) == 1
    assert rig.turn.lamp == codes.LAMP_DARK and rig.pulses == []
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    assert rig.state == "vacant" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
