"""Values in words."""

from firmware.console import said

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def test_every_day_until_2099_has_its_date() -> None:
    days = 0
    for year in range(2020, 2100):
        for month in range(12):
            length = _LENGTHS[month] + (month == 1 and year % 4 == 0)
            for day in range(length):
                assert said.date_of(days) == (year, month + 1, day + 1), days
                days += 1


def test_moments_are_to_the_second() -> None:
    assert said.moment(0) == "2020-01-01 00:00:00"
    assert said.moment(86399) == "2020-01-01 23:59:59"
    assert said.moment(197_200_000) == "2026-04-01 09:46:40"
    assert said.moment(0x3FFFFFFF) == "2054-01-09 13:37:03"


def test_spans_have_their_two_largest_units() -> None:
    for seconds, words in (
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (86399, "23 h 59 min"),
        (86400, "1 d 0 h"),
        (400 * 86400 + 7200, "400 d 2 h"),
    ):
        assert said.span(seconds) == words


def test_volts_and_degrees_keep_their_zeros() -> None:
    assert said.volts(12050) == "12.05 V"
    assert said.volts(9) == "0.00 V"
    assert said.degrees(35_681_236) == "35.6812"
    assert said.degrees(-1_050_099) == "-1.0500"


def test_of_a_card_only_the_last_four_digits_are_told() -> None:
    assert said.card(b"\1\1\6\1\x12\xab\x34\xcd") == "card ..34cd"
    assert said.driver(1234507) == "driver ..07"
