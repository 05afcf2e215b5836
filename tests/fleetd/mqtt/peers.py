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
from tests.fleetd.mqtt.rig import CAR, OTHER, PASSWORD, PATIENCE_S, Rig, running


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


class MosquittoPeer:
    """Mosquitto with the sample configuration, and the daemon as its client."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self.port = port
        self.tls: ssl.SSLContext | None = tls
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

    def _sort(self, topic: str, payload: bytes) -> None:
        kind, _, car = topic.removeprefix("kb/1/").split("/")
        (self._frames if kind == "u" else self._presence).put((car, payload))


@contextmanager
def endpoint() -> Iterator[Peer]:
    with running(Limits(packets_burst=1000, wrong_password_wait_s=0.0)) as rig:
        yield EndpointPeer(rig, None)


@contextmanager
def endpoint_with_tls(folder: Path) -> Iterator[Peer]:
    authority = Authority(folder)
    limits = Limits(packets_burst=1000, wrong_password_wait_s=0.0)
    with running(limits, server_context(*authority.issue())) as rig:
        yield EndpointPeer(rig, authority.client_context())


@contextmanager
def mosquitto(folder: Path) -> Iterator[Peer]:
    """A broker of its own for this test, with the configuration that we give to others."""
    broker = Mosquitto(folder, dict.fromkeys((DAEMON, CAR, OTHER), PASSWORD.decode()))
    broker.start()
    try:
        peer = MosquittoPeer(broker.port, broker.authority.client_context())
        yield peer
        peer.daemon.leave()
    finally:
        broker.stop()
