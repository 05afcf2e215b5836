"""The endpoint in a thread of its own, clients beside it, and a clock that tests move."""

from __future__ import annotations

import asyncio
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from fleetd.mqtt_endpoint import Endpoint, Limits

CAR = "a1b2c3d4e5f6"
OTHER = "0123456789ab"
THIRD = "00000000000a"
PASSWORD = b"correct horse"

#: What a test waits for comes at once; this is when to give up on a machine that is very busy.
PATIENCE_S = 30.0

T = TypeVar("T")


class Clock:
    """Monotonic seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Rig:
    """A running endpoint. Queues hold what its callbacks were told, in order."""

    def __init__(
        self, limits: Limits, tls: ssl.SSLContext | None, own_clock: Clock | None = None
    ) -> None:
        self.clock = Clock()
        self.frames: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.presence: queue.Queue[tuple[str, bool, bytes]] = queue.Queue()
        self.troubles: queue.Queue[dict[str, Any]] = queue.Queue()
        self.asked: list[str] = []
        self.on_frame: Callable[[str, bytes], None] | None = None
        self.loop = asyncio.new_event_loop()
        self.endpoint = Endpoint(
            self.check_login,
            self._receive,
            lambda *news: self.presence.put(news),
            limits,
            self.clock,
            own_clock,
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.port = self.run(self.endpoint.start(tls=tls))

    def check_login(self, car: str, password: bytes) -> bool:
        self.asked.append(car)
        return password == PASSWORD

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do this in the endpoint's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_S)

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """Call this in the endpoint's loop."""

        async def work() -> T:
            return function(*args)

        return self.run(work())

    def send(self, car: str, frame: bytes) -> bool:
        return self.call(self.endpoint.send, car, frame)

    def pass_time(self, seconds: float) -> None:
        """Move the clock and do what is due."""
        self.clock.now += seconds
        self.call(self.endpoint.sweep)

    def frame(self) -> tuple[str, bytes]:
        return self.frames.get(timeout=PATIENCE_S)

    def news(self) -> tuple[str, bool, bytes]:
        return self.presence.get(timeout=PATIENCE_S)

    def count(self, name: str) -> int:
        return self.call(self.endpoint.counters.as_dict)[name]

    def settle(self) -> None:
        """Wait until no connection is left."""
        self.run(self.endpoint._until_empty())

    def close(self) -> None:
        self.run(self.endpoint.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE_S)
        self.loop.close()

    def _receive(self, arrived: Sequence[tuple[str, bytes]]) -> None:
        for car, frame in arrived:
            if self.on_frame is not None:
                self.on_frame(car, frame)
            self.frames.put((car, frame))

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.set_exception_handler(lambda _, trouble: self.troubles.put(trouble))
        self.loop.run_forever()


@contextmanager
def running(
    limits: Limits | None = None,
    tls: ssl.SSLContext | None = None,
    own_clock: Clock | None = None,
) -> Iterator[Rig]:
    """An endpoint while the test runs; it must have met no trouble that the test did not fetch."""
    rig = Rig(limits or Limits(), tls, own_clock)
    try:
        yield rig
        rig.close()
        assert rig.troubles.empty(), rig.troubles.get()
    finally:
        if rig.loop.is_running():
            rig.close()


class RawClient:
    """Bytes on a socket: for what no client library would send."""

    def __init__(self, port: int, receive_bytes: int = 0) -> None:
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(("127.0.0.1", port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, count: int) -> bytes:
        """Exactly so many bytes."""
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError(f"closed after {data.hex()}")
            data += piece
        return data

    def read_to_end(self) -> bytes:
        """All that comes until the peer closes, however it does."""
        data = b""
        try:
            while piece := self.socket.recv(4096):
                data += piece
        except ConnectionError:
            pass
        return data
