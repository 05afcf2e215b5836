"""TLS of a box that does not know the date: its clock is lost, the certificates are not valid now.

Here they lie in the future or in the past and the clock is right, which is the same.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from firmware.mqtt_session import END_NETWORK, END_UNDATED
from fleetd.mqtt.tls import server_context
from fleetd.mqtt_endpoint import Limits
from tests.fleetd.mqtt.certificates import HOST, Authority
from tests.fleetd.mqtt.rig import CAR, PASSWORD, running
from tests.hal.stream_process import PATIENCE_S, PYTHONS, Client, der_of

pytestmark = pytest.mark.micropython

ELSEWHERE = "fleet.example"
NOT_YET_DAYS = 400


@pytest.fixture(params=sorted(PYTHONS))
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Server:
    """Answers each connection with the next of its certificates, the last of them for ever."""

    def __init__(self, contexts: list[ssl.SSLContext]) -> None:
        self._contexts = contexts
        self._listener = socket.create_server((HOST, 0))
        self._is_over = False
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        #: What was heard inside TLS.
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        while True:
            line, _ = self._listener.accept()
            with line:
                if self._is_over:
                    return
                line.settimeout(PATIENCE_S)
                self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        context = self._contexts[min(self.connections, len(self._contexts) - 1)]
        self.connections += 1
        with (
            suppress(ssl.SSLError, ConnectionError),
            context.wrap_socket(line, server_side=True) as secured,
        ):
            # With TLS 1.3 the server is through before the client has judged.
            said = secured.recv(100)
            if said:
                self.heard.append(said)
                secured.sendall(b"hello car")
                secured.recv(100)

    def end(self) -> None:
        self._is_over = True
        socket.create_connection((HOST, self.port)).close()
        self._thread.join(PATIENCE_S)
        self._listener.close()


@contextmanager
def serving(*contexts: ssl.SSLContext) -> Iterator[Server]:
    server = Server(list(contexts))
    try:
        yield server
    finally:
        server.end()


class Office:
    """An authority that is not valid yet, unless it waits for no days, and what it issues."""

    def __init__(self, folder: Path, name: str, wait_days: int = NOT_YET_DAYS) -> None:
        folder.mkdir(exist_ok=True)
        self._authority = Authority(folder, name, wait_days)
        self._issued = 0
        self.ca = der_of(self._authority.file)

    def issue(self, host: str = HOST, days: int = 1, wait_days: int = 0) -> ssl.SSLContext:
        self._issued += 1
        name = f"server {self._issued}"
        return server_context(*self._authority.issue(host, days, name, wait_days))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "ours", "test authority")


def said(python: str, mode: str, server: Server, office: Office) -> str:
    with Client(python, mode, server.port, office.ca, HOST) as client:
        (line,) = client.rest()
    return line


@pytest.mark.parametrize(("days", "wait_days"), [(1, NOT_YET_DAYS), (-1, 0)])
def test_a_lost_clock_and_the_right_server(
    python: str, office: Office, days: int, wait_days: int
) -> None:
    """Not valid yet, authority and all; and expired."""
    with serving(office.issue(HOST, days, wait_days)) as server:
        assert said(python, "lost", server, office) == "open hello car"
    assert server.heard == [b"hello"]


def test_a_lost_clock_and_dates_that_are_right(python: str, tmp_path: Path) -> None:
    office = Office(tmp_path / "ours", "test authority", wait_days=0)
    with serving(office.issue()) as server:
        assert said(python, "lost", server, office) == "open hello car"
    assert server.connections == 1


@pytest.mark.parametrize("wait_days", [0, NOT_YET_DAYS])
@pytest.mark.parametrize("wrong", ["authority", "host"])
def test_a_lost_clock_and_another_server_gets_no_byte(
    python: str, tmp_path: Path, office: Office, wrong: str, wait_days: int
) -> None:
    """An authority of the same name, too; whether or not the dates are right."""
    forger = Office(tmp_path / "theirs", "test authority", wait_days)
    right = Office(tmp_path / "ours", "test authority", wait_days)
    issuer, host = (forger, HOST) if wrong == "authority" else (right, ELSEWHERE)
    with serving(issuer.issue(host, 1, wait_days)) as server:
        assert said(python, "lost", server, right).startswith("closed certificate")
    assert server.heard == []
    assert server.connections == 1, "another attempt would be in vain"


@pytest.mark.parametrize("wrong", ["authority", "host", "key"])
def test_who_shows_another_certificate_when_asked_again_gets_no_byte(
    tmp_path: Path, office: Office, wrong: str
) -> None:
    """MicroPython asks twice; what it then takes is the certificate that was vouched for."""
    forger = Office(tmp_path / "theirs", "test authority")
    issuer = forger if wrong == "authority" else office
    host = ELSEWHERE if wrong == "host" else HOST
    second = issuer.issue(host, 1, NOT_YET_DAYS)
    with serving(office.issue(HOST, 1, NOT_YET_DAYS), second) as server:
        assert said("micropython", "lost", server, office).startswith("closed certificate")
    assert (server.heard, server.connections) == ([], 2)


@pytest.mark.parametrize(("days", "wait_days"), [(1, NOT_YET_DAYS), (-1, 0)])
def test_who_knows_the_date_says_no_byte(
    python: str, office: Office, days: int, wait_days: int
) -> None:
    with serving(office.issue(HOST, days, wait_days)) as server:
        assert said(python, "open", server, office).startswith("closed certificate")
    assert (server.heard, server.connections) == ([], 1)


def test_once_the_date_is_known_the_next_handshake_checks_dates(
    python: str, office: Office
) -> None:
    """The whole link at our own endpoint, whose certificate is not valid yet."""
    with running(Limits(), office.issue(HOST, 1, NOT_YET_DAYS)) as rig:
        more = (office.ca, HOST, CAR, PASSWORD.decode())
        with Client(python, "date", rig.port, *more) as client:
            assert [client.line().split()[0] for _ in range(2)] == ["connecting", "online"]
            rig.send(CAR, b"ping")
            assert rig.frame() == (CAR, b"ping")
            rig.send(CAR, b"date")
            assert client.line() == f"offline {END_UNDATED} no_trouble False"
            assert client.line().startswith("connecting")
            assert client.line() == f"offline {END_NETWORK} certificate False"
            assert client.rest() == []
        assert rig.asked == [CAR], "no second CONNECT came through"
