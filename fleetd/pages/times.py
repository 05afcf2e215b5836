"""Times as a driver reads them: the operator's clock, never the phone's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from fleetd.core.days import DAY_S
from fleetd.sentences import Sentences


@dataclass(frozen=True, slots=True)
class Times:
    """Unix seconds in words, as seen now."""

    words: Sentences
    offset_s: int
    now_s: int

    def clock(self, at_s: int) -> str:
        """14:02."""
        return self._local(at_s).strftime("%H:%M")

    def clock_exact(self, at_s: int) -> str:
        """14:02:05."""
        return self._local(at_s).strftime("%H:%M:%S")

    def clock_seen(self, at_s: int) -> str:
        """With the day, unless it is today."""
        if self.day_start(at_s) == self.day_start(self.now_s):
            return self.clock(at_s)
        return f"{self.date(at_s)} {self.clock(at_s)}"

    def date(self, at_s: int) -> str:
        """Of another year with the year."""
        local = self._local(at_s)
        is_this_year = local.year == self._local(self.now_s).year
        return self.words.text(
            "times", "date" if is_this_year else "date_year",
            year=local.year, month=local.month, day=local.day,
            month_name=self.words.text("times", f"month_{local.month}"),
            weekday=self.words.text("times", f"weekday_{local.weekday()}"),
        )  # fmt: skip

    def day(self, at_s: int) -> str:
        """The date, with today and tomorrow named."""
        days = (self.day_start(at_s) - self.day_start(self.now_s)) // DAY_S
        name = {0: "today", 1: "tomorrow"}.get(days)
        return self.words.text("times", name, date=self.date(at_s)) if name else self.date(at_s)

    def span(self, starts_s: int, ends_s: int) -> str:
        """14:00 – 16:00; an end on another day with its date."""
        if self.day_start(starts_s) == self.day_start(ends_s):
            return f"{self.clock(starts_s)} – {self.clock(ends_s)}"
        return f"{self.clock(starts_s)} – {self.date(ends_s)} {self.clock(ends_s)}"

    def duration(self, seconds: int) -> str:
        """Hours and minutes; below a minute seconds."""
        if seconds < 60:
            return self.words.text("times", "seconds", n=seconds)
        hours, minutes = divmod(seconds // 60, 60)
        parts = [("hours", hours)] * (hours > 0) + [("minutes", minutes)] * (minutes > 0)
        return self.words.text("times", "between").join(
            self.words.text("times", name, n=n) for name, n in parts
        )

    def day_start(self, at_s: int) -> int:
        """Midnight before."""
        return (at_s + self.offset_s) // DAY_S * DAY_S - self.offset_s

    def day_field(self, at_s: int) -> str:
        """As a form's field holds a day: 2026-04-01."""
        return self._local(at_s).date().isoformat()

    def read_day(self, text: str) -> int | None:
        """Its midnight; None for what is no day."""
        try:
            midnight = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        except ValueError:
            return None
        return int(midnight.timestamp()) - self.offset_s

    def read_clock(self, text: str) -> int | None:
        """Seconds after midnight of 14:15; None for what is no time."""
        hours, _, minutes = text.partition(":")
        if len(text) != 5 or not (hours + minutes).isdecimal() or not text.isascii():
            return None
        found = int(hours) * 3600 + int(minutes) * 60
        return found if found < DAY_S and int(minutes) < 60 else None

    def _local(self, at_s: int) -> datetime:
        return datetime.fromtimestamp(at_s, timezone(timedelta(seconds=self.offset_s)))
