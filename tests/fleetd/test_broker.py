"""What the daemon makes of a broker's messages, and of a broker that is none."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import frames, kb1
from fleetd.broker import TOPICS, Broker
from fleetd.mqtt import broker_link
from fleetd.mqtt.broker_link import Account, BrokerLink
from fleetd.serving.serve import main
from fleetd.store import car_rows
from tests.fleetd.daemon import PATIENCE_S
from tests.fleetd.mqtt.certificates import Authority
from tests.fleetd.mqtt.mosquitto import DAEMON, Mosquitto
from tests.fleetd.mqtt.paho_car import ACCEPTED, PahoCar
from tests.fleetd.rig import CAR, NOW_S, OTHER_CAR, Desk, ScriptedCar, wire

UP, PRESENCE = frames.up_topic(CAR), frames.presence_topic(CAR)


@pytest.fixture
def broker(desk: Desk) -> Broker:
    """Not connected: its messages come from the test, what it sends goes to the desk."""
    return Broker(desk.fleet, Account("127.0.0.1", 1), "127.0.0.1:1")


def is_online(desk: Desk) -> bool:
    (car,) = desk.fleet.status()["cars"]
    return bool(car["is_online"])


def kinds(desk: Desk, car: ScriptedCar) -> list[int]:
    """Of the frames that were sent since the last look."""
    key = frames.direction_key(bytes.fromhex(desk.identity.key), frames.DOWN)
    opened = [frames.open_frame((key,), car.car, frame) for frame in desk.taken()]
    return [found[0] for found in opened if found is not None]


def test_presence_says_who_is_there(desk: Desk, broker: Broker) -> None:
    for payload, expected in ((b"\x01", True), (b"\x00", False), (b"\x01more", True), (b"", False)):
        broker.message(PRESENCE, payload, retained=False)
        assert is_online(desk) is expected
    assert desk.taken() == []  # who comes now says HELLO by itself


def test_who_was_there_before_us_is_prompted(desk: Desk, broker: Broker) -> None:
    car = wire(desk)
    broker.message(PRESENCE, b"\x01", retained=True)
    assert is_online(desk)
    assert kinds(desk, car) == [kb1.TIME]
    broker.message(PRESENCE, b"\x01", retained=True)
    assert desk.taken() == []


def test_presence_behind_a_hello_does_not_undo_it(desk: Desk, broker: Broker) -> None:
    car = wire(desk)
    broker.message(UP, car.hello_frame(), retained=False)
    broker.message(PRESENCE, b"\x01", retained=False)
    desk.taken()
    desk.fleet.ask_position(CAR, "desk", "overdue")
    assert kb1.CMD in kinds(desk, car)


def test_who_speaks_without_hello_is_there_and_asked_for_it(desk: Desk, broker: Broker) -> None:
    car = wire(desk)
    broker.message(UP, car.frame(kb1.EVENTS, kb1.pack_events(7, 1, [])), retained=False)
    assert is_online(desk)
    assert kinds(desk, car) == [kb1.EACK, kb1.TIME]


def test_without_the_broker_every_car_is_away(desk: Desk, broker: Broker) -> None:
    broker.message(PRESENCE, b"\x01", retained=False)
    broker.lost("gone")
    assert not is_online(desk)
    line = desk.fleet.status()["line"]
    assert (line["way"], line["trouble"]) == ("broker 127.0.0.1:1", "gone")
    broker.ready()
    assert desk.fleet.status()["line"]["trouble"] == ""
    broker.message(PRESENCE, b"\x01", retained=True)
    assert is_online(desk)
    assert len(desk.taken()) == 1
    assert broker.send(CAR, b"frame") is False
    assert desk.fleet.counts["broker_unsent"] == 1


@pytest.mark.parametrize(
    ("topic", "payload", "retained", "counter"),
    [
        ("", b"", False, "broker_topic_senseless"),
        ("kb/1/u/00/nobody", b"", False, "broker_topic_senseless"),
        (UP.upper(), b"", False, "broker_topic_senseless"),
        (UP + "/more", b"", False, "broker_topic_senseless"),
        (f"kb/1/u/zz/{CAR}", b"", False, "broker_topic_senseless"),
        (frames.down_topic(CAR), b"", False, "broker_topic_senseless"),
        (frames.presence_topic(OTHER_CAR), b"\x01", False, "broker_car_unknown"),
        (frames.up_topic(OTHER_CAR), b"\x01", False, "broker_car_unknown"),
        (PRESENCE, b"\x02", False, "broker_presence_senseless"),
        (UP, b"late", True, "broker_frame_retained"),
        (UP, bytes(frames.FRAME_BYTES_MAX + 1), False, "broker_frame_too_large"),
    ],
)
def test_what_no_car_of_ours_says_is_counted_and_ignored(
    desk: Desk, broker: Broker, topic: str, payload: bytes, retained: bool, counter: str
) -> None:
    broker.message(topic, payload, retained=retained)
    assert desk.fleet.counts == {counter: 1}
    assert not is_online(desk)
    assert len(desk.fleet._links) <= 1  # what is not ours takes no memory


def test_a_car_that_writes_in_another_shard_is_named_once(desk: Desk, broker: Broker) -> None:
    """The access list holds a car to its own digits, and not to its shard."""
    for shard in range(256):
        for letter in "us":
            topic = f"kb/1/{letter}/{shard:02x}/{CAR}"
            if topic not in (UP, PRESENCE):
                broker.message(topic, b"\x01", retained=True)
                broker.message(f"kb/1/{letter}/{shard:02x}/{OTHER_CAR}", b"\x01", retained=False)
    assert desk.alarms() == ["foreign_topic"]
    alarm = desk.fleet.status()["alarms"][0]
    assert (alarm["car"], alarm["detail"]) == (CAR, f"it writes to kb/1/u/00/{CAR}")
    assert not is_online(desk)
    assert desk.fleet.counts["broker_topic_senseless"] >= 2 * 255


def test_a_retained_frame_is_ignored_even_if_it_is_genuine(desk: Desk, broker: Broker) -> None:
    broker.message(UP, wire(desk).hello_frame(), retained=True)
    assert desk.car_row().heard_s == 0


class Ears:
    def __init__(self) -> None:
        self.log: list[str] = []
        self.fails = False

    def ready(self) -> None:
        self.log.append("ready")

    def lost(self, trouble: str) -> None:
        self.log.append(trouble)

    def message(self, topic: str, payload: bytes, *, retained: bool) -> None:
        self.log.append(f"message {topic} {payload!r} {retained}")
        if self.fails:
            raise OSError("disk full")

    def ack(self, number: int, quality: int) -> None:
        """As the client's."""
        self.log.append(f"ack {number} {quality}")

    def disconnect(self) -> None:
        self.log.append("disconnect")


def test_a_message_is_acknowledged_after_it_was_taken(caplog: pytest.LogCaptureFixture) -> None:
    ears = Ears()
    link = BrokerLink(Account("127.0.0.1", 1), (), ears)
    client: Any = ears
    assert link.has_room()
    link.take(client, 7, 1, "t", b"p", False)
    assert ears.log == ["message t b'p' False", "ack 7 1"]
    ears.log.clear()
    link.take(client, 0, 0, "t", b"p", True)
    assert ears.log == ["message t b'p' True"]
    ears.log.clear()
    ears.fails = True
    with caplog.at_level(logging.CRITICAL):
        link.take(client, 8, 1, "t", b"p", False)
    assert ears.log == ["message t b'p' False", "disconnect"]


def test_the_room_between_thread_and_loop_is_bounded() -> None:
    link = BrokerLink(Account("127.0.0.1", 1), (), Ears())
    assert all(link.has_room() for _ in range(broker_link.ROOM))
    link._stopping.set()
    assert not link.has_room()


def test_an_account_does_not_show_its_password() -> None:
    assert "horse" not in repr(Account("h", 1, "u", "correct horse"))


def test_every_car_of_a_big_fleet_is_found_by_a_daemon_that_comes(
    desk: Desk, tmp_path: Path
) -> None:
    """More than the broker would queue for one subscription."""
    crowd = [f"4b47{number:08x}" for number in range(0x100, 0x100 + 1300)]
    with desk.db.transaction():
        for car in crowd:
            car_rows.add(desk.db, car, car, bytes(32), b"", NOW_S)
    mosquitto = Mosquitto(tmp_path, {DAEMON: "correct horse"})
    rights = tmp_path / "mosquitto.acl"
    rights.write_text(f"user {DAEMON}\ntopic readwrite kb/1/#\n")
    mosquitto.start()
    tls = mosquitto.authority.client_context()
    try:
        setter = PahoCar(DAEMON, b"correct horse", tls=tls)
        assert setter.connect(mosquitto.port) == ACCEPTED
        for car in crowd:
            setter.publish(frames.presence_topic(car), b"\x01", 1, True)
            setter.acknowledged()
        setter.leave()

        async def scene() -> None:
            broker = Broker(
                desk.fleet, Account("127.0.0.1", mosquitto.port, DAEMON, "correct horse", tls), "b"
            )
            broker.start()
            while len(broker._online) < len(crowd):
                await asyncio.sleep(0.01)
            await broker.stop()

        asyncio.run(asyncio.wait_for(scene(), PATIENCE_S))
    finally:
        mosquitto.stop()
    assert {car for car, _ in desk.sent} == set(crowd)


# Brokers that are not as they should be.


def troubles(desk: Desk, account: Account, count: int = 1) -> list[str]:
    """What it says until it has said so much."""
    found: list[str] = []

    async def scene() -> None:
        broker = Broker(desk.fleet, account, "b")
        note = broker.lost

        def lost(trouble: str) -> None:
            found.append(trouble)
            note(trouble)

        broker.lost = lost  # type: ignore[method-assign]
        broker.start()
        while len(found) < count:
            await asyncio.sleep(0.01)
        assert broker.trouble == found[-1]
        await broker.stop()

    asyncio.run(asyncio.wait_for(scene(), PATIENCE_S))
    return found


def test_no_broker_is_told_once_however_often_it_is_tried(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_link, "RETRY_S", 0.001)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        account = Account("127.0.0.1", nobody.getsockname()[1])
        assert set(troubles(desk, account, 3)) == {"Connection refused; is it running?"}
    assert caplog.messages == ["broker b: Connection refused; is it running?; trying again"]


def test_no_host(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with monkeypatch.context() as without_names:
        without_names.setattr(socket, "getaddrinfo", look_up)
        assert troubles(desk, Account("nowhere.invalid", 1)) == ["there is no host nowhere.invalid"]


def test_somebody_who_is_no_broker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_link, "ANSWER_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        account = Account("127.0.0.1", mute.getsockname()[1])
        assert troubles(desk, account) == ["does not answer; is it an MQTT broker?"]


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path, {DAEMON: "correct horse"})
    broker.start()
    yield broker
    broker.stop()


def test_a_certificate_of_a_stranger(desk: Desk, mosquitto: Mosquitto, tmp_path: Path) -> None:
    tls = Authority(tmp_path, "another").client_context()
    (said,) = troubles(desk, Account("127.0.0.1", mosquitto.port, DAEMON, "correct horse", tls))
    assert said.startswith("its certificate cannot be trusted (")
    assert said.endswith("); check --broker-ca")


def test_a_certificate_of_another_host(desk: Desk, tmp_path: Path) -> None:
    mosquitto = Mosquitto(tmp_path, {})
    mosquitto.authority.issue(host="fleet.example")
    mosquitto.start()
    tls = mosquitto.authority.client_context()
    try:
        (said,) = troubles(desk, Account("127.0.0.1", mosquitto.port, "", "", tls))
    finally:
        mosquitto.stop()
    assert said.startswith("its certificate cannot be trusted (IP address mismatch")


def test_a_broker_that_wants_tls(desk: Desk, mosquitto: Mosquitto) -> None:
    (said,) = troubles(desk, Account("127.0.0.1", mosquitto.port, DAEMON, "correct horse"))
    assert said == "closed the connection before it answered; wants it TLS (--broker-ca)?"


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def troubles_of_server(answer: Answer, tls: ssl.SSLContext | None) -> str:
    """Why a session with such a broker ends."""

    async def scene() -> str:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        account = Account("127.0.0.1", server.sockets[0].getsockname()[1], "", "", tls)
        link = BrokerLink(account, TOPICS, Ears())
        link._loop = asyncio.get_running_loop()
        found = await asyncio.to_thread(broker_link._Session(link).live, account)
        server.close()
        await server.wait_closed()
        return found

    return asyncio.run(asyncio.wait_for(scene(), PATIENCE_S))


def test_a_broker_that_has_no_tls() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"this is no TLS at all\n")
        await reader.read()
        writer.close()

    said = troubles_of_server(answer, ssl.create_default_context())
    assert said.startswith("no TLS with it (")


def test_a_user_who_may_not_read_the_topics() -> None:
    """Mosquitto with a file of rights grants and keeps silent; other brokers say no."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for reply in ("20020000", "9003000180"):
            kind, length = await reader.readexactly(2)
            packet = await reader.readexactly(length)
            number = packet[:2].hex() if kind == 0x82 else ""
            writer.write(bytes.fromhex(reply.replace("0001", number or "0001", 1)))
        await reader.read()
        writer.close()

    said = troubles_of_server(answer, None)
    assert said == "does not let us read the cars' topics; see fleetd/deploy/mosquitto.acl"


# The command line.


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--broker-user", "u"], "--broker-user: give --broker, too"),
        (["--broker", "127.0.0.1:1", "--mqtt-port", "1"], "--broker and --mqtt-port: cars come by"),
        (["--broker", "127.0.0.1:1", "--broker-password-file", "f"], "give --broker-user, too"),
        (["--broker", "127.0.0.1:1", "--broker-ca", "c", "--broker-key", "k"], "both or none"),
        (["--broker", "127.0.0.1:1", "--broker-cert", "c", "--broker-key", "k"],
         "--broker-cert: give --broker-ca, too"),
        (["--broker", "mqtt.example.org:1883"],
         "--broker mqtt.example.org:1883: the password would cross the network in the clear;"),
        (["--broker", "mqtt.example.org"], "mqtt.example.org is no HOST:PORT"),
    ],
)  # fmt: skip
def test_wrong_usage(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    assert main(["--db", str(desk.path), *words]) == 2
    assert text in capsys.readouterr().err


def test_files_that_cannot_be_used(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text").write_text("no certificate")
    base = ["--db", str(desk.path), "--http-port", "0", "--broker", "127.0.0.1:1"]
    missing = str(tmp_path / "no")
    assert main([*base, "--broker-user", "u", "--broker-password-file", missing]) == 2
    assert capsys.readouterr().err == (
        f"--broker-password-file {missing}: No such file or directory\n"
    )
    for ca in (missing, str(tmp_path / "text")):
        assert main([*base, "--broker-ca", ca]) == 2
        seen = capsys.readouterr()
        assert seen.err.startswith("--broker-ca, --broker-cert, --broker-key: cannot be used (")
        assert seen.err.count("\n") == 1
