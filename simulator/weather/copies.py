"""Whether each car's copy is one that a daemon committed, and never an older one (I1, I5, I6)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from firmware.wire import codes
from firmware.wire.chain import EMPTY_HASH
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.kb1 import Hello
from firmware.wire.records import BOOKING
from fleetd.core.car_copy import Records
from fleetd.store import log_rows
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Violation
from simulator.weather.office import Office

COMMITTED = "a car's copy is always one that a daemon committed under that (gen, rev, hash)"
FORWARD = "a car's (gen, rev) rises with every change of its copy, also over a reset"
DURABLE = "no HELLO tells of a copy that is not durable in the car"
WANTED = "a daemon wants in the cars what people asked it for, and no more"
KEPT = "nothing that a daemon committed is lost"
BOOKING_BYTES = 20
#: Operations on what a car has one of.
_SINGLE = (codes.OP_PUT_TERMS, codes.OP_DEL_TERMS, codes.OP_PUT_KEY, codes.OP_DEL_KEY)


class Standing(NamedTuple):
    gen: int
    rev: int
    hash8: bytes

    def __str__(self) -> str:
        return f"{self.gen}.{self.rev}/{self.hash8.hex()[:6]}"


NOTHING = Standing(0, 0, EMPTY_HASH)


class Copies:
    """Told of every commit of a daemon, and of every turn of a car."""

    def __init__(self) -> None:
        self._published: dict[tuple[str, Standing], Records] = {}
        #: By office and car.
        self._newest: dict[tuple[str, str], tuple[Standing, Records]] = {}
        #: By car: what its program last had.
        self._standing: dict[str, Standing] = {}

    # Daemons.

    def adopt(self, office: Office) -> None:
        """The office's disk holds something else than before."""
        for car, standing in self._rows(office):
            records = log_rows.records(office.db, car)
            self._newest[office.name, car] = standing, records
            self._published.setdefault((car, standing), records)

    def see_commit(self, office: Office) -> None:
        """Its process did something: what is new is published."""
        for car, standing in self._rows(office):
            before, records = self._newest[office.name, car]
            if standing == before:
                continue
            if standing[:2] <= before[:2]:
                raise Violation(KEPT, f"{office.name} went from {before} to {standing} for {car}")
            if standing.gen == before.gen:
                records = self._publish_log(office, car, before, records)
            else:
                records = log_rows.records(office.db, car)
                self._published[car, standing] = records
            self._newest[office.name, car] = standing, records

    def _rows(self, office: Office) -> list[tuple[str, Standing]]:
        rows = office.disk.execute("SELECT id, gen, rev, hash FROM car ORDER BY id").fetchall()
        return [(row[0], Standing(row[1], row[2], row[3])) for row in rows]

    def _publish_log(self, office: Office, car: str, before: Standing, records: Records) -> Records:
        rows = office.disk.execute(
            "SELECT rev, op, record, hash FROM car_log WHERE car = ? AND rev > ? ORDER BY rev",
            (car, before.rev),
        ).fetchall()
        for rev, op, record, hash8 in rows:
            records = dict(records)
            ident = _ident(op, record)
            if op % 2:
                records[op, ident] = record
            else:
                records.pop((op - 1, ident), None)
            self._published[car, Standing(before.gen, rev, hash8)] = records
        return records

    def newest(self, office: Office, car: WeatherCar) -> Standing:
        """What that office wants the car to have."""
        return self._newest[office.name, car.ident][0]

    def expect(self, office: Office, car: str, op: int, ident: bytes, *, is_there: bool) -> None:
        """After somebody asked for it: in what the office wants that car to have."""
        if ((op, ident) in self._newest[office.name, car][1]) is not is_there:
            what = "lacks" if is_there else "keeps"
            raise Violation(WANTED, f"{office.name} {what} {op} {ident.hex()} for {car}")

    # Cars.

    def forget(self, car: WeatherCar) -> None:
        """The car's flash was emptied."""
        self._standing[car.ident] = NOTHING

    def standing(self, car: WeatherCar) -> Standing:
        return self._standing.get(car.ident, NOTHING)

    def records(self, car: WeatherCar) -> Records:
        """What the daemon committed under the car's standing."""
        standing = self.standing(car)
        return {} if standing == NOTHING else self._published[car.ident, standing]

    def look(self, car: WeatherCar) -> bool:
        """After a boot and after every turn: True when the copy changed."""
        copy = car.copy
        now = Standing(copy.gen, copy.rev, copy.hash8)
        before = self.standing(car)
        if now == before:
            return False
        if now[:2] <= before[:2]:
            raise Violation(FORWARD, f"{car.name} went from {before} to {now}")
        if now != NOTHING and (car.ident, now) not in self._published:
            raise Violation(COMMITTED, f"{car.name} is at {now}, which nobody committed")
        self._standing[car.ident] = now
        self.compare(car)
        return True

    def compare(self, car: WeatherCar) -> None:
        """The program's tables against what was committed."""
        have, want = _read(car), self.records(car)
        if have != want:
            less, more = len(want.keys() - have.keys()), len(have.keys() - want.keys())
            what = f"{car.name} at {self.standing(car)} lacks {less}, has {more} too many"
            raise Violation(COMMITTED, f"{what} of {len(want)} records, or has others")

    def hear_hello(self, car: WeatherCar, hello: Hello) -> None:
        """`look` was called before: a HELLO may leave in the turn of a change."""
        told = Standing(hello.gen, hello.rev, hello.hash8)
        if told != self.standing(car):
            raise Violation(DURABLE, f"{car.name} tells {told}, is at {self.standing(car)}")


def _ident(op: int, record: bytes) -> bytes:
    """What identifies the record that this operation puts or deletes."""
    if op in _SINGLE:
        return b""
    return record[: 4 if op <= codes.OP_DEL_BOOKING else 8]


def _read(car: WeatherCar) -> Records:
    found: Records = {}
    copy = car.copy
    for booking, driver, starts_s, ends_s, _ in struct.iter_unpack(
        ">5I", b"".join(copy.bookings.parts())
    ):
        times = starts_s + EPOCH_2020_S, ends_s + EPOCH_2020_S
        ident = struct.pack(">I", booking)
        found[codes.OP_PUT_BOOKING, ident] = struct.pack(BOOKING, booking, driver, *times)
    for op, cards in ((codes.OP_PUT_CARD, copy.cards), (codes.OP_PUT_STAFF, copy.staff)):
        for ident, owner in struct.iter_unpack(">8sI", b"".join(cards.parts())):
            found[op, ident] = ident + struct.pack(">I", owner)
    for op, one in ((codes.OP_PUT_TERMS, copy.terms), (codes.OP_PUT_KEY, copy.key)):
        if one.count():
            found[op, b""] = one.get()
    return found
