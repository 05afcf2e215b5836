"""A real daemon and a real car beside it, in a folder; each may be killed and started again."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from simulator.desk import seeding
from simulator.desk.feed_client import FeedClient
from simulator.desk.processes import Process, end_all
from simulator.desk.state_files import make_folder
from simulator.live.told import Told
from simulator.scenario.reader import read_file
from tests.fleetd.daemon import free_ports
from tests.whole.flash import Kept, read_journal

#: What a test waits for comes within seconds; this is when to give up on a busy machine.
PATIENCE_S = 120.0
LOOK_EVERY_S = 0.005
HOST = "127.0.0.1"
#: A moment for the other processes; nothing is expected of it.
_nap = threading.Event()


class Desk:
    """`start` starts both; `look` takes in what the feed says."""

    def __init__(self, folder: Path, story: Path | str, vm: str = "cpython", speed: float = 1.0):
        self.folder = folder
        make_folder(folder)
        self.story = read_file(str(story))
        self._speed = speed
        self.accounts = seeding.seed(folder, self.story)
        self.http_port, self.mqtt_port, self.feed_port = free_ports(3)
        self.database = folder / seeding.DATABASE
        self.car = Process("The car", self._car_words(vm, speed), folder / "car.log")
        self.daemon = Process(
            "The daemon",
            [*self._daemon_words(), "--mqtt-port", str(self.mqtt_port)],
            folder / "daemon.log",
        )
        self.feed = FeedClient(HOST, self.feed_port)
        #: All that the feed told, of all processes of the car.
        self.told: list[Told] = []

    def come_by_broker(self, port: int, user: str, password: str) -> None:
        """Before the start: daemon and car are clients of a broker there."""
        file = self.folder / "daemon.password"
        file.write_text(password)
        file.chmod(0o600)
        self.daemon.arguments = [
            *self._daemon_words(), "--broker", f"{HOST}:{port}", "--broker-user", user,
            "--broker-password-file", str(file),
        ]  # fmt: skip
        at = self.car.arguments.index("--centre") + 1
        self.car.arguments[at] = f"mqtt://{HOST}:{port}"

    def _daemon_words(self) -> list[str]:
        return [
            "-m", "fleetd", "serve", "--json", "--db", str(self.database),
            "--http-port", str(self.http_port), "--clock", f"{HOST}:{self.feed_port}",
        ]  # fmt: skip

    def _car_words(self, vm: str, speed: float) -> list[str]:
        return [
            "-m", "simulator", "car", "--state", str(self.folder),
            "--centre", f"mqtt://{HOST}:{self.mqtt_port}",
            "--phones", f"http://{HOST}:{self.http_port}",
            "--db", str(self.database), "--identity", str(self.folder / seeding.IDENTITY),
            "--feed-port", str(self.feed_port), "--vm", vm, "--speed", str(speed),
            "--scenario", self.story.path,
        ]  # fmt: skip

    # Their life.

    def start(self) -> None:
        """The car first: it has the clock, which the daemon asks for."""
        self.start_again(self.car, self.daemon)

    def start_again(self, *processes: Process) -> None:
        """With the same command line; returns when they run and the box has booted."""
        for process in processes:
            process.start()
            process.wait_until_ready()
        if self.car in processes:
            self.until(lambda: self.feed.is_there and self.seen["box"] == "runs", "a box that runs")

    def kill(self, *processes: Process) -> None:
        """No goodbye; the next one dies before the first is buried."""
        for process in processes:
            os.kill(process.pid, signal.SIGKILL)
        for process in processes:
            process.end()
            assert process.death() == "was killed by signal 9"
        if self.car in processes:
            self.feed.close()
            self.feed.car = None

    def close(self) -> None:
        self.feed.close()
        end_all([process for process in (self.car, self.daemon) if process.pid])

    # What the car is seen to be, and told to do.

    @property
    def seen(self) -> dict[str, Any]:
        """The feed's picture of the car."""
        found = self.feed.car
        return found if found is not None else {"box": "is gone", "state": "off"}

    @property
    def now_s(self) -> float:
        """Simulated Unix time."""
        assert self.feed.course is not None
        return self.feed.course.at(time.monotonic())

    def look(self) -> None:
        for process in (self.car, self.daemon):
            death = process.death()
            assert not death, f"{process.name} {death}: {process.last_words()}"
        self.feed.poll()
        self.told += self.feed.take_told()
        assert not self.feed.errors, self.feed.errors

    def ask(self, **request: Any) -> None:
        """Of the feed; whoever asks looks for what came of it."""
        assert self.feed.ask(request), f"nobody hears {request}"

    def do(self, *actions: str) -> None:
        for action in actions:
            self.ask(do=action)

    def pass_time(self, seconds: float) -> None:
        """A moment outside, while the feed is looked at."""
        ends_s = time.monotonic() + seconds
        while time.monotonic() < ends_s:
            self.look()
            _nap.wait(LOOK_EVERY_S)

    def until(self, found: Callable[[], Any], what: str) -> Any:
        """The first answer that is not empty; fails when it does not come."""
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            self.look()
            answer = found()
            if answer:
                return answer
            _nap.wait(LOOK_EVERY_S)
        raise AssertionError(f"in {PATIENCE_S:.0f} s there was no {what}; the car is {self.seen}")

    def until_state(self, *states: str) -> None:
        self.until(lambda: self.seen["state"] in states, f"state {' or '.join(states)}")

    def until_time(self, unix_s: float, rate: float = 1000.0) -> None:
        """Let simulated time race there."""
        self.ask(rate=rate)
        self.until(lambda: self.now_s >= unix_s, f"time {unix_s}")
        self.ask(rate=self._speed)

    # The two accounts of what happened.

    def journal(self) -> Kept:
        """As the flash has it just now; a car that runs stands still for the copy."""
        is_alive = not self.car.death()
        if is_alive:
            os.kill(self.car.pid, signal.SIGSTOP)
        try:
            image = (self.folder / "journal.flash").read_bytes()
        finally:
            if is_alive:
                os.kill(self.car.pid, signal.SIGCONT)
        return read_journal(image)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Of the daemon's database, which is only read."""
        uri = f"{self.database.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE_S)) as db:
            return db.execute(sql, values).fetchall()

    def until_told(self) -> Kept:
        """The daemon has all that the car's journal has; what that is."""

        def compare() -> Kept | None:
            kept = self.journal()
            count, last = self.rows("SELECT count(*), max(seq) FROM event")[0]
            return kept if (count, last) == (kept.last, kept.last) else None

        found: Kept = self.until(compare, "event for event in the database")
        return found
