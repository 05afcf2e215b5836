"""MQTT 3.1.1 packets without I/O: what clients and endpoints share.

From the OASIS standard of 29 October 2014, whose statements are named in brackets; QoS 0 and 1.
A client's packets and decoder are in `packets_client`, an endpoint's in `packets_endpoint`.
"""

import struct

CONNECT = 1
CONNACK = 2
PUBLISH = 3
PUBACK = 4
SUBSCRIBE = 8
SUBACK = 9
UNSUBSCRIBE = 10
UNSUBACK = 11
PINGREQ = 12
PINGRESP = 13
DISCONNECT = 14

# Codes of CONNACK.
ACCEPTED = 0
UNACCEPTABLE_LEVEL = 1
IDENTIFIER_REJECTED = 2
SERVER_UNAVAILABLE = 3
BAD_USER_OR_PASSWORD = 4
NOT_AUTHORISED = 5

QOS_MAX = 1
_TEXT_BYTES_MAX = 65535
_LENGTH_MAX = (1 << 28) - 1


class MqttError(Exception):
    """The peer broke the protocol: close. `code`, unless 0, is what CONNACK should say before."""

    def __init__(self, sentence: str, code: int = 0) -> None:
        super().__init__(sentence)
        self.code = code


class Packet:
    """A packet without fields: PINGREQ, PINGRESP or DISCONNECT; and the base of the others."""

    def __init__(self, kind: int) -> None:
        self.kind = kind


class Ack(Packet):
    """PUBACK or UNSUBACK."""

    def __init__(self, kind: int, packet_id: int) -> None:
        self.kind = kind
        self.packet_id = packet_id


class Publish(Packet):
    """PUBLISH; packet_id is 0 with QoS 0."""

    def __init__(
        self, topic: str, payload: bytes, qos: int, retain: bool, dup: bool, packet_id: int
    ) -> None:
        self.kind = PUBLISH
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.dup = dup
        self.packet_id = packet_id


class Will:
    """What the broker publishes when a client goes without DISCONNECT."""

    def __init__(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain


def pack_publish(
    topic: str,
    payload: bytes,
    qos: int = 0,
    retain: bool = False,
    packet_id: int = 0,
    dup: bool = False,
) -> bytes:
    """PUBLISH; packet_id 1 to 65535 with QoS 1, 0 with QoS 0."""
    check_topic(topic)
    check_qos(qos)
    if (qos == 0) != (packet_id == 0) or (dup and qos == 0):
        raise ValueError("packet id %d, dup %d with QoS %d" % (packet_id, dup, qos))
    first = PUBLISH << 4 | (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    head = pack_text(topic)
    if qos:
        head += pack_id(packet_id)
    return assemble(first, head + payload)


def pack_puback(packet_id: int) -> bytes:
    """PUBACK."""
    return assemble(PUBACK << 4, pack_id(packet_id))


def assemble(first: int, body: bytes) -> bytes:
    """A packet from its first byte and its body: puts the length between them."""
    left = len(body)
    if left > _LENGTH_MAX:
        raise ValueError("body of %d bytes; MQTT has %d at most" % (left, _LENGTH_MAX))
    head = bytearray((first,))
    while left > 0x7F:
        head.append(left & 0x7F | 0x80)
        left >>= 7
    head.append(left)
    return bytes(head) + body


def pack_id(packet_id: int) -> bytes:
    """A packet's identifier, 1 to 65535; beyond it struct would write another number on a box."""
    if not 1 <= packet_id <= 65535:
        raise ValueError("packet identifier %d" % packet_id)
    return struct.pack(">H", packet_id)


def pack_data(data: bytes) -> bytes:
    """Bytes behind their length."""
    if len(data) > _TEXT_BYTES_MAX:
        raise ValueError("field of %d bytes; MQTT has %d at most" % (len(data), _TEXT_BYTES_MAX))
    return struct.pack(">H", len(data)) + data


def pack_text(text: str) -> bytes:
    """A string behind its length."""
    if "\0" in text:
        raise ValueError("U+0000 in a string")
    return pack_data(text.encode())


def check_topic(topic: str) -> None:
    """ValueError unless it can be published to [MQTT-3.3.2-2, MQTT-4.7.3-1]."""
    if not topic or "+" in topic or "#" in topic:
        raise ValueError("no topic to publish to: %r" % (topic,))


def check_qos(qos: int) -> None:
    """ValueError unless 0 or 1."""
    if not 0 <= qos <= QOS_MAX:
        raise ValueError("QoS %d" % qos)


def check_filter(topic_filter: str) -> None:
    """ValueError unless it can be subscribed to [MQTT-4.7.1, MQTT-4.7.3-1]."""
    levels = topic_filter.split("/")
    for i in range(len(levels)):
        level = levels[i]
        wild = "+" in level or "#" in level
        if (wild and len(level) > 1) or (level == "#" and i < len(levels) - 1):
            raise ValueError("no topic filter: %r" % (topic_filter,))
    if not topic_filter:
        raise ValueError("an empty topic filter")
