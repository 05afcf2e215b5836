"""The far side of a car, from the rungs of the broker's ladder: our endpoint, or Mosquitto."""

from __future__ import annotations

import queue
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from firmware.wire.frames import down_topic
from fleetd.mqtt.tls import server_context
from fleetd.mqtt_endpoint import Limits
from tests.fleetd.mqtt.certificates import Authority
from tests.fleetd.mqtt.mosquitto import DAEMON, Mosquitto
from tests.fleetd.mqtt.paho_car import ACCEPTED, PahoCar
from tests.fleetd.mqtt.rig import CAR, OTHER, PASSWORD, PATIENCE_S, THIRD, Rig, running


class Peer(Protocol):
    """What the daemon sees and does, whoever carries it."""

    port: int
    tls: ssl.SSLContext | None

    def frame(self) -> tuple[str, bytes]:
        """The next message on any up topic: (car, frame)."""

    def presence(self) -> tuple[str, bytes]:
        """The next message on any presence topic, a will included: (car, payload)."""

    def send(self, car: str, frame: bytes) -> None:
        """Publish on the car's down topic, if somebody listens."""

    def pass_silence(self, seconds: float) -> None:
        """So long nobody says anything; a broker's own clock goes by itself."""

    def held_bytes(self) -> int:
        """Memory taken by what waits for cars, or an upper bound of it."""


class EndpointPeer:
    """Our own endpoint."""

    def __init__(self, rig: Rig, tls: ssl.SSLContext | None) -> None:
        self._rig = rig
        self.port = rig.port
        self.tls = tls

    def frame(self) -> tuple[str, bytes]:
        return self._rig.frame()

    def presence(self) -> tuple[str, bytes]:
        while True:
            car, _, payload = self._rig.news()
            if payload:  # the endpoint's own news, connected and gone, are empty
                return car, payload

    def send(self, car: str, frame: bytes) -> None:
        self._rig.send(car, frame)

    def pass_silence(self, seconds: float) -> None:
        self._rig.pass_time(seconds)

    def held_bytes(self) -> int:
        def held() -> int:
            return sum(one._queued_bytes() for one in self._rig.endpoint._connections)

        return self._rig.call(held)


class MosquittoPeer:
    """Mosquitto with the sample configuration, and the daemon as its client."""

    def __init__(self, broker: Mosquitto, tls: ssl.SSLContext) -> None:
        self.port = port = broker.port
        self.tls: ssl.SSLContext | None = tls
        self._broker = broker
        self._held_before = broker.memory_bytes()
        self._frames: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._presence: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.daemon = PahoCar(DAEMON, tls=tls)
        self.daemon.on_message = self._sort
        assert self.daemon.connect(port) == ACCEPTED
        assert self.daemon.subscribe("kb/1/u/#", "kb/1/s/#") == [1, 1]

    def frame(self) -> tuple[str, bytes]:
        return self._frames.get(timeout=PATIENCE_S)

    def presence(self) -> tuple[str, bytes]:
        return self._presence.get(timeout=PATIENCE_S)

    def send(self, car: str, frame: bytes) -> None:
        self.daemon.publish(down_topic(car), frame, quality=1)
        self.daemon.acknowledged()

    def pass_silence(self, seconds: float) -> None:
        pass

    def held_bytes(self) -> int:
        return self._broker.memory_bytes() - self._held_before

    def _sort(self, topic: str, payload: bytes) -> None:
        kind, _, car = topic.removeprefix("kb/1/").split("/")
        (self._frames if kind == "u" else self._presence).put((car, payload))


#: Of the limits only those that a test is not about are lifted.
CONNECTIONS_MAX = 10_000


def _limits(connections_max: int) -> Limits:
    return Limits(
        packets_burst=10_000,
        wrong_password_wait_s=0.0,
        car_connects_burst=1000,
        connections_max=connections_max,
    )


@contextmanager
def endpoint(connections_max: int = CONNECTIONS_MAX) -> Iterator[Peer]:
    with running(_limits(connections_max)) as rig:
        yield EndpointPeer(rig, None)


@contextmanager
def endpoint_with_tls(folder: Path, connections_max: int = CONNECTIONS_MAX) -> Iterator[Peer]:
    authority = Authority(folder)
    with running(_limits(connections_max), server_context(*authority.issue())) as rig:
        yield EndpointPeer(rig, authority.client_context())


@contextmanager
def mosquitto(folder: Path, connections_max: int = CONNECTIONS_MAX) -> Iterator[Peer]:
    """A broker of its own for this test, with the configuration that we give to others."""
    people = dict.fromkeys((DAEMON, CAR, OTHER, THIRD), PASSWORD.decode())
    broker = Mosquitto(folder, people)
    if connections_max != CONNECTIONS_MAX:
        broker.bound_connections(connections_max)
    broker.start()
    try:
        peer = MosquittoPeer(broker, broker.authority.client_context())
        yield peer
        peer.daemon.leave()
    finally:
        broker.stop()
