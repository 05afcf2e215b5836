"""What a car and the daemon may rely on, on each rung of the ladder: no rung changes a result.

The same tests on our endpoint, on our endpoint with TLS, and on Mosquitto with the sample
configuration. That something does not come is shown by a marker sent after it that comes first.

| row | where |
|---|---|
| passwords; frames of every size, unchanged, both ways, both qualities; order; presence and wills | here |
| nothing waits for a car that was away; more than a frame does not come; the newer of two connections stays | here |
| isolation of every pair of cars (F27) | test_conformance_isolation |
| malformed packets (F26), slow reader (F25), duplicate identities (F24), bounds | test_conformance_limits |
"""

import pytest

from firmware.wire.frames import FRAME_BYTES_MAX, down_topic, presence_topic, up_topic
from tests.fleetd.mqtt.paho_car import ACCEPTED, NOT_AUTHORIZED, PahoCar, car
from tests.fleetd.mqtt.peers import Peer
from tests.fleetd.mqtt.rig import CAR, OTHER


def test_the_right_password_and_wrong_ones(peer: Peer) -> None:
    with car(CAR, tls=peer.tls, password=b"wrong") as guest:
        assert guest.connect(peer.port) == NOT_AUTHORIZED
    with car(CAR, tls=peer.tls, password=None) as guest:
        assert guest.connect(peer.port) == NOT_AUTHORIZED
    with car(CAR, tls=peer.tls) as guest:
        assert guest.connect(peer.port) == ACCEPTED


@pytest.mark.parametrize("quality", [0, 1])
def test_frames_go_both_ways_unchanged(peer: Peer, quality: int) -> None:
    full = bytes(index & 0xFF for index in range(FRAME_BYTES_MAX))
    with car(CAR, tls=peer.tls) as guest:
        guest.connect(peer.port)
        assert guest.subscribe(down_topic(CAR), quality=quality) == [quality]
        for frame in (full, b"\0", full[::-1]):
            guest.publish(up_topic(CAR), frame, quality=quality)
            assert peer.frame() == (CAR, frame)
            peer.send(CAR, frame)
            assert guest.message() == (down_topic(CAR), frame, quality, False)


def test_order_is_kept_in_each_direction(peer: Peer) -> None:
    count = 50
    with car(CAR, tls=peer.tls) as guest:
        guest.connect(peer.port)
        guest.subscribe(down_topic(CAR))
        for number in range(count):
            guest.publish(up_topic(CAR), bytes((number,)), quality=1)
            peer.send(CAR, bytes((number,)))
        assert [peer.frame()[1][0] for _ in range(count)] == list(range(count))
        assert [guest.message()[1][0] for _ in range(count)] == list(range(count))


def test_a_car_hears_nothing_that_is_not_its_own(peer: Peer) -> None:
    with car(CAR, tls=peer.tls) as guest, car(OTHER, tls=peer.tls) as spy:
        guest.connect(peer.port)
        guest.subscribe(down_topic(CAR))
        spy.connect(peer.port)
        spy.subscribe(
            down_topic(OTHER),
            down_topic(CAR),
            up_topic(CAR),
            presence_topic(CAR),
            "#",
            "+/+/+/+/+",
            "kb/1/d/+/" + CAR,
            "$SYS/#",
        )
        guest.publish(presence_topic(CAR), b"here", quality=1, retain=True)
        guest.publish(up_topic(CAR), b"secret", quality=1)
        assert peer.frame() == (CAR, b"secret")
        peer.send(CAR, b"for one only")
        assert guest.message()[1] == b"for one only"
        peer.send(OTHER, b"marker")
        assert spy.message()[1] == b"marker"


def test_a_car_cannot_speak_for_another_or_as_the_daemon(peer: Peer) -> None:
    with car(OTHER, tls=peer.tls) as other:
        other.connect(peer.port)
        other.subscribe(down_topic(OTHER))
        for topic in (up_topic(OTHER), presence_topic(OTHER), down_topic(OTHER)):
            liar = PahoCar(CAR, tls=peer.tls)
            liar.connect(peer.port)
            liar.publish(topic, b"a lie", retain=topic == presence_topic(OTHER))
            liar.publish(up_topic(CAR), b"behind the lie")
            liar.leave()
        other.publish(up_topic(OTHER), b"marker", quality=1)
        other.publish(presence_topic(OTHER), b"marker", quality=1)
        while (frame := peer.frame()) != (OTHER, b"marker"):
            assert frame == (CAR, b"behind the lie"), "whoever took the lie only for nothing"
        assert peer.presence() == (OTHER, b"marker")
        peer.send(OTHER, b"marker")
        assert other.message()[1] == b"marker"


def test_a_will_cannot_lie_either(peer: Peer) -> None:
    for topic in (up_topic(OTHER), presence_topic(OTHER)):
        liar = PahoCar(CAR, tls=peer.tls, will=(topic, b"a lie", 1, False))
        if liar.connect(peer.port) == ACCEPTED:
            liar.cut()
        else:
            liar.leave()
    with car(OTHER, tls=peer.tls) as other:
        other.connect(peer.port)
        other.publish(up_topic(OTHER), b"marker", quality=1)
        assert peer.frame() == (OTHER, b"marker")
        other.publish(presence_topic(OTHER), b"marker", quality=1)
        assert peer.presence() == (OTHER, b"marker")


def test_presence_and_will(peer: Peer) -> None:
    guest = PahoCar(CAR, tls=peer.tls, will=(presence_topic(CAR), b"gone", 1, True))
    guest.connect(peer.port)
    guest.publish(presence_topic(CAR), b"here", quality=1, retain=True)
    assert peer.presence() == (CAR, b"here")
    guest.cut()
    assert peer.presence() == (CAR, b"gone")
    with car(CAR, tls=peer.tls, will=(presence_topic(CAR), b"gone", 1, True)) as guest:
        guest.connect(peer.port)
        guest.publish(presence_topic(CAR), b"here again", quality=1, retain=True)
        guest.acknowledged()  # with it unread, closing would reset the connection: a will
        assert peer.presence() == (CAR, b"here again")
    with car(CAR, tls=peer.tls) as guest:
        guest.connect(peer.port)
        guest.publish(presence_topic(CAR), b"marker", quality=1, retain=True)
        assert peer.presence() == (CAR, b"marker"), "no will after a DISCONNECT"


def test_the_newer_of_two_connections_stays(peer: Peer) -> None:
    """Duplicate client identifiers."""
    first = PahoCar(CAR, tls=peer.tls)
    first.connect(peer.port)
    first.subscribe(down_topic(CAR))
    with car(CAR, tls=peer.tls) as second:
        assert second.connect(peer.port) == ACCEPTED
        first.wait_for_the_end()
        second.subscribe(down_topic(CAR))
        peer.send(CAR, b"for the newer")
        assert second.message()[1] == b"for the newer"
        assert first.messages.empty()
    first.leave()


def test_nobody_ends_the_connection_of_another(peer: Peer) -> None:
    with car(CAR, tls=peer.tls) as guest:
        guest.connect(peer.port)
        guest.subscribe(down_topic(CAR))
        with car(CAR, tls=peer.tls, user=OTHER) as thief:
            thief.connect(peer.port)
        with car(CAR, tls=peer.tls, password=b"wrong") as thief:
            assert thief.connect(peer.port) == NOT_AUTHORIZED
        guest.publish(up_topic(CAR), b"still here", quality=1)
        assert peer.frame() == (CAR, b"still here")
        peer.send(CAR, b"still heard")
        assert guest.message()[1] == b"still heard"


def test_nothing_waits_for_a_car_that_was_away(peer: Peer) -> None:
    """A late command must never open a door."""
    with car(CAR, tls=peer.tls) as guest:
        guest.connect(peer.port)
        guest.subscribe(down_topic(CAR))
    peer.send(CAR, b"too late")
    with car(CAR, tls=peer.tls) as guest:
        guest.connect(peer.port)
        guest.subscribe(down_topic(CAR))
        peer.send(CAR, b"marker")
        assert guest.message()[1] == b"marker"


def test_more_than_a_frame_does_not_come(peer: Peer) -> None:
    for size in (FRAME_BYTES_MAX + 1, 100_000):
        big = PahoCar(CAR, tls=peer.tls)
        big.connect(peer.port)
        big.publish(up_topic(CAR), bytes(size))
        big.leave()
    with car(OTHER, tls=peer.tls) as other:
        other.connect(peer.port)
        other.publish(up_topic(OTHER), b"marker", quality=1)
        assert peer.frame() == (OTHER, b"marker")
