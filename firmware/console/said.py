"""Values in words: times, spans, numbers of cards and drivers. Whole numbers only."""

CANNOT_TELL = "cannot tell"
_DAY_S = 86400
#: Days before each month in a year that begins with March.
_MONTH_DAYS = (0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337)
#: 2020-03-01 is so many days after 2020-01-01; from there on a leap day ends its four years.
_MARCH_DAYS = 60
_FOUR_YEARS_DAYS = 1461


def date_of(days: int) -> "tuple[int, int, int]":
    """(year, month, day) of days since 2020-01-01; until 2099."""
    days -= _MARCH_DAYS
    year = 2020 + 4 * (days // _FOUR_YEARS_DAYS)
    days %= _FOUR_YEARS_DAYS
    years = min(days // 365, 3)
    days -= 365 * years
    month = 11
    while _MONTH_DAYS[month] > days:
        month -= 1
    day = days - _MONTH_DAYS[month] + 1
    year += years
    return (year, month + 3, day) if month < 10 else (year + 1, month - 9, day)


def moment(at_s: int) -> str:
    """Seconds since 2020, as date and time in UTC."""
    year, month, day = date_of(at_s // _DAY_S)
    return "%d-%02d-%02d %s" % (year, month, day, clock_time(at_s))


def clock_time(at_s: int) -> str:
    """The time of day in it."""
    at_s %= _DAY_S
    return "%02d:%02d:%02d" % (at_s // 3600, at_s // 60 % 60, at_s % 60)


def span(seconds: int) -> str:
    """How long, in its two largest units."""
    if seconds < 60:
        return "%d s" % seconds
    if seconds < 3600:
        return "%d min %d s" % (seconds // 60, seconds % 60)
    if seconds < _DAY_S:
        return "%d h %d min" % (seconds // 3600, seconds // 60 % 60)
    return "%d d %d h" % (seconds // _DAY_S, seconds // 3600 % 24)


def volts(mv: int) -> str:
    """Millivolts, to the hundredth of a volt."""
    return "%d.%02d V" % (mv // 1000, mv % 1000 // 10)


def degrees(udeg: int) -> str:
    """Microdegrees, to the ten-thousandth of a degree (11 m)."""
    sign = "-" if udeg < 0 else ""
    udeg = abs(udeg)
    return "%s%d.%04d" % (sign, udeg // 1000000, udeg % 1000000 // 100)


def card(ident: bytes) -> str:
    """Of a card's number no more than its last four digits."""
    return "card ..%02x%02x" % (ident[-2], ident[-1])


def driver(number: int) -> str:
    """Of a driver's number no more than its last two digits."""
    return "driver ..%02d" % (number % 100)
