"""paho-mqtt, a client by others, against our endpoint's half; over a socket pair, no network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from firmware.wire import packets, packets_endpoint
from firmware.wire.packets import Ack, MqttError, Packet, Publish
from firmware.wire.packets_endpoint import Connect, EndpointDecoder, Subscribe, Unsubscribe


class PairedClient(Client):
    """paho's client with one end of a socket pair instead of a connection."""

    end: socket.socket

    def _create_socket(self) -> socket.socket:
        return self.end


class Pair:
    """A client and our end of its line."""

    def __init__(self, **options: Any) -> None:
        self.client = PairedClient(CallbackAPIVersion.VERSION2, **options)
        self.client.end, self.ours = socket.socketpair()
        self.ours.setblocking(False)
        self.decoder = EndpointDecoder(2000)
        self.heard: list[object] = []
        self.client.on_connect = lambda _c, _u, _f, code, _p: self.heard.append(code.value)
        self.client.on_subscribe = lambda _c, _u, mid, codes, _p: self.heard.append(
            (mid, [code.value for code in codes])
        )
        self.client.on_unsubscribe = lambda _c, _u, mid, _codes, _p: self.heard.append(mid)
        self.client.on_publish = lambda _c, _u, mid, _code, _p: self.heard.append(mid)
        self.client.on_message = self._on_message

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.heard.append((message.topic, message.payload, message.qos, message.retain))

    def sent(self) -> list[Packet]:
        """What the client has sent and we have not read."""
        self.client.loop_write()
        try:
            self.decoder.feed(self.ours.recv(65536))
        except BlockingIOError:
            return []
        found = []
        while (packet := self.decoder.next()) is not None:
            found.append(packet)
        return found

    def say(self, data: bytes) -> list[object]:
        """Answers the client; what its callbacks heard."""
        self.ours.sendall(data)
        self.client.loop_read()
        heard, self.heard = self.heard, []
        return heard

    def connect(self) -> Connect:
        """The client's CONNECT, answered."""
        self.client.connect("nowhere", keepalive=77)
        (packet,) = self.sent()
        assert isinstance(packet, Connect)
        assert self.say(packets_endpoint.pack_connack(packets.ACCEPTED)) == [0]
        return packet

    def close(self) -> None:
        self.client.disconnect()
        self.client.end.close()
        self.ours.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair(client_id="0123456789ab")
    yield made
    made.close()


def test_connect_with_everything(pair: Pair) -> None:
    pair.client.username_pw_set("0123456789ab", "pässword")
    pair.client.will_set("kb/1/s/1a/0123456789ab", b"\0gone", qos=1, retain=True)
    packet = pair.connect()
    assert (packet.client_id, packet.user) == ("0123456789ab", "0123456789ab")
    assert packet.password == "pässword".encode()
    assert (packet.keep_alive_s, packet.clean_session) == (77, True)
    assert packet.will is not None
    assert (packet.will.topic, packet.will.payload) == ("kb/1/s/1a/0123456789ab", b"\0gone")
    assert (packet.will.qos, packet.will.retain) == (1, True)


def test_connect_with_nothing() -> None:
    pair = Pair(client_id="", clean_session=True)
    packet = pair.connect()
    assert (packet.client_id, packet.user, packet.password, packet.will) == ("", None, None, None)
    pair.close()


def test_a_session_that_stays() -> None:
    pair = Pair(client_id="c", clean_session=False)
    assert not pair.connect().clean_session
    pair.close()


@pytest.mark.parametrize("version", [MQTTProtocolVersion.MQTTv31, MQTTProtocolVersion.MQTTv5])
def test_other_versions_get_their_own_code(version: MQTTProtocolVersion) -> None:
    pair = Pair(client_id="c", protocol=version)
    pair.client.connect("nowhere")
    with pytest.raises(MqttError) as caught:
        pair.sent()
    assert caught.value.code == packets.UNACCEPTABLE_LEVEL
    pair.close()


def test_publish_of_qos_0_and_1(pair: Pair) -> None:
    pair.connect()
    pair.client.publish("a/b", b"\xff\0", qos=0, retain=True)
    acknowledged = pair.client.publish("ö/駅", bytes(1024), qos=1)
    found = pair.sent()
    assert [packet.kind for packet in found] == [packets.PUBLISH, packets.PUBLISH]
    first, second = found
    assert isinstance(first, Publish)
    assert isinstance(second, Publish)
    assert (first.topic, first.payload, first.qos, first.retain) == ("a/b", b"\xff\0", 0, True)
    assert (second.topic, second.payload, second.qos) == ("ö/駅", bytes(1024), 1)
    assert second.packet_id == acknowledged.mid
    assert not acknowledged.is_published()
    assert acknowledged.mid in pair.say(packets.pack_puback(second.packet_id))
    assert acknowledged.is_published()


def test_publish_of_qos_2_is_refused(pair: Pair) -> None:
    pair.connect()
    pair.client.publish("a", b"", qos=2)
    with pytest.raises(MqttError, match="PUBLISH with flags 4"):
        pair.sent()


def test_subscribe_and_unsubscribe(pair: Pair) -> None:
    pair.connect()
    _, mid = pair.client.subscribe([("kb/1/d/1a/0123456789ab", 1), ("other/#", 2)])
    (subscribe,) = pair.sent()
    assert isinstance(subscribe, Subscribe)
    assert subscribe.filters == [("kb/1/d/1a/0123456789ab", 1), ("other/#", 2)]
    suback = packets_endpoint.pack_suback(subscribe.packet_id, b"\1\x80")
    assert pair.say(suback) == [(mid, [1, 0x80])]
    _, mid = pair.client.unsubscribe(["other/#", "+"])
    (unsubscribe,) = pair.sent()
    assert isinstance(unsubscribe, Unsubscribe)
    assert unsubscribe.filters == ["other/#", "+"]
    assert pair.say(packets_endpoint.pack_unsuback(unsubscribe.packet_id)) == [mid]


def test_paho_reads_what_we_publish(pair: Pair) -> None:
    pair.connect()
    assert pair.say(packets.pack_publish("a/b", b"\0\xff")) == [("a/b", b"\0\xff", 0, False)]
    told = pair.say(packets.pack_publish("駅", bytes(1024), 1, True, 4711))
    assert told == [("駅", bytes(1024), 1, True)]
    (ack,) = pair.sent()
    assert isinstance(ack, Ack)
    assert (ack.kind, ack.packet_id) == (packets.PUBACK, 4711)


def test_ping_and_disconnect(pair: Pair) -> None:
    pair.connect()
    pair.client._send_pingreq()
    (ping,) = pair.sent()
    assert ping.kind == packets.PINGREQ
    assert pair.say(packets_endpoint.pack_pingresp()) == []
    assert pair.client._ping_t == 0
    pair.client.disconnect()
    (disconnect,) = pair.sent()
    assert disconnect.kind == packets.DISCONNECT


@pytest.mark.parametrize("code", [2, 3, 4, 5])
def test_paho_hears_why_it_was_refused(pair: Pair, code: int) -> None:
    """After code 1, paho connects again by itself with the version before."""
    pair.client.connect("nowhere")
    pair.sent()
    (heard,) = pair.say(packets_endpoint.pack_connack(code))
    assert isinstance(heard, int)
    assert heard >= 0x80
