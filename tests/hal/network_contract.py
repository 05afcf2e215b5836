"""The contract of a stream, kept by the one on real sockets; both ends are in this process.

    python|micropython tests/hal/network_contract.py PORT      PORT is free; prints a line a check

Whoever has pytest calls the checks one by one (`test_network_contract.py`).
"""

import errno
import socket
import struct
import sys

from hal.socket_network import SocketNetwork
from tests.portable.hal.contracts import network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HOST = "127.0.0.1"
#: Linux's SOL_SOCKET, SO_REUSEADDR and SO_LINGER, whose names MicroPython has in part.
_SOCKET, _REUSE, _LINGER = 1, 2, 13


class Far:
    """A server for one line at a time."""

    host = HOST

    def __init__(self, port: int) -> None:
        self.port = port
        self._listener: Any = socket.socket()
        self._listener.setsockopt(_SOCKET, _REUSE, 1)
        self._listener.bind(socket.getaddrinfo(HOST, port)[0][4])
        self._listener.listen(1)
        self._line: Any = None

    def put(self, data: bytes) -> None:
        assert self._there().send(data) == len(data)

    def take(self) -> bytes:
        line = self._there()
        line.setblocking(False)
        try:
            found: bytes = line.recv(65536)
        except OSError as error:
            if error.errno != errno.EAGAIN:
                raise
            found = b""
        line.setblocking(True)
        return found

    def end(self) -> None:
        self._there().close()
        self._line = None

    def cut(self) -> None:
        self._there().setsockopt(_SOCKET, _LINGER, struct.pack("ii", 1, 0))
        self.end()

    def go(self) -> None:
        if self._line is not None:
            self.end()
        self._listener.close()

    def _there(self) -> "Any":
        if self._line is None:
            self._line = self._listener.accept()[0]
        return self._line


def main(words: "list[str]") -> None:
    for check in network.ALL:
        ends: list[Far] = []

        def make(ends: "list[Far]" = ends) -> "tuple[SocketNetwork, Far]":
            ends.append(Far(int(words[1])))
            return SocketNetwork(None), ends[-1]

        check(make)
        for far in ends:
            far.go()
        print(check.__name__)


if __name__ == "__main__":
    main(sys.argv)
