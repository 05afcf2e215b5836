"""Whether each event of a car is in the daemon's database once and in order (I2, SAFE-5)."""

from __future__ import annotations

import struct

from firmware.wire import codes
from firmware.wire.journal_format import HEAD_BYTES
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Violation
from simulator.weather.office import Office

ONCE = "each event of a journal is in the database once, under its number, as the car wrote it"
NUMBERS = "no number of a journal is given to two events"
FREED = "a car frees an event only when a daemon has committed it"
CONFIRMED = "an acknowledgement leaves only after the commit of what it confirms"
KEPT = "nothing that a daemon committed is lost"
#: What a car holds unconfirmed after a boot fits in this, or is not looked at.
_BACKLOG_BYTES = 60_000

Key = tuple[str, int]


class Told:
    """A second account of every journal, kept beside the cars."""

    def __init__(self) -> None:
        #: Events in order of their numbers, from 1 on; None: not seen.
        self.written: dict[Key, list[bytes | None]] = {}
        #: Up to where some database, now or before, had everything.
        self._committed: dict[Key, int] = {}
        #: Office -> journal -> up to where its database was looked at.
        self._seen: dict[str, dict[Key, int]] = {}
        #: Events since the last call of `take_new`, of all cars.
        self._new: list[tuple[WeatherCar, bytes]] = []

    # Cars.

    def forget_journal(self, car: WeatherCar) -> None:
        """The car's flash was emptied: what nobody has is lost, and may be."""

    def look_after_boot(self, car: WeatherCar) -> None:
        """What was durable before, and what the start itself wrote."""
        assert car.loop is not None
        journal, events = car.journal, car.loop.committed
        known = self.written.setdefault((car.ident, journal.instance), [])
        before = journal.next_seq - 1 - len(events)
        if before < len(known):
            what = f"{car.name} goes on with {before + 1}, {len(known)} were written"
            raise Violation(NUMBERS, what)
        if before > len(known):  # the turn in which the power went was durable all the same
            first, unacked = journal.read_unacked(_BACKLOG_BYTES)
            for seq in range(len(known) + 1, before + 1):
                is_there = first <= seq < first + len(unacked)
                self._add(car, known, unacked[seq - first] if is_there else None)
        self._extend(car, known, events)

    def look(self, car: WeatherCar) -> None:
        """After a turn."""
        assert car.loop is not None
        journal = car.journal
        key = car.ident, journal.instance
        if car.loop.committed:
            known = self.written.setdefault(key, [])
            if journal.next_seq - 1 != len(known) + len(car.loop.committed):
                what = f"{car.name} numbers up to {journal.next_seq - 1} after {len(known)}"
                raise Violation(NUMBERS, what)
            self._extend(car, known, car.loop.committed)
        if journal.acked_seq > self._committed.get(key, 0):
            committed = self._committed.get(key, 0)
            what = f"{car.name} frees up to {journal.acked_seq}, committed are {committed}"
            raise Violation(FREED, what)

    def _extend(self, car: WeatherCar, known: list[bytes | None], events: list[bytes]) -> None:
        for event in events:
            self._add(car, known, event)

    def _add(self, car: WeatherCar, known: list[bytes | None], event: bytes | None) -> None:
        known.append(event)
        if event is not None:
            self._new.append((car, event))

    def take_new(self) -> list[tuple[WeatherCar, bytes]]:
        """(car, event) of what was written since the last call."""
        new, self._new = self._new, []
        return new

    def is_complete(self, office: Office, car: WeatherCar) -> bool:
        """The car has freed all that it wrote, and the office has it.

        Or a database that was replaced had it: then the car has nothing left to tell by which the
        new one could see that something is missing.
        """
        journal = car.journal
        key = car.ident, journal.instance
        seen = self._seen[office.name].get(key, 0)
        is_there = max(seen, self._committed.get(key, 0)) == journal.next_seq - 1
        return journal.backlog() == 0 and is_there

    # Daemons.

    def adopt(self, office: Office) -> None:
        """The office's disk holds something else than before."""
        self._seen[office.name] = {}

    def see_commit(self, office: Office) -> None:
        """Its process did something: what is new in the database is compared."""
        seen = self._seen[office.name]
        for car, journal, seq in office.disk.execute("SELECT car, journal, seq FROM journal"):
            before = seen.get((car, journal), 0)
            if seq < before:
                raise Violation(KEPT, f"journal {journal:08x} fell from {before} to {seq}")
            if seq > before:
                self._compare(office, (car, journal), before, seq)
                seen[car, journal] = seq

    def _compare(self, office: Office, key: Key, after: int, seq: int) -> None:
        rows = office.disk.execute(
            "SELECT seq, body FROM event WHERE car = ? AND journal = ? AND seq > ? ORDER BY seq",
            (*key, after),
        ).fetchall()
        written = self.written.get(key, [])
        due = after + 1
        for number, body in rows:
            gap = _gap(body)
            if number - gap > due - 1 or not gap:
                self._excuse(office, key, due, number - max(gap, 1))
            if number > len(written) or not (gap or written[number - 1] in (None, body)):
                raise Violation(ONCE, f"{number} of {key[0]}/{key[1]:08x} is {body.hex()}")
            due = number + 1
        self._excuse(office, key, due, seq)
        self._committed[key] = max(self._committed.get(key, 0), seq)

    def _excuse(self, office: Office, key: Key, first: int, last: int) -> None:
        """Numbers that are not there: another database had confirmed them, and this one says so."""
        if first > last:
            return
        found = office.disk.execute(
            "SELECT 1 FROM missing_events WHERE car = ? AND journal = ? AND first_seq <= ?"
            " AND last_seq >= ?",
            (*key, first, last),
        ).fetchone()
        if found is None or last > self._committed.get(key, 0):
            raise Violation(ONCE, f"{first} to {last} of {key[0]}/{key[1]:08x} are not there")

    def see_eack(self, office: Office, car: str, frame: bytes) -> None:
        """An acknowledgement leaves."""
        journal, seq = struct.unpack_from(">II", frame, 4)
        row = office.disk.execute(
            "SELECT seq FROM journal WHERE car = ? AND journal = ?", (car, journal)
        ).fetchone()
        if office.disk.in_transaction or row is None or row[0] < seq:
            raise Violation(CONFIRMED, f"{seq} of {car}/{journal:08x}")

    def lost_and_doubled(self, office: Office) -> tuple[int, int, int]:
        """(events written, not in this database though its car no longer has them, there twice)."""
        written = sum(len(events) for events in self.written.values())
        rows = office.disk.execute("SELECT car, journal, seq, body FROM event").fetchall()
        there = {(row[0], row[1], row[2]) for row in rows}
        doubled = len(rows) - len(there)
        gone = 0
        for (car, journal), seq in self._committed.items():
            gone += sum((car, journal, number) not in there for number in range(1, seq + 1))
        return written, gone, doubled


def _gap(body: bytes) -> int:
    if body[0] != codes.AUDIT_GAP:
        return 0
    count: int = struct.unpack_from(">I", body, HEAD_BYTES)[0]
    return count
