"""The link by paho through a real Mosquitto with TLS: the rules of `firmware.link`, kept by it too."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.ticks import ticks_add
from firmware.wire.frames import FRAME_BYTES_MAX, presence_topic, up_topic
from hal.linux.centre_paho import OFFLINE, QUEUE_FRAMES_MAX, PahoCentre
from hal.linux.paho_session import PahoAccount
from tests.fleetd.mqtt.certificates import HOST, Authority
from tests.fleetd.mqtt.mosquitto import Mosquitto
from tests.hal.linux.daemon_end import CAR, PASSWORDS, Daemon

WITHIN_S = 40


class Waits:
    """Draws 5 s, or 60 s after the centre turned the car away."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def next_ms(self) -> int:
        self.drawn.append("usual")
        return 5000

    def next_slow_ms(self) -> int:
        self.drawn.append("slow")
        return 60000

    def next_returned_ms(self) -> int:
        self.drawn.append("returned")
        return 2000

    def reset(self) -> None:
        self.drawn.append("reset")


class Car:
    """The link, polled as a board does, in a time of the test's."""

    def __init__(self, broker: Mosquitto, ca_der: bytes, password: str = PASSWORDS[CAR]) -> None:
        account = PahoAccount(HOST, broker.port, CAR, password.encode(), b"\1boot", b"\0boot")
        account.ca_der = ca_der
        self.account = account
        self.waits = Waits()
        self.woken = threading.Event()
        self.link = PahoCentre(account, self.waits, self.woken.set)  # type: ignore[arg-type]
        self.now_ms = 2**30 - 1000
        self.link.poll(self.now_ms)

    def pass_ms(self, ms: int) -> None:
        self.now_ms = ticks_add(self.now_ms, ms)
        self.link.poll(self.now_ms)

    def until(self, is_done: Callable[[], Any]) -> None:
        until_s = time.monotonic() + WITHIN_S
        self.link.poll(self.now_ms)
        while not is_done():
            assert time.monotonic() < until_s, f"{self.link.state} {self.link.detail}"
            self.woken.wait(0.1)
            self.woken.clear()
            self.link.poll(self.now_ms)

    def go_online(self) -> None:
        self.link.hurry()
        self.until(self.link.is_online)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path_factory.mktemp("broker"), PASSWORDS)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def ca_der(broker: Mosquitto) -> bytes:
    return der_of(broker.authority)


def der_of(authority: Authority) -> bytes:
    return ssl.PEM_cert_to_DER_cert(authority.file.read_text(encoding="ascii"))


@pytest.fixture
def daemon(broker: Mosquitto) -> Iterator[Daemon]:
    made = Daemon(broker)
    yield made
    made.close()


def test_frames_go_both_ways_and_presence_is_kept(
    broker: Mosquitto, ca_der: bytes, daemon: Daemon
) -> None:
    car = Car(broker, ca_der)
    assert not car.link.send(b"too early")
    car.go_online()
    assert daemon.next() == (presence_topic(CAR), b"\1boot")
    assert car.link.send(b"up")
    assert daemon.next() == (up_topic(CAR), b"up")
    daemon.say(b"down")
    car.until(lambda: car.link.next_due_at_ms == car.now_ms)
    assert car.link.receive() == b"down"
    assert car.link.receive() is None
    assert (car.link.unsent, car.link.sessions) == (1, 1)
    with pytest.raises(ValueError, match="a frame of 1025 bytes; 1024 at most"):
        car.link.send(bytes(FRAME_BYTES_MAX + 1))
    car.link.close()


def test_the_oldest_frames_stay_and_strange_ones_do_not_come(
    broker: Mosquitto, ca_der: bytes, daemon: Daemon
) -> None:
    daemon.say(b"of another time", retain=True)
    car = Car(broker, ca_der)
    car.go_online()
    for number in range(QUEUE_FRAMES_MAX + 3):
        daemon.say(bytes([number]))
    car.until(lambda: car.link.dropped == 3)
    got = [car.link.receive() for _ in range(QUEUE_FRAMES_MAX)]
    assert got == [bytes([number]) for number in range(QUEUE_FRAMES_MAX)]
    assert car.link.receive() is None
    assert car.link._session is not None
    assert car.link._session.strange == 1
    daemon.say(b"", retain=True)
    car.link.close()


def test_power_4_who_rests_says_so_and_comes_back_soon(
    broker: Mosquitto, ca_der: bytes, daemon: Daemon
) -> None:
    car = Car(broker, ca_der)
    car.go_online()
    while daemon.next()[1] != b"\1boot":
        pass
    last = [bytes([number]) for number in range(5)]
    for frame in last:
        assert car.link.send(frame)
    car.link.rest(True)
    assert not car.link.is_online()
    assert [daemon.next() for _ in last] == [(up_topic(CAR), frame) for frame in last]
    assert daemon.next() == (presence_topic(CAR), b"\0boot")
    car.until(lambda: car.link._session is None)
    car.pass_ms(3_600_000)
    assert car.link.state == OFFLINE
    assert not car.link.send(b"resting")
    car.link.rest(False)
    assert car.waits.drawn[-1] == "returned"
    car.pass_ms(2000)
    car.until(car.link.is_online)
    assert daemon.next() == (presence_topic(CAR), b"\1boot")  # who went was told once
    car.link.close()


def test_who_leaves_without_a_word_is_spoken_for_by_the_will(
    broker: Mosquitto, ca_der: bytes, daemon: Daemon
) -> None:
    car = Car(broker, ca_der)
    car.go_online()
    while daemon.next()[1] != b"\1boot":
        pass
    session = car.link._session
    assert session is not None
    line: Any = session._client.socket()
    line.shutdown(2)
    assert daemon.next() == (presence_topic(CAR), b"\0boot")
    car.until(lambda: car.link.state == OFFLINE)
    # Drawn waits, and not before they are over.
    assert car.waits.drawn == ["usual", "usual"]
    car.pass_ms(4999)
    assert car.link.state == OFFLINE
    car.pass_ms(1)
    car.until(car.link.is_online)
    assert car.link.sessions == 2
    car.pass_ms(60000)
    assert car.waits.drawn[-1] == "reset"
    car.link.close()


def test_a_wrong_password_is_turned_away_and_waits_long(broker: Mosquitto, ca_der: bytes) -> None:
    car = Car(broker, ca_der, password="guessed")
    car.link.hurry()
    car.pass_ms(0)
    car.until(lambda: car.link.state == OFFLINE and car.link.detail)
    assert car.waits.drawn[-1] == "slow"
    assert not car.link.may_connect()
    car.link.hurry()  # nobody gets in by that
    car.pass_ms(59999)
    assert car.link.state == OFFLINE


def test_another_ca_is_not_believed(broker: Mosquitto, tmp_path: Path) -> None:
    car = Car(broker, der_of(Authority(tmp_path, "stranger")))
    car.link.hurry()
    car.pass_ms(0)
    car.until(lambda: car.link.state == OFFLINE and car.link.detail)
    assert "CERTIFICATE_VERIFY_FAILED" in car.link.detail
    assert car.link.may_connect()


def test_another_name_is_not_believed(broker: Mosquitto, ca_der: bytes) -> None:
    car = Car(broker, ca_der)
    car.account.server_name = "elsewhere.example"
    car.link.hurry()
    car.pass_ms(0)
    car.until(lambda: car.link.state == OFFLINE and car.link.detail)
    assert "elsewhere.example" in car.link.detail


def test_made_without_the_date_it_ends_once_the_date_is_known(
    broker: Mosquitto, ca_der: bytes
) -> None:
    car = Car(broker, ca_der)
    car.link.hurry()
    car.link.poll(car.now_ms, False)
    until_s = time.monotonic() + WITHIN_S
    while not car.link.is_online():
        assert time.monotonic() < until_s
        car.woken.wait(0.1)
        car.link.poll(car.now_ms, False)
    car.link.poll(car.now_ms, True)
    car.until(lambda: car.link.state == OFFLINE)
    car.go_online()
    assert car.link.sessions == 2
    car.link.close()
