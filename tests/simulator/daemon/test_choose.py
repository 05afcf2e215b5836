"""Which booking a phone means."""

from simulator.centre import BOOKED, CANCELLED, ENDED, IN_USE, OVER, Booking
from simulator.daemon.choose import choose

HOUR_S = 3600
NINE_S = 500_000 * HOUR_S


def booking(name: str, driver: str, from_h: int, to_h: int, status: str = BOOKED) -> Booking:
    """Hours after nine."""
    return Booking(name, driver, NINE_S + from_h * HOUR_S, NINE_S + to_h * HOUR_S, status)


def chosen(bookings: list[Booking], verb: str, driver: str | None, now_h: int = 0) -> str | None:
    found = choose(bookings, verb, driver, NINE_S + now_h * HOUR_S)
    return found.name if found else None


def test_a_phone_means_the_booking_that_its_button_is_about() -> None:
    some = [
        booking("late", "D1", 5, 6),
        booking("using", "D1", 0, 2, IN_USE),
        booking("soon", "D1", 2, 3),
        booking("other", "D2", 1, 2),
        booking("gone", "D1", 1, 2, CANCELLED),
    ]
    assert chosen(some, "end", None) == "using"
    assert chosen(some, "start", "D1") == "soon"
    assert chosen(some, "start", "D2") == "other"
    assert chosen(some, "end", "D2") == "other"
    assert chosen(some, "start", "D1", 7) == "late"


def test_who_has_none_means_the_cars() -> None:
    some = [booking("using", "D1", 0, 2, IN_USE)]
    assert chosen(some, "end", "D3") == "using"
    assert chosen([], "end", "D3") is None
    assert chosen([booking("gone", "D1", 1, 2, CANCELLED)], "start", "D1") is None


def test_what_comes_after_use_is_about_the_last_one_that_began() -> None:
    some = [
        booking("first", "D1", 0, 1, OVER),
        booking("second", "D1", 1, 2, ENDED),
        booking("third", "D1", 3, 4),
    ]
    assert chosen(some, "reopen", None) == "second"
    assert chosen(some, "lock", None) == "second"
    assert chosen(some, "reunlock", None) == "third"
