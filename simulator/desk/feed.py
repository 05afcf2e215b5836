"""The feed: what a car's process tells views and daemon, and what views ask of it.

Lines of JSON over TCP, on 127.0.0.1 only. Who connects is told all that matters now, so that a view
can join at any time:

    {"clock": {"monotonic_s": M, "simulated_s": S, "rate": R}}     simulator.desk.clock
    {"car": {...}}                                                 all that is shown; whole, each time
    {"story": {"path": ..., "title": ..., "steps": [...]}}          simulator.live.script; once
    {"told": {"n": 7, "at": "09:46:02", "kind": "acted", "text": "card 34CD touches the reader"}}

and each of them again when it changes. A view asks, and is answered under its own number:

    {"id": 1, "do": "tap 0101060112AB34CD"}        {"id": 1, "ok": true}
    {"id": 2, "do": "open window"}                 {"id": 2, "error": "'open window' is not ..."}

The daemon confirms each clock with {"heard": M}. The other requests are in `simulator.live.requests`. Who sends what is no JSON object is told so and
let go: a browser that was lured here speaks HTTP first. Who does not read is let go, too.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable
from typing import Any

from simulator.live.requests import RequestError

LINE_BYTES_MAX = 4096
CLIENTS_MAX = 16
#: What may wait for a reader who is slow.
UNSENT_BYTES_MAX = 2**20
#: Requests of one client that are taken at one look.
REQUESTS_A_LOOK = 32
_CHUNK_BYTES = 65536
HOST = "127.0.0.1"


class _Client:
    """One connection."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.received = b""
        self.unsent = bytearray()
        self.is_leaving = False

    def put(self, data: bytes) -> None:
        self.unsent += data
        if len(self.unsent) > UNSENT_BYTES_MAX:
            self.unsent.clear()
            self.is_leaving = True


class FeedServer:
    """No threads: everything happens in `poll`.

    `greet` gives what who joins must know; `take` does what is asked, or raises RequestError.
    """

    def __init__(
        self,
        port: int,
        greet: Callable[[], Iterable[dict[str, Any]]],
        take: Callable[[dict[str, Any]], None],
    ) -> None:
        """OSError when the port is not to be had; 0: any that is free."""
        self._listener = socket.create_server((HOST, port), backlog=CLIENTS_MAX)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._greet = greet
        self._take = take
        self._clients: list[_Client] = []
        #: Clients that were let go because they did not read, or sent what is no request.
        self.dropped = 0

    @property
    def clients(self) -> int:
        return len(self._clients)

    def readers(self) -> list[socket.socket]:
        """Sockets that have something for us when they can be read."""
        return [self._listener, *(client.line for client in self._clients)]

    def writers(self) -> list[socket.socket]:
        """Sockets that something waits for."""
        return [client.line for client in self._clients if client.unsent]

    def tell(self, message: dict[str, Any]) -> None:
        """To everybody, with the next `poll`."""
        if self._clients:
            data = _line(message)
            for client in self._clients:
                client.put(data)

    def poll(self) -> None:
        """Take in who comes and what is asked; send what waits."""
        self._accept()
        for client in list(self._clients):
            self._receive(client)
            self._send(client)
            if client.is_leaving and not client.unsent:
                self._drop(client)

    def flush(self) -> None:
        """Send what waits, and do nothing else."""
        for client in self._clients:
            self._send(client)

    def close(self) -> None:
        for client in self._clients:
            client.line.close()
        self._clients.clear()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            line.setblocking(False)
            client = _Client(line)
            if len(self._clients) >= CLIENTS_MAX:
                client.put(_line({"error": f"{CLIENTS_MAX} views are there; close one first"}))
                self._send(client)
                line.close()
                continue
            self._clients.append(client)
            for message in self._greet():
                client.put(_line(message))

    def _receive(self, client: _Client) -> None:
        if client.is_leaving:
            return
        # What was not answered yet comes first: who asks faster than we look waits in the kernel.
        if b"\n" not in client.received and not self._take_in(client):
            return
        for _ in range(REQUESTS_A_LOOK):
            line, end, rest = client.received.partition(b"\n")
            if not end:  # also after a refusal, which leaves nothing
                break
            client.received = rest
            self._answer(client, line)
        if len(client.received.partition(b"\n")[0]) > LINE_BYTES_MAX:
            self._refuse(client, f"a request has {LINE_BYTES_MAX} bytes at the most")

    def _take_in(self, client: _Client) -> bool:
        """False when there is nothing new."""
        try:
            data = client.line.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            client.unsent.clear()
            client.is_leaving = True
        client.received += data
        return data != b""

    def _answer(self, client: _Client, line: bytes) -> None:
        if not line.strip():
            return
        if len(line) > LINE_BYTES_MAX:
            self._refuse(client, f"a request has {LINE_BYTES_MAX} bytes at the most")
            return
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            self._refuse(client, 'a request is a line of JSON, as {"id": 1, "do": "open driver"}')
            return
        ident = request.pop("id", None)
        if isinstance(ident, bool) or not isinstance(ident, int) or abs(ident) >= 2**53:
            ident = None
        try:
            self._take(request)
        except RequestError as error:
            client.put(_line({"id": ident, "error": str(error)}))
        else:
            client.put(_line({"id": ident, "ok": True}))

    def _refuse(self, client: _Client, sentence: str) -> None:
        """The last that this client hears."""
        self.dropped += 1
        client.received = b""
        client.put(_line({"id": None, "error": sentence}))
        client.is_leaving = True

    def _send(self, client: _Client) -> None:
        while client.unsent:
            try:
                sent = client.line.send(client.unsent)
            except BlockingIOError:
                return
            except OSError:
                client.unsent.clear()
                client.is_leaving = True
                return
            del client.unsent[:sent]

    def _drop(self, client: _Client) -> None:
        self._clients.remove(client)
        client.line.close()


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
