"""python -m tests.fleetd.broker_kills [--kills N] [--seed N]: a real Mosquitto dies again and again.

Under the configuration that we ship, with a real daemon behind it, while a car tells events, a phone
operates it, and bookings are made and cancelled. The broker is killed in the middle of that, comes
back on its port, and the car comes back to it. After each kill every event must be in the database
once, under its number, as the car wrote it; in the end every command must have an end that is true,
and the car's copy must be the daemon's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from collections import Counter
from http import HTTPStatus
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from firmware.wire import codes
from fleetd.store.database import open_existing
from tests.fleetd.daemon import until
from tests.fleetd.rig import CAR, HOUR_S, records_of
from tests.fleetd.serving.test_serve import book, rows, until_ended, until_in_car
from tests.fleetd.test_broker_live import Scene

_KILLED_WITHIN_S = 0.3
_EVENTS_AT_ONCE = 8
_VERBS = ("lock", "start")


class Kills:
    """A scene in which the broker dies; `asked` are the commands, by the daemon's id."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self._scene = scene
        self._random = Random(seed)
        self._keys = count(1)
        self._starts_s = 0
        self._made: list[int] = []
        self.asked: list[dict[str, Any]] = []
        self.killed = 0
        self.counts: Counter[str] = Counter()
        self._await_connections(1)
        scene.car.connect()
        self._booking = book(scene.phone)
        until_in_car(scene.phone, self._booking)

    def kill_once(self) -> None:
        """In the middle of traffic; then all that the car wrote comes through."""
        scene, script = self._scene, self._scene.car.script
        killer = threading.Timer(self._random.uniform(0, _KILLED_WITHIN_S), scene.broker.kill)
        killer.start()
        while killer.is_alive():
            self._random.choice((self._tell, self._tell, self._operate, self._book))()
        killer.join()
        scene.car.lose()
        self.killed += 1
        self.counts["events_untold_at_a_kill"] += len(script.events) - script.acked
        self._tell()  # nobody is there
        scene.broker.start()
        self._await_connections(1 + self.killed)
        scene.car.connect()
        until(self._all_is_told, "confirmation of all events")

    def _await_connections(self, number: int) -> None:
        log = self._scene.daemon.log
        until(lambda: log.read_text().count(": connected\n") >= number, f"connection {number}")

    # Traffic.

    def _tell(self) -> None:
        script = self._scene.car.script
        for _ in range(self._random.randint(1, _EVENTS_AT_ONCE)):
            script.happen(codes.AUDIT_DOOR_OPENED, self._booking, b"\x00")
        script.tell()

    def _operate(self) -> None:
        verb = self._random.choice(_VERBS)
        status, asked = self._scene.phone.ask(
            "POST",
            f"/v1/bookings/{self._booking}/commands",
            f"operate-{next(self._keys)}",
            verb=verb,
        )
        if status == HTTPStatus.ACCEPTED:
            self.asked.append(asked)
        else:  # as many as may wait have no answer yet
            assert (status, asked["error"]) == (HTTPStatus.CONFLICT, "busy"), asked
            self.counts["commands_not_offered"] += 1

    def _book(self) -> None:
        """Another driver's day, or its end: the car's copy changes."""
        phone, key = self._scene.phone, f"book-{next(self._keys) + 1}"
        self.counts["changes"] += 1
        if self._made:
            status, found = phone.ask("POST", f"/v1/bookings/{self._made.pop()}/cancel", key)
            assert status == 200, found
            return
        starts_s = self._later_s()
        status, made = phone.ask(
            "POST", "/v1/bookings", key, car=CAR, starts_s=starts_s, ends_s=starts_s + HOUR_S
        )
        assert status == 201, made
        self._made.append(int(made["id"]))

    def _later_s(self) -> int:
        """Within the horizon, not in the way of the booking that goes on."""
        if not self._starts_s:
            booking = self._scene.phone.get(f"/v1/bookings/{self._booking}")
            self._starts_s = int(booking["ends_s"]) + HOUR_S
        return self._starts_s + HOUR_S * self._random.randrange(12)

    # What must hold.

    def _all_is_told(self) -> bool:
        script = self._scene.car.script
        if script.acked < len(script.events):
            script.tell()
            return False
        return True

    def check(self) -> None:
        """AssertionError for what does not."""
        scene, script = self._scene, self._scene.car.script
        told = rows(scene.daemon, "SELECT body FROM event ORDER BY seq")
        assert told == script.events, f"{len(told)} events instead of {len(script.events)}"
        assert rows(scene.daemon, "SELECT count(*) FROM missing_events") == [0]
        statuses = [until_ended(scene.phone, asked)["status"] for asked in self.asked]
        acted = [act.command.hex() for act in script.acts]
        assert len(set(acted)) == len(acted), "a command acted twice"
        for asked, status in zip(self.asked, statuses, strict=True):
            self.counts[f"commands_{status}"] += 1
            assert status != "accepted" or asked["id"] in acted, asked
            assert status != "refused" or asked["id"] not in acted, asked
        db = open_existing(scene.daemon.db)
        try:
            until(lambda: records_of(db) == script.records, "the car's copy like the daemon's")
        finally:
            db.close()
        log = scene.daemon.log.read_text()
        assert "Traceback" not in log
        assert log.count(": connected\n") == 1 + self.killed


def run(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """The counts; AssertionError when something was lost, doubled or untrue."""
    scene = Scene(folder)
    try:
        rounds = Kills(scene, seed)
        for number in range(kills):
            rounds.kill_once()
            if sys.stderr.isatty():
                print(f"\r{number + 1} of {kills}", end="", file=sys.stderr, flush=True)
        rounds.check()
        script = scene.car.script
        found = {"kills": kills, "events": len(script.events), "commands": len(rounds.asked)}
        return {"name": "broker_kills", **found, **dict(sorted(rounds.counts.items()))}
    finally:
        scene.close()


def main(argv: list[str]) -> int:
    """0 when everything held."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fleetd.broker_kills", description=__doc__
    )
    parser.add_argument("--kills", type=int, default=3, metavar="N", help="so often (3)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="what is done when (1)")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="broker-kills-") as folder:
        print(json.dumps(run(Path(folder), arguments.kills, arguments.seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
