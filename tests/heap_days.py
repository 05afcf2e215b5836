"""Days of a car on MicroPython in a heap of fixed size: what is in use must not grow.

    python -m tests.heap_days [--days 7] [--hours 24] [--heap 88wK] [--vm micropython]

Each day has a rental, from the card to the lock, and 200 bookings that come one by one with their
drivers' cards, until the car holds 512 records; each hour the centre begins a new generation, so
that the whole copy comes again. Heap in use is read after a collection at the end of each day,
before the bookings are cancelled.
Prints one JSON object; exit code 1 when the program failed once, or more is in use at the end than
after the first day. `--vm`: also the path of an interpreter with the program frozen in.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from firmware.tables import RECORDS_MAX
from fleetd.store import car_rows, log_rows
from simulator.car import Car, CarPlan
from simulator.daemon.centre import FleetCentre
from simulator.kernel import Kernel
from simulator.vm.micropython import DEFAULT_HEAP
from tests.simulator.stories import DRIVER, IDM, START_S, terms

BOOKINGS = 200
#: With the cards of the bookings' drivers and of the one who drives.
STAFF = RECORDS_MAX - 2 * BOOKINGS - 1
#: From a day's beginning to the bookings that never come due; the car holds those of 72 hours.
_LATER_S = 48 * 3600
_HOUR_S = 3600
#: What may differ from day to day: objects of a moment that lie about at the end.
_TOLERANCE_BYTES = 512


class Days:
    """One car, and what is counted of it."""

    def __init__(self, vm: str, heap: str) -> None:
        self.kernel = Kernel(1)
        self.car = Car(self.kernel, CarPlan(START_S, terms(), {}, vm, heap))
        self.rentals = self.snaps = self.records_max = 0
        self.used: list[int] = []
        self.least_free = 1 << 30
        centre = self.car.centre
        centre.add_card(IDM, DRIVER)
        for number in range(STAFF):
            centre.add_staff(bytes((*bytes(7), number + 1)), f"staff {number}")
        for number in range(BOOKINGS):
            centre.add_card(bytes((*bytes(6), 1, number)), f"D{number}")
        self.later(30)

    def later(self, seconds: float) -> None:
        self.kernel.run_until(self.kernel.now_us + round(seconds * 1_000_000))

    def now_s(self) -> int:
        return START_S + self.kernel.now_us // 1_000_000

    def day(self, hours: int) -> None:
        """Some hours with a snapshot each; the first has the rental in it."""
        names = [f"N{len(self.used)}.{number}" for number in range(BOOKINGS)]
        first_s = self.now_s() + _LATER_S
        for hour in range(hours):
            until_us = self.kernel.now_us + _HOUR_S * 1_000_000
            self._begin_generation()
            if hour == 0:
                self._rental()
                for number, name in enumerate(names):
                    starts_s = first_s + 300 * number
                    self.car.centre.add_booking(name, f"D{number}", starts_s, starts_s + 280)
                    self.later(1)
            self.kernel.run_until(max(until_us, self.kernel.now_us))
            self._note_records()
            self.least_free = min(self.least_free, self.car.box.measure_heap()[0])
        self.used.append(self.car.box.measure_heap()[1])
        for name in names:
            assert self.car.centre.cancel(name) == ""
        self.later(60)

    def _begin_generation(self) -> None:
        """The centre's database is another one: the car gets the whole copy when it calls."""
        centre = self._fleet_centre()
        db = centre._db
        self.car.network.down()
        self.later(2)
        with db.transaction():
            car = car_rows.find(db, centre.identity.car)
            assert car is not None
            log_rows.begin_generation(db, car, car.gen + 1, bytes(8))
        self.car.network.up()
        self.later(120)
        self.snaps += centre.is_in_step
        self._note_records()

    def _fleet_centre(self) -> FleetCentre:
        centre = self.car.centre
        assert isinstance(centre, FleetCentre)
        return centre

    def _note_records(self) -> None:
        centre = self._fleet_centre()
        if centre.is_in_step:
            count = centre._db.row(
                "SELECT count(*) FROM car_record WHERE car = ?", centre.identity.car
            )
            self.records_max = max(self.records_max, count[0])

    def _rental(self) -> None:
        car = self.car
        starts_s = self.now_s() + 300
        car.centre.add_booking(f"R{starts_s}", DRIVER, starts_s, starts_s + 1800)
        self.later(310)
        car.tap(IDM)
        self.later(5)
        body = car.body
        body.open_door("driver")
        self.later(1)
        body.set_knob(False)
        body.set_key(False)
        self.later(1)
        body.close_all()
        self.later(1)
        body.start_engine()
        body.set_brake(False)
        body.drive(3500, 600 * 1_000_000)
        self.later(700)
        body.stop_engine()
        body.set_brake(True)
        body.set_key(True)
        body.set_knob(True)
        self.later(1)
        car.tap(IDM)
        self.later(400)
        ended = [event for event in car.events if str(event).startswith("ended")]
        self.rentals = len(ended)


def main(argv: list[str]) -> int:
    """Exit 0 it holds, 1 it does not."""
    parser = argparse.ArgumentParser(prog="python -m tests.heap_days")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--hours", type=int, default=24, help="of each day")
    parser.add_argument("--heap", default=DEFAULT_HEAP)
    parser.add_argument("--vm", default="micropython")
    options = parser.parse_args(argv)
    begun_s = time.monotonic()
    days = Days(options.vm, options.heap)
    for number in range(options.days):
        days.day(options.hours)
        print(f"day {number + 1}: {days.used[-1]} bytes in use", file=sys.stderr, flush=True)
    days.car.close()
    failures = len(days.car.box.failures)
    grown = days.used[-1] - days.used[0]
    found = {
        "days": options.days,
        "rentals": days.rentals,
        "snapshots": days.snaps,
        "records_at_most": days.records_max,
        "in_use_first": days.used[0],
        "in_use_last": days.used[-1],
        "free_at_least": days.least_free,
        "failures": failures,
        "turns": days.car.box.turns,
        "seconds": round(time.monotonic() - begun_s),
    }
    print(json.dumps(found))
    for failure in days.car.box.failures:
        print(failure, file=sys.stderr)
    whole = days.rentals == options.days and days.snaps == options.days * options.hours
    whole = whole and days.records_max == RECORDS_MAX
    return 0 if whole and not failures and grown <= _TOLERANCE_BYTES else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
