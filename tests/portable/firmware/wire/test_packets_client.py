"""A client's packets, byte for byte, and what it must not believe."""

from firmware.wire import packets_client as client
from firmware.wire import packets_endpoint as endpoint
from firmware.wire.packets import PINGRESP, UNSUBACK, Ack, Will
from firmware.wire.packets_client import Connack, Suback
from tests.portable.firmware.wire.peer import fault, of_endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def refuses(call: "Callable[..., object]", *arguments: object) -> bool:
    try:
        call(*arguments)
    except ValueError:
        return True
    return False


def test_connect_is_what_the_standard_draws() -> None:
    assert client.pack_connect("c", 10) == b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x0a\x00\x01c"
    assert client.pack_connect("c", 0, clean_session=False)[9:12] == b"\x00\x00\x00"
    assert client.pack_connect("", 65535) == b"\x10\x0c\x00\x04MQTT\x04\x02\xff\xff\x00\x00"


def test_connect_with_everything() -> None:
    will = Will("w", b"gone", 1, True)
    assert client.pack_connect("c", 258, "u", b"p\0w", will) == (
        b"\x10\x1e\x00\x04MQTT\x04\xee\x01\x02\x00\x01c\x00\x01w\x00\x04gone\x00\x01u\x00\x03p\0w"
    )


def test_connect_flags_one_by_one() -> None:
    flags = [
        client.pack_connect("c", 0)[9],
        client.pack_connect("c", 0, "u")[9],
        client.pack_connect("c", 0, "u", b"")[9],
        client.pack_connect("c", 0, will=Will("w", b""))[9],
        client.pack_connect("c", 0, will=Will("w", b"", 1))[9],
        client.pack_connect("c", 0, will=Will("w", b"", 0, True))[9],
    ]
    assert flags == [0x02, 0x82, 0xC2, 0x06, 0x0E, 0x26]


def test_subscribe_and_unsubscribe() -> None:
    subscribe = client.pack_subscribe(10, [("a/b", 1), ("c/+/#", 0)])
    assert subscribe == b"\x82\x10\x00\x0a\x00\x03a/b\x01\x00\x05c/+/#\x00"
    assert client.pack_unsubscribe(10, ["a/b", "#"]) == b"\xa2\x0a\x00\x0a\x00\x03a/b\x00\x01#"


def test_packets_without_a_body() -> None:
    assert client.pack_pingreq() == b"\xc0\x00"
    assert client.pack_disconnect() == b"\xe0\x00"


def test_what_cannot_be_packed() -> None:
    assert refuses(client.pack_connect, "c", -1)
    assert refuses(client.pack_connect, "c", 65536)
    assert refuses(client.pack_connect, "c", 0, None, b"password without a user")
    assert refuses(client.pack_connect, "c", 0, "u", bytes(65536))
    assert refuses(client.pack_connect, "c", 0, None, None, Will("w/+", b""))
    assert refuses(client.pack_connect, "c", 0, None, None, Will("w", b"", 2))
    assert refuses(client.pack_connect, "c\0", 0)
    assert refuses(client.pack_subscribe, 1, [])
    assert refuses(client.pack_subscribe, 0, [("a", 0)])
    assert refuses(client.pack_subscribe, 1, [("a", 2)])
    assert refuses(client.pack_unsubscribe, 1, [])
    assert refuses(client.pack_unsubscribe, 65536, ["a"])


def test_filters() -> None:
    """MQTT-4.7.1-2, MQTT-4.7.1-3, MQTT-4.7.3-1."""
    for good in ("a", "/", "#", "+", "a/#", "a/+/c", "+/+", "/+/#", "a//b", "$SYS/#"):
        assert client.pack_subscribe(1, [(good, 0)])
        assert client.pack_unsubscribe(1, [good])
    for wrong in ("", "a#", "#/a", "a/#/b", "a+", "a/+b", "a/b#", "++", "##"):
        assert refuses(client.pack_subscribe, 1, [(wrong, 0)]), wrong
        assert refuses(client.pack_unsubscribe, 1, [wrong]), wrong


def test_connack() -> None:
    for session_present, code in ((False, 0), (True, 0), (False, 1), (False, 5), (False, 200)):
        (packet,) = of_endpoint(endpoint.pack_connack(code, session_present))
        assert isinstance(packet, Connack)
        assert (packet.session_present, packet.code) == (session_present, code)


def test_a_connack_that_cannot_be() -> None:
    """MQTT-3.2.2-4, and its reserved bits."""
    for body in (b"\2\0", b"\x80\0", b"\1\1", b"\0", b"", b"\0\0\0"):
        assert fault(of_endpoint, bytes((0x20, len(body))) + body) is not None, body


def test_suback() -> None:
    (packet,) = of_endpoint(endpoint.pack_suback(65535, b"\0\1\2\x80"))
    assert isinstance(packet, Suback)
    assert (packet.packet_id, packet.codes) == (65535, b"\0\1\2\x80")
    assert client.SUBSCRIPTION_REFUSED in packet.codes


def test_a_suback_that_cannot_be() -> None:
    """MQTT-3.9.3-2: no other codes are defined."""
    for body in (b"", b"\0\1", b"\0\0\0", b"\0\1\3", b"\0\1\0\x81", b"\0\1\x7f"):
        assert fault(of_endpoint, bytes((0x90, len(body))) + body) is not None, body


def test_unsuback_and_pingresp() -> None:
    unsuback, pingresp = of_endpoint(endpoint.pack_unsuback(7) + endpoint.pack_pingresp())
    assert isinstance(unsuback, Ack)
    assert (unsuback.kind, unsuback.packet_id) == (UNSUBACK, 7)
    assert pingresp.kind == PINGRESP
    assert fault(of_endpoint, b"\xb0\x02\x00\x00") is not None
    assert fault(of_endpoint, b"\xd0\x01\x00") is not None
