"""Booking rules on the figures of each profile, on both sides of every limit."""

import pytest

from fleetd.core import bookings, days
from fleetd.core.bookings import BOOKED, CANCELLED, ENDED, IN_USE, REOPENED, Booking, Surroundings
from fleetd.core.rules import Rules, RulesError, load_profile, load_rules, names

NOW_S = 1775001600  # 2026-04-01T09:00:00+09:00
MIN_S, HOUR_S, DAY_S = 60, 3600, 86400
OLD = load_profile("top24-2018")
TOP = load_profile("top24-2023")
JPARC = load_profile("jparc-2023")
NOBODY = Surroundings()


def a_booking(start_h: float, end_h: float, driver: int = 2, **more: object) -> Booking:
    values = {"id": 9, "car": "c", "status": BOOKED, **more}
    return Booking(
        driver=driver,
        starts_s=NOW_S + int(start_h * HOUR_S),
        ends_s=NOW_S + int(end_h * HOUR_S),
        **values,  # type: ignore[arg-type]
    )


def refusal(
    start_h: float,
    end_h: float,
    around: Surroundings = NOBODY,
    rules: Rules = TOP,
    now_s: int = NOW_S,
) -> str:
    starts_s, ends_s = NOW_S + round(start_h * HOUR_S), NOW_S + round(end_h * HOUR_S)
    return bookings.refuse_new(rules, 1, starts_s, ends_s, around, now_s)


def test_book_1_grid_of_15_minutes() -> None:
    for rules in (OLD, TOP, JPARC):
        assert refusal(1.25, 2.5, rules=rules) == ""
        assert refusal(1 + 5 / 60, 2.5, rules=rules) == "off_grid"
        assert refusal(1, 2.5 + 1 / 3600, rules=rules) == "off_grid"


def test_book_2_shortest_and_longest() -> None:
    for rules in (OLD, TOP, JPARC):
        assert refusal(1, 1.5, rules=rules) == ""
        assert refusal(1, 1.25, rules=rules) == "too_short"
        assert refusal(1, 1, rules=rules) == "too_short"
        assert refusal(2, 1, rules=rules) == "too_short"
        assert refusal(1, 73, rules=rules) == ""
        assert refusal(1, 73.25, rules=rules) == "too_long"


def test_book_3_three_months_ahead() -> None:
    in_3_months_h = (30 + 31 + 30) * 24  # the 1st of July, 9 o'clock
    for rules in (OLD, TOP, JPARC):
        assert refusal(in_3_months_h, in_3_months_h + 1, rules=rules) == ""
        assert refusal(in_3_months_h + 0.25, in_3_months_h + 1, rules=rules) == "too_far"


def test_months_end_where_they_end() -> None:
    """BOOK-3: the 30th of November and three months is the last day of February."""
    november_s = days.day_ends_s("2026-11-29", 0) + 10 * HOUR_S
    assert days.add_months(november_s, 3, 0) == days.day_ends_s("2027-02-27", 0) + 10 * HOUR_S


def test_no_booking_begins_in_the_past_but_in_the_running_quarter() -> None:
    assert refusal(0, 1, now_s=NOW_S + 15 * MIN_S - 1) == ""
    assert refusal(0, 1, now_s=NOW_S + 15 * MIN_S) == "in_the_past"


@pytest.mark.parametrize(("rules", "most"), [(OLD, 20), (TOP, 20), (JPARC, 15)])
def test_book_4_open_bookings_of_a_member(rules: Rules, most: int) -> None:
    assert refusal(1, 2, Surroundings(open_of_member=most - 1), rules) == ""
    assert refusal(1, 2, Surroundings(open_of_member=most), rules) == "too_many"


def test_book_5_one_driver_two_cars() -> None:
    around = Surroundings(of_driver=[a_booking(1, 2, driver=1)])
    for rules in (OLD, TOP, JPARC):
        assert refusal(1.5, 3, around, rules) == "driver_busy"
        assert refusal(2, 3, around, rules) == ""
        assert refusal(0.25, 1, around, rules) == ""


def test_one_car_is_booked_once() -> None:
    around = Surroundings(of_car=[a_booking(2, 3)])
    assert refusal(2.75, 4, around) == "overlaps"
    assert refusal(1, 2.25, around) == "overlaps"
    assert refusal(1, 5, around) == "overlaps"
    assert refusal(3, 4, around) == ""
    assert refusal(1, 2, around) == ""
    for status in (CANCELLED, bookings.OVER):
        assert refusal(2, 3, Surroundings(of_car=[a_booking(2, 3, status=status)])) == ""


def test_book_6_gap_to_other_drivers() -> None:
    around = Surroundings(of_car=[a_booking(2, 3)])
    assert refusal(3.25, 4, around, JPARC) == "gap"
    assert refusal(3.5, 4, around, JPARC) == ""
    assert refusal(0.5, 1.75, around, JPARC) == "gap"
    assert refusal(0.5, 1.5, around, JPARC) == ""
    own = Surroundings(of_car=[a_booking(2, 3, driver=1)])
    assert refusal(3, 4, own, JPARC) == ""
    for rules in (OLD, TOP):
        assert refusal(3, 4, around, rules) == ""


def test_a_car_that_is_not_back_is_taken_for_now() -> None:
    late = Surroundings(of_car=[a_booking(-2, -1, status=IN_USE)])
    assert refusal(0, 1, late) == "overlaps"
    assert refusal(0.25, 1, late) == ""


@pytest.mark.parametrize(
    ("rules", "most", "until_min"), [(OLD, 5, 15), (TOP, 9, 15), (JPARC, 2, 60)]
)
def test_book_7_changes(rules: Rules, most: int, until_min: int) -> None:
    def change(changes: int, now_s: int, status: str = BOOKED) -> str:
        booking = a_booking(3, 4, changes=changes, status=status)
        return bookings.refuse_change(
            rules, booking, booking.starts_s + HOUR_S, booking.ends_s + HOUR_S, NOBODY, now_s
        )

    last_s = NOW_S + 3 * HOUR_S - until_min * MIN_S
    assert change(most - 1, last_s) == ""
    assert change(most, last_s) == "changes_used"
    assert change(0, last_s + 1) == "change_too_late"
    assert change(0, NOW_S, IN_USE) == "change_too_late"
    assert change(0, NOW_S, CANCELLED) == "change_too_late"


def test_book_7_a_changed_booking_keeps_all_other_rules() -> None:
    booking = a_booking(3, 4)
    around = Surroundings(of_car=[a_booking(5, 6)])
    for starts_h, ends_h, code in ((3, 5.25, "overlaps"), (3, 3.25, "too_short"), (3, 5, "")):
        starts_s, ends_s = NOW_S + int(starts_h * HOUR_S), NOW_S + int(ends_h * HOUR_S)
        assert bookings.refuse_change(TOP, booking, starts_s, ends_s, around, NOW_S) == code


def test_book_9_book_10_book_11_cost_of_cancelling() -> None:
    booking = a_booking(3, 4)
    for rules in (OLD, TOP, JPARC):
        for before_s, percent in ((HOUR_S, 0), (HOUR_S - 1, 50), (1, 50), (0, 100), (-HOUR_S, 100)):
            assert bookings.cancel_percent(rules, booking, booking.starts_s - before_s) == percent
    assert bookings.refuse_cancel(booking) == ""
    assert bookings.refuse_cancel(a_booking(3, 4, status=IN_USE)) == "change_too_late"


@pytest.mark.parametrize(("rules", "most"), [(OLD, 5), (TOP, 9), (JPARC, 2)])
def test_book_8_extensions(rules: Rules, most: int) -> None:
    def extend(extensions: int) -> str:
        booking = a_booking(-1, 1, status=IN_USE, extensions=extensions)
        return bookings.refuse_extension(rules, booking, 15 * MIN_S, NOBODY, NOW_S)

    assert extend(most - 1) == ""
    assert extend(most) == "extensions_used"


def test_book_12_extension() -> None:
    def extend(
        by_min: int,
        around: Surroundings = NOBODY,
        rules: Rules = TOP,
        status: str = IN_USE,
        now_s: int = NOW_S,
    ) -> str:
        booking = a_booking(-1, 1, driver=1, status=status)
        return bookings.refuse_extension(rules, booking, by_min * MIN_S, around, now_s)

    assert extend(15) == ""
    assert extend(-15) == extend(0) == extend(10) == "off_grid"
    assert extend(15, status=BOOKED) == extend(15, status=ENDED) == "not_started"
    assert extend(15, now_s=NOW_S + HOUR_S - 1) == ""
    assert extend(15, now_s=NOW_S + HOUR_S) == "booking_over"
    after = Surroundings(of_car=[a_booking(2, 3)])
    assert extend(60, after) == ""
    assert extend(75, after) == "no_room"
    assert extend(30, after, JPARC) == ""
    assert extend(45, after, JPARC) == "no_room"
    elsewhere = Surroundings(of_driver=[a_booking(2, 3, driver=1)])
    assert extend(75, elsewhere) == "driver_busy"


def test_book_14_nobody_books_for_now_while_the_window_is_open() -> None:
    """REOPEN-4 as well."""
    until_s = NOW_S + 10 * MIN_S
    for status in (ENDED, REOPENED):
        around = Surroundings(of_car=[a_booking(-3, -1, status=status, window_until_s=until_s)])
        assert refusal(0, 1, around) == "no_room"
        assert refusal(0.25, 1, around) == ""
    over = Surroundings(of_car=[a_booking(-3, -1, status=ENDED, window_until_s=NOW_S)])
    assert refusal(0, 1, over) == ""
    # Doors that still stand open keep the window open past its time.
    ajar = Surroundings(of_car=[a_booking(-3, -1, status=REOPENED, window_until_s=NOW_S - 60)])
    assert refusal(0, 1, ajar) == "no_room"


def test_a_licence_is_valid_through_its_last_day() -> None:
    around = Surroundings(licence_until="2026-04-01")
    assert refusal(10, 15, around) == ""  # until midnight
    assert refusal(10, 15.25, around) == "licence_expired"
    use = a_booking(-1, 14.5, status=IN_USE)
    assert bookings.refuse_extension(TOP, use, 30 * MIN_S, around, NOW_S) == ""
    assert bookings.refuse_extension(TOP, use, 45 * MIN_S, around, NOW_S) == "licence_expired"


def test_free_times_are_those_that_can_be_booked() -> None:
    taken = [a_booking(2, 3), a_booking(3.25, 5, driver=1), a_booking(6, 7, status=CANCELLED)]
    hours = [
        ((starts_s - NOW_S) / HOUR_S, (ends_s - NOW_S) / HOUR_S)
        for starts_s, ends_s in bookings.free_times(
            JPARC, 1, taken, NOW_S - DAY_S, NOW_S + 8 * HOUR_S, NOW_S + 20 * MIN_S
        )
    ]
    assert hours == [(0.25, 1.5), (5, 8)]


def test_every_free_time_can_be_booked_and_nothing_beside_it() -> None:
    taken = [a_booking(1, 2), a_booking(3, 4.5), a_booking(-1, -0.5, status=IN_USE)]
    around = Surroundings(of_car=taken)
    free = bookings.free_times(JPARC, 1, taken, NOW_S, NOW_S + 6 * HOUR_S, NOW_S)
    for quarter in range(22):
        starts_s = NOW_S + quarter * 15 * MIN_S
        ends_s = starts_s + 30 * MIN_S
        is_free = any(low <= starts_s and ends_s <= high for low, high in free)
        refused = bookings.refuse_new(JPARC, 1, starts_s, ends_s, around, NOW_S)
        assert is_free == (refused == ""), quarter


def test_profiles() -> None:
    assert names() == ["jparc-2023", "top24-2018", "top24-2023"]
    with pytest.raises(RulesError, match="choose one of jparc"):
        load_profile("../secrets")


@pytest.mark.parametrize(
    ("name", "value"),
    [("grid_min", 0), ("grid_min", True), ("gap_min", -1), ("open_max", "20"), ("reunlock", 1),
     ("unknown", 3), ("shortest_min", 1440)],
)  # fmt: skip
def test_a_profile_out_of_range_is_refused(name: str, value: object) -> None:
    raw: dict[str, object] = {
        "utc_offset_min": 540, "grid_min": 15, "shortest_min": 30, "longest_min": 720,
        "ahead_months": 3, "open_max": 20, "gap_min": 0, "changes_max": 9, "change_until_min": 15,
        "extensions_max": 9, "cancel_free_until_min": 60, "cancel_late_percent": 50,
        "cancel_started_percent": 100, "start_early_s": 840, "reopen_window_s": 600,
        "enrol_s": 60, "reunlock": False, "enrolment": False,
    }  # fmt: skip
    load_rules(raw)
    with pytest.raises(RulesError, match=name):
        load_rules({**raw, name: value})
