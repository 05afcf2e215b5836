"""The far end of the car's modem: each stream of the simulated network is one TCP connection."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable

from firmware.wire.packets import CONNACK
from simulator.network import Stream

_CHUNK_BYTES = 65536
_CONNACK_BYTES = 4
#: What may wait for a server that does not read.
UNSENT_BYTES_MAX = 2**20
#: Outside time after any byte in which simulated time does not hurry: answers come in their time.
BUSY_S = 0.05


class _Connection:
    """A stream and its socket."""

    def __init__(self, stream: Stream, line: socket.socket) -> None:
        self.stream = stream
        self.line = line
        self.unsent = bytearray()
        #: The first bytes of the server.
        self.greeting = b""
        self.is_connected = False
        self.is_over = False


class Tunnel:
    """A `simulator.network.Server`. No threads: the sockets are looked after in `pump`."""

    def __init__(self, host: str, port: int, monotonic: Callable[[], float]) -> None:
        self._address = (host, port)
        self._monotonic = monotonic
        self._connections: list[_Connection] = []
        self._busy_until_s = self._held_until_s = 0.0
        #: Called before a byte leaves.
        self.on_busy: Callable[[], None] = _nothing
        #: Told of each answer to the car's login, a code of `firmware.wire.packets`.
        self.on_login: Callable[[int], None] = _ignore

    @property
    def is_busy(self) -> bool:
        """Bytes are, or were a moment ago, on their way, or wait to be let go."""
        if self.is_held and any(one.unsent for one in self._connections):
            return True
        return self._monotonic() < self._busy_until_s

    def readers(self) -> list[socket.socket]:
        return [one.line for one in self._connections if one.is_connected]

    def hold(self, seconds: float) -> None:
        """Send nothing for so long: the server is to hear of something else first."""
        self._held_until_s = self._monotonic() + seconds

    def release(self) -> None:
        """It has heard."""
        self._held_until_s = 0.0

    @property
    def is_held(self) -> bool:
        return self._monotonic() < self._held_until_s

    def writers(self) -> list[socket.socket]:
        if self.is_held:
            return [one.line for one in self._connections if not one.is_connected]
        return [one.line for one in self._connections if one.unsent or not one.is_connected]

    def accept(self, stream: Stream) -> None:
        """Connect; a server that is not there closes the stream."""
        line = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(stream, line)
        stream.on_bytes = lambda data: self._put(connection, data)
        stream.on_close = lambda: self._leave(connection)
        self._connections.append(connection)
        self._touch()
        if line.connect_ex(self._address) not in (0, errno.EINPROGRESS):
            self._break(connection)

    def pump(self) -> None:
        """Take in what the server sent, and send what waits for it."""
        for connection in list(self._connections):
            if not connection.is_connected:
                self._finish_connecting(connection)
            if connection.is_connected:
                self._receive(connection)
                self._send(connection)

    def close(self) -> None:
        self.on_busy = _nothing
        for connection in list(self._connections):
            self._leave(connection)

    def _put(self, connection: _Connection, data: bytes) -> None:
        self._touch()
        connection.unsent += data
        if len(connection.unsent) > UNSENT_BYTES_MAX:
            self._break(connection)
        elif connection.is_connected:
            self._send(connection)

    def _finish_connecting(self, connection: _Connection) -> None:
        error = connection.line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._break(connection)
            return
        try:
            connection.line.getpeername()
        except OSError:
            return  # not yet
        connection.is_connected = True

    def _receive(self, connection: _Connection) -> None:
        while not connection.is_over:
            try:
                data = connection.line.recv(_CHUNK_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            self._touch()
            if not data:
                self._break(connection)
                return
            self._hear_greeting(connection, data)
            connection.stream.send(data)

    def _hear_greeting(self, connection: _Connection, data: bytes) -> None:
        missing = _CONNACK_BYTES - len(connection.greeting)
        if missing > 0:
            connection.greeting += data[:missing]
            if len(data) >= missing and connection.greeting[0] == CONNACK << 4:
                self.on_login(connection.greeting[3])

    def _send(self, connection: _Connection) -> None:
        while connection.unsent and not connection.is_over and not self.is_held:
            try:
                sent = connection.line.send(connection.unsent)
            except BlockingIOError:
                return
            except OSError:
                self._break(connection)
                return
            self._touch()
            del connection.unsent[:sent]

    def _break(self, connection: _Connection) -> None:
        """The server is gone: the car's side learns it over the network."""
        if not connection.is_over:
            self._leave(connection)
            connection.stream.close()

    def _leave(self, connection: _Connection) -> None:
        if not connection.is_over:
            connection.is_over = True
            connection.line.close()
            self._connections.remove(connection)
            self._touch()

    def _touch(self) -> None:
        self._busy_until_s = self._monotonic() + BUSY_S
        self.on_busy()


def _nothing() -> None:
    pass


def _ignore(_code: int) -> None:
    pass
