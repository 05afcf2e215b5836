"""The rungs of the broker's ladder, for the tests of conformance."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.fleetd.mqtt import peers
from tests.fleetd.mqtt.peers import Peer

MakePeer = Callable[[int], AbstractContextManager[Peer]]


@pytest.fixture(params=["endpoint", "endpoint_with_tls", "mosquitto"])
def make_peer(request: pytest.FixtureRequest, tmp_path: Path) -> MakePeer:
    """With that many connections of cars at most."""
    if request.param == "endpoint":
        return peers.endpoint
    if request.param == "endpoint_with_tls":
        return lambda most: peers.endpoint_with_tls(tmp_path, most)
    return lambda most: peers.mosquitto(tmp_path, most)


@pytest.fixture
def peer(make_peer: MakePeer) -> Iterator[Peer]:
    with make_peer(peers.CONNECTIONS_MAX) as made:
        yield made
