"""What one client says, and what it is answered (MQTT 3.1.1); no socket and no clock in here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from firmware.wire import frames, packets, packets_endpoint
from fleetd.mqtt.admission import CONNACK_CODES
from fleetd.mqtt.counters import Counters, Ending, Refusal
from fleetd.mqtt.limits import Limits

#: What SUBACK says for a filter that the car may not read.
NOT_GRANTED = 0x80


class Line(Protocol):
    """The connection under a dialogue."""

    ended: Ending | None

    def write(self, data: bytes) -> bool:
        """Queue bytes for the peer; False when the connection has ended."""

    def end(self, reason: Ending) -> None:
        """End the connection; calls `Dialogue.over` at once, and once."""


class House(Protocol):
    """What a dialogue needs from the endpoint."""

    presence: Callable[[str, bool, bytes], None]

    def judge(self, address: str, client: str, user: str, password: bytes) -> Refusal | None:
        """None: this is the car `client`."""

    def take_in(self, dialogue: Dialogue, frame: bytes, packet_id: int) -> None:
        """A frame from its car, soon; then `dialogue.confirm(packet_id)` unless that is 0."""

    def take_last(self, car: str, frame: bytes) -> None:
        """The frame of a will, now."""

    def enter(self, dialogue: Dialogue) -> None:
        """This dialogue is its car's now; one before it ends."""

    def leave(self, dialogue: Dialogue) -> None:
        """This dialogue is over."""


class Dialogue:
    """From CONNECT to the end, with one client. `car` is empty before CONNECT is accepted."""

    def __init__(
        self, line: Line, house: House, limits: Limits, counters: Counters, address: str
    ) -> None:
        self.line = line
        self.car = ""
        self.keep_alive_s = limits.keep_alive_max_s
        self.subscribed = False
        self._house = house
        self._limits = limits
        self._counters = counters
        self._address = address
        self._down = self._up = self._presence = ""
        self._qos = 0
        self._will: packets.Will | None = None
        self._packet_id = 0
        self._unacknowledged: set[int] = set()

    def take(self, packet: packets.Packet) -> None:
        """One packet from the client."""
        if isinstance(packet, packets_endpoint.Connect) and not self.car:
            self._connect(packet)
        elif not self.car or isinstance(packet, packets_endpoint.Connect):
            self.line.end("out_of_order")
        elif isinstance(packet, packets.Publish):
            self._publish(packet)
        elif isinstance(packet, packets_endpoint.Subscribe):
            self._subscribe(packet)
        elif isinstance(packet, packets_endpoint.Unsubscribe):
            self._unsubscribe(packet)
        elif isinstance(packet, packets.Ack):
            self._unacknowledged.discard(packet.packet_id)
        elif packet.kind == packets.PINGREQ:
            self.line.write(packets_endpoint.pack_pingresp())
        else:  # DISCONNECT: the decoder lets nothing else through
            self._will = None
            self.line.end("left")

    def garbled(self, error: packets.MqttError) -> None:
        """What came is not MQTT 3.1.1; a client of another version is told so."""
        refusal: Refusal | None = None
        if not self.car and error.code == packets.UNACCEPTABLE_LEVEL:
            refusal = "version"
        elif not self.car and error.code == packets.IDENTIFIER_REJECTED:
            refusal = "identifier"
        if refusal is None:
            self.line.end("malformed")
        else:
            self._refuse(refusal)

    def send(self, frame: bytes) -> bool:
        """Publish on the car's down topic; False when the car does not take it in."""
        packet_id = 0
        if self._qos:
            if len(self._unacknowledged) >= self._limits.unacknowledged_max:
                self.line.end("unacknowledged")
                return False
            packet_id = self._next_packet_id()
        data = packets.pack_publish(self._down, frame, self._qos, packet_id=packet_id)
        if not self.line.write(data):
            return False
        if packet_id:
            self._unacknowledged.add(packet_id)
        self._counters.frames_out += 1
        return True

    def confirm(self, packet_id: int) -> None:
        """What came with this number was taken."""
        self.line.write(packets.pack_puback(packet_id))

    def over(self) -> None:
        """The connection has ended, whoever ended it."""
        self.subscribed = False
        if not self.car:
            return
        self._house.leave(self)
        will, self._will = self._will, None
        of_presence = will is not None and will.topic == self._presence
        try:
            if will is not None and not of_presence:
                self._counters.frames_in += 1
                self._house.take_last(self.car, will.payload)
        finally:
            self._house.presence(
                self.car, False, will.payload if will is not None and of_presence else b""
            )

    # --- the packets

    def _connect(self, packet: packets_endpoint.Connect) -> None:
        refusal = self._house.judge(
            self._address, packet.client_id, packet.user or "", packet.password or b""
        )
        if refusal is None:
            self._down = frames.down_topic(packet.client_id)
            self._up = frames.up_topic(packet.client_id)
            self._presence = frames.presence_topic(packet.client_id)
            will = packet.will
            if will is not None and self._objection(will.topic, will.payload, will.retain):
                refusal = "will"
        if refusal is not None:
            self._refuse(refusal)
            return
        self.car = packet.client_id
        self._will = packet.will
        most_s = self._limits.keep_alive_max_s
        self.keep_alive_s = min(packet.keep_alive_s or most_s, most_s)
        self._house.enter(self)
        self._counters.connects += 1
        self.line.write(packets_endpoint.pack_connack(packets.ACCEPTED))
        self._house.presence(self.car, True, b"")

    def _refuse(self, refusal: Refusal) -> None:
        self._counters.refused[refusal] += 1
        self.line.write(packets_endpoint.pack_connack(CONNACK_CODES[refusal]))
        self.line.end("refused")

    def _publish(self, packet: packets.Publish) -> None:
        objection = self._objection(packet.topic, packet.payload, packet.retain)
        if objection is not None:
            self.line.end(objection)
            return
        if packet.topic == self._up:
            self._counters.frames_in += 1
            self._house.take_in(self, packet.payload, packet.packet_id if packet.qos else 0)
            return
        self._house.presence(self.car, True, packet.payload)
        if packet.qos:
            self.confirm(packet.packet_id)

    def _objection(self, topic: str, payload: bytes, retain: bool) -> Ending | None:
        """What speaks against this message or will; None: nothing."""
        if topic not in (self._up, self._presence):
            return "topic"
        if retain and topic != self._presence:
            return "retained"
        if len(payload) > frames.FRAME_BYTES_MAX:
            return "too_large"
        return None

    def _subscribe(self, packet: packets_endpoint.Subscribe) -> None:
        codes = bytearray()
        for topic, qos in packet.filters:
            if topic == self._down:
                self.subscribed = True
                self._qos = min(qos, packets.QOS_MAX)
                codes.append(self._qos)
            else:
                self._counters.subscriptions_refused += 1
                codes.append(NOT_GRANTED)
        self.line.write(packets_endpoint.pack_suback(packet.packet_id, bytes(codes)))

    def _unsubscribe(self, packet: packets_endpoint.Unsubscribe) -> None:
        if self._down in packet.filters:
            self.subscribed = False
        self.line.write(packets_endpoint.pack_unsuback(packet.packet_id))

    def _next_packet_id(self) -> int:
        """1 to 65535 in turn, but none that is not acknowledged yet [MQTT-2.3.1-2]."""
        while True:
            self._packet_id = self._packet_id % 65535 + 1
            if self._packet_id not in self._unacknowledged:
                return self._packet_id
