"""Sockets of an ESP32 as `hal.name_lookup` and `hal.socket_network` use them; nobody may wait here.

A socket that would wait, a name that the interpreter is asked for: both are failures. As on the
chip, datagrams that wait together are read as one, and after an empty one a socket reads nothing.
"""

import errno

from hal.dns_message import is_address
from tests.portable.hal.esp32.hal_ports import NameLookup, name_lookup, socket_network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Address = tuple[str, int]

_ECONNREFUSED = 111
SERVER = ("192.168.4.1", 53)
modules: "list[Any]" = [name_lookup, socket_network]


class World:
    """In the place of the module `socket`; what was sent and who listens."""

    AF_INET = 2
    SOCK_STREAM = 1
    SOCK_DGRAM = 2

    def __init__(self) -> None:
        #: Of datagrams: whom they went to, what was in them, from where they came.
        self.asked: "list[tuple[Address, bytes]]" = []
        self.source_ports: "list[int]" = []
        #: Of streams: who answers, who was tried.
        self.listening = ["192.0.2.1"]
        self.tried: "list[str]" = []
        self.hello = b"hello"
        self.open: "list[Udp | Tcp]" = []
        #: Faults: sockets that cannot be made, bound, sent from; the next so many each.
        self.refuses = {"socket": 0, "bind": 0, "send": 0}

    def fault(self, what: str, number: int) -> None:
        if self.refuses[what]:
            self.refuses[what] -= 1
            raise OSError(number)

    def getaddrinfo(self, host: str, port: int) -> "list[tuple[int, int, int, str, Address]]":
        assert is_address(host), "%s would be waited for" % host
        return [(self.AF_INET, self.SOCK_STREAM, 0, host, (host, port))]

    def socket(self, family: int, kind: int) -> "Udp | Tcp":
        self.fault("socket", errno.ENFILE if hasattr(errno, "ENFILE") else 23)
        made: "Udp | Tcp" = Udp(self) if kind == self.SOCK_DGRAM else Tcp(self)
        self.open.append(made)
        return made

    def udp(self) -> "Udp":
        """The only one there is."""
        found = [one for one in self.open if isinstance(one, Udp)]
        assert len(found) == 1
        return found[0]

    def say(self, data: bytes, sender: "Address" = SERVER) -> None:
        """A datagram to whoever takes it from there."""
        for one in self.open:
            if isinstance(one, Udp) and one.peer in (None, sender):
                one.waiting.append(data)

    def put(self) -> "list[Any]":
        before = [module.socket for module in modules]
        for module in modules:
            module.socket = self
        return before


class Udp:
    def __init__(self, world: World) -> None:
        self.peer: "Address | None" = None
        self.waiting: "list[bytes]" = []
        self.error = 0
        self._world = world
        self._waits = True
        self._is_deaf = False

    def setblocking(self, flag: bool) -> None:
        self._waits = flag

    def bind(self, address: "Address") -> None:
        self._world.fault("bind", 98)
        assert address[0] == "0.0.0.0"
        self._world.source_ports.append(address[1])

    def connect(self, address: "Address") -> None:
        self.peer = address

    def sendto(self, data: bytes, address: "Address") -> None:
        assert not self._waits
        assert self in self._world.open
        self._world.fault("send", 118)
        assert self.peer in (None, address)
        self._world.asked.append((address, bytes(data)))

    def readinto(self, buffer: bytearray) -> "int | None":
        assert not self._waits
        assert self in self._world.open
        if self.error:
            raise OSError(self.error)
        if self._is_deaf:
            return 0
        if not self.waiting:
            return None
        joined = b""
        while self.waiting and not self._is_deaf and len(joined) < len(buffer):
            data = self.waiting.pop(0)
            self._is_deaf = not data
            joined += data
        joined = joined[: len(buffer)]
        buffer[: len(joined)] = joined
        return len(joined)

    def recv_into(self, buffer: bytearray) -> int:
        return _or_raise(self.readinto(buffer))

    def close(self) -> None:
        self._world.open.remove(self)


class Tcp:
    def __init__(self, world: World) -> None:
        self._world = world
        self._waits = True

    def setblocking(self, flag: bool) -> None:
        self._waits = flag

    def setsockopt(self, level: int, option: int, value: int) -> None:
        pass

    def connect(self, address: "Address") -> None:
        assert not self._waits
        self._world.tried.append(address[0])
        if address[0] not in self._world.listening:
            raise OSError(_ECONNREFUSED)

    def readinto(self, buffer: bytearray) -> "int | None":
        hello = self._world.hello
        buffer[: len(hello)] = hello
        return len(hello) or None

    def recv_into(self, buffer: bytearray) -> int:
        return _or_raise(self.readinto(buffer))

    def write(self, data: bytes) -> int:
        return len(data)

    send = write

    def close(self) -> None:
        self._world.open.remove(self)


def _or_raise(count: "int | None") -> int:
    if count is None:
        raise OSError(errno.EAGAIN, "nothing")  # with one word CPython knows no number
    return count


class Asker:
    """A look-up in a world of its own, and the clock."""

    def __init__(self, server: str = SERVER[0], second: str = "") -> None:
        self.world = World()
        self.server = server
        self.drawn = 0
        #: 5 s before the clock wraps.
        self.now_ms = 0x3FFFFFFF - 5000
        self.names = NameLookup(self.name_server, self.draw, second=second)

    def name_server(self) -> str:
        return self.server

    def draw(self) -> bytes:
        """Other bytes each time."""
        self.drawn += 1
        return bytes([(self.drawn * 5 + place * 77) & 255 for place in range(16)])

    def begin(self, host: str = "fleet.example") -> None:
        before = self.world.put()
        try:
            self.names.begin(host)
        finally:
            give_back(before)

    def after(self, ms: int = 0) -> bool:
        """One look so much later; whether it is over."""
        self.now_ms = (self.now_ms + ms) & 0x3FFFFFFF
        before = self.world.put()
        try:
            return self.names.poll(self.now_ms)
        finally:
            give_back(before)


def give_back(before: "list[Any]") -> None:
    for module, one in zip(modules, before):  # noqa: B905 - MicroPython's has no strict
        module.socket = one
