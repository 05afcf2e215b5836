"""What bounds a car, on any rung of the ladder, and that the others never notice (F24 to F26).

| row | test |
|---|---|
| malformed packets, each kind of them | test_malformed_packets_end_one_connection |
| garbage behind a good CONNECT, in one piece with it | test_garbage_behind_connect |
| what comes before CONNECT, a second CONNECT | test_out_of_order |
| a packet of 1,088 bytes; one with a body of 1,089 (Mosquitto counts that); one of 256 MB that never comes | test_packets_are_bounded |
| a car that does not read: bounded memory, the others served | test_a_car_that_does_not_read |
| silence of 1.5 x keep alive | test_silence_ends_a_connection |
| more connections than allowed | test_connections_are_bounded |
| two boxes with one identity, again and again | test_two_boxes_with_one_identity_take_turns |
| QoS 1 is acknowledged with its number, QoS 0 not at all; the lower of both qualities counts | test_qualities |
"""

from __future__ import annotations

import pytest

from firmware.wire.frames import FRAME_BYTES_MAX, down_topic, up_topic
from firmware.wire.packets import PUBACK, Publish, assemble, pack_publish, pack_text
from firmware.wire.packets_client import pack_connect, pack_pingreq, pack_subscribe
from tests.fleetd.mqtt.bytes_car import BytesCar
from tests.fleetd.mqtt.conftest import MakePeer
from tests.fleetd.mqtt.peers import Peer
from tests.fleetd.mqtt.rig import CAR, OTHER, PASSWORD, THIRD

PACKET_BYTES_MAX = FRAME_BYTES_MAX + 64

#: Both take them for the end; what only one of them minds is in test_endpoint_raw.
MALFORMED = {
    "reserved kind 0": "0000",
    "reserved kind 15": "f000",
    "a packet for clients only": "20020000",
    "publish with QoS 3": "3605000161" + "0001",
    "publish with QoS 2": "3405000161" + "0001",
    "publish to a wildcard": "3003000123",
    "topic that is no UTF-8": "30030001ff",
    "topic longer than its packet": "3003ffff61",
    "subscribe with wrong flags": "80060001000161" + "00",
    "subscribe to nothing": "82020001",
    "subscribe with QoS 3": "8206000100016103",
    "subscribe to a filter that is none": "8208000100032b61" + "2b00",
    "packet identifier 0": "8206000000016100",
    "length of five bytes": "30ffffffff7f",
}


def served(peer: Peer, car: str = OTHER) -> BytesCar:
    found = BytesCar(peer, car)
    assert found.connect() == 0
    found.subscribe()
    assert found.is_served()
    return found


def assert_lives(peer: Peer, other: BytesCar) -> None:
    """It is heard, and hears."""
    other.send(pack_publish(up_topic(other.car), b"alive", 1, False, 9))
    assert peer.frame() == (other.car, b"alive")
    peer.send(other.car, b"heard")
    other.hear_until(b"heard")


def test_malformed_packets_end_one_connection(peer: Peer) -> None:
    with served(peer) as other:
        for name, data in MALFORMED.items():
            with BytesCar(peer, CAR) as car:
                assert car.connect() == 0
                car.send(bytes.fromhex(data))
                assert car.read_to_end() == [], name
        assert_lives(peer, other)


@pytest.mark.parametrize("garbage", [b"\0" * 500, b"\xff" * 500, bytes(range(256)) * 2])
def test_garbage_behind_connect(peer: Peer, garbage: bytes) -> None:
    with served(peer) as other, BytesCar(peer, CAR) as car:
        car.send(pack_connect(CAR, 60, CAR, PASSWORD) + garbage)
        assert car.read_to_end() in ([2], []), "CONNACK at most"
        assert_lives(peer, other)


def test_out_of_order(peer: Peer) -> None:
    with served(peer) as other:
        for first in (
            pack_pingreq(),
            pack_publish(up_topic(CAR), b"x"),
            pack_subscribe(1, [("#", 0)]),
        ):
            with BytesCar(peer, CAR) as car:
                car.send(first + pack_connect(CAR, 60, CAR, PASSWORD))
                assert car.read_to_end() == []
        with BytesCar(peer, CAR) as car:
            assert car.connect() == 0
            car.send(pack_connect(CAR, 60, CAR, PASSWORD))
            assert car.read_to_end() == []
        assert_lives(peer, other)


def of_size(size: int) -> bytes:
    """A SUBSCRIBE of exactly that many bytes, to filters that give nothing."""
    body = b"\0\1"
    left = size - 3 - len(body)  # one byte of head, two of length
    while left:
        take = min(left, 200) if not 200 < left < 210 else 100
        body += pack_text("x" * (take - 3)) + b"\0"
        left -= take
    packet = assemble(0x82, body)
    assert len(packet) == size
    return packet


def test_packets_are_bounded(peer: Peer) -> None:
    with served(peer) as other:
        with BytesCar(peer, CAR) as car:
            assert car.connect() == 0
            car.send(of_size(PACKET_BYTES_MAX))
            assert car.is_served()
            car.leave()
        for data in (of_size(PACKET_BYTES_MAX + 4), bytes.fromhex("30ffffff7f")):
            with BytesCar(peer, CAR) as car:
                assert car.connect() == 0
                car.send(data)
                assert car.read_to_end() == []
        assert_lives(peer, other)


@pytest.mark.parametrize("quality", [0, 1])
def test_a_car_that_does_not_read(peer: Peer, quality: int) -> None:
    """4 MB for a car that takes nothing: half of it is held nowhere at least, and nobody waits."""
    frame = bytes(FRAME_BYTES_MAX)
    with served(peer) as other, BytesCar(peer, CAR, receive_bytes=2048) as stuck:
        assert stuck.connect() == 0
        stuck.send(pack_subscribe(1, [(down_topic(CAR), quality)]))
        assert stuck.is_served()
        for _ in range(20):
            for _ in range(200):
                peer.send(CAR, frame)
            assert_lives(peer, other)
        assert peer.held_bytes() < 2 * 2**20, "Mosquitto: 1,000 messages of QoS 0"


def test_silence_ends_a_connection(peer: Peer) -> None:
    with served(peer) as other, BytesCar(peer, CAR) as car:
        assert car.connect(keep_alive_s=1) == 0
        peer.pass_silence(1.6)
        assert car.read_to_end() == []
        assert_lives(peer, other)


def is_let_in(peer: Peer) -> bool:
    try:
        with BytesCar(peer, THIRD) as third:
            return third.connect() == 0
    except OSError:
        return False  # already in TLS


def test_connections_are_bounded(make_peer: MakePeer) -> None:
    with make_peer(2) as peer, served(peer, CAR) as first, served(peer, OTHER):
        assert not is_let_in(peer)
        assert_lives(peer, first)
        first.leave()
        while not is_let_in(peer):
            pass  # until the other side has seen it go


def test_two_boxes_with_one_identity_take_turns(peer: Peer) -> None:
    """F24: the newer one stays, and no frame goes to the one before."""
    with served(peer) as other:
        before = served(peer, CAR)
        for turn in range(10):
            newer = served(peer, CAR)
            assert before.read_to_end() == []
            before.socket.close()
            peer.send(CAR, b"turn %d" % turn)
            assert newer.hear_until(b"turn %d" % turn)[0].payload[:4] == b"turn"
            before = newer
        assert_lives(peer, other)
        before.leave()


def test_qualities(peer: Peer) -> None:
    with BytesCar(peer, CAR) as car:
        assert car.connect() == 0
        car.send(pack_subscribe(1, [(down_topic(CAR), 0)]))
        assert car.is_served()
        car.send(pack_publish(up_topic(CAR), b"zero"))
        assert peer.frame() == (CAR, b"zero")
        for number in (1, 65535):
            car.send(pack_publish(up_topic(CAR), b"one", 1, False, number))
            assert peer.frame() == (CAR, b"one")
            answer = car.next()
            assert answer is not None
            assert (answer.kind, answer.packet_id) == (PUBACK, number)  # type: ignore[attr-defined]
        peer.send(CAR, b"down")
        message = car.next()
        assert isinstance(message, Publish)
        assert (message.payload, message.qos, message.retain, message.dup) == (
            b"down",
            0,
            False,
            False,
        )
        car.leave()
