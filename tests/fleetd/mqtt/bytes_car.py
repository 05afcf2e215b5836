"""A client that says any bytes, with TLS where the peer has it, and sorts what it hears."""

from __future__ import annotations

import contextlib
import socket
from typing import Self

from firmware.wire.frames import down_topic
from firmware.wire.packets import PUBLISH, Packet, Publish, Will, pack_puback
from firmware.wire.packets_client import (
    ClientDecoder,
    Connack,
    pack_connect,
    pack_disconnect,
    pack_pingreq,
    pack_subscribe,
)
from tests.fleetd.mqtt.certificates import HOST
from tests.fleetd.mqtt.peers import Peer
from tests.fleetd.mqtt.rig import PASSWORD, PATIENCE_S

PINGRESP = 13


class BytesCar:
    """`connect` and `subscribe` for those who have nothing to hide; `send` for anything else."""

    def __init__(self, peer: Peer, car: str, receive_bytes: int = 0) -> None:
        self.car = car
        line = socket.socket()
        if receive_bytes:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        line.settimeout(PATIENCE_S)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.connect((HOST, peer.port))
        self.socket = peer.tls.wrap_socket(line, server_hostname=HOST) if peer.tls else line
        self._decoder = ClientDecoder(4096)
        self.heard: list[Publish] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Whether or not it is still wanted."""
        with contextlib.suppress(OSError):
            self.socket.sendall(data)

    def connect(
        self, will: Will | None = None, *, clean: bool = True, keep_alive_s: int = 60
    ) -> int:
        """What CONNACK says, -1 when the connection is closed instead."""
        self.send(pack_connect(self.car, keep_alive_s, self.car, PASSWORD, will, clean))
        packet = self.next()
        return packet.code if isinstance(packet, Connack) else -1

    def subscribe(self, *filters: str) -> None:
        """Its own down topic, and these."""
        wanted = [(down_topic(self.car), 1), *((one, 1) for one in filters)]
        self.send(pack_subscribe(1, wanted))

    def leave(self) -> None:
        """DISCONNECT, and until the other side has closed."""
        self.send(pack_disconnect())
        self.read_to_end()
        self.socket.close()

    def next(self) -> Packet | None:
        """The next packet; None at the end."""
        while (packet := self._decoder.next()) is None:
            try:
                data = self.socket.recv(4096)
            except OSError:
                data = b""
            if not data:
                return None
            self._decoder.feed(data)
        if isinstance(packet, Publish):
            self.heard.append(packet)
            if packet.qos:
                self.send(pack_puback(packet.packet_id))
        return packet

    def hear_until(self, payload: bytes) -> list[Publish]:
        """All messages up to the one with that payload, which must come."""
        while not self.heard or self.heard[-1].payload != payload:
            assert self.next() is not None, "closed before it came"
        return self.heard

    def read_to_end(self) -> list[int]:
        """The kinds of packets until the other side closes."""
        kinds = []
        while (packet := self.next()) is not None:
            kinds.append(packet.kind)
        return kinds

    def is_served(self) -> bool:
        """Whether a PINGREQ is answered."""
        self.send(pack_pingreq())
        while (packet := self.next()) is not None:
            if packet.kind == PINGRESP:
                return True
            assert packet.kind == PUBLISH or packet.kind in (4, 9)
        return False
