"""After a reset or a step that was taken back, on paper: SAFE-3, SAFE-4, END-7, USE-4, START-7."""

from firmware.controller import SAVE_EVERY_MS
from firmware.ticks import ticks_diff
from firmware.wire import codes
from tests.portable.firmware.rig import BOOKING, CARD, Rig


def reset(rig: Rig, off_s: int = 0, trusted: bool = True) -> None:
    """Power goes and comes back after `off_s`; the tick counter begins anew."""
    record = rig.controller.state()
    rig.snapshot.wall_s += off_s
    rig.snapshot.now_ms = 12345
    rig.snapshot.wall_is_trusted = trusted
    rig.snapshot.is_settled = False
    rig.controller = rig.new_controller()
    rig.mark()
    assert rig.controller.restore(record, rig.snapshot, -1)
    rig.step()
    rig.snapshot.is_settled = True
    rig.step()


def test_safe_3_every_state_is_resumed_and_nothing_moves() -> None:
    for story in ("start", "drive_off", "come_back", "end"):
        rig = Rig()
        getattr(rig, story)()
        state = rig.state
        reset(rig)
        assert rig.state == state, story
        assert rig.pulses == [], story


def test_safe_3_the_time_off_counts_when_the_clock_is_trusted() -> None:
    rig = Rig()
    rig.come_back()
    rig.run(200)
    reset(rig, off_s=300)
    rig.run(98)
    assert rig.state == "key_returned"
    rig.run(3)
    assert rig.state == "secured"


def test_safe_4_remaining_times_without_a_trusted_clock() -> None:
    rig = Rig()
    rig.come_back()
    rig.run(200)
    reset(rig, off_s=300, trusted=False)
    rig.run(398)
    assert rig.state == "key_returned"
    rig.run(3)
    assert rig.state == "secured"


def test_safe_3_a_clock_set_back_lengthens_nothing() -> None:
    rig = Rig()
    rig.come_back()
    rig.run(200)
    reset(rig, off_s=-5000)
    rig.run(401)
    assert rig.state == "secured"


def test_safe_3_a_deadline_passed_while_off_waits_for_the_engine_safe_1() -> None:
    rig = Rig()
    rig.come_back()
    rig.set(codes.IN_ENGINE, codes.YES)
    reset(rig, off_s=900)
    assert rig.state == "key_returned" and rig.pulses == []
    rig.change(codes.IN_ENGINE, codes.NO)
    assert rig.state == "secured"


def test_safe_3_a_key_taken_while_off_is_noticed() -> None:
    rig = Rig()
    rig.come_back()
    rig.set(codes.IN_KEY, codes.NO)
    reset(rig, off_s=60)
    assert rig.state == "in_use" and codes.AUDIT_KEY_OUT in rig.seen


def test_end_7_an_end_that_was_cut_off_is_finished_once() -> None:
    rig = Rig()
    rig.come_back()
    rig.tap()
    assert rig.state == "ending"
    rig.set(codes.IN_LOCKED, codes.NO)
    reset(rig, off_s=5)
    assert rig.state == "ending"
    assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    rig.finish_pulses()
    assert rig.state == "ended" and rig.seen.count(codes.AUDIT_ENDED) == 1


def test_end_7_cut_off_and_a_door_opened_meanwhile() -> None:
    rig = Rig()
    rig.come_back()
    rig.tap()
    rig.set(codes.IN_DOOR_DRIVER, codes.YES)
    reset(rig, off_s=5)
    assert rig.state == "key_returned" and rig.pulses == []
    assert rig.reasons() == [codes.DOOR_OPEN]


def test_a_start_that_was_cut_off_is_finished_by_a_second_touch_safe_3() -> None:
    rig = Rig()
    rig.book()
    rig.tap()
    rig.set(codes.IN_LOCKED, codes.YES)
    reset(rig, off_s=5)
    assert rig.state == "unlocked" and rig.pulses == []
    rig.tap(CARD)
    assert rig.pulses == [codes.PULSE_UNLOCK, codes.PULSE_RELEASE]
    rig.run(56)
    assert rig.state == "relocked"


def test_a_start_that_was_not_cut_off_is_not_repeated() -> None:
    rig = Rig()
    rig.start()
    rig.mark()
    rig.tap()
    assert rig.pulses == [] and rig.reasons() == [codes.BUSY]


def test_safe_3_used_bookings_stay_used() -> None:
    rig = Rig()
    rig.end()
    rig.run(601)
    reset(rig)
    rig.tap()
    assert rig.state == "vacant" and rig.reasons() == [codes.BOOKING_OVER]


def test_safe_3_warnings_go_on_use_3() -> None:
    rig = Rig()
    rig.drive_off()
    reset(rig, off_s=3600)
    rig.run(600 + 7200 - 600 - 3600 + 5)
    assert rig.seen.count(codes.AUDIT_WARNED) == 1


def test_a_record_of_another_format_is_refused_whole() -> None:
    rig = Rig()
    rig.come_back()
    record = rig.controller.state()
    fresh = rig.new_controller()
    assert not fresh.restore(b"\xff" + record[1:], rig.snapshot, -1)
    assert not fresh.restore(record[:-1], rig.snapshot, -1)
    assert fresh.rental.state == "vacant"


def test_end_7_an_end_whose_last_step_was_not_journaled_is_finished_by_the_next() -> None:
    rig = Rig()
    rig.come_back()
    rig.tap()
    record = rig.controller.state()
    assert rig.state == "ending"
    rig.controller.step(rig.snapshot, [("pulses_finished", rig.done)], rig.turn)
    assert rig.state == "ended"
    rig.controller.take_back(0, record)
    assert rig.state == "ending"
    rig.mark()
    rig.step()
    assert rig.state == "ended" and rig.seen.count(codes.AUDIT_ENDED) == 1
    rig.mark()
    rig.step()
    assert rig.seen == []


def test_start_7_a_deadline_that_passes_while_an_end_fails_is_not_lost() -> None:
    rig = Rig()
    rig.start()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.run(599)
    assert rig.state == "boarding"
    rig.command(codes.VERB_END)
    rig.run(2)
    assert rig.state == "ending" and rig.pulses[-2:] == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    while rig.state == "ending":
        rig.set(codes.IN_LOCKED, codes.NO)  # the motor does not move
        rig.finish_pulses()
    assert rig.state == "boarding"
    rig.run(2)
    assert rig.state == "secured"


def extended(rig: Rig) -> None:
    """The copy has a later end; the step that should have told the session never came."""
    index = rig.bookings.find(BOOKING)
    starts, ends = rig.bookings.starts_s(index), rig.bookings.ends_s(index)
    rig.bookings.put(BOOKING, rig.bookings.driver(index), starts, ends + 900, 0)


def test_use_4_an_extension_that_a_reset_cut_off_is_followed() -> None:
    rig = Rig()
    rig.drive_off()
    extended(rig)
    reset(rig, off_s=5)
    assert rig.seen.count(codes.AUDIT_EXTENDED) == 1
    rig.run(10)
    assert rig.seen.count(codes.AUDIT_EXTENDED) == 1


def test_use_4_an_extension_whose_step_was_not_journaled_is_followed_by_the_next() -> None:
    rig = Rig()
    rig.drive_off()
    record = rig.controller.state()
    extended(rig)
    rig.controller.step(rig.snapshot, [("records_changed", b"")], rig.turn)
    rig.controller.take_back(0, record)
    rig.mark()
    rig.step()
    rig.step()
    assert rig.seen == [codes.AUDIT_EXTENDED]


def test_a_session_never_waits_longer_for_its_record_safe_3() -> None:
    """Each turn asks for the next one in time, the one that renews the record too."""
    rig = Rig()
    rig.drive_off()
    rig.run(60)
    record_ms = rig.snapshot.now_ms
    for _ in range(100):
        rig.advance_ms(rig.turn.next_due_ms)
        rig.controller.step(rig.snapshot, [], rig.turn)
        assert ticks_diff(rig.snapshot.now_ms, record_ms) <= SAVE_EVERY_MS
        if rig.turn.session_changed:
            rig.controller.state()
            record_ms = rig.snapshot.now_ms
