"""Random packets, whole, changed, cut and mixed: one connection ends or lives, the others never notice."""

import contextlib
import socket

import hypothesis
from hypothesis import strategies as st

from firmware.wire.frames import FRAME_BYTES_MAX, down_topic, presence_topic, up_topic
from firmware.wire.packets import Will, assemble, pack_puback, pack_publish
from firmware.wire.packets_client import (
    pack_connect,
    pack_disconnect,
    pack_pingreq,
    pack_subscribe,
    pack_unsubscribe,
)
from fleetd.mqtt_endpoint import Limits
from tests.fleetd.mqtt.rig import CAR, OTHER, PASSWORD, RawClient, running

#: Nothing of this shall be what ends a connection here.
NO_RATES = Limits(
    connects_per_s=1e9,
    connects_burst=10**9,
    car_connects_per_s=1e9,
    car_connects_burst=10**9,
    address_failures_per_s=1e9,
    address_failures_burst=10**9,
    wrong_password_wait_s=0.0,
    packets_per_s=1e9,
    packets_burst=10**9,
)

TOPICS = st.sampled_from(
    [build(car) for build in (down_topic, up_topic, presence_topic) for car in (CAR, OTHER)]
    + ["$SYS/x", "kb", "kb/1/u/00/" + CAR]
)
FILTERS = TOPICS | st.sampled_from(["#", "+/+/#", "kb/1/d/+/" + CAR])
IDS = st.integers(1, 65535)
PAYLOADS = st.binary(max_size=40) | st.sampled_from([bytes(1024), bytes(1025), bytes(1100)])
NAMES = st.sampled_from([CAR, CAR, CAR, "ffffffffffff", "", "x"])
PASSWORDS = st.sampled_from([PASSWORD, PASSWORD, PASSWORD, b"wrong", None])


def _connect(
    client: str, keep_alive_s: int, user: str, password: bytes | None, will: Will | None
) -> bytes:
    return pack_connect(client, keep_alive_s, user, password, will)


def _publish(topic: str, payload: bytes, packet_id: int, retain: bool) -> bytes:
    return pack_publish(topic, payload, 1 if packet_id else 0, retain, packet_id)


WILLS = st.none() | st.builds(Will, TOPICS, PAYLOADS, st.integers(0, 1), st.booleans())
CONNECTS = st.builds(_connect, NAMES, st.integers(0, 65535), NAMES, PASSWORDS, WILLS)
PACKETS = st.one_of(
    CONNECTS,
    st.builds(_publish, TOPICS, PAYLOADS, st.just(0) | IDS, st.booleans()),
    st.builds(pack_subscribe, IDS, st.lists(st.tuples(FILTERS, st.integers(0, 1)), min_size=1)),
    st.builds(pack_unsubscribe, IDS, st.lists(FILTERS, min_size=1)),
    st.builds(pack_puback, IDS),
    st.just(pack_pingreq()),
    st.builds(assemble, st.integers(0, 255), st.binary(max_size=60)),
    st.binary(max_size=60),
)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Mostly a good CONNECT, then packets, one byte of the whole perhaps changed, the end perhaps cut."""
    good = pack_connect(CAR, 60, CAR, PASSWORD, Will(presence_topic(CAR), b"gone"))
    start = draw(st.sampled_from([good, good, good, b""]))
    stream = bytearray(start + b"".join(draw(st.lists(PACKETS, max_size=8))))
    if stream and draw(st.booleans()):
        stream[draw(st.integers(0, len(stream) - 1))] = draw(st.integers(0, 255))
    return bytes(stream[: draw(st.integers(0, len(stream)))] if draw(st.booleans()) else stream)


def test_random_packets_from_a_car_and_from_strangers() -> None:
    """Malformed MQTT, fuzzed."""
    with running(NO_RATES) as rig, RawClient(rig.port) as other:
        other.send(
            pack_connect(OTHER, 0, OTHER, PASSWORD) + pack_subscribe(1, [(down_topic(OTHER), 0)])
        )
        other.read(9)
        rig.news()

        @hypothesis.settings(max_examples=400)
        @hypothesis.given(streams(), st.booleans())
        def speak(stream: bytes, leaves: bool) -> None:
            with RawClient(rig.port) as client:
                with contextlib.suppress(OSError):  # it may have ended already
                    client.send(stream + (pack_disconnect() if leaves else b""))
                    client.socket.shutdown(socket.SHUT_WR)
                client.read_to_end()
            rig.call(lambda: None)
            assert rig.troubles.empty()
            news = [rig.presence.get() for _ in range(rig.presence.qsize())]
            frames = [rig.frames.get() for _ in range(rig.frames.qsize())]
            _assert_it_makes_sense(news, frames)
            assert rig.endpoint.cars == {OTHER}
            assert rig.endpoint.connections == 1
            other.send(pack_pingreq())
            assert other.read(2) == b"\xd0\0", "only the answer comes, nothing of the fuzz"

        speak()
        counters = rig.endpoint.counters
        assert sum(counters.ended.values()) == counters.connections - 1, "each ended once"


def _assert_it_makes_sense(
    news: list[tuple[str, bool, bytes]], frames: list[tuple[str, bytes]]
) -> None:
    """Of one car, and not of the other: online first, offline last and once."""
    cars = {car for car, _, _ in news}
    assert len(cars) == (1 if news else 0)
    assert OTHER not in cars
    assert {car for car, _ in frames} <= cars
    assert [online for _, online, _ in news] == [True] * (len(news) - 1) + [False] * len(cars)
    assert all(payload == b"" for _, _, payload in news[:1])
    assert all(len(payload) <= FRAME_BYTES_MAX for _, payload in frames)
