"""A feed with a client that sends and reads raw lines; both in the test's own thread."""

from __future__ import annotations

import json
import socket
from typing import Any

from simulator.desk.feed import HOST, FeedServer
from simulator.live.requests import RequestError

LOOKS_MAX = 2000


class Rig:
    """`taken`: what was asked for; a request of `no` is refused."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.greeting: list[dict[str, Any]] = [{"car": {"state": "vacant"}}]
        self.server = FeedServer(0, lambda: self.greeting, self._take)
        self._lines: list[RawClient] = []

    def _take(self, asked: dict[str, Any]) -> None:
        if "no" in asked:
            raise RequestError("that cannot be done")
        self.taken.append(asked)

    def connect(self) -> RawClient:
        client = RawClient(self.server)
        self._lines.append(client)
        return client

    def close(self) -> None:
        for client in self._lines:
            client.line.close()
        self.server.close()


class RawClient:
    """Its reads give the server its turns."""

    def __init__(self, server: FeedServer) -> None:
        self._server = server
        self.line = socket.create_connection((HOST, server.port))
        self.line.settimeout(0.01)
        self._received = b""

    def send(self, *lines: bytes) -> None:
        self.line.sendall(b"".join(line + b"\n" for line in lines))

    def read(self) -> dict[str, Any]:
        """The next message."""
        for _ in range(LOOKS_MAX):
            line, end, rest = self._received.partition(b"\n")
            if end:
                self._received = rest
                found: dict[str, Any] = json.loads(line)
                return found
            self._look()
        raise AssertionError("the feed said nothing")

    def is_let_go(self) -> bool:
        """Everything that was said is read before the end."""
        return any(not self._look() for _ in range(LOOKS_MAX))

    def _look(self) -> bool:
        self._server.poll()
        try:
            data = self.line.recv(65536)
        except TimeoutError:
            return True
        except ConnectionResetError:
            return False
        self._received += data
        return data != b""
