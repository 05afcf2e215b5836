"""The endpoint behind TLS: who is refused, and that nothing is lost or let through beside it."""

import socket
import ssl
from pathlib import Path

import pytest

from firmware.wire.frames import FRAME_BYTES_MAX, down_topic, up_topic
from firmware.wire.packets import pack_publish
from firmware.wire.packets_client import pack_connect, pack_pingreq, pack_subscribe
from fleetd.mqtt.connection import EARLY_BYTES_MAX, READ_BYTES, Connection
from fleetd.mqtt.tls import server_context
from fleetd.mqtt_endpoint import Endpoint, Limits
from tests.fleetd.mqtt.certificates import Authority
from tests.fleetd.mqtt.paho_car import ACCEPTED, NOT_AUTHORIZED, car
from tests.fleetd.mqtt.rig import CAR, PASSWORD, PATIENCE_S, RawClient, Rig, running

CONNECT = pack_connect(CAR, 60, CAR, PASSWORD)


def test_a_car_that_checks_the_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    full = bytes(FRAME_BYTES_MAX)
    with running(tls=server_context(*authority.issue())) as rig:
        with car(CAR, tls=authority.client_context(), password=b"wrong") as guest:
            assert guest.connect(rig.port) == NOT_AUTHORIZED
        rig.pass_time(1.0)
        with car(CAR, tls=authority.client_context()) as guest:
            assert guest.connect(rig.port) == ACCEPTED
            assert guest.subscribe(down_topic(CAR)) == [1]
            for number in range(20):
                guest.publish(up_topic(CAR), bytes((number,)), quality=1)
                assert rig.send(CAR, full)
            assert [rig.frame()[1][0] for _ in range(20)] == list(range(20))
            assert [guest.message()[1] for _ in range(20)] == [full] * 20
            # Who closes with something unread resets the connection, and DISCONNECT may be lost.
            assert [guest.acknowledged() for _ in range(20)]
        rig.settle()
        assert rig.count("ended_left") == 1, rig.endpoint.counters


@pytest.mark.parametrize("wrong", ["authority", "host", "expired"])
def test_a_car_refuses_a_wrong_certificate(tmp_path: Path, wrong: str) -> None:
    """Wrong CA, wrong host, expired: the password never leaves the car."""
    authority = Authority(tmp_path)
    files = authority.issue(
        host="fleet.example" if wrong == "host" else "127.0.0.1",
        days=-1 if wrong == "expired" else 1,
    )
    believed = Authority(tmp_path, "another") if wrong == "authority" else authority
    sentence = {
        "authority": "unable to get local issuer",
        "host": "IP address mismatch",
        "expired": "has expired",
    }[wrong]
    with running(tls=server_context(*files)) as rig:
        with (
            socket.create_connection(("127.0.0.1", rig.port), PATIENCE_S) as line,
            pytest.raises(ssl.SSLCertVerificationError, match=sentence),
        ):
            believed.client_context().wrap_socket(line, server_hostname="127.0.0.1")
        rig.settle()
        # TLS 1.3: the server may have finished before the client's refusal comes.
        assert rig.count("ended_tls") + rig.count("ended_lost") == 1
        assert rig.asked == []


def test_plain_bytes_on_the_tls_port_and_tls_on_the_plain_one(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with running(tls=server_context(*authority.issue())) as rig, RawClient(rig.port) as client:
        client.send(CONNECT)
        assert b"\x20\x02" not in client.read_to_end()
        rig.settle()
        assert rig.count("ended_tls") == 1
        assert rig.asked == []
    with running() as rig, socket.create_connection(("127.0.0.1", rig.port), PATIENCE_S) as line:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            authority.client_context().wrap_socket(line, server_hostname="127.0.0.1")
        rig.settle()
        assert rig.count("ended_malformed") == 1


def test_who_does_not_shake_hands_is_sent_away_and_counts_as_stranger(tmp_path: Path) -> None:
    tls = server_context(*Authority(tmp_path).issue())
    with running(Limits(strangers_max=1), tls) as rig, RawClient(rig.port) as client:
        with RawClient(rig.port) as second:
            assert second.read_to_end() == b""
            assert rig.count("ended_full") == 1
        rig.pass_time(9.9)
        assert rig.count("ended_no_connect") == 0
        rig.pass_time(0.1)
        assert client.read_to_end() == b""
        assert rig.count("ended_no_connect") == 1
        rig.settle()


class TlsClient:
    """TLS whose records go out when the test says so."""

    def __init__(self, rig: Rig, context: ssl.SSLContext) -> None:
        self.raw = RawClient(rig.port)
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname="127.0.0.1")

    def shake_hands(self) -> None:
        """All but the last flight: that one waits for `flush`."""
        while True:
            try:
                self._tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                self.flush()
                self._in.write(self.raw.socket.recv(65536))

    def write(self, data: bytes) -> None:
        self._tls.write(data)

    def flush(self) -> None:
        self.raw.send(self._out.read())

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                data += self._tls.read(count - len(data))
            except ssl.SSLWantReadError:
                self._in.write(self.raw.socket.recv(65536))
        return data


def test_packets_in_the_last_flight_of_the_handshake(tmp_path: Path) -> None:
    """Nothing is answered in the clear, and nothing is lost."""
    authority = Authority(tmp_path)
    with running(tls=server_context(*authority.issue())) as rig:
        client = TlsClient(rig, authority.client_context())
        with client.raw:
            client.shake_hands()
            client.write(CONNECT + pack_subscribe(1, [(down_topic(CAR), 0)]))
            client.write(b"".join(pack_publish(up_topic(CAR), bytes((n,)) * 90) for n in range(60)))
            client.write(pack_pingreq())
            client.flush()
            answers = bytes.fromhex("20020000 9003000100 d000")
            assert client.read(len(answers)) == answers
            assert [rig.frame()[1][0] for _ in range(60)] == list(range(60))


def test_what_waits_for_tls_is_bounded() -> None:
    endpoint = Endpoint(lambda *_: True, lambda *_: None, lambda *_: None)
    connection = Connection(endpoint)
    pieces = 0
    while connection.ended is None:
        connection.buffer_updated(READ_BYTES)
        pieces += 1
        assert pieces <= EARLY_BYTES_MAX // READ_BYTES + 1
    assert connection.ended == "malformed"


def test_a_subscriber_that_stops_reading_is_cut_off(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    limits = Limits(send_queue_bytes_max=32 * 1024, socket_send_bytes=8 * 1024)
    with running(limits, server_context(*authority.issue())) as rig:
        client = TlsClient(rig, authority.client_context())
        with client.raw:
            client.shake_hands()
            client.write(CONNECT + pack_subscribe(1, [(down_topic(CAR), 0)]))
            client.flush()
            client.read(9)
            sent = 0
            while rig.send(CAR, bytes(FRAME_BYTES_MAX)):
                sent += 1
                assert sent < 10_000, "the queue has no end"
                assert rig.call(waiting_bytes, rig) <= limits.send_queue_bytes_max
            assert rig.count("ended_unread") == 1
            rig.settle()


def waiting_bytes(rig: Rig) -> int:
    """What the one connection holds, above and below TLS."""
    (connection,) = rig.endpoint._connections
    above, below = connection._transport, connection._raw
    assert above is not None
    assert below is not None
    assert above is not below
    return above.get_write_buffer_size() + below.get_write_buffer_size()


def test_who_sends_too_much_is_read_later_and_loses_nothing(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    limits = Limits(packets_burst=10, packets_per_s=1.0)
    count = 200
    with running(limits, server_context(*authority.issue())) as rig:
        client = TlsClient(rig, authority.client_context())
        with client.raw:
            client.shake_hands()
            client.write(CONNECT)
            for number in range(count):
                client.write(pack_publish(up_topic(CAR), bytes((number,)) * 100))
            client.flush()
            for _ in range(10_000):
                if rig.frames.qsize() == count:
                    break
                rig.pass_time(1.0)
            assert [rig.frame()[1][0] for _ in range(count)] == list(range(count))
            assert rig.count("pauses") > 1


def test_stop_does_not_wait_for_a_peer_that_does_not_say_goodbye(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with running(Limits(farewell_s=0.05), server_context(*authority.issue())) as rig:
        client = TlsClient(rig, authority.client_context())
        with client.raw, RawClient(rig.port):
            client.shake_hands()
            client.write(CONNECT)
            client.flush()
            client.read(4)
            rig.run(rig.endpoint.stop())
            assert rig.endpoint.connections == 0


def test_a_key_that_is_none_is_told(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).issue()
    key.write_text("no key")
    with pytest.raises(ssl.SSLError):
        server_context(certificate, key)
    with pytest.raises(OSError, match="No such file"):
        server_context(certificate, tmp_path / "none")
