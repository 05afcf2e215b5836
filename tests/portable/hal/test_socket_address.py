"""Whose address the interpreter looks up, and when not: that waits, so it is done once (POWER-3)."""

from firmware.wire.network_codes import CLOSED, OPEN, TROUBLE_NAME, TROUBLE_UNREACHABLE
from tests.portable.hal.esp32.hal_ports import SocketNetwork, socket_network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ECONNREFUSED = 111
module: "Any" = socket_network
SERVER = ("centre.example", 8883)


class World:
    """Names, and who answers at which address; in the place of the interpreter's sockets."""

    SOCK_STREAM = 1

    def __init__(self) -> None:
        self.addresses = ["192.0.2.1"]
        self.answering = ["192.0.2.1"]
        self.says = b"hello"
        self.looked_up = 0
        self.tried: "list[str]" = []

    def getaddrinfo(self, host: str, port: int) -> "list[tuple[int, int, int, str, Any]]":
        self.looked_up += 1
        if not self.addresses:
            raise OSError(-2)
        return [(2, 1, 0, "", (address, port)) for address in self.addresses]

    def socket(self, family: int, kind: int) -> "Socket":
        return Socket(self)


class Socket:
    def __init__(self, world: World) -> None:
        self._world = world

    def setblocking(self, flag: bool) -> None:
        pass

    def setsockopt(self, level: int, option: int, value: int) -> None:
        pass

    def connect(self, address: "tuple[str, int]") -> None:
        self._world.tried.append(address[0])
        if address[0] not in self._world.answering:
            raise OSError(_ECONNREFUSED)

    def close(self) -> None:
        pass


class Rig:
    def __init__(self) -> None:
        self.world = World()
        self.network = SocketNetwork(None)

    def attempt(self, host: str = SERVER[0]) -> bool:
        """One connection, from opening to its end; whether somebody answered."""
        before = module.socket
        reads = module.socket_dialect
        module.socket = self.world
        module.socket_dialect = self
        try:
            self.network.open(host, SERVER[1])
            self.network.poll(0)
            return self.network.state == OPEN and self.network.readinto(bytearray(20)) > 0
        finally:
            module.socket = before
            module.socket_dialect = reads

    def read_some(self, _: "Any", buffer: bytearray) -> int:
        says = self.world.says
        buffer[: len(says)] = says
        return len(says) or module.BLOCKED


def test_the_address_that_answered_is_used_again() -> None:
    rig = Rig()
    for _ in range(5):
        assert rig.attempt()
        rig.network.close()
    assert rig.world.looked_up == 1


def test_a_stream_that_broke_after_it_answered_is_no_reason_to_look_up() -> None:
    rig = Rig()
    assert rig.attempt()
    rig.network.lose_carrier()
    assert rig.attempt()
    assert rig.world.looked_up == 1


def test_an_address_that_fails_is_looked_up_at_the_next_attempt() -> None:
    rig = Rig()
    assert rig.attempt()
    rig.network.close()
    rig.world.addresses = rig.world.answering = ["192.0.2.7"]
    assert not rig.attempt()
    assert (rig.network.state, rig.network.trouble) == (CLOSED, TROUBLE_UNREACHABLE)
    assert rig.world.looked_up == 1, "the old one first"
    assert rig.attempt()
    assert (rig.world.looked_up, rig.world.tried[-1]) == (2, "192.0.2.7")


def test_one_that_takes_the_connection_and_says_nothing_fails_too() -> None:
    rig = Rig()
    assert rig.attempt()
    rig.network.close()
    rig.world.says = b""
    assert not rig.attempt()
    rig.network.close()  # whoever waited gave up
    assert not rig.attempt()
    assert rig.world.looked_up == 2


def test_a_network_that_goes_while_it_opens_says_nothing_of_the_address() -> None:
    rig = Rig()
    assert rig.attempt()
    rig.network.close()
    rig.world.says = b""
    assert not rig.attempt()
    rig.network.lose_carrier()
    rig.world.says = b"hello"
    assert rig.attempt()
    assert rig.world.looked_up == 1


def test_an_address_that_never_answered_is_not_kept_and_the_next_one_is_tried() -> None:
    rig = Rig()
    rig.world.addresses = ["198.51.100.1", "192.0.2.1"]
    assert not rig.attempt()
    assert rig.attempt()
    rig.network.close()
    assert rig.attempt()
    assert rig.world.looked_up == 2
    assert rig.world.tried == ["198.51.100.1", "192.0.2.1", "192.0.2.1"]


def test_another_server_is_looked_up() -> None:
    rig = Rig()
    assert rig.attempt()
    assert rig.attempt("other.example")
    assert rig.attempt()
    assert rig.world.looked_up == 3


def test_a_name_server_that_does_not_know_it_is_asked_again() -> None:
    rig = Rig()
    addresses, rig.world.addresses = rig.world.addresses, []
    assert not rig.attempt()
    assert rig.network.trouble == TROUBLE_NAME
    rig.world.addresses = addresses
    assert rig.attempt()
