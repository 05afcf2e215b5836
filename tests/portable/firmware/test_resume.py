"""After a reset the car is looked at before a deadline is judged: SAFE-3, START-7, USE-2."""

from firmware.session import REOPEN_DOOR, SECURITY_DUE
from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire import codes
from tests.portable.firmware.rig import STAFF_CARD, Rig, profile


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


def resume(rig: Rig, *inputs: "tuple[int, int]") -> None:
    """A reset, after which the inputs read this."""
    wake(rig, 5)
    for index, value in inputs:
        rig.set(index, value)
    rig.snapshot.is_settled = True
    rig.step()


def test_a_lock_that_was_cut_off_is_done_after_the_reset_safe_3() -> None:
    for seconds in (61, 601):
        rig = Rig()
        rig.start()
        if seconds > 600:
            rig.change(codes.IN_DOOR_DRIVER, codes.YES)
            rig.change(codes.IN_DOOR_DRIVER, codes.NO)
        rig.run(seconds)
        resume(rig, (codes.IN_LOCKED, codes.NO), (codes.IN_BLOCKED, codes.NO))
        assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def test_a_shut_car_is_not_shut_again() -> None:
    rig = Rig()
    rig.start()
    rig.run(61)
    resume(rig)
    assert rig.state == "relocked" and rig.pulses == []


def test_no_lock_is_made_up_for_while_the_engine_runs_safe_1() -> None:
    rig = Rig()
    rig.start()
    rig.run(61)
    resume(rig, (codes.IN_BLOCKED, codes.NO), (codes.IN_ENGINE, codes.YES))
    assert rig.state == "relocked" and rig.pulses == []


def test_reopen_3_a_lock_that_was_cut_off_is_done_after_the_reset_safe_3() -> None:
    rig = Rig()
    rig.end()
    rig.tap()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.tap()
    assert rig.pulses[-2:] == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    resume(rig, (codes.IN_LOCKED, codes.NO))
    assert rig.state == "reopened" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    rig.finish_pulses()
    assert rig.state == "vacant" and codes.AUDIT_REOPEN_LOCKED in rig.seen


def test_a_car_that_was_never_rented_is_left_as_it_is() -> None:
    rig = Rig()
    resume(rig, (codes.IN_LOCKED, codes.NO))
    assert rig.pulses == []


def test_safe_3_a_quick_reset_lengthens_nothing() -> None:
    """Not even by the part of a second that it takes."""
    rig = Rig()
    rig.come_back()
    left_ms = rig.controller.rental.deadlines.left_ms(
        rig.controller.rental.deadlines.index("key_return")
    )
    resume_ms = 900
    record = rig.controller.state()
    rig.advance_ms(resume_ms)
    rig.controller = rig.new_controller()
    assert rig.controller.restore(record, rig.snapshot, -1)
    deadlines = rig.controller.rental.deadlines
    assert deadlines.left_ms(deadlines.index("key_return")) <= left_ms - resume_ms


def test_safe_3_a_second_reset_before_the_first_turn_lengthens_nothing() -> None:
    """The record that the start writes is as good as any other."""
    rig = Rig()
    rig.come_back()
    ends_in_ms = ticks_diff(rig.controller.rental.ends_at_ms, rig.snapshot.now_ms)
    for _ in range(2):
        record = rig.controller.state()
        rig.advance_ms(5000)
        rig.controller = rig.new_controller()
        assert rig.controller.restore(record, rig.snapshot, -1)
    deadlines = rig.controller.rental.deadlines
    assert deadlines.left_ms(deadlines.index("key_return")) <= 600_000 - 10_000
    left_ms = ticks_diff(rig.controller.rental.ends_at_ms, rig.snapshot.now_ms)
    assert ends_in_ms - 13_000 <= left_ms <= ends_in_ms - 10_000


def reopened(by_card: bool) -> Rig:
    """Ended, and reopened just now."""
    rig = Rig()
    rig.end()
    rig.run(60)
    if by_card:
        rig.tap()
    else:
        assert rig.ask(codes.VERB_REOPEN)[0]
    assert rig.state == "reopened"
    return rig


def test_reopen_1_a_reopen_that_was_cut_off_is_finished_by_asking_again_safe_3() -> None:
    for by_card in (True, False):
        rig = reopened(by_card)
        resume(rig, (codes.IN_LOCKED, codes.YES))
        assert rig.state == "reopened" and rig.pulses == [], "nothing opens by itself"
        if by_card:
            rig.tap()
        else:
            assert rig.ask(codes.VERB_REOPEN)[0]
        assert rig.pulses == [codes.PULSE_UNLOCK] and rig.state == "reopened"
        rig.finish_pulses()
        rig.mark()
        rig.tap()
        assert rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK], "the next one locks (REOPEN-3)"


def test_reopen_5_a_reopen_that_opened_the_car_is_spent() -> None:
    rig = reopened(True)
    rig.finish_pulses()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    resume(rig, (codes.IN_LOCKED, codes.YES))
    assert not rig.ask(codes.VERB_REOPEN)[0]
    assert rig.pulses == []


def test_a_clock_that_jumped_just_before_the_reset_shortens_nothing_safe_4() -> None:
    for jump_s in (3600, -3600):
        rig = Rig()
        rig.come_back()
        rig.run(10)
        left_ms = dict(rig.deadlines())["key_return"]
        rig.snapshot.wall_s += jump_s
        assert rig.step().session_changed, "the record must know the clock as it is now"
        wake(rig, 5)
        assert left_ms - 6000 <= dict(rig.deadlines())["key_return"] <= left_ms - 5000


def test_safe_3_days_without_power_shorten_the_booking_by_as_much() -> None:
    """Longer than any deadline, as long as a booking may be, and longer."""
    days_ms = 10 * 86400_000
    for off_s in (60, 74 * 3600, 75 * 3600, 5 * 86400, 11 * 86400, 40 * 86400):
        rig = Rig()
        rig.start()
        rig.controller.rental.end_in(days_ms)
        wake(rig, off_s)
        left_ms = rig.controller.rental.end_left_ms()
        if off_s * 1000 < days_ms:
            assert days_ms - (off_s + 1) * 1000 < left_ms <= days_ms - off_s * 1000, off_s
        else:
            assert -FAR_MS <= left_ms < 0, off_s


def test_a_booked_end_that_is_long_past_stays_past() -> None:
    rig = Rig()
    rig.start()
    for left_ms in (0, -1, -FAR_MS, -FAR_MS - 1, -0x20000001, -0x7FFFFFFF):
        rig.controller.rental.end_in(left_ms)
        assert rig.controller.rental.end_left_ms() == max(left_ms, -FAR_MS)


def test_use_5_a_reunlock_has_its_own_times_whatever_lock_was_due() -> None:
    rig = Rig(terms=profile("jparc-2023"))
    rig.start()
    rig.run(61)
    resume(rig, (codes.IN_BLOCKED, codes.NO), (codes.IN_ENGINE, codes.YES))
    assert rig.state == "relocked" and rig.controller.rental.session.has(SECURITY_DUE)
    rig.command(codes.VERB_REUNLOCK, ident=b"REUNLOCK")
    assert rig.state == "unlocked"
    rig.mark()
    rig.run(5)
    rig.change(codes.IN_ENGINE, codes.NO)
    assert rig.state == "unlocked" and rig.pulses == []
    rig.run(56)
    assert rig.state == "relocked" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]


def test_reopen_6_a_door_that_was_opened_without_power_is_kept_at_once_safe_3() -> None:
    """The journal has no event of it, and a turn that cannot be journaled must not forget it."""
    rig = reopened(True)
    rig.finish_pulses()
    wake(rig, 5)
    rig.set(codes.IN_DOOR_DRIVER, codes.YES)
    rig.snapshot.is_settled = True
    assert rig.step().session_changed and rig.seen == []
    assert rig.controller.rental.session.has(REOPEN_DOOR)


def test_staff_car_1_a_door_that_was_opened_without_power_is_kept_at_once_safe_3() -> None:
    """It ends the 60 s, in the record too."""
    rig = Rig()
    rig.tap(STAFF_CARD)
    rig.finish_pulses()
    assert "staff" in dict(rig.deadlines())
    wake(rig, 5)
    rig.set(codes.IN_DOOR_DRIVER, codes.YES)
    rig.snapshot.is_settled = True
    assert rig.step().session_changed and rig.seen == []
    assert "staff" not in dict(rig.deadlines())
