"""A day's work on one database, told twice without harm; dies at a chosen statement.

    python -m tests.fleetd.day_of_a_car FOLDER STATEMENT

With STATEMENT 0 it runs to the end. Otherwise the process kills itself before that statement of
SQL. What it gave to the network stands in FOLDER/sent, a frame a line.
"""

from __future__ import annotations

import json
import os
import random
import signal
import struct
import sys
from pathlib import Path

from firmware.wire import codes
from fleetd.service import Fleet
from fleetd.store.database import open_existing
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Clock, ScriptedCar

BOOKINGS = 4
#: Three a booking, and a card that is registered at the car.
EVENTS = 3 * BOOKINGS + 1
NEW_CARD = bytes.fromhex("01010601CAFE0001")


def work(folder: Path, statement: int) -> None:
    """Every request has its key and every event its number, so that all of it may come again."""
    kept = json.loads((folder / "kept.json").read_text())
    db = open_existing(folder / "f.db")
    count = 0

    def die_in_time(_sql: str) -> None:
        nonlocal count
        count += 1
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    sent = os.open(folder / "sent", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    clock = Clock()

    def send(_car: str, frame: bytes) -> None:
        os.write(sent, frame.hex().encode() + b"\n")
        car.hear(frame)

    fleet = Fleet(db, send, clock)
    car = ScriptedCar(
        CAR, kept["key"], lambda frame: fleet.receive(CAR, frame), clock, random.getrandbits(32)
    )
    db.connection.set_trace_callback(die_in_time)
    fleet.connected(CAR)
    car.hello()
    numbers = book_and_start(fleet, clock, (kept["driver"], kept["other"]))
    # The same events each time: the journal of the car outlives the daemon.
    for at, number in enumerate(numbers):
        clock.now_s = NOW_S + (2 * at + 1) * HOUR_S
        car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
        clock.now_s += 1800
        car.happen(codes.AUDIT_ENDED, number, car.use_detail())
        clock.now_s += 600
        car.happen(codes.AUDIT_WINDOW_OVER, number, b"\0")
    enrolled = struct.pack(">B8sI", codes.BY_CARD, NEW_CARD, kept["number"])
    car.happen(codes.AUDIT_CARD_ENROLLED, numbers[0], enrolled)
    while car.acked < EVENTS:
        fleet.receive(CAR, car.events_frame(count=2))
        fleet.tick()
    clock.now_s += 15
    car.hello()
    fleet.tick()
    print(count)


def book_and_start(fleet: Fleet, clock: Clock, drivers: tuple[str, str]) -> list[int]:
    """The bookings' numbers; the first driver asks for a card, too."""
    numbers = []
    for at in range(BOOKINGS):
        driver = drivers[at % 2]
        starts_s = NOW_S + (2 * at + 1) * HOUR_S
        numbers.append(fleet.book(driver, CAR, starts_s, starts_s + HOUR_S, f"book {at}")["id"])
        clock.now_s += 2
    for at, number in enumerate(numbers):
        driver = drivers[at % 2]
        fleet.operate(driver, number, "start", f"start {at}")
        clock.now_s += 2
        fleet.tick()
    fleet.operate(drivers[0], numbers[0], "enrol", "enrol")
    return numbers


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
