"""A client's half of MQTT 3.1.1: the packets that it sends, and the decoder of those it gets."""

import struct

from firmware.wire.packet_decoder import Decoder, Fields
from firmware.wire.packets import (
    CONNACK,
    CONNECT,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBLISH,
    SUBACK,
    SUBSCRIBE,
    UNSUBACK,
    UNSUBSCRIBE,
    MqttError,
    Packet,
    Will,
    assemble,
    check_filter,
    check_qos,
    check_topic,
    pack_data,
    pack_id,
    pack_text,
)

#: A code of SUBACK: this filter was refused.
SUBSCRIPTION_REFUSED = 0x80


class Connack(Packet):
    """CONNACK; code 0 = accepted, else one of those in `packets`."""

    def __init__(self, session_present: bool, code: int) -> None:
        self.kind = CONNACK
        self.session_present = session_present
        self.code = code


class Suback(Packet):
    """SUBACK: the granted QoS of each filter, or SUBSCRIPTION_REFUSED."""

    def __init__(self, packet_id: int, codes: bytes) -> None:
        self.kind = SUBACK
        self.packet_id = packet_id
        self.codes = codes


class ClientDecoder(Decoder):
    """What an endpoint or a broker sends."""

    KINDS = (CONNACK, PUBLISH, PUBACK, SUBACK, UNSUBACK, PINGRESP)

    def parse(self, kind: int, flags: int, fields: Fields) -> Packet:
        """The packet of one of KINDS from its body."""
        if kind == CONNACK:
            return _parse_connack(fields)
        if kind == SUBACK:
            return _parse_suback(fields)
        return super().parse(kind, flags, fields)


def pack_connect(
    client_id: str,
    keep_alive_s: int,
    user: "str | None" = None,
    password: "bytes | None" = None,
    will: "Will | None" = None,
    clean_session: bool = True,
) -> bytes:
    """CONNECT; keep_alive_s 0 to 65535, 0 for none. A password needs a user [MQTT-3.1.2-22]."""
    if not 0 <= keep_alive_s <= 65535:
        raise ValueError("keep-alive of %d s; MQTT has 65535 at most" % keep_alive_s)
    if password is not None and user is None:
        raise ValueError("a password without a user")
    flags = 2 if clean_session else 0
    parts = [pack_text(client_id)]
    if will is not None:
        check_topic(will.topic)
        check_qos(will.qos)
        flags |= 4 | will.qos << 3 | (0x20 if will.retain else 0)
        parts.append(pack_text(will.topic))
        parts.append(pack_data(will.payload))
    if user is not None:
        flags |= 0x80
        parts.append(pack_text(user))
    if password is not None:
        flags |= 0x40
        parts.append(pack_data(password))
    head = pack_text("MQTT") + struct.pack(">BBH", 4, flags, keep_alive_s)
    return assemble(CONNECT << 4, head + b"".join(parts))


def pack_subscribe(packet_id: int, filters: "list[tuple[str, int]]") -> bytes:
    """SUBSCRIBE: (filter, QoS asked for), at least one [MQTT-3.8.3-3]."""
    if not filters:
        raise ValueError("SUBSCRIBE without a filter")
    parts = [pack_id(packet_id)]
    for topic_filter, qos in filters:
        check_filter(topic_filter)
        check_qos(qos)
        parts.append(pack_text(topic_filter))
        parts.append(bytes((qos,)))
    return assemble(SUBSCRIBE << 4 | 2, b"".join(parts))


def pack_unsubscribe(packet_id: int, filters: "list[str]") -> bytes:
    """UNSUBSCRIBE, of at least one filter [MQTT-3.10.3-2]."""
    if not filters:
        raise ValueError("UNSUBSCRIBE without a filter")
    parts = [pack_id(packet_id)]
    for topic_filter in filters:
        check_filter(topic_filter)
        parts.append(pack_text(topic_filter))
    return assemble(UNSUBSCRIBE << 4 | 2, b"".join(parts))


def pack_pingreq() -> bytes:
    """PINGREQ."""
    return assemble(PINGREQ << 4, b"")


def pack_disconnect() -> bytes:
    """DISCONNECT; without it the endpoint publishes the will."""
    return assemble(DISCONNECT << 4, b"")


def _parse_connack(fields: Fields) -> Connack:
    flags, code = fields.u8(), fields.u8()
    if flags > 1 or (flags and code):
        raise MqttError("CONNACK with flags %d and code %d" % (flags, code))
    return Connack(flags == 1, code)


def _parse_suback(fields: Fields) -> Suback:
    packet_id = fields.packet_id()
    codes = fields.rest()
    if not codes:
        raise MqttError("SUBACK without a code")
    for code in codes:
        if code > 2 and code != SUBSCRIPTION_REFUSED:
            raise MqttError("SUBACK with code %d" % code)
    return Suback(packet_id, codes)
