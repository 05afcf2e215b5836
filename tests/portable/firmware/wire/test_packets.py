"""What client and endpoint share: PUBLISH and PUBACK, lengths, pieces, strings, limits."""

from firmware.wire import packets
from firmware.wire.packets import Ack, MqttError, Packet, Publish
from firmware.wire.packets_client import ClientDecoder, pack_pingreq, pack_subscribe
from firmware.wire.packets_endpoint import EndpointDecoder, pack_connack
from tests.portable.firmware.wire.peer import (
    LIMIT_BYTES,
    drain,
    fault,
    of_client,
    of_endpoint,
    read_by,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def refuses(call: "Callable[..., object]", *arguments: object) -> bool:
    try:
        call(*arguments)
    except ValueError:
        return True
    return False


def publish(packet: Packet) -> "tuple[object, ...]":
    assert isinstance(packet, Publish)
    assert packet.kind == packets.PUBLISH
    flags = (packet.retain, packet.dup)
    return packet.topic, packet.payload, packet.qos, flags, packet.packet_id


def test_publish_is_what_the_standard_draws() -> None:
    assert packets.pack_publish("a/b", b"hi") == b"\x30\x07\x00\x03a/bhi"
    assert packets.pack_publish("a/b", b"hi", 1, packet_id=10) == b"\x32\x09\x00\x03a/b\x00\x0ahi"
    assert packets.pack_publish("a", b"", retain=True) == b"\x31\x03\x00\x01a"
    assert packets.pack_publish("a", b"", 1, True, 65535, True) == b"\x3b\x05\x00\x01a\xff\xff"
    assert packets.pack_puback(258) == b"\x40\x02\x01\x02"


def test_publish_and_puback_are_read_by_both_sides() -> None:
    stream = (
        packets.pack_publish("a/b", b"hi")
        + packets.pack_publish("ö", b"\0\xff", 1, True, 65535, True)
        + packets.pack_puback(258)
    )
    for read in (of_client, of_endpoint):
        first, second, ack = read(stream)
        assert publish(first) == ("a/b", b"hi", 0, (False, False), 0)
        assert publish(second) == ("ö", b"\0\xff", 1, (True, True), 65535)
        assert isinstance(ack, Ack)
        assert (ack.kind, ack.packet_id) == (packets.PUBACK, 258)


def test_a_payload_is_bytes_of_its_own() -> None:
    stream = bytearray(packets.pack_publish("a", b"payload"))
    (packet,) = read_by(ClientDecoder(100), stream)
    stream[-1] = 0
    assert isinstance(packet, Publish)
    assert packet.payload == b"payload"
    assert isinstance(packet.payload, bytes)


def test_lengths_take_one_to_four_bytes() -> None:
    """The limits of each size, table 2.4 of the standard."""
    for body_bytes, head in (
        (0, b"\x30\x00"),
        (127, b"\x30\x7f"),
        (128, b"\x30\x80\x01"),
        (16383, b"\x30\xff\x7f"),
        (16384, b"\x30\x80\x80\x01"),
        (2097151, b"\x30\xff\xff\x7f"),
        (2097152, b"\x30\x80\x80\x80\x01"),
    ):
        packet = packets.assemble(0x30, bytes(body_bytes))
        assert packet[: len(head)] == head
        assert len(packet) == len(head) + body_bytes


def test_lengths_are_read() -> None:
    for payload_bytes in (124, 125, 16380, 16381):
        packet = packets.pack_publish("a", bytes(payload_bytes))
        (found,) = read_by(EndpointDecoder(len(packet)), packet)
        assert publish(found)[1] == bytes(payload_bytes)


def test_a_stream_may_come_in_any_pieces() -> None:
    stream = b"".join(
        (
            packets.pack_publish("kb/1/u/aa/1", bytes(300), 1, packet_id=3),
            pack_pingreq(),
            packets.pack_puback(1),
            pack_subscribe(9, [("kb/1/d/aa/1", 1)]),
            pack_pingreq(),
        )
    )
    kinds = [packets.PUBLISH, packets.PINGREQ, packets.PUBACK, packets.SUBSCRIBE, packets.PINGREQ]
    for piece_bytes in (1, 2, 3, 7, 64, 301, 0):
        found = read_by(EndpointDecoder(LIMIT_BYTES), stream, piece_bytes)
        assert [packet.kind for packet in found] == kinds


def test_pieces_may_lie_in_any_kind_of_bytes() -> None:
    stream = packets.pack_publish("a", b"payload")
    for same in (bytearray(stream), memoryview(stream)):
        decoder = ClientDecoder(100)
        decoder.feed(same[:6])
        assert decoder.next() is None
        decoder.feed(same[6:])
        (packet,) = drain(decoder)
        assert publish(packet)[1] == b"payload"


def test_feeding_twice_before_reading_keeps_the_order() -> None:
    decoder = ClientDecoder(100)
    decoder.feed(packets.pack_puback(1) + packets.pack_puback(2))
    first = decoder.next()
    decoder.feed(packets.pack_puback(3))
    found = [first] + drain(decoder)  # noqa: RUF005 - MicroPython has no star in a list
    assert [packet.packet_id for packet in found if isinstance(packet, Ack)] == [1, 2, 3]


def test_who_feeds_without_reading_is_stopped() -> None:
    decoder = ClientDecoder(8)
    decoder.feed(bytes(8))
    decoder.feed(bytes(1))
    assert refuses(decoder.feed, b"x")


def test_a_packet_of_the_limit_and_one_byte_more() -> None:
    packet = packets.pack_publish("a", bytes(200))
    assert len(read_by(EndpointDecoder(len(packet)), packet)) == 1
    decoder = EndpointDecoder(len(packet) - 1)
    error = fault(lambda data: read_by(decoder, data), packet)
    assert error is not None
    assert str(error) == "packet of 206 bytes, 205 at most"


def test_a_packet_over_the_limit_is_refused_by_its_length_alone() -> None:
    """Nothing is set aside for what a peer only promises."""
    assert fault(of_client, b"\x30\xff\xff\xff\x7f") is not None
    assert fault(of_client, b"\x30\xff\xff\xff") is None


def test_a_length_of_five_bytes_is_refused() -> None:
    for length in (b"\xff\xff\xff\xff", b"\x80\x80\x80\x80"):
        error = fault(of_client, b"\x30" + length)
        assert error is not None
        assert "four bytes" in str(error)


def test_after_an_error_nothing_else_comes() -> None:
    decoder = EndpointDecoder(LIMIT_BYTES)
    decoder.feed(packets.pack_puback(1) + b"\xff" + packets.pack_puback(2))
    assert isinstance(decoder.next(), Ack)
    for _ in range(2):
        try:
            decoder.next()
        except MqttError as error:
            assert str(error) == "packet of kind 15"
        else:
            raise AssertionError("read on")
        decoder.feed(pack_pingreq())


def test_kinds_of_the_wrong_direction_are_refused_at_the_first_byte() -> None:
    to_client = (packets.CONNACK, packets.SUBACK, packets.UNSUBACK, packets.PINGRESP)
    to_endpoint = (packets.CONNECT, packets.PINGREQ, packets.DISCONNECT)
    for kind in to_client:
        assert fault(of_client, bytes((kind << 4,))) is not None
        assert fault(of_endpoint, bytes((kind << 4,))) is None
    for kind in to_endpoint:
        assert fault(of_client, bytes((kind << 4,))) is None
        assert fault(of_endpoint, bytes((kind << 4,))) is not None
    for kind in (0, 5, 6, 7, 15):  # reserved, and the three of QoS 2
        for read in (of_client, of_endpoint):
            for flags in (0, 2):
                assert fault(read, bytes((kind << 4 | flags,))) is not None


def test_flags_that_no_packet_has_are_refused() -> None:
    """MQTT-2.2.2-2."""
    for kind in (packets.CONNECT, packets.PUBACK, packets.PINGREQ, packets.DISCONNECT):
        for flags in range(1, 16):
            assert fault(of_client, bytes((kind << 4 | flags,))) is not None
    for kind in (packets.SUBSCRIBE, packets.UNSUBSCRIBE):
        for flags in range(16):
            refused = fault(of_client, bytes((kind << 4 | flags,))) is not None
            assert refused == (flags != 2)


def test_qos_2_and_3_and_a_repeated_qos_0_are_refused() -> None:
    """MQTT-3.3.1-2, MQTT-3.3.1-4."""
    for flags in range(16):
        qos, dup = flags >> 1 & 3, flags >> 3
        refused = fault(of_client, bytes((0x30 | flags,))) is not None
        assert refused == (qos > 1 or (qos == 0 and dup == 1))


def test_a_publish_that_ends_too_soon() -> None:
    for body in (b"", b"\0", b"\0\1", b"\0\3ab", b"\0\xff" + bytes(254)):
        assert fault(of_client, packets.assemble(0x30, body)) is not None
    assert fault(of_client, packets.assemble(0x32, b"\0\1a")) is not None
    assert fault(of_client, packets.assemble(0x32, b"\0\1a\1")) is not None
    assert fault(of_client, packets.assemble(0x32, b"\0\1a\0\1")) is None


def test_packet_identifier_0_is_refused() -> None:
    """MQTT-2.3.1-1."""
    assert fault(of_client, packets.assemble(0x32, b"\0\1a\0\0")) is not None
    assert fault(of_client, b"\x40\x02\x00\x00") is not None


def test_packets_of_a_fixed_size_have_that_size() -> None:
    for good in (b"\x40\x02\x00\x01", b"\xc0\x00", b"\xe0\x00"):
        assert fault(of_client, good) is None
    for wrong in (b"\x40\x03\x00\x01\x00", b"\x40\x01\x01", b"\xc0\x01\x00", b"\xe0\x01\x00"):
        assert fault(of_client, wrong) is not None


def test_topics_with_wildcards_or_empty_are_refused() -> None:
    """MQTT-3.3.2-2, MQTT-4.7.3-1."""
    for topic in (b"", b"#", b"+", b"a/+", b"a/#", b"a+b"):
        body = bytes((0, len(topic))) + topic
        assert fault(of_client, packets.assemble(0x30, body)) is not None
        assert refuses(packets.pack_publish, topic.decode(), b"")


def test_strings_are_utf_8_on_every_interpreter() -> None:
    """MQTT-1.5.3-1 and -2: surrogates, long forms, numbers above U+10FFFF, U+0000 are refused."""
    for good in ("a", "ö", "駅", "\U0001f697", "\U0010ffff", "\ud7ff", "\ue000"):
        text = good.encode()
        (packet,) = of_client(packets.assemble(0x30, bytes((0, len(text))) + text))
        assert publish(packet)[0] == good
    for wrong in (
        b"\xff",
        b"\x80",
        b"\xc3",
        b"\xc3a",
        b"\xc0\xaf",
        b"\xc1\xbf",
        b"\xe0\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xf8\x88\x80\x80",
        b"a\0b",
        b"\0",
    ):
        body = bytes((0, len(wrong))) + wrong
        assert fault(of_client, packets.assemble(0x30, body)) is not None, wrong


def test_what_cannot_be_packed() -> None:
    assert refuses(packets.pack_publish, "a\0b", b"")
    assert refuses(packets.pack_publish, "a" * 65536, b"")
    assert refuses(packets.pack_publish, "a", b"", 2, False, 1)
    assert refuses(packets.pack_publish, "a", b"", -1)
    assert refuses(packets.pack_publish, "a", b"", 1)
    assert refuses(packets.pack_publish, "a", b"", 0, False, 1)
    assert refuses(packets.pack_publish, "a", b"", 0, False, 0, True)
    for packet_id in (0, -1, 65536, 65537):
        assert refuses(packets.pack_puback, packet_id)
    assert packets.pack_publish("a" * 65535, b"")[:6] == b"\x30\x81\x80\x04\xff\xff"


def test_an_error_carries_what_connack_should_say() -> None:
    assert MqttError("x").code == 0
    assert MqttError("x", packets.NOT_AUTHORISED).code == 5
    assert pack_connack(packets.NOT_AUTHORISED) == b"\x20\x02\x00\x05"
