"""An endpoint's packets, byte for byte, and what it must not believe."""

from firmware.wire import packets, packets_client, packets_endpoint
from firmware.wire.packets import Packet, Will
from firmware.wire.packets_endpoint import Connect, Subscribe, Unsubscribe
from tests.portable.firmware.wire.peer import fault, of_client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def refuses(call: "Callable[..., object]", *arguments: object) -> bool:
    try:
        call(*arguments)
    except ValueError:
        return True
    return False


def connect(
    flags: int, payload: bytes = b"\x00\x01c", name: bytes = b"MQTT", level: int = 4
) -> bytes:
    """A CONNECT with any flags and payload, right or wrong."""
    head = bytes((0, len(name))) + name + bytes((level, flags, 0, 60))
    return packets.assemble(0x10, head + payload)


def connected(data: bytes) -> Connect:
    (packet,) = of_client(data)
    assert isinstance(packet, Connect)
    return packet


def test_connect_with_nothing() -> None:
    packet = connected(packets_client.pack_connect("c", 60))
    assert (packet.kind, packet.client_id, packet.keep_alive_s) == (packets.CONNECT, "c", 60)
    assert packet.clean_session
    assert (packet.user, packet.password, packet.will) == (None, None, None)


def test_connect_with_everything() -> None:
    will = Will("w", b"gone", 1, True)
    packet = connected(packets_client.pack_connect("c", 65535, "u", b"p", will, False))
    assert (packet.user, packet.password, packet.keep_alive_s) == ("u", b"p", 65535)
    assert not packet.clean_session
    assert packet.will is not None
    found = (packet.will.topic, packet.will.payload, packet.will.qos, packet.will.retain)
    assert found == ("w", b"gone", 1, True)


def test_an_empty_user_and_password_are_not_none() -> None:
    packet = connected(packets_client.pack_connect("c", 60, "", b""))
    assert (packet.user, packet.password) == ("", b"")


def test_a_will_may_ask_for_qos_2() -> None:
    """MQTT-3.1.2-14; what becomes of it is the endpoint's to decide."""
    packet = connected(connect(0x16, b"\0\1c\0\1w\0\0"))
    assert packet.will is not None
    assert packet.will.qos == 2


def test_another_level_gets_a_code_of_its_own() -> None:
    """MQTT-3.1.2-2: CONNACK 1, then close. Another protocol is closed without a word."""
    for name, level, code in (
        (b"MQTT", 5, packets.UNACCEPTABLE_LEVEL),
        (b"MQTT", 3, packets.UNACCEPTABLE_LEVEL),
        (b"MQTT", 0x84, packets.UNACCEPTABLE_LEVEL),
        (b"MQIsdp", 3, packets.UNACCEPTABLE_LEVEL),
        (b"mqtt", 4, 0),
        (b"", 4, 0),
        (b"HTTP", 4, 0),
    ):
        error = fault(of_client, connect(2, name=name, level=level))
        assert error is not None
        assert error.code == code, name


def test_an_empty_client_identifier_needs_a_clean_session() -> None:
    """MQTT-3.1.3-8: CONNACK 2."""
    assert connected(connect(2, b"\0\0")).client_id == ""
    error = fault(of_client, connect(0, b"\0\0"))
    assert error is not None
    assert error.code == packets.IDENTIFIER_REJECTED


def test_flags_of_connect_that_cannot_be() -> None:
    """MQTT-3.1.2-3, -11, -13, -14, -15, -22: every one of the 256."""
    whole = {0x04: b"\0\1w\0\0", 0x80: b"\0\1u", 0x40: b"\0\1p"}
    for flags in range(256):
        payload = b"\0\1c"
        for flag in (0x04, 0x80, 0x40):
            if flags & flag:
                payload += whole[flag]
        possible = (
            flags & 1 == 0
            and (flags & 0x04 != 0 or flags & 0x38 == 0)
            and flags & 0x18 != 0x18
            and (flags & 0x80 != 0 or flags & 0x40 == 0)
        )
        assert (fault(of_client, connect(flags, payload)) is None) == possible, flags


def test_connect_cut_anywhere_or_with_bytes_behind_it() -> None:
    whole = packets_client.pack_connect("c", 1, "u", b"p", Will("w", b"m"))
    body = whole[2:]
    assert fault(of_client, whole) is None
    for length in range(len(body)):
        assert fault(of_client, packets.assemble(0x10, body[:length])) is not None, length
    assert fault(of_client, packets.assemble(0x10, body + b"\0")) is not None


def test_strings_of_connect_are_checked() -> None:
    assert fault(of_client, connect(2, b"\0\1\xff")) is not None
    assert fault(of_client, connect(2, b"\0\1\0")) is not None
    assert fault(of_client, connect(0x82, b"\0\1c\0\1\xff")) is not None
    assert fault(of_client, connect(0x06, b"\0\1c\0\1+\0\0")) is not None
    assert fault(of_client, connect(0x06, b"\0\1c\0\0\0\0")) is not None
    assert connected(connect(0xC2, b"\0\1c\0\1u\0\1\xff")).password == b"\xff"


def test_subscribe() -> None:
    (packet,) = of_client(packets_client.pack_subscribe(10, [("a/b", 1), ("c/+/#", 0)]))
    assert isinstance(packet, Subscribe)
    assert (packet.kind, packet.packet_id) == (packets.SUBSCRIBE, 10)
    assert packet.filters == [("a/b", 1), ("c/+/#", 0)]
    (packet,) = of_client(b"\x82\x06\x00\x01\x00\x01a\x02")
    assert isinstance(packet, Subscribe)
    assert packet.filters == [("a", 2)]


def test_unsubscribe() -> None:
    (packet,) = of_client(packets_client.pack_unsubscribe(10, ["a/b", "#"]))
    assert isinstance(packet, Unsubscribe)
    assert (packet.kind, packet.packet_id) == (packets.UNSUBSCRIBE, 10)
    assert packet.filters == ["a/b", "#"]


def test_subscriptions_that_cannot_be() -> None:
    """MQTT-3.8.3-3, MQTT-3-8.3-4, MQTT-3.10.3-2, MQTT-4.7.1, MQTT-2.3.1-1."""
    for first, body in (
        (0x82, b"\0\1"),
        (0x82, b"\0\1\0\1a"),
        (0x82, b"\0\1\0\1a\3"),
        (0x82, b"\0\1\0\1a\x80"),
        (0x82, b"\0\0\0\1a\0"),
        (0x82, b"\0\1\0\0\0"),
        (0x82, b"\0\1\0\2#a\0"),
        (0x82, b"\0\1\0\1a\0\0"),
        (0xA2, b"\0\1"),
        (0xA2, b"\0\0\0\1a"),
        (0xA2, b"\0\1\0\0"),
        (0xA2, b"\0\1\0\2a+"),
        (0xA2, b"\0\1\0\1a\0"),
    ):
        assert fault(of_client, packets.assemble(first, body)) is not None, body


def test_packets_without_fields() -> None:
    found = of_client(packets_client.pack_pingreq() + packets_client.pack_disconnect())
    assert [packet.kind for packet in found] == [packets.PINGREQ, packets.DISCONNECT]
    assert all(isinstance(packet, Packet) for packet in found)


def test_answers_are_what_the_standard_draws() -> None:
    assert packets_endpoint.pack_connack(packets.ACCEPTED) == b"\x20\x02\x00\x00"
    assert packets_endpoint.pack_connack(packets.ACCEPTED, True) == b"\x20\x02\x01\x00"
    assert packets_endpoint.pack_connack(packets.BAD_USER_OR_PASSWORD) == b"\x20\x02\x00\x04"
    assert packets_endpoint.pack_suback(10, b"\1\x80") == b"\x90\x04\x00\x0a\x01\x80"
    assert packets_endpoint.pack_unsuback(10) == b"\xb0\x02\x00\x0a"
    assert packets_endpoint.pack_pingresp() == b"\xd0\x00"


def test_answers_that_cannot_be() -> None:
    assert refuses(packets_endpoint.pack_connack, 5, True)
    assert refuses(packets_endpoint.pack_suback, 1, b"")
    assert refuses(packets_endpoint.pack_suback, 0, b"\1")
    assert refuses(packets_endpoint.pack_unsuback, 65536)
