"""What a journal was asked to be, and what it is: a part that nobody asked for is not whole.

The first line of a file says which part it is, and nobody has signed that line. So whoever
checks the file says what it should be.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from fleetd.core.ledger import utc
from fleetd.ledger.findings import counted


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one car (12 hex digits) alone, or all; from a time on (Unix seconds), or the beginning."""

    car: str = ""
    since_s: int = 0

    def missing_car(self, car: str) -> str:
        """What is wrong with a file of `car`, "" for all, in words; empty when it will do."""
        if car in ("", self.car):
            return ""
        due = f"expected car {self.car}" if self.car else "expected all cars"
        return f"is of car {car} alone; {due}; if it was to be that one, give --car {car}"

    def missing_beginning(self, after: int, at: str) -> str:
        """The same of a file that begins at checkpoint `after` (0: at the beginning) of `at`."""
        if not after:
            return ""
        begins = f"begins at checkpoint {after}" + (f" of {at}" if at else "")
        if not self.since_s:
            return (
                f"{begins}; expected the beginning; if it was to be a part, give --since"
                " as the export was given it"
            )
        if at and at >= utc(self.since_s):
            return f"{begins}; expected what came since {utc(self.since_s)}"
        return ""


@dataclass(slots=True)
class Scope:
    """What a journal is about, as its checkpoints say; `car`, `after` as its first line does."""

    fleet: str = ""
    #: "": all cars.
    car: str = ""
    #: Checkpoint at which it begins, and its time; 0: at the beginning.
    after: int = 0
    after_at: str = ""
    #: The newest checkpoint whose signature holds, and its time; 0: there is none.
    signed_to: int = 0
    signed_at: str = ""
    #: Of all cars, from the beginning on, as that one counts them.
    signed_events: int = 0
    signed_journals: int = 0
    signed_cars: int = 0

    @property
    def is_part(self) -> bool:
        return bool(self.car or self.after)

    def __str__(self) -> str:
        which = f"car {self.car} alone" if self.car else "all cars"
        begins = "the beginning"
        if self.after:
            begins = f"checkpoint {self.after} of {self.after_at or 'a time that nobody signed'}"
        if not self.signed_to:
            return f"{which}, from {begins} on; no checkpoint says up to when"
        events = counted(self.signed_events, "event")
        journals = counted(self.signed_journals, "journal")
        cars = counted(self.signed_cars, "car")
        return (
            f"{which}, from {begins} to checkpoint {self.signed_to} of {self.signed_at}, which"
            f" counts {events} in {journals} of {cars} since the beginning"
        )

    def as_json(self) -> dict[str, Any]:
        return {"is_part": self.is_part, **asdict(self)}
