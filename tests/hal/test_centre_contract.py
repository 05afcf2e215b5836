"""The firmware's own link keeps the contract on real sockets, at our endpoint, on both interpreters."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from tests.fleetd.mqtt import peers
from tests.fleetd.mqtt.rig import CAR, PASSWORD
from tests.hal.centre_contract import Line
from tests.hal.centre_peer import PeerCentre
from tests.hal.pipe_process import run_micropython
from tests.portable.hal.contracts import centre_link

EVERYTHING = centre_link.ALL + centre_link.DATED + centre_link.CARRIED + centre_link.TURNED_AWAY


class Centre(PeerCentre, Line):
    """Both halves in this process."""

    def __init__(self, peer: peers.Peer, password: str) -> None:
        PeerCentre.__init__(self, peer)
        Line.__init__(self, peer.port, CAR, password)


@pytest.mark.parametrize("check", EVERYTHING)
def test_on_cpython(check: Callable[[Any], None]) -> None:
    password = "guessed" if check in centre_link.TURNED_AWAY else PASSWORD.decode()
    with peers.endpoint() as peer:
        centre = Centre(peer, password)
        check(lambda: (centre.link, centre))
        centre.link.stop()


class Far:
    """What the process asks for: an endpoint of its own for each check."""

    def __init__(self, stack: ExitStack) -> None:
        self.passes: list[str] = []
        self._stack = stack

    def begin(self) -> int:
        self._stack.close()
        peer = self._stack.enter_context(peers.endpoint())
        centre = PeerCentre(peer)
        self.say, self.hear, self.news, self.cut = (
            centre.say, centre.hear, centre.news, centre.cut,
        )  # fmt: skip
        return peer.port

    def passed(self, name: bytes) -> None:
        self.passes.append(name.decode())


@pytest.mark.micropython
def test_on_micropython() -> None:
    with ExitStack() as stack:
        far = Far(stack)
        run_micropython("tests/hal/centre_contract.py", far, CAR, PASSWORD.decode())
    assert far.passes == [check.__name__ for check in EVERYTHING]
