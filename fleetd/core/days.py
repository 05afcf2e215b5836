"""Unix seconds as days and months of the operator's clock. Its offset from UTC is fixed."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone

DAY_S = 86400


def add_months(at_s: int, months: int, utc_offset_s: int) -> int:
    """The same day and time so many months later; the month's last day where it has no such day."""
    local = datetime.fromtimestamp(at_s, timezone(timedelta(seconds=utc_offset_s)))
    month = local.month - 1 + months
    year, month = local.year + month // 12, month % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return int(local.replace(year=year, month=month, day=day).timestamp())


def day_ends_s(day: str, utc_offset_s: int) -> int:
    """When a day, written 2026-04-01, is over; ValueError when there is no such day."""
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return int(midnight.timestamp()) - utc_offset_s + DAY_S
