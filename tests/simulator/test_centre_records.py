"""The centre's rules for bookings, and which booking a phone means."""

import pytest

from simulator import centre_records as records
from simulator.centre_records import GRID_S, Booking, Bookings, Numbers

HOUR_S = 3600
NINE_S = 500_000 * HOUR_S


def bookings(*given: Booking) -> Bookings:
    all_of_them = Bookings()
    for one in given:
        all_of_them.add(one)
    return all_of_them


def booking(name: str, driver: str, from_h: float, to_h: float, status: str = "booked") -> Booking:
    """Hours after nine."""
    return Booking(name, driver, NINE_S + int(from_h * HOUR_S), NINE_S + int(to_h * HOUR_S), status)


def test_numbers_are_given_in_order_and_told_back() -> None:
    numbers = Numbers(1000)
    assert [numbers.number(name) for name in ("B7", "B2", "B7")] == [1001, 1002, 1001]
    assert numbers.name(1002) == "B2"
    assert numbers.name(5) == "5"


@pytest.mark.parametrize(
    ("from_s", "to_s", "refusal"),
    [
        (0, 2 * GRID_S, ""),
        (1, 2 * GRID_S, "off_grid"),
        (0, 2 * GRID_S + 60, "off_grid"),
        (0, GRID_S, "too_short"),
        (0, 72 * HOUR_S, ""),
        (0, 72 * HOUR_S + GRID_S, "too_long"),
    ],
)
def test_grid_and_length(from_s: int, to_s: int, refusal: str) -> None:
    """BOOK-1, BOOK-2."""
    assert bookings().refuse_new("B1", NINE_S + from_s, NINE_S + to_s, NINE_S) == refusal


@pytest.mark.parametrize(
    ("from_h", "to_h", "status", "refusal"),
    [
        (0, 1, "booked", ""),
        (0, 1.25, "booked", "overlaps"),
        (2.75, 4, "in_use", "overlaps"),
        (3, 4, "booked", ""),
        (1, 2, "cancelled", ""),
        (1, 2, "over", ""),
    ],
)
def test_bookings_do_not_overlap(from_h: float, to_h: float, status: str, refusal: str) -> None:
    there = bookings(booking("B1", "D1", 1, 3, status))
    new = booking("B2", "D2", from_h, to_h)
    assert there.refuse_new("B2", new.starts_s, new.ends_s, NINE_S) == refusal


def test_nobody_books_for_now_while_the_reopen_window_is_open() -> None:
    """BOOK-14, REOPEN-4."""
    ended = booking("B1", "D1", 0, 2, records.ENDED)
    ended.window_until_s = NINE_S + 600
    there = bookings(ended)
    assert there.refuse_new("B2", NINE_S, NINE_S + HOUR_S, NINE_S + 599) == "no_room"
    assert there.refuse_new("B2", NINE_S + GRID_S, NINE_S + HOUR_S, NINE_S + 599) == ""
    assert there.refuse_new("B2", NINE_S, NINE_S + HOUR_S, NINE_S + 600) == ""
    ended.status = records.REOPENED
    assert there.refuse_new("B2", NINE_S, NINE_S + HOUR_S, NINE_S + 700) == "no_room"
    ended.status = records.OVER
    assert there.refuse_new("B2", NINE_S, NINE_S + HOUR_S, NINE_S + 10) == ""


@pytest.mark.parametrize(
    ("now_h", "status", "changes", "refusal"),
    [
        (0.75, "booked", 8, ""),
        (0.75 + 1 / HOUR_S, "booked", 0, "change_too_late"),
        (0, "booked", 9, "changes_used"),
        (0, "in_use", 0, "change_too_late"),
    ],
)
def test_changes(now_h: float, status: str, changes: int, refusal: str) -> None:
    """BOOK-7 of top24-2023: nine, until 15 minutes before the start."""
    one = booking("B1", "D1", 1, 3, status)
    one.changes = changes
    now_s = NINE_S + round(now_h * HOUR_S)
    assert bookings(one).refuse_change(one, NINE_S + HOUR_S, NINE_S + 4 * HOUR_S, now_s) == refusal


def test_a_change_may_overlap_itself_and_no_other() -> None:
    one, other = booking("B1", "D1", 1, 3), booking("B2", "D2", 4, 5)
    both = bookings(one, other)
    assert both.refuse_change(one, NINE_S + 2 * HOUR_S, NINE_S + 4 * HOUR_S, NINE_S) == ""
    later = NINE_S + 4 * HOUR_S + GRID_S
    assert both.refuse_change(one, NINE_S + 2 * HOUR_S, later, NINE_S) == "overlaps"


@pytest.mark.parametrize(
    ("status", "now_h", "by_s", "used", "refusal"),
    [
        ("in_use", 1, GRID_S, 8, ""),
        ("booked", 1, GRID_S, 0, "not_started"),
        ("in_use", 2, GRID_S, 0, "booking_over"),
        ("in_use", 1, GRID_S, 9, "extensions_used"),
        ("in_use", 1, 10 * 60, 0, "off_grid"),
        ("in_use", 1, 0, 0, "off_grid"),
        ("in_use", 1, 2 * GRID_S, 0, "no_room"),
    ],
)
def test_extensions(status: str, now_h: int, by_s: int, used: int, refusal: str) -> None:
    """BOOK-8, BOOK-12: the next booking begins a quarter of an hour after the end."""
    one = booking("B1", "D1", 0, 2, status)
    one.extensions = used
    both = bookings(one, booking("B2", "D2", 2.25, 3))
    assert both.refuse_extension(one, by_s, NINE_S + now_h * HOUR_S) == refusal


def test_a_phone_means_the_booking_that_its_button_is_about() -> None:
    both = bookings(
        booking("late", "D1", 5, 6),
        booking("using", "D1", 0, 2, records.IN_USE),
        booking("soon", "D1", 2, 3),
        booking("other", "D2", 1, 2),
        booking("gone", "D1", 1, 2, records.CANCELLED),
    )

    def chosen(driver: str | None, *statuses: str) -> str | None:
        one = both.choose(driver, statuses, NINE_S)
        return one.name if one else None

    assert chosen(None, records.IN_USE) == "using"
    assert chosen("D1") == "soon"
    assert chosen("D2") == "other"
    assert chosen("D2", records.IN_USE) == "other"
    assert chosen("D3") is None
    assert both.choose("D1", (), NINE_S + 7 * HOUR_S) is both.by_name["late"]
