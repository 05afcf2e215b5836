"""FAULT-1: what lock, unlock, block and release do not show is tried three times, and then told."""

from firmware import technician
from firmware.ticks import ticks_add
from firmware.wire import codes
from firmware.wire.kb1_centre import unpack_result
from tests.portable.firmware.rig import CARD, NEXT_BOOKING, OTHER, STAFF_CARD, Rig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOCK, BLOCK = codes.PULSE_LOCK, codes.PULSE_BLOCK
UNLOCK, RELEASE = codes.PULSE_UNLOCK, codes.PULSE_RELEASE
NO_LOCK = [(codes.CANNOT_TELL, 1 << codes.IN_LOCKED)]
NO_BLOCK = [(codes.CANNOT_TELL, 1 << codes.IN_BLOCKED)]
NEITHER = [(codes.CANNOT_TELL, 1 << codes.IN_LOCKED | 1 << codes.IN_BLOCKED)]


class Stiff(Rig):
    """Its relays miss pulses: `misses` says how many on which line."""

    def __init__(self, settings: "dict[str, Any] | None" = None) -> None:
        self.misses: "dict[int, int]" = {}
        super().__init__(settings)
        self.told: "list[tuple[bool, list[tuple[int, int]], int, int]]" = []

    def _move(self, line: int) -> None:
        left = self.misses.get(line, 0)
        if left:
            self.misses[line] = left - 1
        else:
            super()._move(line)

    def _obey(self) -> None:
        moved = len(self.pulses)
        super()._obey()
        self.hold = self.hold or len(self.pulses) > moved

    def rest(self, seconds: int = 0) -> None:
        """Every pulse is over, and what followed from it; then time passes."""
        for _ in range(6):
            moved = len(self.pulses)
            self.hold = False
            self.finish_pulses()
            for body in self.turn.results:
                _, accepted, reasons, _, locked, blocked = unpack_result(body)
                self.told.append((accepted, reasons, locked, blocked))
            if len(self.pulses) == moved:
                break
        self.run(seconds)

    def order(self, verb: int, booking: int = 100, driver: int = 7) -> None:
        """A command whose answer waits for the relays."""
        self.hold = True
        self.told = []
        assert self.command(verb, booking, driver) is None
        self.rest()

    def faults(self) -> "list[int]":
        return [body[10] for body in self.bodies if body[0] == codes.AUDIT_FAULT]


def reopened(settings: "dict[str, Any] | None" = None) -> Stiff:
    rig = Stiff(settings)
    rig.end()
    rig.tap()
    rig.finish_pulses()
    rig.mark()
    return rig


def test_end_4_a_block_that_misses_a_pulse_is_tried_again() -> None:
    """Also: the journal has the block when it reads so, after the first try that shows."""
    rig = Stiff()
    rig.come_back()
    rig.misses = {BLOCK: 1}
    rig.mark()
    rig.tap()
    rig.finish_pulses()
    assert rig.state == "ending" and codes.AUDIT_ENGINE_BLOCKED not in rig.seen
    rig.rest()
    assert rig.state == "ended" and rig.pulses.count(BLOCK) == 2
    assert rig.seen.count(codes.AUDIT_ENGINE_BLOCKED) == 1
    assert rig.snapshot.values[codes.IN_BLOCKED] == codes.YES


def test_end_4_an_end_whose_lock_holds_is_finished_and_a_free_engine_is_told() -> None:
    rig = Stiff()
    rig.come_back()
    rig.misses = {BLOCK: 99}
    rig.mark()
    rig.tap()
    rig.rest()
    assert rig.state == "ended" and rig.pulses.count(BLOCK) == 3
    assert rig.faults() == [codes.FAULT_BLOCK_NOT_CONFIRMED]
    assert codes.AUDIT_ENDED in rig.seen and codes.AUDIT_ENGINE_BLOCKED not in rig.seen


def test_end_5_an_end_that_fails_changes_nothing_else() -> None:
    """The lock does not show: the engine is free again, by the right of the use; and the answer.

    The right holds to the last millisecond of the booked time, and not at its end.
    """
    for left_ms, blocked in ((60000, codes.NO), (1, codes.NO), (0, codes.YES)):
        rig = Stiff()
        rig.come_back()
        rig.misses = {LOCK: 99}
        rig.controller.rental.end_in(left_ms)
        rig.mark()
        rig.order(codes.VERB_END)
        assert rig.state == "key_returned" and (rig.pulses[-1] == RELEASE) == (left_ms > 0)
        assert rig.told == [(False, NO_LOCK, codes.NO, blocked)]
        assert rig.snapshot.values[codes.IN_BLOCKED] == blocked
        assert (codes.AUDIT_ENGINE_RELEASED in rig.seen) == (left_ms > 0)


def test_end_5_an_engine_that_stays_blocked_takes_no_reason_away() -> None:
    rig = Stiff()
    rig.come_back()
    rig.misses = {LOCK: 99, RELEASE: 99}
    rig.order(codes.VERB_END)
    assert rig.pulses[-3:] == [RELEASE] * 3
    assert rig.told == [(False, NO_LOCK, codes.NO, codes.YES)]
    assert codes.FAULT_RELEASE_NOT_CONFIRMED in rig.faults()


def test_use_2_start_6_a_block_is_tried_in_secured_and_relocked() -> None:
    for story in ("secured", "relocked"):
        rig = Stiff()
        if story == "secured":
            rig.come_back()
        else:
            rig.start()
        rig.misses = {BLOCK: 2}
        rig.mark()
        rig.run(601 if story == "secured" else 61)
        rig.rest()
        assert rig.state == story and rig.pulses.count(BLOCK) == 3
        assert rig.seen.count(codes.AUDIT_ENGINE_BLOCKED) == 1


def test_safe_1_a_try_of_a_security_lock_waits_for_a_car_that_rests() -> None:
    rig = Stiff()
    rig.come_back()
    rig.misses = {BLOCK: 1}
    rig.mark()
    rig.run(601)
    assert rig.state == "secured"
    rig.change(codes.IN_ENGINE, codes.YES)
    rig.rest(30)
    assert rig.pulses.count(BLOCK) == 1 and codes.AUDIT_SECURITY_DUE in rig.seen
    rig.change(codes.IN_ENGINE, codes.NO)
    assert rig.pulses.count(BLOCK) == 2 and rig.snapshot.values[codes.IN_BLOCKED] == codes.YES


def test_reopen_3_a_lock_that_shows_late_is_accepted_once() -> None:
    rig = reopened()
    rig.misses = {LOCK: 2}
    rig.order(codes.VERB_LOCK)
    assert rig.told == [(True, [], codes.YES, codes.YES)]
    assert rig.state == "vacant" and rig.pulses.count(LOCK) == 3 and rig.faults() == []
    assert rig.seen.count(codes.AUDIT_REOPEN_LOCKED) == 1


def test_reopen_3_a_lock_that_does_not_show_is_refused_and_may_be_asked_again() -> None:
    rig = reopened()
    rig.misses = {LOCK: 3}
    rig.order(codes.VERB_LOCK)
    assert rig.told == [(False, NO_LOCK, codes.NO, codes.YES)]
    assert rig.state == "reopened" and rig.faults() == [codes.FAULT_LOCK_NOT_CONFIRMED]
    assert codes.AUDIT_REOPEN_LOCKED not in rig.seen and codes.AUDIT_WINDOW_OVER not in rig.seen
    rig.order(codes.VERB_LOCK)
    assert rig.told == [(True, [], codes.YES, codes.YES)] and rig.state == "vacant"


def test_reopen_3_a_door_that_opens_meanwhile_ends_the_tries() -> None:
    rig = reopened()
    rig.misses = {LOCK: 99}
    rig.hold = True
    rig.command(codes.VERB_LOCK)
    rig.set(codes.IN_TRUNK, codes.YES)
    rig.rest()
    assert rig.told == [(False, [(codes.DOOR_OPEN, 0)], codes.NO, codes.YES)]
    assert rig.pulses.count(LOCK) == 1 and rig.state == "reopened"


def test_end_5_a_card_hears_that_the_lock_of_its_reopen_did_not_show() -> None:
    rig = reopened()
    rig.misses = {LOCK: 3}
    rig.tap()
    rig.rest()
    assert rig.state == "reopened" and rig.turn.levels[codes.OUT_BUZZER] == 1
    assert codes.AUDIT_REOPEN_REFUSED in rig.seen
    rig.run(10)
    rig.tap()
    rig.rest()
    assert rig.state == "vacant"


def test_reopen_6_the_lock_of_a_deadline_is_tried_and_the_window_is_over_all_the_same() -> None:
    for misses, faults in ((2, []), (3, [codes.FAULT_LOCK_NOT_CONFIRMED])):
        rig = reopened()
        rig.misses = {LOCK: misses}
        rig.run(61)
        rig.rest()
        assert rig.state == "vacant" and rig.pulses.count(LOCK) == 3 and rig.faults() == faults


def test_staff_car_1_the_end_of_maintenance_is_not_accepted_without_its_lock() -> None:
    rig = Stiff()
    rig.ask(codes.VERB_MAINTENANCE_ON, 0)
    rig.tap(STAFF_CARD)
    rig.finish_pulses()
    rig.mark()
    rig.misses = {LOCK: 3}
    rig.order(codes.VERB_MAINTENANCE_OFF, 0)
    assert rig.told == [(False, NO_LOCK, codes.NO, codes.YES)] and rig.state == "vacant"
    rig.order(codes.VERB_MAINTENANCE_OFF, 0)
    assert rig.told == [(True, [], codes.YES, codes.YES)], "it may be asked again"
    assert rig.seen.count(codes.AUDIT_TECHNICIAN_OUT) == 1
    assert rig.command(codes.VERB_MAINTENANCE_OFF, 0) == (True, [codes.NOTHING_TO_UNDO], b"")


def test_safe_1_a_block_beside_staff_whom_the_doors_did_not_let_in_is_tried_again() -> None:
    """The doors that stayed locked were told; a block that does not show is another matter."""
    rig = Stiff()
    rig.misses = {UNLOCK: 99, BLOCK: 1}
    rig.snapshot.values[codes.IN_BLOCKED] = codes.NO
    rig.tap(STAFF_CARD)
    rig.rest()
    technician.begin(rig.controller.rental, b"7Q2M9XCD", 2, ticks_add(rig.snapshot.now_ms, 900000))
    rig.controller.asked.append(technician.pack_asked(codes.ACT_BLOCK, b"7Q2M9XCD", 0))
    rig.step()
    rig.rest()
    assert rig.pulses.count(BLOCK) == 2
    assert rig.faults().count(codes.FAULT_UNLOCK_NOT_CONFIRMED) == 1


def test_start_3_the_answer_waits_for_the_last_try() -> None:
    for misses, told in (
        ({UNLOCK: 2}, (True, [], codes.NO, codes.NO)),
        ({UNLOCK: 3}, (False, NO_LOCK, codes.YES, codes.NO)),
        ({RELEASE: 2}, (True, [], codes.NO, codes.NO)),
        ({RELEASE: 3}, (False, NO_BLOCK, codes.NO, codes.YES)),
        ({UNLOCK: 3, RELEASE: 3}, (False, NEITHER, codes.YES, codes.YES)),
    ):
        rig = Stiff()
        rig.book()
        rig.misses = misses
        rig.order(codes.VERB_START)
        assert rig.told == [told], misses
        assert rig.state == "unlocked", "the use goes on, with its times"


def test_fault_1_a_start_that_did_not_show_may_be_asked_again_and_no_time_begins_anew() -> None:
    for line in (UNLOCK, RELEASE):
        rig = Stiff()
        rig.book()
        rig.misses = {line: 3}
        rig.order(codes.VERB_START)
        rig.run(20)
        before = dict(rig.deadlines())
        rig.order(codes.VERB_START)
        assert rig.told == [(True, [], codes.NO, codes.NO)]
        assert dict(rig.deadlines())["relock"] == before["relock"]
        assert rig.ask(codes.VERB_START)[1] == [codes.BUSY], "and now there is nothing to repeat"


def test_fault_1_by_card_the_second_touch_repeats_it_after_the_signal() -> None:
    rig = Stiff()
    rig.book()
    rig.misses = {UNLOCK: 3}
    rig.tap()
    rig.rest()
    assert rig.turn.levels[codes.OUT_BUZZER] == 1
    assert rig.faults() == [codes.FAULT_UNLOCK_NOT_CONFIRMED]
    rig.run(10)
    rig.mark()
    rig.tap()
    assert rig.pulses == [UNLOCK, RELEASE] and rig.reasons() == []


def test_fault_1_in_the_car_already_the_phone_releases_the_engine_again() -> None:
    rig = Stiff()
    rig.book()
    rig.misses = {RELEASE: 3}
    rig.order(codes.VERB_START)
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    assert rig.state == "boarding"
    for left_ms, pulses in ((0, []), (1, [RELEASE])):
        rig.controller.rental.end_in(left_ms)
        rig.mark()
        rig.order(codes.VERB_START)
        assert rig.pulses == pulses, left_ms
    assert rig.told == [(True, [], codes.NO, codes.NO)]


def test_fault_1_doors_that_somebody_locked_are_no_unlock_that_failed() -> None:
    """In the car with its doors locked, and only the engine was asked for."""
    rig = Stiff()
    rig.book()
    rig.misses = {RELEASE: 6}
    rig.order(codes.VERB_START)
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_LOCKED, codes.YES)
    rig.mark()
    rig.order(codes.VERB_START)
    assert rig.told == [(False, NO_BLOCK, codes.YES, codes.YES)]
    assert codes.FAULT_UNLOCK_NOT_CONFIRMED not in rig.faults()


def test_safe_2_a_lock_is_good_for_ten_seconds_of_its_own() -> None:
    """Not for what is left of the right to open."""
    rig = reopened()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.run(20)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.tap()
    assert rig.pulses[-2:] == [LOCK, BLOCK]
    for line in (LOCK, BLOCK):
        assert rig.turn.pulse_not_after_ms[line] == ticks_add(rig.snapshot.now_ms, 10_000)


def test_a_door_opened_before_the_release_showed_stops_no_try() -> None:
    rig = Stiff()
    rig.book()
    rig.misses = {RELEASE: 1}
    rig.tap()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.rest()
    assert rig.state == "boarding" and rig.pulses.count(RELEASE) == 2


def test_safe_2_neither_another_driver_nor_a_booked_end_that_is_past_repeats_a_start() -> None:
    rig = Stiff()
    rig.book()
    rig.book(NEXT_BOOKING, OTHER)
    rig.misses = {UNLOCK: 3}
    rig.order(codes.VERB_START)
    rig.mark()
    assert rig.ask(codes.VERB_START, NEXT_BOOKING, OTHER)[1] == [codes.NOT_RETURNED]
    rig.controller.rental.end_in(0)
    assert rig.ask(codes.VERB_START)[1] == [codes.BUSY]
    assert rig.pulses == []
    rig.controller.rental.end_in(1)
    rig.command(codes.VERB_START)
    assert rig.pulses == [UNLOCK, RELEASE]


def test_safe_2_no_try_goes_past_the_booked_end() -> None:
    for late_ms, tries in ((999, 2), (1000, 0)):
        rig = Stiff()
        rig.book()
        rig.misses = {UNLOCK: 99}
        rig.hold = True
        rig.command(codes.VERB_START, left_s=1)
        rig.advance_ms(late_ms)
        rig.mark()
        rig.rest()
        assert rig.pulses == [UNLOCK] * tries
        assert rig.told == [(False, NO_LOCK, codes.YES, codes.NO)]


def test_reopen_5_a_reopen_that_opened_nothing_is_not_used_up() -> None:
    rig = Stiff()
    rig.end()
    rig.misses = {UNLOCK: 3}
    rig.mark()
    rig.order(codes.VERB_REOPEN)
    assert rig.told == [(False, NO_LOCK, codes.YES, codes.YES)]
    assert rig.pulses == [UNLOCK] * 3 and rig.state == "reopened"
    rig.order(codes.VERB_REOPEN)
    assert rig.told == [(True, [], codes.NO, codes.YES)]
    assert rig.ask(codes.VERB_REOPEN)[1] == [codes.REOPEN_USED]


def test_a_try_of_a_reopen_rests_on_the_right_of_that_reopen_safe_2() -> None:
    """Not on a card that was enrolled meanwhile."""
    rig = Stiff()
    rig.end()
    rig.misses = {UNLOCK: 3}
    rig.tap()
    rig.controller.rental.session.ident = b"ENROLLED"
    rig.finish_pulses()
    assert rig.turn.pulse_ident[UNLOCK] == CARD


def test_an_answer_of_somebody_else_is_not_touched() -> None:
    """A position that was asked for while the relays moved."""
    rig = reopened()
    rig.misses = {LOCK: 3}
    rig.tap()
    rig.order(codes.VERB_POSITION)
    assert rig.told == [(True, [], codes.NO, codes.YES)]
