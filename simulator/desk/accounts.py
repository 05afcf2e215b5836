"""Who is on this desk: the car, drivers with passwords and cards; kept where only the user reads.

A file of the desk's folder; the launcher writes it when it makes the fleet, the car's process
reads it to act as the drivers' phones.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simulator.desk.state_files import StateError, read_json, write_json

FILE = "accounts.json"


@dataclass(frozen=True)
class Driver:
    """`name` is the story's, `ident` and `password` open the phone site; `card` as 16 hex digits."""

    name: str
    ident: str
    password: str
    card: str = ""

    def __repr__(self) -> str:
        return f"Driver(name={self.name!r}, ident={self.ident!r})"


@dataclass(frozen=True)
class Accounts:
    """`demo`: the name of the driver whom the hands act for; `bookings`: number by story's name."""

    car: str
    demo: str
    drivers: tuple[Driver, ...]
    staff_cards: tuple[str, ...] = ()
    bookings: tuple[tuple[str, int], ...] = ()

    def driver(self, name: str) -> Driver | None:
        """By the story's name or by the ID."""
        return next((one for one in self.drivers if name in (one.name, one.ident)), None)

    def keep(self, folder: Path) -> None:
        write_json(folder / FILE, asdict(self))


def read_accounts(folder: Path) -> Accounts:
    """StateError when there are none."""
    path = folder / FILE
    found: dict[str, Any] | None = read_json(path)
    if found is None:
        raise StateError(f"{path}: is not there; python -m simulator run makes it")
    try:
        return Accounts(
            str(found["car"]),
            str(found["demo"]),
            tuple(Driver(**one) for one in found["drivers"]),
            tuple(found["staff_cards"]),
            tuple((str(name), int(number)) for name, number in found["bookings"]),
        )
    except (KeyError, TypeError, ValueError):
        raise StateError(f"{path}: holds no accounts; move it away to begin anew") from None
