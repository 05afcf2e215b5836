"""The contract of the link to the centre in a process of its own; the centre is in the test's.

    micropython tests/hal/centre_contract.py CAR PASSWORD      (`test_centre_contract.py`)

The link is the firmware's own MQTT session on real sockets.
"""

import sys
import time

from firmware.link import Link
from firmware.login import Login
from hal.socket_network import SocketNetwork
from tests.hal.by_pipe import ask
from tests.portable.hal.contracts import centre_link

HOST = "127.0.0.1"


class Line:
    """The car's half of `centre_link.Centre`."""

    def __init__(self, port: int, car: str, password: str) -> None:
        login = Login(HOST, port, car, password.encode(), centre_link.HERE, centre_link.GONE)
        self.network = SocketNetwork(None)
        self.link = Link(self.network, login, 1)

    def take_turn(self) -> None:
        time.sleep(0.001)

    def set_carrier(self, is_there: bool) -> None:
        """What somebody says who sees to the network below (`hal/esp32/wlan.py`)."""
        self.network.is_reachable = is_there
        if not is_there:
            self.network.lose_carrier()


class FarCentre(Line):
    """A `centre_link.Centre` by the pipe."""

    def say(self, frame: bytes) -> None:
        ask("say", frame)

    def hear(self) -> bytes:
        return bytes(ask("hear"))

    def news(self) -> bytes:
        return bytes(ask("news"))

    def cut(self) -> None:
        ask("cut")


def main(words: "list[str]") -> None:
    car, password = words[1], words[2]

    def make(said: str = password) -> "tuple[Link, FarCentre]":
        centre = FarCentre(int(ask("begin")), car, said)
        return centre.link, centre

    for check in centre_link.ALL + centre_link.DATED + centre_link.CARRIED:
        check(make)
        ask("passed", check.__name__.encode())
    for check in centre_link.TURNED_AWAY:
        check(lambda: make("guessed"))
        ask("passed", check.__name__.encode())


if __name__ == "__main__":
    main(sys.argv)
