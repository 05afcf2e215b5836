"""Which keys each daemon keeps of a car, and whether it forgets none too early and hears none too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from firmware.wire import kb1
from fleetd.service import Fleet
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Violation
from simulator.weather.copies import Standing
from simulator.weather.keys import DOWN, UP, unwrap
from simulator.weather.office import Office

if TYPE_CHECKING:
    from simulator.weather.copies import Copies
    from simulator.weather.keyrings import Keyrings
    from simulator.weather.keys import Keys

COMMON = "a change of keys leaves no car and daemon without a key that both have"
MADE = "a new key is new, comes wrapped under the car's first one, and that one never changes"
UNHEARD = "nothing comes of what a car says under a key that the daemon has dropped"
SPOKEN = "a daemon signs with a key that it keeps for the car"
_COLUMNS = "id, key, slot_key, former_key, key_slot, key_record, key_heard_s"
_FIRST, _NEWEST = 0, 1


class Row(NamedTuple):
    """Of a car, in a daemon's database; `slot`: 0 first, 1 newest, 2 former."""

    key: bytes
    newest: bytes | None
    former: bytes | None
    slot: int
    record: bytes | None
    heard_s: int | None

    @property
    def keys(self) -> tuple[bytes | None, ...]:
        return self.key, self.newest, self.former

    @property
    def spoken(self) -> bytes | None:
        """Under which the daemon believes to have heard the car last."""
        return self.keys[self.slot]

    def may_say(self, key: bytes | None, kind: int) -> bool:
        """Whether what the car says under that key is heard."""
        if key is None or key not in self.keys:
            return False
        return kind == kb1.HELLO or key in (self.spoken, self.newest)


class KeyTables:
    """Told of every commit of a daemon, and of every frame to and from it."""

    def __init__(self, keys: Keys, rings: Keyrings, copies: Copies) -> None:
        self._keys = keys
        self._rings = rings
        self._copies = copies
        #: By office and car.
        self._rows: dict[tuple[str, str], Row] = {}
        #: What the first office has committed of each car since its disk was replaced.
        self._line: dict[str, set[Standing]] = {}
        #: Cars that have reached the newest of that line, and were not thrown back since.
        self._level: set[str] = set()
        #: Frames that daemons sent.
        self._sent = 0

    def adopt(self, office: Office, is_first: bool) -> None:
        """The office's disk holds something else than before."""
        for car, row in _read(office):
            self._rows[office.name, car] = row
            if is_first:
                self._line[car] = set()
        if is_first:
            self._level.clear()

    def forget_copy(self, car: WeatherCar) -> None:
        """The car's copy was erased: an old one may come back, with an old key."""
        self._level.discard(car.ident)

    def see_commit(self, office: Office) -> None:
        """Its process, or another one on its disk, did something."""
        for car, row in _read(office):
            before = self._rows[office.name, car]
            if row == before:
                continue
            self._rows[office.name, car] = row
            if row.key != self._keys.first(car):
                raise Violation(MADE, f"the first key of {car} at {office.name}")
            if row.newest is not None and row.newest != before.newest:
                self._see_new(office, car, row, before)

    def _see_new(self, office: Office, car: str, row: Row, before: Row) -> None:
        assert row.newest is not None
        is_taken_back = row.newest == before.former
        if self._keys.is_known(car, row.newest) and not is_taken_back:
            raise Violation(MADE, f"{office.name} gives {car} a key that it had")
        if unwrap(row.key, bytes.fromhex(car), row.record or b"") != row.newest:
            raise Violation(MADE, f"the record of {car} at {office.name}")
        self._keys.note(car, row.newest)

    def look(self, office: Office, car: WeatherCar) -> None:
        """The first office or the car did something: have they a key in common?"""
        newest, standing = self._copies.newest(office, car), self._copies.standing(car)
        line = self._line[car.ident]
        line.add(newest)
        if car.loop is None:
            return
        if standing == newest:
            self._level.add(car.ident)
        elif standing not in line:
            self._level.discard(car.ident)
        is_common = self._rings.newest(car) in self._rows[office.name, car.ident].keys
        if car.ident in self._level and not is_common:
            raise Violation(COMMON, f"{car.name} at {standing}, {office.name} at {newest}")

    # Frames.

    def see_sent(self, office: Office, car: str, frame: bytes) -> None:
        """A frame leaves the daemon."""
        self._sent += 1
        key = self._keys.signer(car, frame, DOWN)
        if key is None or key not in self._rows[office.name, car].keys:
            with office.unharmed():
                rows = dict(_read(office))
            if key is None or key not in rows[car].keys:
                raise Violation(SPOKEN, f"{office.name} to {car}, kind {frame[1]}")
        self._keys.look_for_secrets(f"kind {frame[1]} to {car}", frame)

    @contextmanager
    def hearing(self, office: Office, car: str, frame: bytes) -> Iterator[None]:
        """While the daemon is given a frame: if it may not hear it, nothing changes and nothing is said."""
        key = self._keys.signer(car, frame, UP)
        if self._rows[office.name, car].may_say(key, frame[1] if len(frame) > 1 else 0):
            yield
            return
        before = office.disk.total_changes, self._sent
        yield
        if (office.disk.total_changes, self._sent) != before:
            raise Violation(UNHEARD, f"kind {frame[1]} of {car} at {office.name}")

    # The end.

    def lacking(self, office: Office, car: WeatherCar) -> str:
        """What is not yet as it should be in the calm."""
        row = self._rows[office.name, car.ident]
        slot = _FIRST if row.newest is None else _NEWEST
        if row.slot != slot or row.former is not None or (row.newest and row.heard_s is None):
            return f"the change of {car.name}'s key is not done"
        if self._rings.newest(car) != row.spoken:
            return f"{car.name} signs with another key than the daemon"
        return "" if self._rings.is_heard(car) else f"{car.name} was not heard under its key"

    def look_for_secrets(self, office: Office, fleet: Callable[[], Fleet]) -> None:
        """In what the database shows to people, and in what commands on the host answer."""
        for name, sql in _tables(office):
            for row in office.disk.execute(sql):
                for value in row:
                    if isinstance(value, (str, bytes)):
                        self._keys.look_for_secrets(f"table {name}", value)
        asked = fleet()
        shown = [asked.status(), *(asked.car_terms(car["car"]) for car in asked.cars())]
        self._keys.look_for_secrets("an answer", repr(shown))


def _read(office: Office) -> list[tuple[str, Row]]:
    rows = office.disk.execute(f"SELECT {_COLUMNS} FROM car ORDER BY id")  # noqa: S608 - our own
    return [(row[0], Row(*row[1:])) for row in rows]


def _tables(office: Office) -> Iterator[tuple[str, str]]:
    """Every table with a SELECT of all that is no key."""
    secret = {"key", "slot_key", "former_key"}
    names = office.disk.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (name,) in names:
        columns = office.disk.execute(f"PRAGMA table_info({name})").fetchall()
        wanted = [row[1] for row in columns if name != "car" or row[1] not in secret]
        yield name, f"SELECT {', '.join(wanted)} FROM {name}"  # noqa: S608 - the schema's names
