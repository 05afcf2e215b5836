"""What no decent client sends, and what it does with its socket."""

import socket

import pytest

from firmware.wire.frames import FRAME_BYTES_MAX, down_topic, up_topic
from firmware.wire.packets import pack_publish
from firmware.wire.packets_client import (
    pack_connect,
    pack_disconnect,
    pack_pingreq,
    pack_subscribe,
    pack_unsubscribe,
)
from fleetd.mqtt_endpoint import Limits
from tests.fleetd.mqtt.rig import CAR, OTHER, PASSWORD, RawClient, Rig, running

CONNECT = pack_connect(CAR, 60, CAR, PASSWORD)
ACCEPTED = bytes.fromhex("20020000")
PINGRESP = bytes.fromhex("d000")
#: The bound of a queue that is to be filled: far more than what the kernel takes late.
FULL_BYTES = 256 * 1024


def connected(rig: Rig, car: str = CAR, receive_bytes: int = 0) -> RawClient:
    client = RawClient(rig.port, receive_bytes)
    client.send(pack_connect(car, 60, car, PASSWORD))
    assert client.read(4) == ACCEPTED
    return client


def subscribed(rig: Rig, quality: int = 0, receive_bytes: int = 0) -> RawClient:
    client = connected(rig, receive_bytes=receive_bytes)
    client.send(pack_subscribe(1, [(down_topic(CAR), quality)]))
    assert client.read(5) == bytes((0x90, 3, 0, 1, quality))
    return client


def fill(rig: Rig) -> None:
    """Send to a car that does not read, until much more waits than a shut window lets go."""
    line = rig.endpoint._cars[CAR].line
    while rig.call(line._queued_bytes) < FULL_BYTES // 2:  # type: ignore[attr-defined]
        assert rig.send(CAR, bytes(FRAME_BYTES_MAX))


MALFORMED = {
    "reserved kind 0": "0000",
    "reserved kind 15": "f000",
    "a packet for clients only": "20020000",
    "QoS 2 handshake": "62020001",
    "publish with QoS 3": "3605000161" + "0001",
    "publish with QoS 2": "3405000161" + "0001",
    "publish to a wildcard": "3003000123",
    "topic with a NUL": "3003000100",
    "topic that is no UTF-8": "30030001ff",
    "topic longer than its packet": "3003ffff61",
    "subscribe with wrong flags": "80060001000161" + "00",
    "subscribe to nothing": "82020001",
    "packet identifier 0": "8206000000016100",
    "ping with a body": "c00100",
    "length of five bytes": "30ffffffff7f",
    "a packet of 256 MB": "30ffffff7f",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_malformed_packets_end_the_connection(data: str) -> None:
    with running() as rig, connected(rig) as client:
        client.send(bytes.fromhex(data))
        assert client.read_to_end() == b""
        assert rig.count("ended_malformed") == 1
        assert rig.frames.empty()


def test_the_length_alone_is_enough_to_refuse_a_packet() -> None:
    limit = Limits().packet_bytes_max
    with running() as rig, connected(rig) as client:
        left = limit - 3
        client.send(bytes((0x30, left & 0x7F | 0x80, left >> 7)))
        client.send(b"\0")
        rig.pass_time(1.0)
        assert rig.count("ended_malformed") == 0, "one of exactly the limit is waited for"
    with running() as rig, connected(rig) as client:
        left = limit - 2
        client.send(bytes((0x30, left & 0x7F | 0x80, left >> 7)))
        assert client.read_to_end() == b""
        assert rig.count("ended_malformed") == 1


def test_what_comes_before_connect_ends_the_connection() -> None:
    with running() as rig:
        for packet in (
            pack_pingreq(),
            pack_publish(up_topic(CAR), b"x"),
            pack_subscribe(1, [(down_topic(CAR), 0)]),
            pack_disconnect(),
        ):
            with RawClient(rig.port) as client:
                client.send(packet + CONNECT)
                assert client.read_to_end() == b""
        assert rig.count("ended_out_of_order") == 4
        assert rig.asked == []


def test_a_second_connect_ends_the_connection() -> None:
    with running() as rig, connected(rig) as client:
        client.send(CONNECT)
        assert client.read_to_end() == b""
        assert rig.count("ended_out_of_order") == 1


def test_bytes_after_disconnect_are_ignored() -> None:
    with running() as rig, connected(rig) as client:
        client.send(pack_disconnect() + pack_publish(up_topic(CAR), b"too late"))
        assert client.read_to_end() == b""
        rig.settle()
        assert rig.count("ended_left") == 1
        assert rig.frames.empty()


def test_an_empty_identifier_is_refused_with_and_without_a_clean_session() -> None:
    with running() as rig:
        for flags in (0x02, 0x00):
            with RawClient(rig.port) as client:
                client.send(bytes.fromhex("100c00044d515454 04") + bytes((flags, 0, 60, 0, 0)))
                assert client.read_to_end() == bytes.fromhex("20020002")
        assert rig.count("refused_identifier") == 2


def test_other_versions_and_other_protocols() -> None:
    with running() as rig:
        with RawClient(rig.port) as client:
            client.send(bytes.fromhex("100d00044d515454 05 02 003c 00 0000"))
            assert client.read_to_end() == bytes.fromhex("20020001")
        with RawClient(rig.port) as client:
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.read_to_end() == b""
        assert rig.count("refused_version") == 1
        assert rig.count("ended_malformed") == 1


def test_a_session_that_should_stay_is_accepted_as_clean() -> None:
    """Sessions are always clean: CONNACK says that none was present."""
    body = bytes.fromhex("00044d51545404c0003c")
    for text in (CAR.encode(), CAR.encode(), PASSWORD):
        body += len(text).to_bytes(2, "big") + text
    with running() as rig:
        for _ in range(2):
            with RawClient(rig.port) as client:
                client.send(bytes((0x10, len(body))) + body)
                assert client.read(4) == ACCEPTED


def test_packets_that_come_byte_by_byte_or_all_at_once() -> None:
    publishes = b"".join(
        pack_publish(up_topic(CAR), bytes((n,)), 1, packet_id=n + 1) for n in range(9)
    )
    packets = CONNECT + pack_subscribe(7, [(down_topic(CAR), 1), ("#", 0)]) + publishes
    packets += pack_unsubscribe(8, [down_topic(CAR)]) + pack_pingreq()
    # Frames are acknowledged when they are committed: in their order, but later than what needs none.
    answers = ACCEPTED + bytes.fromhex("9004000701 80 b0020008") + PINGRESP
    confirmed = [bytes((0x40, 2, 0, n + 1)) for n in range(9)]
    with running() as rig:
        for pieces in ([packets], [packets[n : n + 1] for n in range(len(packets))]):
            with RawClient(rig.port) as client:
                client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for piece in pieces:
                    client.send(piece)
                told = client.read(len(answers) + 4 * len(confirmed))
                for one in confirmed:
                    before, found, told = told.partition(one)
                    told = before + told
                    assert found
                assert told == answers
                assert [rig.frame()[1] for _ in range(9)] == [bytes((n,)) for n in range(9)]


def test_who_does_not_say_connect_is_sent_away() -> None:
    with running() as rig, RawClient(rig.port) as client, connected(rig, OTHER) as other:
        client.send(CONNECT[:-1])
        rig.pass_time(9.9)
        assert rig.count("ended_no_connect") == 0
        rig.pass_time(0.1)
        assert client.read_to_end() == b""
        assert rig.count("ended_no_connect") == 1
        other.send(pack_pingreq())
        assert other.read(2) == PINGRESP


def test_a_ping_is_answered_and_counts_against_silence() -> None:
    with running() as rig, connected(rig) as client:
        for _ in range(3):
            rig.pass_time(89.9)
            client.send(pack_pingreq())
            assert client.read(2) == PINGRESP
        rig.pass_time(90.0)
        assert client.read_to_end() == b""
        assert rig.count("ended_silent") == 1


def test_connections_are_bounded() -> None:
    with running(Limits(connections_max=2)) as rig:
        with connected(rig), connected(rig, OTHER), RawClient(rig.port) as third:
            assert third.read_to_end() == b""
            assert rig.count("ended_full") == 1
        rig.settle()
        with connected(rig):
            assert rig.count("connections") == 4


def test_strangers_are_bounded_and_cars_do_not_count_as_such() -> None:
    with (
        running(Limits(strangers_max=2)) as rig,
        connected(rig),
        connected(rig, OTHER),
        RawClient(rig.port),
        RawClient(rig.port),
        RawClient(rig.port) as third,
    ):
        assert third.read_to_end() == b""
        assert rig.count("ended_full") == 1


def test_connects_a_second_are_bounded() -> None:
    with running(Limits(connects_burst=1, connects_per_s=1.0)) as rig, connected(rig):
        with RawClient(rig.port) as client:
            client.send(pack_connect(OTHER, 60, OTHER, PASSWORD))
            assert client.read_to_end() == bytes.fromhex("20020003")
        rig.pass_time(1.0)
        with connected(rig, OTHER):
            assert rig.count("refused_rate") == 1


def test_who_sends_too_much_is_read_later_and_loses_nothing() -> None:
    with running(Limits(packets_burst=10, packets_per_s=1.0)) as rig, connected(rig) as client:
        count = 50
        for number in range(count):
            client.send(pack_publish(up_topic(CAR), bytes((number,)) * 100))
        taken = [rig.frame()[1][0] for _ in range(9)]
        for _ in range(10_000):
            if rig.frames.qsize() == count - 9:
                break
            rig.pass_time(1.0)
        taken += [rig.frame()[1][0] for _ in range(count - 9)]
        assert taken == list(range(count))
        assert rig.count("pauses") >= 1
        assert rig.count("ended_silent") == 0


def test_a_peer_that_is_not_read_is_not_silent() -> None:
    with running(Limits(packets_burst=2, packets_per_s=0.1)) as rig, RawClient(rig.port) as client:
        frames = [pack_publish(up_topic(CAR), bytes((number,))) for number in range(4)]
        client.send(pack_connect(CAR, 10, CAR, PASSWORD) + b"".join(frames))
        rig.frame()
        for _ in range(3):
            rig.pass_time(10.0)
            rig.frame()
        rig.pass_time(10.0)
        rig.pass_time(14.9)
        assert rig.count("ended_silent") == 0
        rig.pass_time(0.1)
        assert rig.count("ended_silent") == 1


def test_at_most_the_rate_is_taken() -> None:
    with running(Limits(packets_burst=3, packets_per_s=2.0)) as rig, connected(rig) as client:
        client.send(b"".join(pack_publish(up_topic(CAR), bytes((n,))) for n in range(8)))
        rig.frame(), rig.frame()
        assert rig.call(rig.frames.empty), "CONNECT was the first of three"
        rig.pass_time(1.0)
        assert rig.call(rig.frames.qsize) == 2
        rig.pass_time(0.4)
        assert rig.call(rig.frames.qsize) == 2
        rig.pass_time(0.1)
        assert rig.call(rig.frames.qsize) == 3


def test_a_subscriber_that_stops_reading_is_cut_off_and_memory_stays_bounded() -> None:
    limits = Limits(send_queue_bytes_max=16 * 1024, socket_send_bytes=8 * 1024)
    frame = bytes(FRAME_BYTES_MAX)
    with running(limits) as rig, subscribed(rig, receive_bytes=4096) as client:
        # The kernel takes what its two buffers hold, the queue the rest, and then it is over.
        sent = 0
        while rig.send(CAR, frame):
            sent += 1
            assert sent < 10_000, "the queue has no end"
        assert sent >= 16, "the queue itself holds as much"
        assert rig.count("ended_unread") == 1
        assert rig.count("frames_out") == sent
        assert not rig.send(CAR, frame)
        assert [rig.news()[1] for _ in range(2)] == [True, False]
        rig.settle()
        assert len(client.read_to_end()) < sent * (len(frame) + 30)


def test_answers_are_bounded_likewise() -> None:
    """Who pings and does not read the answers is cut off too."""
    limits = Limits(
        send_queue_bytes_max=1024, socket_send_bytes=2048, packets_burst=10**9, packets_per_s=1e9
    )
    with running(limits) as rig, connected(rig) as client:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        pings = pack_pingreq() * 4096
        try:
            for _ in range(10_000):
                client.send(pings)
        except ConnectionError:
            pass
        assert rig.count("ended_unread") == 1


def test_who_does_not_acknowledge_is_cut_off() -> None:
    with running(Limits(unacknowledged_max=3)) as rig, subscribed(rig, quality=1) as client:
        assert [rig.send(CAR, b"x") for _ in range(3)] == [True, True, True]
        sent = client.read(3 * 29)
        assert [sent[n * 29 + 26 : n * 29 + 28] for n in range(3)] == [b"\0\1", b"\0\2", b"\0\3"]
        client.send(bytes.fromhex("40020002") + pack_pingreq())
        assert client.read(2) == PINGRESP
        assert rig.send(CAR, b"x")
        assert not rig.send(CAR, b"x")
        assert rig.count("ended_unacknowledged") == 1


def test_packet_identifiers_wrap_and_leave_out_what_is_in_use() -> None:
    with running() as rig, subscribed(rig, quality=1) as client:
        rig.send(CAR, b"x")
        client.read(29)

        def near_the_end() -> None:
            rig.endpoint._cars[CAR]._packet_id = 65534

        rig.call(near_the_end)
        rig.send(CAR, b"x")
        rig.send(CAR, b"x")
        sent = client.read(2 * 29)
        assert [sent[26:28], sent[29 + 26 : 29 + 28]] == [b"\xff\xff", b"\0\2"]


def test_a_frame_that_is_none_is_a_bug_of_the_caller() -> None:
    with running() as rig, pytest.raises(ValueError, match="1025"):
        rig.send(CAR, bytes(FRAME_BYTES_MAX + 1))


def test_a_login_check_that_fails_ends_this_connection_only() -> None:
    with running() as rig, connected(rig, OTHER) as other:

        def broken(car: str, password: bytes) -> bool:
            raise RuntimeError("database is locked")

        rig.endpoint._admission._check_login = broken
        with RawClient(rig.port) as client:
            client.send(CONNECT)
            assert client.read_to_end() == b""
        other.send(pack_pingreq())
        assert other.read(2) == PINGRESP
        assert rig.count("ended_failed") == 1
        assert "locked" in str(rig.troubles.get()["exception"])


def test_a_port_in_use_is_told() -> None:
    with running() as rig, running() as second:
        second.run(second.endpoint.stop())
        with pytest.raises(OSError, match="in use"):
            second.run(second.endpoint.start(port=rig.port))


def test_stop_does_not_wait_for_who_does_not_read() -> None:
    limits = Limits(send_queue_bytes_max=FULL_BYTES, socket_send_bytes=4096, farewell_s=0.05)
    with running(limits) as rig, subscribed(rig, receive_bytes=2048):
        fill(rig)
        rig.run(rig.endpoint.stop())
        assert rig.endpoint.connections == 0


def test_who_leaves_without_reading_is_let_go_after_a_while() -> None:
    limits = Limits(send_queue_bytes_max=FULL_BYTES, socket_send_bytes=4096)
    with running(limits) as rig, subscribed(rig, receive_bytes=2048) as client:
        rig.news()
        fill(rig)
        client.send(pack_disconnect())
        assert rig.news() == (CAR, False, b"")
        rig.pass_time(1.9)
        assert rig.endpoint.connections == 1
        rig.pass_time(0.1)
        rig.settle()
        assert rig.count("ended_left") == 1


def test_it_can_be_started_again() -> None:
    with running() as rig:
        rig.run(rig.endpoint.stop())
        rig.port = rig.run(rig.endpoint.start())
        with connected(rig), pytest.raises(RuntimeError, match="already started"):
            rig.run(rig.endpoint.start())
