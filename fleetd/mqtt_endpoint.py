"""The daemon's own MQTT 3.1.1 endpoint: an endpoint, not a broker.

A car (client identifier = user name = 12 hex digits) subscribes to its own down topic and publishes
to its own up and presence topics, wills included; see docs/protocol.md. Nothing is ever routed from
car to car, and nothing is kept: sessions are always clean, and of retained messages only presence
is taken, as news for the `presence` callback. Durability is kb/1's own, end to end.

Everything runs in the event loop's thread, the three callbacks too. Frames that are there at the
same time are handed over together, so that they can share a commit. QoS 1 from a car is acknowledged
after `receive` returned; when it raises, the connections that the frames came by end instead. A
PUBACK says no more than that: it leaves also when the commit failed, of which the fleet makes a
count and not an exception. Nothing is lost by it, for the car keeps events until their EACK.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence

from firmware.wire.frames import FRAME_BYTES_MAX
from fleetd.mqtt.admission import Admission, CheckLogin
from fleetd.mqtt.connection import READ_BYTES, Connection
from fleetd.mqtt.counters import Counters, Refusal
from fleetd.mqtt.dialogue import Dialogue
from fleetd.mqtt.limits import Limits

__all__ = ["Counters", "Endpoint", "Limits"]

BACKLOG = 512
#: Frames that are handed on together at most: a commit of so many takes some 30 ms.
TOGETHER_MAX = 500


class Endpoint:
    """Accepts the cars' connections.

    check_login(car, password): is this the car's password? Asked once for a CONNECT.
    receive(arrived): (car, frame) of each message on a car's up topic, in their order.
    presence(car, online, payload): online at CONNECT (payload empty) and with each message on the
    car's presence topic; offline once at the end, with the will's payload, or empty after a
    DISCONNECT or without a will.
    clock(): seconds, monotonic, of the time in which the cars live: keep alive and rates.
    own_clock(): seconds, monotonic, of this machine, where it is another: how long peers may take
    to connect and to go.
    """

    def __init__(
        self,
        check_login: CheckLogin,
        receive: Callable[[Sequence[tuple[str, bytes]]], None],
        presence: Callable[[str, bool, bytes], None],
        limits: Limits = Limits(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
        own_clock: Callable[[], float] | None = None,
    ) -> None:
        self.limits = limits
        self.counters = Counters()
        self.clock = clock
        self.own_clock = own_clock or clock
        self.tls: ssl.SSLContext | None = None
        self.read_buffer = memoryview(bytearray(READ_BYTES))
        self.receive = receive
        self.presence = presence
        self._admission = Admission(check_login, limits, clock())
        self._connections: set[Connection] = set()
        self._cars: dict[str, Dialogue] = {}
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sweeping: asyncio.Task[None] | None = None
        #: What came since the loop went round last: by whom, frame, packet id or 0.
        self._arrived: list[tuple[Dialogue, bytes, int]] = []
        self._empty = asyncio.Event()

    @property
    def connections(self) -> int:
        """Connections now, those without CONNECT included."""
        return len(self._connections)

    @property
    def cars(self) -> frozenset[str]:
        """The cars that are connected now."""
        return frozenset(self._cars)

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> int:
        """Listen; the port. OSError when it is in use or the address is not ours."""
        if self._server is not None:
            raise RuntimeError("the endpoint is already started")
        self.tls = tls
        loop = self._loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self), host, port, backlog=BACKLOG
        )
        self._sweeping = loop.create_task(self._sweep_for_ever())
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    def send(self, car: str, frame: bytes) -> bool:
        """Publish a frame on the car's down topic, with the QoS that the car subscribed with.

        False when the car is not connected, has not subscribed, or does not read (it is cut off
        then). True means queued, not received: kb/1 acknowledges for itself.
        """
        if len(frame) > FRAME_BYTES_MAX:
            raise ValueError(f"a frame of {len(frame)} bytes; {FRAME_BYTES_MAX} is the limit")
        dialogue = self._cars.get(car)
        if dialogue is None or not dialogue.subscribed:
            self.counters.unsent += 1
            return False
        return dialogue.send(frame)

    def shut_out(self, car: str) -> None:
        """End the car's connection, if there is one; whether it may come again the log-in says."""
        dialogue = self._cars.get(car)
        if dialogue is not None:
            dialogue.line.end("shut_out")

    async def stop(self) -> None:
        """Stop listening and end every connection; what is queued is sent if the peer reads."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in tuple(self._connections):
            connection.end("stopped")
        try:
            await asyncio.wait_for(self._until_empty(), self.limits.farewell_s)
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.cut()
            await self._until_empty()
        await server.wait_closed()

    def sweep(self) -> None:
        """Do what is due by now: time-outs, reading on. Called by the endpoint itself."""
        now, own_now = self.clock(), self.own_clock()
        for connection in tuple(self._connections):
            connection.sweep(now, own_now)

    # --- for connections and dialogues

    def arrived(self, connection: Connection) -> bool:
        """A peer connected; False when there is no room."""
        self.counters.connections += 1
        strangers = len(self._connections) - len(self._cars)
        room = (
            len(self._connections) < self.limits.connections_max
            and strangers < self.limits.strangers_max
        )
        self._connections.add(connection)
        return room and self._server is not None

    def gone(self, connection: Connection) -> None:
        """The connection holds no resources any more."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    def judge(self, address: str, client: str, user: str, password: bytes) -> Refusal | None:
        """None: this is the car `client`."""
        return self._admission.judge(address, client, user, password, self.clock())

    def take_in(self, dialogue: Dialogue, frame: bytes, packet_id: int) -> None:
        """A frame; it is handed on with the others that are there now."""
        self._arrived.append((dialogue, frame, packet_id))
        if self._loop is None:
            self._hand_on()  # not started: a simulator's endpoint
        elif len(self._arrived) == 1:
            self._loop.call_soon(self._hand_on)
        elif len(self._arrived) >= TOGETHER_MAX:
            self._hand_on()

    def take_last(self, car: str, frame: bytes) -> None:
        """The frame of a will: after what the car said itself."""
        self._hand_on()
        self.receive(((car, frame),))

    def _hand_on(self) -> None:
        """One call for all that came; then the acknowledgements."""
        arrived, self._arrived = self._arrived, []
        if not arrived:
            return
        try:
            self.receive([(dialogue.car, frame) for dialogue, frame, _ in arrived])
        except Exception as error:  # noqa: BLE001 - the daemon's own trouble ends these connections only
            self.failed(error)
            for dialogue, _, _ in arrived:
                dialogue.line.end("failed")
            return
        for dialogue, _, packet_id in arrived:
            if packet_id:
                dialogue.confirm(packet_id)

    def enter(self, dialogue: Dialogue) -> None:
        """This dialogue is its car's now; one before it ends."""
        before = self._cars.get(dialogue.car)
        if before is not None:
            before.line.end("taken_over")
        self._cars[dialogue.car] = dialogue

    def leave(self, dialogue: Dialogue) -> None:
        """This dialogue is over; what it said before counts."""
        del self._cars[dialogue.car]
        self._hand_on()

    def failed(self, error: BaseException) -> None:
        """A callback raised: a bug, or a full disk. Told to the loop's exception handler."""
        self.counters.failures += 1
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a callback of the MQTT endpoint failed", "exception": error}
        )

    # --- inside

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.limits.sweep_s)
            self.sweep()

    async def _until_empty(self) -> None:
        while self._connections:
            self._empty.clear()
            await self._empty.wait()
