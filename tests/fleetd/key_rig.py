"""The car's own program and the daemon's, joined by a network that a test spoils."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from firmware.keyring import UNHEARD_MAX
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from hal.fake.flash import Flash, PowerCut
from tests.fleetd.rig import CAR, HOUR_S, Desk
from tests.portable.firmware.loop_rig import CARD, IDENTITY, Box

#: A car that nobody answers says HELLO each minute; after UNHEARD_MAX of them every other one is
#: signed with the first key, and the answer is taken at once.
FOUND_AGAIN_S = 60 * (UNHEARD_MAX + 4)
OPERATOR = "operator"


class Pair:
    """One car, online, in step. `spoil(frame)` says how often a frame arrives."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.folder = folder
        self.desk = Desk(folder / "f.db", seed=seed)
        self.desk.db.run("PRAGMA synchronous = OFF")
        with self.desk.db.transaction():
            self.desk.db.run("UPDATE car SET key = ? WHERE id = ?", IDENTITY.key, CAR)
        self.random = random.Random(seed)
        self.spoil: Callable[[bytes], int] = lambda _frame: 1
        #: All that ever went to the car.
        self.seen: list[bytes] = []
        self._late: list[bytes] = []
        self.box = Box()
        self.box.wall_s = int(self.desk.clock.now_s) - EPOCH_2020_S
        self.box.restart()
        now_s = int(self.desk.clock.now_s)
        self.desk.fleet.add_card(self.desk.driver, CARD)
        self.desk.fleet.add_booking(self.desk.driver, CAR, now_s, now_s + 8 * HOUR_S)
        self.connect()
        self.settle(5)
        self.check()

    def connect(self) -> None:
        self.box.centre.online = True
        self.desk.fleet.connected(CAR)

    def settle(self, seconds: int, each_s: int = 1) -> None:
        for _ in range(0, seconds, each_s):
            self.step(each_s)

    def step(self, seconds: int) -> None:
        """Time passes; what was sent arrives. PowerCut: the car is dark."""
        self.desk.clock.now_s += seconds
        self.box.wall_s += seconds
        self.box.after(1000 * seconds)
        self.desk.fleet.tick()
        for _ in range(20):
            up, down = self.box.centre.take(), self.desk.taken()
            for frame in up:
                for _ in range(self.spoil(frame)):
                    self.desk.fleet.receive(CAR, frame)
            for frame in down:
                self.seen.append(frame)
                for _ in range(self.spoil(frame)):
                    self.box.centre.put(frame)
            if not up and not down:
                return
            self.box.after(5)
        raise AssertionError("frames without end")

    def wake(self) -> None:
        """The car has power again."""
        for flash in (self.box.cache_storage, self.box.journal_storage):
            flash.restore_power()
            flash.cut_after = None
        self.box.centre.take()
        self.box.restart()
        self.desk.fleet.disconnected(CAR)
        self.connect()

    def erase_copy(self) -> None:
        """The flash of the copy is as new."""
        self.box.cache_storage = Flash(16)
        self.wake()

    def restart_daemon(self) -> None:
        """It dies; the car is connected again at once."""
        self.desk.restart()
        self.desk.db.run("PRAGMA synchronous = OFF")
        self.reconnect()

    def reconnect(self) -> None:
        """As after a connection that lost frames."""
        self.box.centre.online = False
        self.desk.fleet.disconnected(CAR)
        self.box.after(10)
        self.connect()

    def back_up(self) -> Path:
        self.desk.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        path = self.folder / "backup.db"
        path.write_bytes(self.desk.path.read_bytes())
        return path

    def restore(self, backup: Path) -> None:
        self.desk.db.close()
        self.desk.path.write_bytes(backup.read_bytes())
        self.restart_daemon()

    def rotate(self) -> int:
        return self.desk.fleet.rotate_key(CAR, OPERATOR)

    @property
    def slot(self) -> int:
        return self.desk.car_row().key_slot

    @property
    def is_in_step(self) -> bool:
        cache, row = self.box.loop._cache, self.desk.car_row()
        return (cache.gen, cache.rev, cache.hash8) == (row.gen, row.rev, row.hash)

    def check(self) -> None:
        """In step, each hears the other, and a command gets its answer."""
        command = self.desk.fleet.ask_position(CAR, OPERATOR, "test")
        self.settle(8)
        assert self.desk.fleet.command(command)["status"] == "accepted"
        assert self.is_in_step
        row = self.desk.car_row()
        keyring = self.box.loop._keyring
        assert keyring._newest == row.spoken_key == (row.slot_key or row.key)
        assert row.former_key is None
        assert keyring.unheard == 0

    def opened(self) -> int:
        """How often the doors were unlocked or the engine released."""
        pulses = self.box.pulses
        return pulses[codes.PULSE_UNLOCK].rises + pulses[codes.PULSE_RELEASE].rises


__all__ = ["CARD", "FOUND_AGAIN_S", "OPERATOR", "Pair", "PowerCut"]
