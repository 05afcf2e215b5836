"""A real `python -m fleetd serve` with its database, a phone and a car that come over sockets."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from firmware.wire.frames import down_topic, presence_topic, up_topic
from fleetd.service import Fleet
from fleetd.store import fleet_rows
from fleetd.store.database import create
from simulator.desk.ports import free_port
from tests.fleetd.mqtt.paho_car import ACCEPTED, PahoCar
from tests.fleetd.rig import CAR, Clock, ScriptedCar

#: What a test waits for comes within a second or two; this is when to give up on a busy machine.
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.02
ROOT = Path(__file__).parent.parent.parent


def until(found: Callable[[], Any], what: str) -> Any:
    """The first answer that is not empty; fails when it does not come."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        answer = found()
        if answer:
            return answer
        threading.Event().wait(LOOK_EVERY_S)
    raise AssertionError(f"in {PATIENCE_S:.0f} s there was no {what}")


def fleetd(*words: str) -> dict[str, Any]:
    """A command of the operator; its answer."""
    done = subprocess.run(
        [sys.executable, "-m", "fleetd", *words, "--json"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE_S,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def free_ports(count: int) -> list[int]:
    """Ports that nobody has: a daemon that starts again needs the same ones."""
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return list(found)


class Daemon:
    """One database; the process may be killed and started again on the same ports."""

    def __init__(self, folder: Path, *options: str, profile: str = "top24-2023") -> None:
        self.db = folder / "fleet.db"
        self.log = folder / "log"
        self.options = options
        self.http_port, self.mqtt_port = free_ports(2)
        store = create(self.db)
        with store.transaction():
            fleet_rows.add(store, profile, int(time.time()))
        fleet = Fleet(store, lambda _car, _frame: None, time.time)
        people = fleet.register("Aoki Yui", "yui@example.org", "", "", b"")
        self.driver = people.driver
        self.first_password = people.driver_password
        self.identity = fleet.add_car("Suginami 1", CAR)
        store.close()
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        """Returns when it has told its addresses."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fleetd", "serve", "--db", str(self.db), "--json",
                 "--http-port", str(self.http_port), *self._port(), *self.options],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.told: dict[str, str] = json.loads(line)
        return self.process

    def _port(self) -> list[str]:
        has_broker = "--broker" in self.options
        return [] if has_broker else ["--mqtt-port", str(self.mqtt_port)]

    def kill(self) -> None:
        """No goodbye."""
        self.process.kill()
        assert self.end() == -signal.SIGKILL

    def stop(self, number: int = signal.SIGTERM) -> int:
        os.kill(self.process.pid, number)
        return self.end()

    def end(self) -> int:
        """The exit code."""
        found = self.process.wait(PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return found


class Phone:
    """HTTP over a socket, a connection a request."""

    def __init__(self, daemon: Daemon, tls: ssl.SSLContext | None = None) -> None:
        self._daemon = daemon
        self._tls = tls
        self.token = ""

    def log_in(self) -> None:
        """With a password of its own, as after the first time."""
        daemon = self._daemon
        first = self.ask("POST", "/v1/login", id=daemon.driver, password=daemon.first_password)
        self.token = first[1]["token"]
        changed = self.ask("POST", "/v1/password", old=daemon.first_password, new="long enough")
        self.token = changed[1]["token"]

    def ask(self, method: str, path: str, key: str = "", **body: Any) -> tuple[int, Any]:
        """(status, answer)."""
        line = self._line()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            line.request(method, path, json.dumps(body) if method == "POST" else None, headers)
            reply = line.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            line.close()

    def _line(self) -> http.client.HTTPConnection:
        port = self._daemon.http_port
        if self._tls is None:
            return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE_S, context=self._tls)

    def get(self, path: str) -> Any:
        status, found = self.ask("GET", path)
        assert status == 200, found
        return found


class _Now:
    """The rig's clock, but it goes."""

    @property
    def now_s(self) -> float:
        return time.time()


class LiveCar:
    """The scripted car behind the paho client. What it does not want to say stays in `kept`."""

    def __init__(
        self, daemon: Daemon, tls: ssl.SSLContext | None = None, clock: Clock | None = None
    ) -> None:
        self._daemon = daemon
        self._tls = tls
        self.is_silent = False
        self.kept: list[bytes] = []
        self.line: PahoCar | None = None
        lives_in = clock or cast(Clock, _Now())
        self.script = ScriptedCar(CAR, daemon.identity.key, self._say, lives_in)

    def connect(self) -> None:
        """MQTT, subscription, presence, HELLO."""
        self.line = PahoCar(
            CAR, self._daemon.identity.password.encode(), tls=self._tls,
            will=(presence_topic(CAR), b"\x00", 1, True),
        )  # fmt: skip
        self.line.on_message = lambda _topic, frame: self.script.hear(frame)
        assert self.line.connect(self._daemon.mqtt_port) == ACCEPTED
        assert self.line.subscribe(down_topic(CAR)) == [1]
        self.line.publish(presence_topic(CAR), b"\x01", 1, True)
        self.script.hello()

    def lose(self) -> None:
        """The daemon has gone: the client's thread ends."""
        assert self.line is not None
        self.line.wait_for_the_end()
        self.line.client.loop_stop()

    def leave(self) -> None:
        if self.line is not None:
            self.line.leave()

    def _say(self, frame: bytes) -> None:
        if self.is_silent or self.line is None:
            self.kept.append(frame)
        else:
            self.line.publish(up_topic(CAR), frame, quality=1)
