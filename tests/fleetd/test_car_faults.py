"""What a car tells of itself reaches the operator: an alarm a fault, until it is over or seen to."""

from collections.abc import Callable

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import FLAG_DOORS_OPEN, FLAG_KEY_OUT, FLAG_STAFF_REVIEW
from fleetd.car_faults import ALARMS
from tests.fleetd.rig import Desk, ScriptedCar

Tell = Callable[..., list[tuple[str, str]]]
FAULT, OVER = codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED


@pytest.fixture
def tell(desk: Desk, car: ScriptedCar) -> Tell:
    """The alarms after the car told an event with these bytes."""

    def found(code: int, *detail: int, booking: int = 0) -> list[tuple[str, str]]:
        car.happen(code, booking, bytes(detail))
        car.tell()
        return [(alarm["name"], alarm["detail"]) for alarm in desk.fleet.status()["alarms"]]

    return found


def test_every_fault_of_the_car_has_an_alarm_fault_1() -> None:
    """FAULT-1: but those of its storages, which have one together."""
    faults = {value for name, value in vars(codes).items() if name.startswith("FAULT_")}
    assert faults - set(ALARMS) == {codes.FAULT_JOURNAL_FAILED, codes.FAULT_CACHE_FAILED}


@pytest.mark.parametrize(
    "fault", [codes.FAULT_LOCK_NOT_CONFIRMED, codes.FAULT_UNLOCK_NOT_CONFIRMED]
)
def test_a_lock_that_does_not_move_stays_until_somebody_looks(tell: Tell, fault: int) -> None:
    assert tell(FAULT, fault, 0) == [(ALARMS[fault], "")]
    assert tell(FAULT, fault, 0) == [(ALARMS[fault], "")]
    assert tell(codes.AUDIT_RESET, 0) == [(ALARMS[fault], "")]


def test_the_starter_block_is_an_alarm_until_it_reads_as_it_should_safe_1(tell: Tell) -> None:
    """A reset is no proof: the box takes what it reads then for right (decision 34)."""
    tell(FAULT, codes.FAULT_STARTER_MOVED, 0)
    both = [("starter_moved", ""), ("block_not_confirmed", "")]
    assert tell(FAULT, codes.FAULT_BLOCK_NOT_CONFIRMED, 0) == both
    assert tell(codes.AUDIT_RESET, 0) == both
    assert tell(OVER, codes.FAULT_BLOCK_NOT_CONFIRMED, 0) == []


def test_a_reader_that_is_silent(tell: Tell) -> None:
    assert tell(FAULT, codes.FAULT_READER_SILENT, 0) == [("reader_silent", "")]
    assert tell(OVER, codes.FAULT_READER_SILENT, 0) == []
    tell(FAULT, codes.FAULT_READER_SILENT, 0)
    assert tell(codes.AUDIT_POWER_LOST, 0) == []


def test_inputs_are_named_and_end_one_by_one(tell: Tell) -> None:
    tell(FAULT, codes.FAULT_INPUT_NOISY, codes.IN_TRUNK)
    assert tell(FAULT, codes.FAULT_INPUT_NOISY, codes.IN_KEY) == [
        ("input_noisy", "trunk"), ("input_noisy", "key"),
    ]  # fmt: skip
    assert tell(OVER, codes.FAULT_INPUT_NOISY, codes.IN_TRUNK) == [("input_noisy", "key")]


def test_end_8_a_use_that_staff_must_look_at_is_told(
    desk: Desk, car: ScriptedCar, booking: int, tell: Tell
) -> None:
    car.happen(codes.AUDIT_UNLOCKED, booking, car.use_detail())
    ended = bytearray(car.use_detail())
    ended[-1] |= FLAG_STAFF_REVIEW
    assert tell(codes.AUDIT_ENDED, *ended, booking=booking) == [("use_needs_review", "")]
    assert desk.fleet.status()["alarms"][0]["booking"] == booking


def test_reopen_3_a_key_that_is_not_in_its_box_when_the_window_is_over(tell: Tell) -> None:
    over = codes.AUDIT_WINDOW_OVER
    assert tell(over, FLAG_KEY_OUT | FLAG_DOORS_OPEN) == [("key_not_in_box", "")]
    assert tell(over, FLAG_KEY_OUT) == [("key_not_in_box", "")]
    assert tell(over, 0) == []


def test_reopen_6_doors_that_were_left_open_until_they_are_locked(tell: Tell) -> None:
    tell(codes.AUDIT_WINDOW_OVER, FLAG_DOORS_OPEN)
    assert tell(FAULT, codes.FAULT_DOORS_LEFT_OPEN, 0) == [("doors_left_open", "")]
    assert tell(codes.AUDIT_LOCKED, codes.BY_DEADLINE) == []
