"""Durations and times as stories write them, as whole microseconds."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from fractions import Fraction

from simulator.scenario.problem import WordError

MS = 1_000
S = 1_000_000
_UNITS = {"ms": MS, "s": S, "m": 60 * S, "h": 3600 * S, "d": 86400 * S}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+", re.ASCII)
_SINCE_NOW = re.compile(r"\+(\d+):([0-5]\d):([0-5]\d)(?:\.(\d{1,3}))?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)

#: Longer than any booking, shorter than what a deadline of the box can hold times two.
_LONGEST_US = 31 * 86400 * S


def duration_us(text: str) -> int:
    """`90s`, `10m`, `500ms`, `1h30m`; WordError when it is none."""
    if not _DURATION.fullmatch(text):
        raise WordError(f"'{text}' is not a duration; write it like 500ms, 90s, 10m or 1h30m")
    total = sum((Fraction(n) * _UNITS[unit] for n, unit in _PART.findall(text)), Fraction(0))
    if total > _LONGEST_US:
        raise WordError(f"'{text}' is longer than 31 days, the most that a story may wait")
    return int(total)


def moment(text: str) -> datetime:
    """A full date and time with offset; WordError when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise WordError(
            f"'{text}' is not a date and time with offset; write it like 2026-04-01T09:40:00+09:00"
        )
    return at


def wall(text: str, now: datetime) -> datetime:
    """`HH:MM`, `HH:MM:SS` on the day of `now`, or a full date and time; WordError when neither."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        try:
            return moment(text)
        except WordError as error:
            raise WordError(
                f"'{text}' is not a time; write it like 09:45, 09:45:30 or 2026-04-01T09:45:00+09:00"
            ) from error
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if hours > 24 or (hours == 24 and minutes + seconds):
        raise WordError(f"'{text}' is not a time of day; the last one is 24:00")
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def check_order(booking: str, start: datetime, end: datetime) -> None:
    """WordError when a booking does not end after it starts."""
    if end <= start:
        raise WordError(
            f"booking {booking} ends at {end.isoformat()}, but starts at {start.isoformat()}; "
            "a booking ends after it starts"
        )


def since_now_us(text: str, now: datetime) -> int:
    """An `at`: a wall time, or `+H:MM:SS` since `now`; negative when it lies before `now`."""
    found = _SINCE_NOW.fullmatch(text)
    if found is not None:
        hours, minutes, seconds, fraction = found.groups()
        whole_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        return whole_s * S + int((fraction or "0").ljust(3, "0")) * MS
    if text.startswith("+"):
        raise WordError(f"'{text}' is not a time since now; write it like +1:05:00")
    return (wall(text, now) - now) // timedelta(microseconds=1)


def clock_text(now: datetime, since_us: int) -> str:
    """The wall time `since_us` after `now`, for people; with the day when it is another one."""
    at = now + timedelta(microseconds=since_us)
    text = at.strftime("%H:%M:%S")
    if at.microsecond:
        text += f".{at.microsecond // 1000:03d}"
    return text if at.date() == now.date() else f"{at.date().isoformat()} {text}"


def duration_text(span_us: int) -> str:
    """A duration for people."""
    if span_us % S:
        return f"{span_us / S:g} s" if span_us >= S else f"{span_us // MS} ms"
    return f"{span_us // S} s"
