"""The link by paho keeps the contract of the firmware's own, at our endpoint and at Mosquitto."""

import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hal.linux.centre_paho import PahoCentre
from hal.linux.paho_session import PahoAccount
from tests.fleetd.mqtt import peers
from tests.fleetd.mqtt.certificates import HOST
from tests.fleetd.mqtt.peers import Peer
from tests.fleetd.mqtt.rig import CAR, PASSWORD
from tests.hal.centre_peer import PeerCentre
from tests.hal.linux.test_centre_paho import Waits
from tests.portable.hal.contracts import centre_link


class Centre(PeerCentre):
    """With the car's half: a turn waits until a thread has news, for a moment."""

    def __init__(self, peer: Peer, password: str, ca_der: bytes) -> None:
        super().__init__(peer)
        account = PahoAccount(
            HOST, peer.port, CAR, password.encode(), centre_link.HERE, centre_link.GONE
        )
        account.ca_der = ca_der
        self._woken = threading.Event()
        self.link = PahoCentre(account, Waits(), self._woken.set)  # type: ignore[arg-type]

    def take_turn(self) -> None:
        self._woken.wait(0.001)
        self._woken.clear()

    def set_carrier(self, is_there: bool) -> None:
        raise AssertionError(f"nobody can tell: {is_there}")


@pytest.fixture(params=["endpoint", "mosquitto"])
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    if request.param == "endpoint":
        with peers.endpoint() as made:
            yield made
    else:
        with peers.mosquitto(tmp_path) as made:
            yield made


@pytest.mark.parametrize("check", centre_link.ALL + centre_link.DATED + centre_link.TURNED_AWAY)
def test_by_paho(check: Callable[[Any], None], peer: Peer, tmp_path: Path) -> None:
    password = "guessed" if check in centre_link.TURNED_AWAY else PASSWORD.decode()
    authority = tmp_path / "test-authority.crt"
    ca_der = ssl.PEM_cert_to_DER_cert(authority.read_text()) if authority.exists() else b""
    centre = Centre(peer, password, ca_der)
    check(lambda: (centre.link, centre))
    centre.link.close()
