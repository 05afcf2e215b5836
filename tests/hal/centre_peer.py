"""The centre that a link's contract asks for, behind our endpoint or Mosquitto."""

from __future__ import annotations

from tests.fleetd.mqtt.paho_car import car
from tests.fleetd.mqtt.peers import EndpointPeer, Peer
from tests.fleetd.mqtt.rig import CAR


class PeerCentre:
    """The far half of `centre_link.Centre`."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def say(self, frame: bytes) -> None:
        self._peer.send(CAR, frame)

    def hear(self) -> bytes:
        who, frame = self._peer.frame()
        assert who == CAR
        return frame

    def news(self) -> bytes:
        who, payload = self._peer.presence()
        assert who == CAR
        return payload

    def cut(self) -> None:
        """The endpoint ends it; at Mosquitto a second box takes its place for a moment."""
        if isinstance(self._peer, EndpointPeer):
            rig = self._peer._rig
            rig.call(rig.endpoint.shut_out, CAR)
            return
        with car(CAR, tls=self._peer.tls) as second:
            second.connect(self._peer.port)
