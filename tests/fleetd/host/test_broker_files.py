"""Mosquitto with the files that `broker-files` writes: certificates and passwords, or keys."""

import base64
import hashlib
import json
import queue
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import frames
from firmware.wire.frames import down_topic, up_topic
from fleetd.core.broker_secrets import shared_key
from fleetd.host.command_line import main
from tests.fleetd.mqtt.mosquitto import DAEMON, Mosquitto
from tests.fleetd.mqtt.paho_car import ACCEPTED, PahoCar
from tests.fleetd.mqtt.rig import PATIENCE_S
from tests.fleetd.rig import CAR, OTHER_CAR, Desk


class Scene:
    """The broker that ships, two cars, and the daemon, who listens."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.broker = Mosquitto(folder, {})
        self.identities = {
            CAR: desk.identity,
            OTHER_CAR: desk.fleet.add_car("Suginami 2", OTHER_CAR),
        }
        assert main(["broker-files", "--db", str(desk.path), "--out", str(folder)]) == 0
        self.broker.start()
        self.heard: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self.daemon = PahoCar(
            DAEMON, (folder / "fleetd.password").read_text().strip().encode(),
            tls=self.broker.authority.client_context(),
        )  # fmt: skip
        self.daemon.on_message = lambda topic, payload: self.heard.put((topic, payload))
        assert self.daemon.connect(self.broker.port) == ACCEPTED
        assert self.daemon.subscribe("kb/1/u/+/+") == [1]

    def key(self, car: str) -> str:
        return shared_key(bytes.fromhex(self.identities[car].key)).hex()

    def client(self, program: str, identity: str, key: str, *words: str) -> Any:
        """Mosquitto's own client, with a key; it ends by itself."""
        return subprocess.run(
            [program, "-h", "127.0.0.1", "-p", str(self.broker.key_port), "--psk-identity", identity,
             "--psk", key, "--tls-version", "tlsv1.2", "-i", identity, *words],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip

    def say(self, identity: str, key: str, topic: str, text: str, *more: str) -> int:
        words = ("-q", "1", "-t", topic, "-m", text, *more)
        return int(self.client("mosquitto_pub", identity, key, *words).returncode)

    def first_read(self, identity: str, key: str, *topics: str) -> str:
        """The topic of the first message that this car gets, when the daemon writes to both."""
        words = [word for topic in topics for word in ("-t", topic)]
        reader = subprocess.Popen(
            ["stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker.key_port),
             "--psk-identity", identity, "--psk", key, "--tls-version", "tlsv1.2", "-i", identity,
             "-q", "1", "-d", "-C", "1", "-F", "%t", *words],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert reader.stdout is not None
        for line in reader.stdout:
            if line.startswith("Subscribed "):
                break
        for car in (OTHER_CAR, CAR):
            self.daemon.publish(down_topic(car), b"frame", 1, False).wait_for_publish(PATIENCE_S)
        said = [line.strip() for line in reader.stdout]
        assert reader.wait(PATIENCE_S) == 0
        reader.stdout.close()
        (topic,) = (line for line in said if line.startswith("kb/"))
        return topic

    def close(self) -> None:
        self.daemon.leave()
        self.broker.stop()


@pytest.fixture
def scene(desk: Desk, tmp_path: Path) -> Iterator[Scene]:
    found = Scene(desk, tmp_path)
    yield found
    found.close()


def test_cars_with_keys_reach_the_daemon_and_nobody_else(scene: Scene) -> None:
    """TLS-PSK: right key in, wrong key or foreign identity out, each car its own topics."""
    key, other = scene.key(CAR), scene.key(OTHER_CAR)
    assert scene.say(CAR, "00" * 32, up_topic(CAR), "wrong key") != 0
    assert scene.say(OTHER_CAR, key, up_topic(OTHER_CAR), "foreign identity") != 0
    assert scene.say("4b47000000ff", key, up_topic("4b47000000ff"), "unknown identity") != 0
    assert scene.say(CAR, scene.identities[CAR].key, up_topic(CAR), "the car's own key") != 0
    # Let in, but on a topic of somebody else; whatever user name it gives.
    assert scene.say(CAR, key, up_topic(OTHER_CAR), "foreign topic") == 0
    assert scene.say(CAR, key, up_topic(OTHER_CAR), "foreign name", "-u", OTHER_CAR) == 0
    assert scene.say(CAR, key, down_topic(CAR), "as the daemon") == 0
    assert scene.say(CAR, key, up_topic(CAR), "one") == 0
    assert scene.say(OTHER_CAR, other, up_topic(OTHER_CAR), "two") == 0
    heard = [scene.heard.get(timeout=PATIENCE_S) for _ in range(2)]
    assert heard == [(up_topic(CAR), b"one"), (up_topic(OTHER_CAR), b"two")]
    assert scene.heard.empty()

    # It may ask for everything; what it gets is its own.
    assert scene.first_read(CAR, key, "#", "kb/1/d/+/+", down_topic(OTHER_CAR)) == down_topic(CAR)
    assert scene.first_read(OTHER_CAR, other, down_topic(OTHER_CAR)) == down_topic(OTHER_CAR)


def test_cars_with_passwords_come_by_certificate(scene: Scene) -> None:
    tls = scene.broker.authority.client_context()
    for car, identity in scene.identities.items():
        line = PahoCar(car, identity.password.encode(), tls=tls)
        assert line.connect(scene.broker.port) == ACCEPTED
        line.publish(up_topic(car), b"hello", 1, False).wait_for_publish(PATIENCE_S)
        line.leave()
        assert scene.heard.get(timeout=PATIENCE_S) == (up_topic(car), b"hello")
    wrong = PahoCar(CAR, scene.identities[OTHER_CAR].password.encode(), tls=tls)
    assert wrong.connect(scene.broker.port) != ACCEPTED
    wrong.leave()


def test_the_files_are_the_users_alone_and_show_nothing(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A car's key stays here: what the broker gets opens no car. A new run keeps the daemon's."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    words = ["broker-files", "--db", str(desk.path), "--out", str(folder), "--json"]
    desk.db.run("UPDATE car SET broker_password = '' WHERE id = ?", CAR)
    desk.fleet.add_car("Suginami 2", OTHER_CAR)
    assert main(words) == 0
    first = (folder / "fleetd.password").read_text()
    assert main(words) == 0
    said = capsys.readouterr().out
    assert json.loads(said.splitlines()[-1])["by_key_alone"] == [CAR]
    assert (folder / "fleetd.password").read_text() == first
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"passwords": 0o600, "keys": 0o600, "fleetd.password": 0o600}
    written = "".join(path.read_text() for path in folder.iterdir())
    key = bytes.fromhex(desk.identity.key)
    for secret in (
        key,
        frames.direction_key(key, frames.UP),
        frames.direction_key(key, frames.DOWN),
    ):
        assert secret.hex() not in written + said
    assert first.strip() not in said
    assert shared_key(key).hex() not in said
    line = (folder / "passwords").read_text().splitlines()[0]
    user, _, kept = line.partition(":")
    _, form, rounds, salt, digest = kept.split("$")
    assert (user, form) == ("fleetd", "7")
    again = hashlib.pbkdf2_hmac(
        "sha512", first.strip().encode(), base64.b64decode(salt), int(rounds), 64
    )
    assert base64.b64decode(digest) == again


def test_a_folder_that_is_none(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["broker-files", "--db", str(desk.path), "--out", "/nowhere/at/all"]) == 2
    assert "is no folder; make it first" in capsys.readouterr().err
