"""Durations and times as stories write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario import times
from simulator.scenario.problem import WordError

NOW = datetime(2026, 4, 1, 9, 40, tzinfo=timezone(timedelta(hours=9)))


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("500ms", 500_000),
        ("90s", 90_000_000),
        ("10m", 600_000_000),
        ("1h30m", 5_400_000_000),
        ("1.5s", 1_500_000),
        ("0s", 0),
        ("2d", 172_800_000_000),
    ],
)
def test_durations(text: str, us: int) -> None:
    assert times.duration_us(text) == us


@pytest.mark.parametrize(
    "text", ["", "10", "s", "-5s", "10 s", "5 minutes", "1e3s", "10S", "32d", "١s"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(WordError):
        times.duration_us(text)


@given(st.integers(0, 10**9))
def test_milliseconds_are_exact(ms: int) -> None:
    assert times.duration_us(f"{ms}ms") == ms * 1000


@pytest.mark.parametrize(
    ("text", "s"),
    [
        ("09:40", 0),
        ("09:40:01", 1),
        ("9:41", 60),
        ("00:00", -9 * 3600 - 40 * 60),
        ("24:00", 14 * 3600 + 20 * 60),
        ("+0:00:00", 0),
        ("+1:05:07", 3907),
        ("+100:00:00", 360_000),
        ("2026-04-01T00:41:00+00:00", 60),
        ("2026-04-02T09:40:00+09:00", 86400),
    ],
)
def test_an_at_since_now(text: str, s: int) -> None:
    assert times.since_now_us(text, NOW) == s * times.S


@pytest.mark.parametrize(
    "text",
    ["585", "25:00", "24:01", "09:60", "9.40", "+1:00", "+5s", "2026-04-02", "2026-04-01T09:40:00"],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(WordError, match=r"write it like|last one"):
        times.since_now_us(text, NOW)


def test_times_for_people() -> None:
    assert times.clock_text(NOW, 0) == "09:40:00"
    assert times.clock_text(NOW, 1_250_000) == "09:40:01.250"
    assert times.clock_text(NOW, 86_400 * times.S) == "2026-04-02 09:40:00"
    assert times.duration_text(90 * times.S) == "90 s"
    assert times.duration_text(500 * times.MS) == "500 ms"
    assert times.duration_text(1500 * times.MS) == "1.5 s"


def test_a_moment_has_an_offset() -> None:
    assert times.moment("2026-04-01T00:40:00+00:00").astimezone(UTC) == NOW
    with pytest.raises(WordError, match="offset"):
        times.moment("2026-04-01T09:40:00")
