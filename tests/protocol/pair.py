"""The real car and the real daemon with a wire between them that a test holds in its hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from firmware.wire import frames, kb1
from firmware.wire.journal_format import EPOCH_2020_S
from tests.fleetd.rig import CAR, Desk
from tests.portable.firmware.loop_rig import IDENTITY, NOW, Box

START_S = (EPOCH_2020_S + NOW) // 900 * 900
END_S = START_S + 7200


class Pair:
    """`seen_up` and `seen_down` keep every frame, as somebody on the way would."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder / "fleet.db", "jparc-2023")
        self.desk.db.run("UPDATE car SET key = ?", IDENTITY.key)
        self.desk.db.run("PRAGMA synchronous = OFF")
        self.car = Box()
        self.desk.clock.now_s = EPOCH_2020_S + NOW
        self.seen_up: list[bytes] = []
        self.seen_down: list[bytes] = []
        #: Kinds that do not come through now.
        self.lost: set[int] = set()

    def go_online(self) -> None:
        self.car.centre.online = True
        self.desk.fleet.connected(CAR)
        self.after(4)

    def go_offline(self) -> None:
        self.car.centre.online = False
        self.desk.fleet.disconnected(CAR)

    def after(self, seconds: int, step_s: int = 1) -> None:
        for _ in range(seconds // step_s):
            self.car.wall_s += step_s
            self.desk.clock.now_s += step_s
            self.car.after(1000 * step_s)
            self.desk.fleet.tick()
            self.carry()

    def carry(self) -> None:
        """Until neither has anything to say."""
        for _ in range(50):
            up, down = self.car.centre.take(), self.desk.taken()
            for frame in up:
                self.seen_up.append(frame)
                if frame[1] not in self.lost:
                    self.desk.fleet.receive(CAR, frame)
            for frame in down:
                self.seen_down.append(frame)
                if frame[1] not in self.lost:
                    self.car.centre.put(frame)
            if not up and not down:
                return
            self.car.after(0)
        raise AssertionError("they never stop")

    def replay_down(self, wanted: Callable[[int], bool]) -> int:
        """Everything of those kinds that ever came down, again; how many frames.

        The copy stays where it is after each of them.
        """
        again = [frame for frame in self.seen_down if wanted(frame[1])]
        before = self.standing()
        for frame in again:
            self.car.centre.put(frame)
            self.car.after(20)
            assert self.standing() == before
        return len(again)

    def told(self, code: int) -> int:
        """How many events with that code the daemon has."""
        row = self.desk.db.row("SELECT count(*) FROM event WHERE code = ?", code)
        return int(row[0])

    def standing(self) -> tuple[int, int, bytes]:
        cache = self.car.loop._cache
        return cache.gen, cache.rev, cache.hash8

    def check_in_step(self) -> None:
        row = self.desk.car_row()
        assert self.standing() == (row.gen, row.rev, row.hash)


def kinds(sealed: list[bytes]) -> set[int]:
    return {frame[1] for frame in sealed}


def is_of_copy(kind: int) -> bool:
    return kind in (kb1.DELTA, kb1.SNAP)


UP_KEY = frames.direction_key(IDENTITY.key, frames.UP)
