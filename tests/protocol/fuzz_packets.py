"""MQTT packets against the endpoint: whole, changed, cut, mixed, in pieces; from cars and from strangers.

The endpoint with its connections, dialogues and bounds as it is; only the kernel's sockets are left
out, so that a million takes minutes. Beside the fuzzed connections one car lives and must not notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from firmware.wire.frames import FRAME_BYTES_MAX, down_topic, presence_topic, up_topic
from firmware.wire.packets import Publish, Will, assemble, pack_puback, pack_publish, pack_text
from firmware.wire.packets_client import (
    ClientDecoder,
    pack_connect,
    pack_disconnect,
    pack_pingreq,
    pack_subscribe,
    pack_unsubscribe,
)
from fleetd.mqtt.connection import Connection
from fleetd.mqtt_endpoint import Endpoint
from tests.fleetd.mqtt.rig import CAR, OTHER, PASSWORD
from tests.fleetd.mqtt.test_endpoint_fuzz import NO_RATES
from tests.protocol.fuzzing import Bites, Watch

PACKETS_MAX = 20
#: Of connections: how many begin with a good CONNECT.
GOOD_CONNECTS = 0.85
OWN = (up_topic(CAR), presence_topic(CAR), down_topic(CAR))
ANOTHERS = (up_topic(OTHER), presence_topic(OTHER), down_topic(OTHER), "#", "+/+", "$SYS/x", "kb")


class Wire(asyncio.Transport):
    """The far end of one connection, in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.connection: Connection | None = None
        self.is_closed = False
        self.is_paused = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 1) if name == "peername" else self

    def setsockopt(self, *_: int) -> None:
        """As the socket."""

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = True


class Bench:
    """An endpoint, a car that lives on it, and one fuzzed connection after the other."""

    def __init__(self, seed: int) -> None:
        self.bites = Bites(seed)
        self.watch = Watch()
        self.now = 1000.0
        self.packets = self.bytes = 0
        self.endpoint = Endpoint(
            lambda _car, password: password == PASSWORD,
            self._receive,
            self._hear_presence,
            NO_RATES,
            lambda: self.now,
        )
        # It does not listen: connections are made here.
        self.endpoint._server = self  # type: ignore[assignment]
        self.frames: list[tuple[str, bytes]] = []
        self.online: list[tuple[str, bool]] = []
        self.other = self.connect()
        self._decoder = ClientDecoder(4096)
        self._feed(
            self.other,
            pack_connect(OTHER, 0, OTHER, PASSWORD) + pack_subscribe(1, [(down_topic(OTHER), 0)]),
        )
        self.frames.clear()
        self.online.clear()
        self.other[1].sent.clear()

    def _receive(self, arrived: Sequence[tuple[str, bytes]]) -> None:
        for car, frame in arrived:
            assert len(frame) <= FRAME_BYTES_MAX
            self.frames.append((car, frame))

    def _hear_presence(self, car: str, online: bool, payload: bytes) -> None:
        assert len(payload) <= FRAME_BYTES_MAX
        self.online.append((car, online))

    def connect(self) -> tuple[Connection, Wire]:
        wire = Wire()
        connection = Connection(self.endpoint)
        connection.connection_made(wire)
        return connection, wire

    def _feed(self, line: tuple[Connection, Wire], data: bytes) -> None:
        """In pieces as the network would."""
        connection, wire = line
        at = 0
        while at < len(data) and not wire.is_closed:
            size = len(data) - at
            if self.bites.random.random() < 0.2:
                size = self.bites.random.randint(1, size)
            size = min(size, len(self.endpoint.read_buffer))
            connection.get_buffer(-1)
            self.endpoint.read_buffer[:size] = data[at : at + size]
            self.watch.timed(connection.buffer_updated, size)
            at += size

    def packet(self) -> bytes:
        """One that may be said, or was."""
        chance = self.bites.random
        topic = chance.choice(OWN + ANOTHERS) if chance.random() < 0.3 else OWN[0]
        payload = chance.randbytes(chance.choice((0, 1, 40, 40, 300, FRAME_BYTES_MAX, 1025)))
        number = chance.randint(1, 65535)
        kind = chance.randrange(10)
        if kind <= 3:
            # Put together here: the client's own half refuses such topics.
            quality = chance.choice((0, 0, 1, 1, 1, 2, 3))
            body = pack_text(topic) + (number.to_bytes(2, "big") if quality else b"") + payload
            packet = assemble(0x30 | quality << 1 | (chance.random() < 0.05), body)
        elif kind == 4:
            packet = pack_subscribe(number, [(OWN[2], 1), (chance.choice(ANOTHERS), 0)])
        elif kind == 5:
            packet = pack_unsubscribe(number, [chance.choice(OWN)])
        elif kind == 6:
            packet = pack_puback(number)
        elif kind == 7:
            packet = assemble(chance.randrange(256), chance.randbytes(chance.randrange(60)))
        elif kind == 8:
            packet = chance.randbytes(chance.randrange(1, 60))
        else:
            packet = pack_pingreq()
        return self.bites.bite(packet) if chance.random() < 0.15 else packet

    def first(self) -> bytes:
        """A CONNECT, good or not."""
        chance = self.bites.random
        will = None
        if chance.random() < 0.3:
            will = Will(chance.choice((*OWN, ANOTHERS[0])), b"gone", 1, chance.random() < 0.5)
        if chance.random() < GOOD_CONNECTS:
            return pack_connect(CAR, chance.choice((0, 1, 60, 65535)), CAR, PASSWORD, will)
        name = chance.choice((CAR, "", "x", "ffffffffffff", OTHER))
        password = chance.choice((PASSWORD, b"wrong", b""))
        connect = pack_connect(name or "x", 60, CAR, password, will, chance.random() < 0.5)
        return chance.choice((connect, self.bites.bite(connect), b"GET / HTTP/1.1\r\n\r\n"))

    def speak_once(self) -> None:
        """A fuzzed connection from its beginning to its end; then the other car is looked after."""
        chance = self.bites.random
        line = connection, wire = self.connect()
        says = [self.first()] + [self.packet() for _ in range(chance.randint(1, PACKETS_MAX))]
        if chance.random() < 0.1:
            says.append(pack_disconnect())
        if chance.random() < 0.1:
            says = [b"".join(says)]  # all behind CONNECT in one piece
        for data in says:
            if wire.is_closed:
                break
            self.packets += 1
            self.bytes += len(data)
            self._feed(line, data)
            if connection.dialogue is not None and connection.dialogue.subscribed:
                self.endpoint.send(CAR, b"down")
        connection.connection_lost(None)
        self.now += 0.01
        self.check()

    def check(self) -> None:
        """Whatever was said: of one car, which came and went; the other one hears and is heard."""
        assert {car for car, _ in self.frames} <= {CAR}
        cars = [car for car, _ in self.online]
        assert set(cars) <= {CAR}
        if self.online:
            assert self.online[0][1]
            assert [online for _, online in self.online].count(False) == 1
            assert not self.online[-1][1]
        assert self.endpoint.cars == {OTHER}
        assert self.endpoint.connections == 1
        counters = self.endpoint.counters
        assert counters.failures == 0
        assert sum(counters.ended.values()) == counters.connections - 1
        self.frames.clear()
        self.online.clear()
        self._feed(self.other, pack_publish(up_topic(OTHER), b"alive", 1, False, 1))
        assert self.endpoint.send(OTHER, b"heard")
        wire = self.other[1]
        self._decoder.feed(b"".join(wire.sent))
        wire.sent.clear()
        kinds = []
        while (packet := self._decoder.next()) is not None:
            kinds.append(packet.kind)
            assert not isinstance(packet, Publish) or packet.payload == b"heard"
        assert sorted(kinds) == [3, 4]
        assert self.frames == [(OTHER, b"alive")]
        self.frames.clear()


def run(packets: int, seed: int) -> dict[str, int]:
    """Say so many; AssertionError, or whatever the endpoint raises, when something does not hold."""
    bench = Bench(seed)
    while bench.packets < packets // 10:
        bench.speak_once()
    bench.watch.mark()
    while bench.packets < packets:
        bench.speak_once()
    grown = bench.watch.grown()
    assert grown < 500, f"{grown} objects more than at the beginning"
    counters = bench.endpoint.counters
    return {
        "packets": bench.packets,
        "bytes": bench.bytes,
        "connections": counters.connections,
        "taken": counters.frames_in,
        "malformed": counters.ended["malformed"],
        "refused": sum(counters.refused.values()),
        "objects grown": max(grown, 0),
        "longer than 10 ms": bench.watch.stalls,
        "longest in microseconds": round(bench.watch.longest_ms * 1000),
    }
