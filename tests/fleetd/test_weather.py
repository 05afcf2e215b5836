"""One car and the daemon in bad weather: whatever happens, they end in step and nothing is doubled.

Frames are lost, doubled, late and replayed; the daemon restarts, its database is restored from a
backup; the car loses power. A seed tells the whole story.
"""

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from firmware.wire import codes
from fleetd.core.car_copy import Records
from fleetd.core.refused import Refused
from fleetd.store import event_rows
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, records_of

SECONDS = 240
SEEDS = 16


class Weather:
    """The network between them, and what is checked at each step."""

    def __init__(self, folder: Path, seed: int, *, restores: bool) -> None:
        self.random = random.Random(seed)
        self.restores = restores
        self.desk = Desk(folder / "f.db", "jparc-2023")
        self.desk.db.run("PRAGMA synchronous = OFF")
        self.backup = folder / "backup.db"
        self.up: list[tuple[float, bytes]] = []
        self.down: list[tuple[float, bytes]] = []
        self.seen_up: list[bytes] = []
        self.seen_down: list[bytes] = []
        self.car = ScriptedCar(
            CAR,
            self.desk.identity.key,
            lambda frame: self.send(self.up, frame),
            self.desk.clock,
            seed,
        )
        self.loss = self.random.choice((0.0, 0.1, 0.3))
        self.published: dict[tuple[int, int, bytes], Records] = {(0, 0, bytes(8)): {}}
        self.last = (0, 0)
        self.acts: dict[bytes, int] = {}
        self.restored = 0
        self.is_calm = False

    def send(self, queue: list[tuple[float, bytes]], frame: bytes) -> None:
        """Lost, doubled, late."""
        now_s = self.desk.clock.now_s
        (self.seen_up if queue is self.up else self.seen_down).append(frame)
        if self.is_calm:
            queue.append((now_s, frame))
            return
        for _ in range(2 if self.random.random() < self.loss else 1):
            if self.random.random() >= self.loss:
                late_s = self.random.uniform(0, 5) if self.random.random() < self.loss else 0.0
                queue.append((now_s + late_s, frame))

    def publish(self) -> None:
        row = self.desk.car_row()
        self.published[row.gen, row.rev, row.hash] = records_of(self.desk.db)
        for frame in self.desk.taken():
            self.send(self.down, frame)

    def deliver(self) -> None:
        now_s = self.desk.clock.now_s
        for _ in range(200):
            due = [one for one in self.up if one[0] <= now_s]
            self.up = [one for one in self.up if one[0] > now_s]
            for _, frame in due:
                self.desk.fleet.receive(CAR, frame)
                self.publish()
            due_down = [one for one in self.down if one[0] <= now_s]
            self.down = [one for one in self.down if one[0] > now_s]
            for _, frame in due_down:
                self.car.hear(frame)
                self.check()
            if not due and not due_down:
                return
        raise AssertionError("frames without end")

    def check(self) -> None:
        car = self.car
        assert (car.gen, car.rev) >= self.last  # never back
        self.last = (car.gen, car.rev)
        assert car.records == self.published[car.gen, car.rev, car.hash8]
        acts = [act.command for act in car.acts]
        assert len(acts) == len(set(acts))

    def step(self) -> None:
        """One second."""
        self.desk.clock.now_s += 1
        chance = self.random.random
        if chance() < 0.1:
            self.change_bookings()
        if chance() < 0.1:
            self.car.happen(codes.AUDIT_KEY_OUT)
        if chance() < 0.05:
            self.operate()
        if chance() < 0.2:
            self.car.tell()
        if chance() < 0.1:
            self.car.hello(asking=chance() < 0.3)
        if chance() < 0.02:
            self.car.boot_anew()
            self.car.hello()
        if chance() < 0.01:
            self.restart()
        if chance() < 0.1:
            self.replay()
        if self.restores and chance() < 0.02:
            self.back_up_or_restore()
        self.desk.fleet.tick()
        self.publish()
        self.deliver()

    def change_bookings(self) -> None:
        fleet, desk = self.desk.fleet, self.desk
        starts_s = NOW_S + self.random.randint(2, 60) * HOUR_S
        driver = self.random.choice((desk.driver, desk.other))
        open_ones = [one for one in fleet.bookings_of(driver) if one["status"] == "booked"]
        with suppress(Refused):
            if open_ones and self.random.random() < 0.4:
                fleet.cancel(driver, self.random.choice(open_ones)["id"])
            else:
                fleet.book(driver, CAR, starts_s, starts_s + HOUR_S)
        self.publish()

    def operate(self) -> None:
        for one in self.desk.fleet.bookings_of(self.desk.driver):
            if one["status"] == "booked":
                key = str(self.random.random())
                with suppress(Refused):  # busy
                    self.desk.fleet.operate(self.desk.driver, one["id"], "start", key)
                break
        self.publish()

    def restart(self) -> None:
        self.desk.restart()
        self.desk.db.run("PRAGMA synchronous = OFF")

    def replay(self) -> None:
        """Somebody on the way has kept everything."""
        if self.seen_up and self.seen_down:
            self.up.append((self.desk.clock.now_s, self.random.choice(self.seen_up)))
            self.down.append((self.desk.clock.now_s, self.random.choice(self.seen_down)))

    def back_up_or_restore(self) -> None:
        self.desk.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        if not self.backup.exists():
            shutil.copy(self.desk.path, self.backup)
        elif self.random.random() < 0.3:
            self.desk.db.close()
            shutil.copy(self.backup, self.desk.path)
            self.restart()
            self.restored += 1

    def calm_down(self, seconds: int) -> None:
        self.is_calm = True
        # What a restored database has lost shows when the car tells something new.
        self.car.happen(codes.AUDIT_KEY_OUT)
        for second in range(seconds):
            self.desk.clock.now_s += 1
            if second % 10 == 0:
                self.car.hello()
            self.car.tell()
            self.desk.fleet.tick()
            self.publish()
            self.deliver()

    def check_end(self) -> None:
        """In step; every event once; what is missing is known."""
        car, desk = self.car, self.desk
        row = desk.car_row()
        assert (car.gen, car.rev, car.hash8) == (row.gen, row.rev, row.hash)
        assert car.records == records_of(desk.db)
        assert car.acked == len(car.events)
        stored = {one["seq"]: one["body"] for one in event_rows.of_car(desk.db, CAR)}
        lost: set[int] = set()
        for one in event_rows.missing(desk.db, CAR):
            lost.update(range(one["first_seq"], one["last_seq"] + 1))
        assert lost.isdisjoint(stored)
        assert set(stored) | lost == set(range(1, len(car.events) + 1))
        assert all(car.events[seq - 1] == body for seq, body in stored.items())
        if not self.restored:
            assert lost == set()
            assert "database_forked" not in desk.alarms()
        assert desk.db.row("SELECT count(*) FROM command WHERE status = 'pending'")[0] == 0
        known = {one[0] for one in desk.db.rows("SELECT id FROM command WHERE status = 'accepted'")}
        assert known <= {act.command for act in car.acts}


@pytest.mark.parametrize("restores", [False, True], ids=["plain", "restores"])
@pytest.mark.parametrize("seed", range(SEEDS // 2))
def test_they_end_in_step(tmp_path: Path, seed: int, restores: bool) -> None:
    """SAFE-5; protocol rules 1 to 6."""
    weather = Weather(tmp_path, seed, restores=restores)
    for _ in range(SECONDS):
        weather.step()
    weather.calm_down(200)
    weather.check_end()
    weather.desk.db.close()
