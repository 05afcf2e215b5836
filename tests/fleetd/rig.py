"""A fleet on a real database file, a clock to set, and a car that follows the protocol's rules."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.wire import frames, kb1
from firmware.wire.chain import EMPTY_HASH, next_hash
from firmware.wire.journal_format import (
    EPOCH_2020_S,
    FLAG_POSITION_VALID,
    NO_IDENT,
    pack_event,
    pack_use,
)
from fleetd.pushes import PROMPT_NONCE
from fleetd.service import Fleet
from fleetd.store import car_rows, fleet_rows
from fleetd.store.database import Database, create, open_existing
from fleetd.vehicles import Identity

#: 2026-04-01T09:00:00+09:00, on the grid.
NOW_S = 1775001600
HOUR_S = 3600
CAR = "4b4700000001"
OTHER_CAR = "4b4700000002"
CARD = bytes.fromhex("0101060112AB34CD")


#: Image of the file, driver, password, other driver, car, state of the random numbers.
Made = tuple[bytes, str, str, str, Identity, Any]
_MADE: dict[tuple[str, int], Made] = {}


class Clock:
    def __init__(self, now_s: float = NOW_S) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


class Desk:
    """A fleet with one member, two drivers and a car; frames to cars are collected."""

    def __init__(self, path: Path, profile: str = "top24-2023", seed: int = 1) -> None:
        self.path = path
        self.clock = Clock()
        self.random = random.Random(seed)
        self.sent: list[tuple[str, bytes]] = []
        key = (profile, seed)
        if key not in _MADE:
            _MADE[key] = self._make(path.with_suffix(".made"), profile)
        image, self.driver, self.password, self.other, self.identity, state = _MADE[key]
        self.random.setstate(state)
        path.write_bytes(image)
        path.chmod(0o600)
        self.db = open_existing(path)
        self.fleet = self._fleet()

    def _make(self, path: Path, profile: str) -> Made:
        """Once a process: passwords take their time."""
        self.db = create(path)
        with self.db.transaction():
            fleet_rows.add(self.db, profile, NOW_S)
        fleet = self._fleet()
        fleet.add_member("Aoki Yui", "yui@example.org", "KAG00001")
        driver, password = fleet.add_driver("KAG00001", "Aoki Yui", "y@example.org")
        other, _ = fleet.add_driver("KAG00001", "Aoki Ren", "r@example.org")
        identity = fleet.add_car("Suginami 1", CAR)
        spare_terms(self.db, CAR)
        self.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.close()
        return path.read_bytes(), driver, password, other, identity, self.random.getstate()

    def _fleet(self) -> Fleet:
        return Fleet(self.db, self._send, self.clock, self.random.randbytes)

    def _send(self, car: str, frame: bytes) -> None:
        self.sent.append((car, frame))

    def restart(self) -> None:
        """The process dies and starts anew."""
        self.db.close()
        self.sent.clear()
        self.db = open_existing(self.path)
        self.fleet = self._fleet()

    def taken(self, car: str = CAR) -> list[bytes]:
        """Frames to a car since the last look."""
        found = [frame for other, frame in self.sent if other == car]
        self.sent = [(other, frame) for other, frame in self.sent if other != car]
        return found

    def car_row(self, car: str = CAR) -> car_rows.Car:
        found = car_rows.find(self.db, car)
        assert found is not None
        return found

    def alarms(self) -> list[str]:
        return [alarm["name"] for alarm in self.fleet.status()["alarms"]]

    def mails(self) -> list[str]:
        return [mail["name"] for mail in self.fleet.unsent_mails()]


class ScriptedCar:
    """Rules 2 to 5 from the car's side, a journal, and commands at most once."""

    def __init__(
        self, car: str, key_hex: str, deliver: Callable[[bytes], None], clock: Clock, seed: int = 1
    ) -> None:
        self.car = bytes.fromhex(car)
        self._up = frames.direction_key(bytes.fromhex(key_hex), frames.UP)
        self._down = frames.direction_key(bytes.fromhex(key_hex), frames.DOWN)
        self._deliver = deliver
        self._clock = clock
        self._random = random.Random(seed)
        self.gen = self.rev = 0
        self.hash8 = EMPTY_HASH
        self.records: dict[tuple[int, bytes], bytes] = {}
        self._staged: dict[int, list[tuple[int, bytes]]] = {}
        self._staging: tuple[int, int, bytes, int] | None = None
        self.journal = 0x11
        self.events: list[bytes] = []
        self.acked = 0
        self.acts: list[kb1.Command] = []
        self.results: dict[bytes, bytes] = {}
        self.times: list[tuple[bytes, int]] = []
        self.kinds: list[int] = []
        #: How wrong the car's clock is.
        self.ahead_s = 0
        self.boot_anew()

    def boot_anew(self) -> None:
        self.boot = self._random.randbytes(8)
        self.booted_s = self._clock.now_s
        self.counter = 0
        self.results.clear()
        self._staging = None

    @property
    def uptime_s(self) -> int:
        return int(self._clock.now_s - self.booted_s)

    def frame(self, kind: int, body: bytes) -> bytes:
        return frames.pack_frame(self._up, self.car, kind, body)

    def hello_frame(self, *, asking: bool = False, trusted: bool = True) -> bytes:
        hello = kb1.Hello(
            asking, trusted, self.boot, self.uptime_s, self._random.randbytes(8), self.gen,
            self.rev, self.hash8, self.counter, self.journal, len(self.events) + 1,
            int(self._clock.now_s) + self.ahead_s,
        )  # fmt: skip
        return self.frame(kb1.HELLO, kb1.pack_hello(hello))

    def hello(self, *, asking: bool = False, trusted: bool = True) -> None:
        self._deliver(self.hello_frame(asking=asking, trusted=trusted))

    def happen(self, code: int, booking: int = 0, detail: bytes = b"") -> None:
        """Something happens in the car and goes into its journal."""
        at_s = int(self._clock.now_s) - EPOCH_2020_S
        self.events.append(pack_event(code, at_s, 1, booking, detail))

    def use_detail(self, driver: int = 1, odometer_m: int = 1000, flags: int = 0) -> bytes:
        """`flags`: beside a position that is valid."""
        flags |= FLAG_POSITION_VALID
        return pack_use(1, NO_IDENT, driver, odometer_m, 35_700_000, 139_600_000, flags)

    def events_frame(self, first: int | None = None, count: int = 8) -> bytes:
        first = self.acked + 1 if first is None else first
        chosen = self.events[first - 1 : first - 1 + count]
        return self.frame(kb1.EVENTS, kb1.pack_events(self.journal, first, chosen))

    def tell(self) -> None:
        if self.acked < len(self.events):
            self._deliver(self.events_frame())

    def hear(self, frame: bytes) -> None:
        """A frame from the centre."""
        opened = frames.open_frame((self._down,), self.car, frame)
        assert opened is not None
        kind, body = opened
        self.kinds.append(kind)
        if kind == kb1.DELTA:
            self._take_delta(body)
        elif kind == kb1.SNAP:
            self._take_snap(body)
        elif kind == kb1.TIME:
            nonce, now_s, _gen, _rev, _hash8 = kb1.unpack_time(body)
            self.times.append((nonce, now_s))
            if nonce == PROMPT_NONCE:
                self.hello()
        elif kind == kb1.EACK:
            journal, seq = kb1.unpack_eack(body)
            if journal == self.journal:
                assert seq <= len(self.events)
                self.acked = max(self.acked, seq)
        elif kind == kb1.CMD:
            self._act(kb1.unpack_command(body))

    def _take_delta(self, body: bytes) -> None:
        gen, from_rev, to_rev, hash8, ops = kb1.unpack_delta(body)
        if gen == self.gen and from_rev <= self.rev < to_rev:
            own = self.hash8
            for op, record in ops[self.rev - from_rev :]:
                own = next_hash(own, op, record)
            if own == hash8:
                for op, record in ops[self.rev - from_rev :]:
                    apply(self.records, op, record)
                self.rev, self.hash8 = to_rev, hash8
        self.hello()

    def _take_snap(self, body: bytes) -> None:
        gen, rev, hash8, chunk, chunks, ops = kb1.unpack_snap(body)
        if (gen, rev) <= (self.gen, self.rev):
            return
        if self._staging != (gen, rev, hash8, chunks):
            self._staging, self._staged = (gen, rev, hash8, chunks), {}
        self._staged[chunk] = ops
        if len(self._staged) == chunks:
            self.records = {}
            for number in range(chunks):
                for op, record in self._staged[number]:
                    apply(self.records, op, record)
            self.gen, self.rev, self.hash8 = gen, rev, hash8
            self._staging = None
            self.hello()

    def _act(self, command: kb1.Command) -> None:
        known = self.results.get(command.command)
        if known is None:
            if (
                command.boot != self.boot
                or command.counter <= self.counter
                or command.expires_s < self.uptime_s
            ):
                return
            self.counter = command.counter
            self.acts.append(command)
            known = self.frame(kb1.RESULT, kb1.pack_result(command.command, True, [], b"", 0, 0))
            self.results[command.command] = known
        self._deliver(known)


def apply(records: dict[tuple[int, bytes], bytes], op: int, record: bytes) -> None:
    """Carry out one operation; even numbers delete."""
    ident = record[: 4 if op <= 2 else 8 if op <= 6 else 0]
    if op % 2:
        records[op, ident] = record
    else:
        records.pop((op - 1, ident), None)


def spare_terms(db: Database, car: str) -> None:
    """As a car from before terms were records: it goes by what its box was provisioned with."""
    with db.transaction():
        for table in ("car_terms", "car_change", "car_log", "car_record"):
            db.run(f"DELETE FROM {table} WHERE car = ?", car)
        db.run("UPDATE car SET rev = 0, hash = ?, behind_s = NULL WHERE id = ?", EMPTY_HASH, car)


def wire(desk: Desk, seed: int = 1) -> ScriptedCar:
    """The desk's car, its frames delivered at once."""
    return ScriptedCar(
        CAR, desk.identity.key, lambda frame: desk.fleet.receive(CAR, frame), desk.clock, seed
    )


def exchange(desk: Desk, car: ScriptedCar, rounds: int = 50) -> None:
    """Deliver frames to the car until there are none."""
    for _ in range(rounds):
        waiting = desk.taken()
        if not waiting:
            return
        for frame in waiting:
            car.hear(frame)
    raise AssertionError("the exchange does not come to an end")


def settle(desk: Desk, car: ScriptedCar, seconds: int = 10) -> None:
    """Let time pass, a tick a second."""
    for _ in range(seconds):
        desk.clock.now_s += 1
        desk.fleet.tick()
        exchange(desk, car)


def online(desk: Desk) -> ScriptedCar:
    """The desk's car, connected, with all that is meant for it."""
    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    settle(desk, car, 3)
    return car


def command_in(desk: Desk) -> kb1.Command:
    """The command that is on its way to the car."""
    key = frames.direction_key(bytes.fromhex(desk.identity.key), frames.DOWN)
    for frame in desk.taken():
        opened = frames.open_frame((key,), bytes.fromhex(CAR), frame)
        if opened is not None and opened[0] == kb1.CMD:
            return kb1.unpack_command(opened[1])
    raise AssertionError("no command is on its way")


def records_of(db: Database, car: str = CAR) -> dict[tuple[int, bytes], bytes]:
    rows = db.rows("SELECT op, ident, record FROM car_record WHERE car = ?", car)
    return {(row[0], row[1]): row[2] for row in rows}
