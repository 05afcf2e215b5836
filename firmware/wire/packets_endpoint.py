"""An endpoint's half of MQTT 3.1.1: the packets that it sends, and the decoder of those it gets.

The box never loads it. What concerns a connection and not a packet is the endpoint's task: that
CONNECT comes first and once, the keep-alive, who may use which topic.
"""

from firmware.wire.packet_decoder import Decoder, Fields
from firmware.wire.packets import (
    CONNACK,
    CONNECT,
    DISCONNECT,
    IDENTIFIER_REJECTED,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBLISH,
    SUBACK,
    SUBSCRIBE,
    UNACCEPTABLE_LEVEL,
    UNSUBACK,
    UNSUBSCRIBE,
    MqttError,
    Packet,
    Will,
    assemble,
    check_filter,
    check_topic,
    pack_id,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_CLEAN, _WILL, _WILL_RETAIN, _PASSWORD, _USER = 0x02, 0x04, 0x20, 0x40, 0x80
_WILL_ALL = 0x3C


class Connect(Packet):
    """CONNECT. `client_id` may be empty with a clean session; a will may ask for QoS 2."""

    def __init__(
        self,
        client_id: str,
        keep_alive_s: int,
        user: "str | None",
        password: "bytes | None",
        will: "Will | None",
        clean_session: bool,
    ) -> None:
        self.kind = CONNECT
        self.client_id = client_id
        self.keep_alive_s = keep_alive_s
        self.user = user
        self.password = password
        self.will = will
        self.clean_session = clean_session


class Subscribe(Packet):
    """SUBSCRIBE: (filter, QoS asked for, which may be 2)."""

    def __init__(self, packet_id: int, filters: "list[tuple[str, int]]") -> None:
        self.kind = SUBSCRIBE
        self.packet_id = packet_id
        self.filters = filters


class Unsubscribe(Packet):
    """UNSUBSCRIBE."""

    def __init__(self, packet_id: int, filters: "list[str]") -> None:
        self.kind = UNSUBSCRIBE
        self.packet_id = packet_id
        self.filters = filters


class EndpointDecoder(Decoder):
    """What a client sends."""

    KINDS = (CONNECT, PUBLISH, PUBACK, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT)

    def parse(self, kind: int, flags: int, fields: Fields) -> Packet:
        """The packet of one of KINDS from its body."""
        if kind == CONNECT:
            return _parse_connect(fields)
        if kind == SUBSCRIBE:
            return _parse_subscribe(fields)
        if kind == UNSUBSCRIBE:
            return _parse_unsubscribe(fields)
        return super().parse(kind, flags, fields)


def pack_connack(code: int, session_present: bool = False) -> bytes:
    """CONNACK; only an accepted one can find a session [MQTT-3.2.2-4]."""
    if session_present and code:
        raise ValueError("CONNACK %d with a session" % code)
    return assemble(CONNACK << 4, bytes((1 if session_present else 0, code)))


def pack_suback(packet_id: int, codes: bytes) -> bytes:
    """SUBACK: for each filter, in order, the granted QoS or 0x80."""
    if not codes:
        raise ValueError("SUBACK without a code")
    return assemble(SUBACK << 4, pack_id(packet_id) + codes)


def pack_unsuback(packet_id: int) -> bytes:
    """UNSUBACK."""
    return assemble(UNSUBACK << 4, pack_id(packet_id))


def pack_pingresp() -> bytes:
    """PINGRESP."""
    return assemble(PINGRESP << 4, b"")


def _parse_connect(fields: Fields) -> Connect:
    name, level = fields.text(), fields.u8()
    if (name, level) != ("MQTT", 4):
        code = UNACCEPTABLE_LEVEL if name in ("MQTT", "MQIsdp") else 0
        raise MqttError("protocol %r, level %d; here is MQTT, level 4" % (name, level), code)
    flags, keep_alive_s = fields.u8(), fields.u16()
    _check_connect_flags(flags)
    client_id = fields.text()
    will = _parse_will(flags, fields) if flags & _WILL else None
    user = fields.text() if flags & _USER else None
    password = fields.data() if flags & _PASSWORD else None
    if not client_id and not flags & _CLEAN:
        raise MqttError("no client identifier for a session that stays", IDENTIFIER_REJECTED)
    return Connect(client_id, keep_alive_s, user, password, will, bool(flags & _CLEAN))


def _check_connect_flags(flags: int) -> None:
    """What MQTT-3.1.2-3, -11, -13, -14, -15 and -22 forbid."""
    if (
        flags & 1
        or (not flags & _WILL and flags & _WILL_ALL)
        or flags >> 3 & 3 == 3
        or (flags & _PASSWORD and not flags & _USER)
    ):
        raise MqttError("CONNECT with flags %d" % flags)


def _parse_will(flags: int, fields: Fields) -> Will:
    topic = fields.text()
    _must_hold(check_topic, topic)
    return Will(topic, fields.data(), flags >> 3 & 3, bool(flags & _WILL_RETAIN))


def _parse_subscribe(fields: Fields) -> Subscribe:
    packet_id = fields.packet_id()
    filters: "list[tuple[str, int]]" = []
    while fields.more() or not filters:
        topic_filter, qos = fields.text(), fields.u8()
        _must_hold(check_filter, topic_filter)
        if qos > 2:
            raise MqttError("SUBSCRIBE with QoS %d" % qos)
        filters.append((topic_filter, qos))
    return Subscribe(packet_id, filters)


def _parse_unsubscribe(fields: Fields) -> Unsubscribe:
    packet_id = fields.packet_id()
    filters: "list[str]" = []
    while fields.more() or not filters:
        filters.append(fields.text())
        _must_hold(check_filter, filters[-1])
    return Unsubscribe(packet_id, filters)


def _must_hold(check: "Callable[[str], None]", text: str) -> None:
    try:
        check(text)
    except ValueError as error:
        raise MqttError(str(error)) from None
