"""The daemon as a client of a real Mosquitto, with the configuration that we ship."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes
from tests.fleetd.daemon import ROOT, Daemon, LiveCar, Phone, fleetd, until
from tests.fleetd.mqtt.mosquitto import DAEMON, Mosquitto
from tests.fleetd.rig import CAR
from tests.fleetd.serving.test_serve import (
    book,
    operate,
    rows,
    until_ended,
    until_in_car,
    until_state,
)


class Scene:
    """Broker, daemon, phone and car."""

    def __init__(self, folder: Path) -> None:
        self.password = folder / "daemon.password"
        self.password.write_text("correct horse\n")
        self.password.chmod(0o600)
        self.broker = Mosquitto(folder, {DAEMON: "correct horse"})
        self.daemon = Daemon(
            folder, "--broker", f"127.0.0.1:{self.broker.port}", "--broker-user", DAEMON,
            "--broker-password-file", str(self.password), "--broker-ca", str(self.broker.authority.file),
        )  # fmt: skip
        self.daemon.mqtt_port = self.broker.port
        subprocess.run(
            ["mosquitto_passwd", "-b", folder / "passwords", CAR, self.daemon.identity.password],
            check=True, capture_output=True,
        )  # fmt: skip
        self.broker.start()
        self.car = LiveCar(self.daemon, self.broker.authority.client_context())
        self.phone = Phone(self.daemon)
        self.phone.log_in()

    def line(self) -> dict[str, Any]:
        """As the operator sees it."""
        found: dict[str, Any] = fleetd("status", "--db", str(self.daemon.db))
        assert found["is_served"]
        line: dict[str, Any] = found["line"]
        return line

    def until_line(self, trouble: str) -> None:
        until(lambda: trouble == self.line()["trouble"], f"trouble: {trouble or 'none'}")

    def until_online(self) -> None:
        self.until_line("")

    def close(self) -> None:
        self.car.leave()
        if self.daemon.process.poll() is None:
            self.daemon.kill()
        self.broker.stop()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    found = Scene(tmp_path)
    yield found
    found.close()


def test_a_rental_by_way_of_mosquitto(scene: Scene) -> None:
    """START-2 and protocol rule 9; the broker came after the daemon."""
    scene.until_online()
    assert scene.daemon.told["mode"] == "broker"
    assert scene.daemon.told["mqtt"] == f"mqtts://127.0.0.1:{scene.broker.port}"
    scene.car.connect()
    booking = book(scene.phone)
    until_in_car(scene.phone, booking)
    done = until_ended(scene.phone, operate(scene.phone, booking))
    assert (done["status"], done["reached_car"]) == ("accepted", "yes")
    assert [act.booking for act in scene.car.script.acts] == [booking]
    scene.car.script.happen(codes.AUDIT_UNLOCKED, booking, scene.car.script.use_detail())
    scene.car.script.tell()
    until_state(scene.phone, booking, "in_use")
    until(lambda: scene.car.script.acked == 1, "confirmation of the event")
    assert rows(scene.daemon, "SELECT seq FROM event") == [1]
    scene.car.leave()
    assert scene.daemon.stop() == 0
    assert "Traceback" not in scene.daemon.log.read_text()


def test_the_broker_dies_and_comes_back(scene: Scene) -> None:
    """SAFE-5: while it is away nothing is sent, and nobody waits for it."""
    scene.until_online()
    scene.car.connect()
    booking = book(scene.phone)
    until_in_car(scene.phone, booking)
    scene.broker.kill()
    scene.car.lose()
    until(lambda: scene.line()["trouble"], "trouble")
    lost = operate(scene.phone, booking, "start", "lost")
    assert (lost["status"], lost["reached_car"]) == ("pending", "no")
    scene.broker.start()
    scene.until_online()
    scene.car.connect()
    asked = operate(scene.phone, booking, "lock", "later")
    assert until_ended(scene.phone, asked)["status"] == "accepted"
    log = scene.daemon.log.read_text()
    assert log.count(": connected\n") == 2
    assert "Traceback" not in log


def test_the_daemon_starts_anew_while_the_car_stays(scene: Scene) -> None:
    """The car need not know: a prompt makes it say HELLO."""
    scene.until_online()
    scene.car.connect()
    first = book(scene.phone)
    until_in_car(scene.phone, first)
    scene.daemon.kill()
    assert fleetd("status", "--db", str(scene.daemon.db))["is_served"] is False
    told = len(scene.car.script.times)
    scene.daemon.start()
    until(lambda: len(scene.car.script.times) > told, "prompt")
    asked = operate(scene.phone, first)
    assert until_ended(scene.phone, asked)["status"] == "accepted"


def test_a_wrong_password_is_told_once_and_repaired_at_the_broker(scene: Scene) -> None:
    scene.until_online()
    scene.daemon.kill()
    scene.password.write_text("wrong horse")
    scene.daemon.log.write_text("")
    scene.daemon.start()
    scene.until_line("does not let us in: the user name or password is wrong")
    status = subprocess.run(
        [sys.executable, "-m", "fleetd", "status", "--db", str(scene.daemon.db)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert status.stdout.splitlines()[-1].startswith(
        f"cars come by broker 127.0.0.1:{scene.broker.port}, does not let us in: the user"
    )
    assert scene.phone.get("/v1/bookings") == {"bookings": []}
    assert json.dumps(scene.line()).count("horse") == 0
    log = scene.daemon.log.read_text()
    assert log.count("does not let us in") == 1
    assert log.count("\n") == 1
