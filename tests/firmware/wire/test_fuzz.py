"""Any bytes at all against decoders and frames: an error of their own or nothing, and no growth."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firmware.wire import frames, kb1, kb1_centre, packets, packets_client, packets_endpoint
from firmware.wire.packet_decoder import Decoder
from firmware.wire.packets import MqttError, Packet, Publish, Will
from firmware.wire.packets_client import ClientDecoder
from firmware.wire.packets_endpoint import Connect, EndpointDecoder, Subscribe, Unsubscribe

CAR = bytes.fromhex("02a1b2c3d4e5")
KEY = frames.direction_key(bytes(32), frames.DOWN)
LIMIT_BYTES = 300

#: Streams that fuzzing starts from: right packets, of both sides.
SEEDS = [
    packets_client.pack_connect("c", 60, "u", b"p", Will("w", b"gone", 1, True)),
    packets_client.pack_subscribe(1, [("a/+", 1), ("b/#", 0)]),
    packets_client.pack_unsubscribe(2, ["a", "b"]),
    packets.pack_publish("a/b", bytes(140), 1, packet_id=3),
    packets.pack_publish("a", b"x", retain=True),
    packets.pack_puback(4),
    packets_client.pack_pingreq(),
    packets_client.pack_disconnect(),
    packets_endpoint.pack_connack(0),
    packets_endpoint.pack_suback(1, b"\0\1\x80"),
    packets_endpoint.pack_unsuback(2),
    packets_endpoint.pack_pingresp(),
]
DECODERS = [ClientDecoder, EndpointDecoder]

#: No example is judged by how long it took.
untimed = settings(deadline=None)

hashes = st.binary(min_size=8, max_size=8)
u32 = st.integers(0, 2**32 - 1)
operations = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=20)


@st.composite
def nearly_right(draw: st.DrawFn) -> bytes:
    """Right packets with some bytes changed, cut out or put in."""
    stream = bytearray(b"".join(draw(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=6))))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(stream)))
        stream[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return bytes(stream)


streams = st.one_of(st.binary(max_size=600), nearly_right())


def held(decoder: Decoder) -> int:
    return len(decoder._input) - decoder._at + len(decoder._body or b"")


def read(decoder: Decoder, stream: bytes, step: int) -> tuple[list[Packet], bool]:
    """(packets, whether it ended with an error), the decoder never holding more than it may."""
    found = []
    try:
        for at in range(0, len(stream), step):
            decoder.feed(stream[at : at + step])
            while (packet := decoder.next()) is not None:
                found.append(packet)
                assert held(decoder) <= LIMIT_BYTES + step
            assert held(decoder) <= LIMIT_BYTES
    except MqttError:
        assert held(decoder) == 0
        return found, True
    return found, False


@pytest.mark.parametrize("kind", DECODERS)
@untimed
@given(stream=streams, step=st.integers(1, 64))
@example(stream=b"\x30\xff\xff\xff\x7f", step=1)
def test_nothing_but_packets_and_mqtt_errors(kind: type[Decoder], stream: bytes, step: int) -> None:
    found, broken = read(kind(LIMIT_BYTES), stream, step)
    assert all(packet.kind in kind.KINDS for packet in found)
    again, broken_again = read(kind(LIMIT_BYTES), stream, max(len(stream), 1))
    assert [vars_of(packet) for packet in again] == [vars_of(packet) for packet in found]
    assert broken_again == broken


def vars_of(packet: Packet) -> dict[str, object]:
    fields = dict(vars(packet))
    if isinstance(packet, Connect) and packet.will is not None:
        fields["will"] = vars(packet.will)
    return fields


@untimed
@given(stream=streams)
def test_what_is_read_can_be_written_and_read_again(stream: bytes) -> None:
    """A packet that gets in is one that could have been sent: nothing half-checked gets through."""
    found, _ = read(EndpointDecoder(LIMIT_BYTES), stream, 64)
    for packet in found:
        if isinstance(packet, Connect) and packet.will is not None and packet.will.qos == 2:
            continue  # ours asks for 1 at most
        if isinstance(packet, Subscribe) and any(qos == 2 for _, qos in packet.filters):
            continue
        again, _ = read(EndpointDecoder(LIMIT_BYTES), written(packet), 64)
        assert [vars_of(one) for one in again] == [vars_of(packet)]


def written(packet: Packet) -> bytes:
    if isinstance(packet, Connect):
        return packets_client.pack_connect(
            packet.client_id,
            packet.keep_alive_s,
            packet.user,
            packet.password,
            packet.will,
            packet.clean_session,
        )
    if isinstance(packet, Publish):
        return packets.pack_publish(
            packet.topic,
            packet.payload,
            packet.qos,
            packet.retain,
            packet.packet_id,
            packet.dup,
        )
    if isinstance(packet, Subscribe):
        return packets_client.pack_subscribe(packet.packet_id, packet.filters)
    if isinstance(packet, Unsubscribe):
        return packets_client.pack_unsubscribe(packet.packet_id, packet.filters)
    if isinstance(packet, packets.Ack):
        return packets.pack_puback(packet.packet_id)
    return packets.assemble(packet.kind << 4, b"")


@pytest.mark.parametrize("kind", DECODERS)
def test_promised_lengths_take_no_memory(kind: type[Decoder]) -> None:
    """A thousand peers that each promise a packet of 256 MB."""
    tracemalloc.start()
    decoders = [kind(LIMIT_BYTES) for _ in range(1000)]
    for decoder in decoders:
        decoder.feed(b"\x30\xff\xff\xff\x7f" + bytes(50))
        with pytest.raises(MqttError):
            decoder.next()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 4_000_000


@untimed
@given(frame=st.binary(max_size=1100))
def test_no_bytes_open_as_a_frame(frame: bytes) -> None:
    assert frames.open_frame((KEY, bytes(32)), CAR, frame) is None


@untimed
@given(kind=st.integers(0, 255), body=st.binary(max_size=200), data=st.data())
def test_a_changed_byte_closes_a_frame(kind: int, body: bytes, data: st.DataObject) -> None:
    frame = frames.pack_frame(KEY, CAR, kind, body)
    assert frames.open_frame((bytes(32), KEY), CAR, frame) == (kind, body)
    at = data.draw(st.integers(0, len(frame) - 1))
    other = frame[:at] + bytes([frame[at] ^ data.draw(st.integers(1, 255))]) + frame[at + 1 :]
    assert frames.open_frame((bytes(32), KEY), CAR, other) is None


@untimed
@given(body=st.binary(max_size=1004))
@pytest.mark.parametrize(
    "unpack",
    [
        kb1.unpack_delta,
        kb1.unpack_snap,
        kb1.unpack_time,
        kb1.unpack_command,
        kb1.unpack_eack,
        kb1_centre.unpack_hello,
        kb1_centre.unpack_events,
        kb1_centre.unpack_result,
        kb1_centre.unpack_nack,
        kb1_centre.unpack_telemetry,
    ],
)
def test_no_body_does_more_than_raise_value_error(
    unpack: Callable[[bytes], object], body: bytes
) -> None:
    try:
        unpack(body)
    except ValueError:
        return


@untimed
@given(gen=u32, first=st.integers(0, 2**31), hash8=hashes, ops=operations)
def test_delta_there_and_back(
    gen: int, first: int, hash8: bytes, ops: list[tuple[int, bytes]]
) -> None:
    for part in kb1_centre.split_for_delta(ops):
        values = (gen, first, first + len(part), hash8, part)
        body = kb1_centre.pack_delta(*values)
        assert len(body) <= frames.BODY_BYTES_MAX
        assert kb1.unpack_delta(body) == values
        first += len(part)


@untimed
@given(gen=u32, rev=u32, hash8=hashes, ops=operations)
def test_snap_there_and_back(
    gen: int, rev: int, hash8: bytes, ops: list[tuple[int, bytes]]
) -> None:
    parts = kb1_centre.split_for_snap(ops)
    found = []
    for number, part in enumerate(parts):
        body = kb1_centre.pack_snap(gen, rev, hash8, number, len(parts), part)
        assert len(body) <= frames.BODY_BYTES_MAX
        *head, more = kb1.unpack_snap(body)
        assert head == [gen, rev, hash8, number, len(parts)]
        found.extend(more)
    assert found == ops


@untimed
@given(
    command=hashes,
    accepted=st.booleans(),
    reasons=st.lists(st.tuples(st.integers(0, 255), u32), max_size=10),
    warnings=st.binary(max_size=10),
    read_back=st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
def test_result_there_and_back(
    command: bytes,
    accepted: bool,
    reasons: list[tuple[int, int]],
    warnings: bytes,
    read_back: tuple[int, int],
) -> None:
    values = (command, accepted, reasons, warnings, *read_back)
    assert kb1_centre.unpack_result(kb1.pack_result(*values)) == values
