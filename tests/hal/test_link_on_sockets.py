"""The whole link against real servers: our endpoint without and with TLS, and Mosquitto."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.mqtt_session import END_LOGIN_REFUSED, END_NETWORK
from tests.fleetd.mqtt import peers
from tests.fleetd.mqtt.certificates import HOST
from tests.fleetd.mqtt.peers import Peer
from tests.fleetd.mqtt.rig import CAR, PASSWORD
from tests.hal.stream_process import PYTHONS, Client, der_of

pytestmark = pytest.mark.micropython


@pytest.fixture(params=sorted(PYTHONS))
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["endpoint", "endpoint_with_tls", "mosquitto"])
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    if request.param == "endpoint":
        with peers.endpoint() as made:
            yield made
    elif request.param == "endpoint_with_tls":
        with peers.endpoint_with_tls(tmp_path) as made:
            yield made
    else:
        with peers.mosquitto(tmp_path) as made:
            yield made


def link(python: str, peer: Peer, folder: Path, password: bytes = PASSWORD) -> Client:
    authority = folder / "test-authority.crt"
    trust = (der_of(authority), HOST) if authority.exists() else ("-", "-")
    return Client(python, "link", peer.port, *trust, CAR, password.decode())


def went_online(client: Client) -> bool:
    lines = [client.line(), client.line()]
    return [line.split()[0] for line in lines] == ["connecting", "online"]


def test_frames_go_both_ways_unchanged_and_in_order(
    python: str, peer: Peer, tmp_path: Path
) -> None:
    frames = [bytes((number,)) * (1 + number * 113 % 1024) for number in range(40)]
    frames += [bytes(range(256)) * 4, b"\0"]
    with link(python, peer, tmp_path) as client:
        assert went_online(client)
        assert peer.presence() == (CAR, b"here")
        for frame in frames:
            peer.send(CAR, frame)
            assert peer.frame() == (CAR, frame)
        peer.send(CAR, b"stop")
        assert client.rest() == ["stopped 0 no_trouble False"]


def test_a_car_that_loses_its_power_leaves_its_will(
    python: str, peer: Peer, tmp_path: Path
) -> None:
    with link(python, peer, tmp_path) as client:
        assert went_online(client)
        assert peer.presence() == (CAR, b"here")
        client.kill()
        assert peer.presence() == (CAR, b"gone")


def test_a_wrong_password_is_a_fault(python: str, peer: Peer, tmp_path: Path) -> None:
    with link(python, peer, tmp_path, b"wrong") as client:
        assert client.line().startswith("connecting")
        code, trouble, refused = client.line().split()[1:]
        assert (int(code), refused) == (END_LOGIN_REFUSED, "True")
        assert trouble in ("no_trouble", "ended", "broken")
        assert client.rest() == []


def test_a_second_box_with_the_same_identity_ends_the_first(
    python: str, peer: Peer, tmp_path: Path
) -> None:
    with link(python, peer, tmp_path) as first:
        assert went_online(first)
        with link(python, peer, tmp_path) as second:
            assert went_online(second)
            (said,) = first.rest()
            assert said.split()[:2] == ["offline", str(END_NETWORK)]


def test_idle_polls_on_real_sockets_allocate_nothing(peer: Peer, tmp_path: Path) -> None:
    with link("micropython", peer, tmp_path) as client:
        assert went_online(client)
        peer.send(CAR, b"idle")
        assert client.line() == "idle 0"
