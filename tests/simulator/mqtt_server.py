"""A server that a test speaks for: it answers as MQTT wants it, and keeps what it hears."""

from firmware.wire import packets, packets_endpoint
from firmware.wire.packets import Ack, Packet, Publish, pack_puback, pack_publish
from firmware.wire.packets_endpoint import Connect, EndpointDecoder, Subscribe
from simulator.network import Stream


class Session:
    """One stream of the car."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.connect: Connect | None = None
        self.heard: list[Publish] = []
        self.acked: list[int] = []
        self.has_ended = False
        self.is_mute = False
        self._decoder = EndpointDecoder(1200)
        self._down_topic = ""
        stream.on_bytes = self._hear
        stream.on_close = self._end

    @property
    def is_ready(self) -> bool:
        """The car has subscribed."""
        return bool(self._down_topic)

    def push(self, *payloads: bytes) -> None:
        """Messages to the car, numbered from 1 on, in one segment."""
        messages = [
            pack_publish(self._down_topic, payload, 1, False, number)
            for number, payload in enumerate(payloads, 1)
        ]
        self.stream.send(b"".join(messages))

    def topics(self) -> list[str]:
        """Of what the car published: u or s."""
        return [message.topic.split("/")[2] for message in self.heard]

    def _hear(self, data: bytes) -> None:
        self._decoder.feed(data)
        while (packet := self._decoder.next()) is not None:
            if not self.is_mute:
                self._answer(packet)

    def _answer(self, packet: Packet) -> None:
        if isinstance(packet, Connect):
            self.connect = packet
            self.stream.send(packets_endpoint.pack_connack(0))
        elif isinstance(packet, Subscribe):
            self._down_topic = packet.filters[0][0]
            self.stream.send(packets_endpoint.pack_suback(packet.packet_id, b"\1"))
        elif isinstance(packet, Publish):
            self.heard.append(packet)
            self.stream.send(pack_puback(packet.packet_id))
        elif isinstance(packet, Ack):
            self.acked.append(packet.packet_id)
        elif packet.kind == packets.PINGREQ:
            self.stream.send(packets_endpoint.pack_pingresp())

    def _end(self) -> None:
        self.has_ended = True


class MqttServer:
    """A `Server`; one session for each stream."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []

    def accept(self, stream: Stream) -> None:
        self.sessions.append(Session(stream))

    @property
    def last(self) -> Session:
        return self.sessions[-1]
