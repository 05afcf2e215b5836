"""Durable events: frames of a car in, committed with synchronous=FULL, EACK out; beside raw sqlite3.

The peer puts the very same rows into the same table of a database of its own, with the same
settings, in as many transactions, by `executemany`: what the disk and SQLite take without us.
"""

from __future__ import annotations

import sqlite3
import statistics
import struct
import tempfile
import time
from pathlib import Path
from typing import Any

from firmware.wire import codes, frames, kb1
from firmware.wire.journal_format import EPOCH_2020_S, pack_cause, pack_event
from fleetd.service import Fleet
from fleetd.store import car_rows, event_rows, fleet_rows
from fleetd.store.database import create

CARS = 6
EVENTS_A_FRAME = 8
#: Commits a run of each.
COMMITS = 400
NOW_S = 1775001600
JOURNAL = 0x11223344
#: Ours is to be at least this part of raw inserts.
PART_MIN = 0.6


def _event(number: int) -> bytes:
    """A middling one: who asked, and nothing else."""
    detail = pack_cause(codes.BY_CARD, struct.pack(">Q", number))
    return pack_event(codes.AUDIT_START_REQUESTED, NOW_S - EPOCH_2020_S, 1, 0, detail)


class Ours:
    """A fleet of some cars whose frames are made before the clock runs."""

    def __init__(self, path: Path) -> None:
        self._store = create(path)
        with self._store.transaction():
            fleet_rows.add(self._store, "top24-2023", NOW_S)
        self.sent = 0
        self._fleet = Fleet(self._store, self._send, lambda: NOW_S)
        self._cars = [self._fleet.add_car(f"Car {i}", f"4b470000{i:04x}") for i in range(CARS)]
        self._keys = [frames.direction_key(bytes.fromhex(car.key), frames.UP) for car in self._cars]
        self._next = [1] * CARS

    def _send(self, _car: str, _frame: bytes) -> None:
        self.sent += 1

    def frames_of(self, batch: int) -> list[tuple[str, bytes]]:
        """The next `batch` events, from as many cars as there are frames."""
        made = []
        for i in range(batch // EVENTS_A_FRAME):
            bodies = [_event(self._next[i] + n) for n in range(EVENTS_A_FRAME)]
            body = kb1.pack_events(JOURNAL, self._next[i], bodies)
            self._next[i] += EVENTS_A_FRAME
            car = self._cars[i].car
            frame = frames.pack_frame(self._keys[i], bytes.fromhex(car), kb1.EVENTS, body)
            made.append((car, frame))
        return made

    def seconds(self, batch: int) -> float:
        made = [self.frames_of(batch) for _ in range(COMMITS)]
        before = self.sent
        began_s = time.perf_counter()
        for one in made:
            self._fleet.receive_all(one)
        took_s = time.perf_counter() - began_s
        wanted = COMMITS * batch // EVENTS_A_FRAME
        if self.sent - before != wanted:
            raise RuntimeError(f"{self.sent - before} EACKs for {wanted} frames")
        return took_s

    def count(self) -> int:
        return int(self._store.row("SELECT count(*) FROM event")[0])


class Raw:
    """The same rows without us."""

    def __init__(self, path: Path) -> None:
        store = create(path)
        with store.transaction():
            for i in range(CARS):
                car = f"4b470000{i:04x}"
                car_rows.add(store, car, f"Car {i}", bytes(32), bytes(32), NOW_S)
                event_rows.begin_journal(store, car, JOURNAL, NOW_S)
        store.close()
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        columns = len(self._db.execute("PRAGMA table_info(event)").fetchall())
        self._sql = f"INSERT INTO event VALUES ({', '.join('?' * columns)})"  # noqa: S608
        self._columns = columns
        self._next = 1

    def _rows(self, batch: int) -> list[tuple[Any, ...]]:
        rows = []
        for n in range(batch):
            car = f"4b470000{n // EVENTS_A_FRAME:04x}"
            seq = self._next + n % EVENTS_A_FRAME
            body = _event(seq)
            row = (car, JOURNAL, seq, body[0], NOW_S, 1, 0, body, NOW_S, bytes(32))
            rows.append(row[: self._columns])
        self._next += EVENTS_A_FRAME
        return rows

    def count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM event").fetchone()[0])

    def seconds(self, batch: int) -> float:
        made = [self._rows(batch) for _ in range(COMMITS)]
        began_s = time.perf_counter()
        for rows in made:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(self._sql, rows)
            self._db.execute("COMMIT")
        return time.perf_counter() - began_s


def measure(runs: int) -> dict[str, dict[str, Any]]:
    """Events a second of both, for frames one by one and for six at a time."""
    figures = {}
    for batch in (EVENTS_A_FRAME, CARS * EVENTS_A_FRAME):
        with tempfile.TemporaryDirectory() as folder:
            ours, raw = Ours(Path(folder) / "ours.db"), Raw(Path(folder) / "raw.db")
            ours.seconds(batch), raw.seconds(batch)  # both warm
            pairs = [(ours.seconds(batch), raw.seconds(batch)) for _ in range(runs)]
        ours_s = statistics.median(pair[0] for pair in pairs)
        raw_s = statistics.median(pair[1] for pair in pairs)
        figures[f"durable_events_by_{batch}"] = {
            "value": round(COMMITS * batch / ours_s),
            "unit": "events/s",
            "peer": "the same inserts in raw sqlite3",
            "peer_value": round(COMMITS * batch / raw_s),
            "ratio": round(statistics.median(raw / ours for ours, raw in pairs), 3),
            "runs": runs,
        }
    return figures
