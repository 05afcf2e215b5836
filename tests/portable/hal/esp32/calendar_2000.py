"""Dates to seconds since 2000 and back, as MicroPython's `time` does it on the ESP32; to 2099."""

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _days_in(year: int, month: int) -> int:
    return _MONTH_DAYS[month - 1] + (month == 2 and year % 4 == 0)


def seconds_of(parts: "tuple[int, ...]") -> int:
    """Seconds since 2000 of (year, month, day, hour, minute, second, -, -)."""
    year, month, day, hour, minute, second = parts[:6]
    days = day - 1
    for each in range(2000, year):
        days += 366 if each % 4 == 0 else 365
    for each in range(1, month):
        days += _days_in(year, each)
    return ((days * 24 + hour) * 60 + minute) * 60 + second


def parts_of(seconds: int) -> "tuple[int, ...]":
    days, rest = seconds // 86400, seconds % 86400
    year, month = 2000, 1
    while days >= (366 if year % 4 == 0 else 365):
        days -= 366 if year % 4 == 0 else 365
        year += 1
    while days >= _days_in(year, month):
        days -= _days_in(year, month)
        month += 1
    return year, month, days + 1, rest // 3600, rest // 60 % 60, rest % 60, 0, 0
