"""Bookings as the daemon keeps them: each change with its mail and its line in the car's log."""

from pathlib import Path

import pytest

from firmware.wire import codes
from fleetd.core.refused import Refused
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, OTHER_CAR, Desk, wire

START_S, END_S = NOW_S + 2 * HOUR_S, NOW_S + 4 * HOUR_S


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def rev(desk: Desk) -> int:
    return desk.car_row().rev


def test_booking_changing_cancelling(desk: Desk) -> None:
    """BOOK-7, BOOK-9."""
    number = desk.fleet.book(desk.driver, CAR, START_S, END_S)["id"]
    changed = desk.fleet.change(desk.driver, number, START_S, END_S + HOUR_S)
    assert (changed["ends_s"], changed["changes"]) == (END_S + HOUR_S, 1)
    cancelled = desk.fleet.cancel(desk.driver, number)
    assert (cancelled["status"], cancelled["cancel_percent"]) == ("cancelled", 0)
    assert desk.mails()[-3:] == ["booking_made", "booking_changed", "booking_cancelled"]
    assert rev(desk) == 3


def test_book_10_book_11_what_cancelling_costs_is_kept(desk: Desk) -> None:
    for now_s, percent in ((START_S - 1800, 50), (START_S, 100)):
        desk.clock.now_s = NOW_S
        number = desk.fleet.book(desk.driver, CAR, START_S, END_S)["id"]
        desk.clock.now_s = now_s
        assert desk.fleet.cancel(desk.driver, number)["cancel_percent"] == percent


def test_a_refusal_leaves_nothing_behind(desk: Desk) -> None:
    number = desk.fleet.book(desk.driver, CAR, START_S, END_S)["id"]
    before = (rev(desk), desk.mails(), desk.fleet.bookings_of("KAG00001"))
    fleet = desk.fleet
    assert code_of(fleet.book, desk.other, CAR, START_S, END_S) == "overlaps"
    assert code_of(fleet.book, desk.other, CAR, START_S + 60, END_S) == "off_grid"
    assert code_of(fleet.book, desk.other, OTHER_CAR, START_S, END_S) == "no_car"
    assert code_of(fleet.change, desk.other, number, START_S, END_S) == "no_booking"
    assert code_of(fleet.cancel, desk.other, number) == "no_booking"
    assert code_of(fleet.extend, desk.driver, number, 900) == "not_started"
    assert code_of(fleet.free_times, desk.driver, OTHER_CAR, 0, 1) == "no_car"
    assert (rev(desk), desk.mails(), desk.fleet.bookings_of("KAG00001")) == before


def test_book_4_counts_all_drivers_of_the_member(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "j.db", "jparc-2023")
    for at in range(15):
        driver = (desk.driver, desk.other)[at % 2]
        starts_s = NOW_S + (2 * at + 2) * HOUR_S
        desk.fleet.book(driver, CAR, starts_s, starts_s + HOUR_S)
    late_s = NOW_S + 40 * HOUR_S
    assert code_of(desk.fleet.book, desk.other, CAR, late_s, late_s + HOUR_S) == "too_many"
    desk.clock.now_s = NOW_S + 3 * HOUR_S  # the first is past, unused: no longer open
    assert desk.fleet.book(desk.other, CAR, late_s, late_s + HOUR_S)
    desk.db.close()


def test_book_5_counts_other_cars(desk: Desk) -> None:
    desk.fleet.add_car("Suginami 2", OTHER_CAR)
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    assert code_of(desk.fleet.book, desk.driver, OTHER_CAR, START_S, END_S) == "driver_busy"
    assert desk.fleet.book(desk.other, OTHER_CAR, START_S, END_S)


def test_book_6_gap_of_the_profile(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "j.db", "jparc-2023")
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    assert code_of(desk.fleet.book, desk.other, CAR, END_S + 900, END_S + 3 * HOUR_S) == "gap"
    free = desk.fleet.free_times(desk.other, CAR, NOW_S, NOW_S + 8 * HOUR_S)
    assert free == [(NOW_S, START_S - 1800), (END_S + 1800, NOW_S + 8 * HOUR_S)]
    assert desk.fleet.book(desk.other, CAR, END_S + 1800, END_S + 3 * HOUR_S)
    desk.db.close()


def test_book_12_an_extension_moves_the_end_in_the_car(desk: Desk) -> None:
    """USE-4."""
    number = desk.fleet.book(desk.driver, CAR, NOW_S, END_S)["id"]
    car = wire(desk)
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.tell()
    before = rev(desk)
    extended = desk.fleet.extend(desk.driver, number, 900)
    assert (extended["ends_s"], extended["extensions"]) == (END_S + 900, 1)
    assert rev(desk) == before + 1
    assert desk.mails()[-1] == "booking_extended"
    desk.fleet.book(desk.other, CAR, END_S + HOUR_S, END_S + 2 * HOUR_S)
    assert code_of(desk.fleet.extend, desk.driver, number, HOUR_S) == "no_room"
    assert desk.fleet.extend(desk.driver, number, HOUR_S - 900)["ends_s"] == END_S + HOUR_S
    desk.clock.now_s = END_S + HOUR_S
    assert code_of(desk.fleet.extend, desk.driver, number, 900) == "booking_over"


def test_the_same_request_again_does_nothing_twice(desk: Desk) -> None:
    fleet = desk.fleet
    number = fleet.book(desk.driver, CAR, START_S, END_S, "a")["id"]
    assert fleet.book(desk.driver, CAR, START_S, END_S, "a")["id"] == number
    assert fleet.change(desk.driver, number, START_S, END_S + 900, "b")["changes"] == 1
    assert fleet.change(desk.driver, number, START_S, END_S + 900, "b")["changes"] == 1
    car = wire(desk)
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.tell()
    for _ in range(3):
        assert fleet.extend(desk.driver, number, 900, "c")["extensions"] == 1
    assert code_of(fleet.extend, desk.driver, number, 1800, "c") == "key_reused"
    assert code_of(fleet.cancel, desk.driver, number, "x" * 81) == "bad_key"
    later = fleet.book(desk.other, CAR, END_S + 9 * HOUR_S, END_S + 10 * HOUR_S, "a")["id"]
    assert later != number  # a key is the driver's own
    for _ in range(2):
        assert fleet.cancel(desk.other, later, "d")["status"] == "cancelled"
    assert desk.mails().count("booking_cancelled") == 1
