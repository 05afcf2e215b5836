"""The stream on real sockets, under CPython and under MicroPython, against real servers."""

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fleetd.mqtt.certificates import HOST
from tests.hal.stream_client import POUR_BYTES
from tests.hal.stream_process import PYTHONS, Certificates, Client, listening

pytestmark = pytest.mark.micropython

PLAIN = ("-", "-")


@pytest.fixture(params=sorted(PYTHONS))
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def echo(line: socket.socket) -> None:
    heard = b""
    while len(heard) < 5:
        heard += line.recv(100)
    line.sendall(b"echo " + heard)
    assert line.recv(100) == b""


def test_plain(python: str) -> None:
    with listening(echo) as port, Client(python, "open", port, *PLAIN) as client:
        assert client.rest() == ["open echo hello"]


def test_tls_of_the_right_server(python: str, tmp_path: Path) -> None:
    made = Certificates(tmp_path)

    def serve(line: socket.socket) -> None:
        with made.server.wrap_socket(line, server_side=True) as secured:
            echo(secured)

    with listening(serve) as port, Client(python, "open", port, made.ca, HOST) as client:
        assert client.rest() == ["open echo hello"]


def test_a_name_in_the_certificate_that_is_not_the_address(python: str, tmp_path: Path) -> None:
    """So that a car can go without looking names up."""
    made = Certificates(tmp_path, host="centre.example")

    def serve(line: socket.socket) -> None:
        with made.server.wrap_socket(line, server_side=True) as secured:
            echo(secured)

    with (
        listening(serve) as port,
        Client(python, "open", port, made.ca, "centre.example") as client,
    ):
        assert client.rest() == ["open echo hello"]


@pytest.mark.parametrize("wrong", ["authority", "host", "expired"])
def test_a_wrong_certificate_gets_no_byte(python: str, tmp_path: Path, wrong: str) -> None:
    """Wrong CA, wrong host, expired: refused before anything is said."""
    made = Certificates(
        tmp_path,
        host="fleet.example" if wrong == "host" else HOST,
        days=-1 if wrong == "expired" else 1,
        other_authority=wrong == "authority",
    )
    heard: list[bytes] = []

    def serve(line: socket.socket) -> None:
        with (
            pytest.raises((ssl.SSLError, ConnectionError)),
            made.server.wrap_socket(line, server_side=True) as secured,
        ):
            # With TLS 1.3 the server is through before the client has judged.
            heard.append(secured.recv(100))

    with listening(serve) as port, Client(python, "open", port, made.ca, HOST) as client:
        (said,) = client.rest()
        assert said.startswith("closed certificate")
    assert heard == []


def test_a_server_without_tls(python: str, tmp_path: Path) -> None:
    def serve(line: socket.socket) -> None:
        line.sendall(b"220 mail.example ESMTP\r\n")
        with suppress(ConnectionError):
            while line.recv(1000):
                pass

    made = Certificates(tmp_path)
    with listening(serve) as port, Client(python, "open", port, made.ca, HOST) as client:
        (said,) = client.rest()
        assert said.startswith("closed tls")


def test_nobody_listens(python: str) -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    with Client(python, "open", port, *PLAIN) as client:
        (said,) = client.rest()
        assert said.startswith("closed unreachable")


@pytest.mark.parametrize("secured", [False, True])
def test_a_server_that_says_nothing_blocks_nobody(
    python: str, tmp_path: Path, secured: bool
) -> None:
    """The client ends by itself after so many looks: not one of them waited for the server."""
    done = threading.Event()

    def serve(line: socket.socket) -> None:
        assert done.wait(60)

    made = Certificates(tmp_path)
    trust = (made.ca, HOST) if secured else PLAIN
    with listening(serve) as port, Client(python, "peek", port, *trust) as client:
        assert client.rest() == ["opening" if secured else "open and silent"]
        done.set()


def test_the_server_goes_in_the_middle_of_the_handshake(python: str, tmp_path: Path) -> None:
    def serve(line: socket.socket) -> None:
        assert line.recv(10)

    made = Certificates(tmp_path)
    with listening(serve) as port, Client(python, "open", port, made.ca, HOST) as client:
        (said,) = client.rest()
        assert said.startswith("closed tls")


@pytest.mark.parametrize("secured", [False, True])
def test_nothing_is_lost_or_doubled_when_the_server_reads_late(
    python: str, tmp_path: Path, secured: bool
) -> None:
    """TLS wants to see again what it did not take; a client that offers more must not lose it."""
    made = Certificates(tmp_path)
    blocked = threading.Event()
    got = bytearray()

    def serve(line: socket.socket) -> None:
        stream = made.server.wrap_socket(line, server_side=True) if secured else line
        with stream:
            assert blocked.wait(60)
            while len(got) < POUR_BYTES:
                piece = stream.recv(5000)
                assert piece
                got.extend(piece)

    trust = (made.ca, HOST) if secured else PLAIN
    with listening(serve) as port, Client(python, "pour", port, *trust) as client:
        assert client.line() == "blocked"
        blocked.set()
        said = client.rest()
    assert said[0] == f"poured {POUR_BYTES}"
    assert said[1].startswith("closed")
    assert got == (bytes(range(251)) * (POUR_BYTES // 251 + 1))[:POUR_BYTES]
