"""A car as the paho client plays it: an MQTT implementation that is not ours."""

from __future__ import annotations

import queue
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from tests.fleetd.mqtt.rig import PASSWORD, PATIENCE_S

#: paho 2 tells MQTT 3.1.1's return codes by the names of MQTT 5.
ACCEPTED = "Success"
NOT_AUTHORIZED = "Not authorized"
BAD_IDENTIFIER = "Client identifier not valid"
UNAVAILABLE = "Server unavailable"
BAD_VERSION = "Unsupported protocol version"


class PahoCar:
    """A client with queues of what it was told. It does not reconnect by itself."""

    def __init__(
        self,
        client: str,
        password: bytes | None = PASSWORD,
        user: str | None = None,
        version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
        will: tuple[str, bytes, int, bool] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client,
            protocol=version,
            reconnect_on_failure=False,
        )
        if password is not None:
            self.client.username_pw_set(client if user is None else user, password.decode())
        if will is not None:
            topic, payload, quality, retain = will
            self.client.will_set(topic, payload, quality, retain)
        if tls is not None:
            self.client.tls_set_context(tls)
        self.messages: queue.Queue[tuple[str, bytes, int, bool]] = queue.Queue()
        self.on_message: Callable[[str, bytes], None] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._granted: queue.Queue[list[int]] = queue.Queue()
        self._published: queue.Queue[int] = queue.Queue()
        self._ends: queue.Queue[str] = queue.Queue()
        self.client.on_connect = self._on_connect
        self.client.on_connect_fail = self._on_connect_fail
        self.client.on_message = self._on_message
        self.client.on_subscribe = self._on_subscribe
        self.client.on_publish = self._on_publish
        self.client.on_disconnect = self._on_disconnect

    def connect(self, port: int, keep_alive_s: int = 60, host: str = "127.0.0.1") -> str:
        """Connect; what CONNACK says."""
        self.client.connect(host, port, keep_alive_s)
        self.client.loop_start()
        return self._answers.get(timeout=PATIENCE_S)

    def subscribe(self, *topics: str, quality: int = 1) -> list[int]:
        """The granted QoS of each; 128 is a refusal."""
        self.client.subscribe([(topic, quality) for topic in topics])
        return self._granted.get(timeout=PATIENCE_S)

    def publish(
        self, topic: str, payload: bytes, quality: int = 0, retain: bool = False
    ) -> paho.MQTTMessageInfo:
        return self.client.publish(topic, payload, quality, retain)

    def acknowledged(self) -> int:
        """The next packet identifier that PUBACK (QoS 0: the sending) named."""
        return self._published.get(timeout=PATIENCE_S)

    def message(self) -> tuple[str, bytes, int, bool]:
        return self.messages.get(timeout=PATIENCE_S)

    def wait_for_the_end(self) -> str:
        return self._ends.get(timeout=PATIENCE_S)

    def leave(self) -> None:
        """DISCONNECT, and no thread is left."""
        self.client.disconnect()
        self._release()

    def cut(self) -> None:
        """Lose the connection without a DISCONNECT."""
        line = self.client.socket()
        assert isinstance(line, socket.socket)
        line.shutdown(socket.SHUT_RDWR)
        self.wait_for_the_end()
        self._release()

    def _release(self) -> None:
        """End its thread, and close what it would leave to the garbage collector."""
        self.client.loop_stop()
        self.client._reset_sockets()

    def _on_connect(self, *news: Any) -> None:
        code: ReasonCode = news[3]
        self._answers.put(str(code))

    def _on_connect_fail(self, *_: Any) -> None:
        self._answers.put("no connection")

    def _on_message(self, _: Any, __: Any, message: paho.MQTTMessage) -> None:
        if self.on_message is not None:
            self.on_message(message.topic, bytes(message.payload))
        self.messages.put((message.topic, bytes(message.payload), message.qos, message.retain))

    def _on_subscribe(self, *news: Any) -> None:
        codes: list[ReasonCode] = news[3]
        self._granted.put([code.value for code in codes])

    def _on_publish(self, *news: Any) -> None:
        self._published.put(news[2])

    def _on_disconnect(self, *news: Any) -> None:
        code: ReasonCode = news[3]
        assert code.packetType == PacketTypes.DISCONNECT
        self._ends.put(str(code))


@contextmanager
def car(client: str, **details: Any) -> Iterator[PahoCar]:
    """A client that leaves at the end."""
    made = PahoCar(client, **details)
    try:
        yield made
    finally:
        made.leave()
