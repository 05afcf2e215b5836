"""Which bookings cannot be started again, and which is forgotten when too many are: START-6."""

from firmware.bookings import Bookings
from firmware.session import Session
from firmware.wire import codes
from tests.portable.firmware.rig import BOOKING, DRIVER, NINE, OTHER, Rig

LONG_S = 72 * 3600


def used(ends: "dict[int, int]", *order: int) -> "list[int]":
    """What is remembered of bookings used up in that order; `ends` is the copy."""
    bookings = Bookings()
    for booking in sorted(ends):
        bookings.put(booking, DRIVER, NINE, ends[booking], 0)
    session = Session()
    for booking in order:
        session.use_up(booking, bookings)
    return session.used


def test_safe_2_start_6_a_ninth_takes_the_place_of_what_the_copy_lacks() -> None:
    ends = {n: NINE + 100 * n for n in range(1, 10) if n not in (5, 7)}
    assert used(ends, 1, 2, 3, 4, 5, 6, 7, 8, 9) == [1, 2, 3, 4, 6, 7, 8, 9], "the older of both"
    assert used(ends, 1, 2, 3, 4, 7, 6, 5, 8, 9) == [1, 2, 3, 4, 6, 5, 8, 9]


def test_safe_2_start_6_else_of_what_ends_first() -> None:
    """What is past ends before what is not: no clock is asked."""
    ends = {n: NINE + 10_000 for n in range(1, 10)}
    ends[1] = NINE + LONG_S
    ends[6] = NINE + 1
    assert used(ends, *range(1, 10)) == [1, 2, 3, 4, 5, 7, 8, 9]
    ends[6] = NINE + 10_000
    assert used(ends, *range(1, 10)) == [1, 3, 4, 5, 6, 7, 8, 9]


def test_start_6_eight_are_remembered_and_the_newest_always() -> None:
    ends = {n: NINE + 10_000 - n for n in range(1, 11)}  # the newest ends first
    assert used(ends, *range(1, 9)) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert used(ends, *range(1, 10)) == [1, 2, 3, 4, 5, 6, 7, 9]
    assert used(ends, *range(1, 11)) == [1, 2, 3, 4, 5, 6, 7, 10]


def test_start_6_one_that_is_used_up_again_is_the_newest_and_drives_nobody_out() -> None:
    ends = {n: NINE + 100 * n for n in range(1, 10)}
    assert used(ends, 1, 2, 3, 4, 5, 6, 7, 8, 3) == [1, 2, 4, 5, 6, 7, 8, 3]


def use(rig: Rig, booking: int, driver: int) -> None:
    """Started from the phone, and ended."""
    assert rig.ask(codes.VERB_START, booking, driver, 1800)[0]
    rig.finish_pulses()
    rig.command(codes.VERB_END, booking, driver, 1800)
    rig.finish_pulses()
    assert rig.state == "ended"


def test_safe_2_start_6_a_long_booking_that_ended_early_starts_no_more() -> None:
    """However many others use the car in its time, and whatever its clock is worth."""
    for keeps, is_trusted in ((False, True), (True, True), (True, False)):
        rig = Rig()
        rig.snapshot.wall_is_trusted = is_trusted
        rig.book(length_s=LONG_S)
        use(rig, BOOKING, DRIVER)
        for number in range(200, 210):
            rig.book(number, OTHER, -60, 1860)
            use(rig, number, OTHER)
            if not keeps:
                rig.bookings.delete(number)
            accepted, reasons, _ = rig.ask(codes.VERB_START, BOOKING, DRIVER, LONG_S)
            assert (accepted, reasons) == (False, [codes.BOOKING_OVER]), number
            assert rig.state == "ended"
            rig.run(60)
