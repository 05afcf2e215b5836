"""From a booking's commit to its car's durable acknowledgement, beside a bare MQTT round trip.

The fleet and its endpoint in this process, the car in another, both on the loopback. Ours: the booking
is committed, the DELTA leaves, the real box checks it, writes it to its flash (in memory), says HELLO,
and that is committed. The peer: the same endpoint sends the car's link, and nothing but the link, a
frame as long as that DELTA, and gets it back. In turns.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from firmware.wire import frames, kb1, packets
from fleetd.mqtt_endpoint import Endpoint, Limits
from fleetd.service import Fleet
from fleetd.store import car_rows, fleet_rows
from fleetd.store.database import create
from fleetd.vehicles import Identity
from tools import tree

ROUNDS = 30
#: A car is pushed to, and says HELLO, once a second at most.
APART_S = 1.05
TIMES_MAX = 4.0
CHANGE_BYTES_MAX = 110
SNAPSHOT_BYTES_MAX = 7500
SNAPSHOT_BOOKINGS = 200
PATIENCE_S = 30.0
_MQTT_QOS = 1


class Desk:
    """Fleet, endpoint and what passes through them."""

    def __init__(self, path: Path) -> None:
        now_s = int(time.time())
        self.store = create(path)
        with self.store.transaction():
            fleet_rows.add(self.store, "top24-2023", now_s)
        self.fleet = Fleet(self.store, self._send, time.time)
        self.fleet.add_member("Aoki Yui", "yui@example.org", "KAG00001")
        self.driver, _ = self.fleet.add_driver("KAG00001", "Aoki Yui", "y@example.org")
        self.box = self.fleet.add_car("Box", "4b4700000001")
        self.echo = self.fleet.add_car("Echo", "4b4700000002")
        self.sent: list[tuple[float, bytes]] = []
        self.heard = asyncio.Event()
        self._is_there = False
        #: When frames came last, before anything was done with them.
        self.arrived_s = 0.0
        self.endpoint = Endpoint(
            self.fleet.check_car_login, self._receive, self._see,
            Limits(packets_per_s=1e6, packets_burst=10**6),
        )  # fmt: skip

    def _send(self, car: str, frame: bytes) -> None:
        self.sent.append((time.perf_counter(), frame))
        self.endpoint.send(car, frame)

    def _receive(self, arrived: Sequence[tuple[str, bytes]]) -> None:
        self.arrived_s = time.perf_counter()
        mine = [one for one in arrived if one[0] == self.box.car]
        if mine:
            self.fleet.receive_all(mine)
        self.heard.set()

    def _see(self, car: str, online: bool, _payload: bytes) -> None:
        if car == self.box.car and online and not self._is_there:
            self._is_there = True
            self.fleet.connected(car)

    async def until_in_step(self) -> tuple[float, float]:
        """When the car's acknowledgement came, and when it was committed."""
        while True:
            car = car_rows.find(self.store, self.box.car)
            if car is not None and car.behind_s is None and car.heard_s:
                return self.arrived_s, time.perf_counter()
            await self._until_heard()

    async def _until_heard(self) -> None:
        self.heard.clear()
        await asyncio.wait_for(self.heard.wait(), PATIENCE_S)

    async def push(self, number: int) -> tuple[float, float, int]:
        """Seconds from a booking's commit to its acknowledgement, and to the commit of that; bytes."""
        self.sent.clear()
        starts_s = int(time.time()) // 900 * 900 + 3600 + 1800 * number
        self.fleet.add_booking(self.driver, self.box.car, starts_s, starts_s + 1800)
        left_s, frame = self.sent[0]
        arrived_s, committed_s = await self.until_in_step()
        return arrived_s - left_s, committed_s - left_s, len(frame)

    async def bounce(self, count: int) -> float:
        """Seconds of a frame to the echoing link and back."""
        began_s = time.perf_counter()
        self.endpoint.send(self.echo.car, bytes(count))
        await self._until_heard()
        return time.perf_counter() - began_s

    async def measure(self) -> tuple[list[tuple[float, float, float]], int]:
        """Rounds of (acknowledged, committed, bare) in seconds; bytes of a frame."""
        port = await self.endpoint.start()
        cars = [_car("box", port, self.box), _car("echo", port, self.echo)]
        try:
            while self.endpoint.cars != {self.box.car, self.echo.car}:
                await asyncio.sleep(0.05)
            await self.until_in_step()
            await asyncio.sleep(1.0)  # both have said what they had to say
            rounds = []
            for number in range(ROUNDS):
                acknowledged_s, committed_s, count = await self.push(number)
                await asyncio.sleep(APART_S)
                rounds.append((acknowledged_s, committed_s, await self.bounce(count)))
            return rounds, count
        finally:
            for process in cars:
                process.kill()
                process.wait()
            await self.endpoint.stop()


def _car(mode: str, port: int, identity: Identity) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tools.bench_push_car", mode, str(port), identity.car,
         identity.key, identity.password],
        cwd=tree.ROOT,
    )  # fmt: skip


def _on_the_wire(car: str, frame: bytes) -> int:
    """Bytes with everything that MQTT puts around it."""
    topic = frames.down_topic(car)
    return len(packets.pack_publish(topic, frame, _MQTT_QOS, packet_id=1))


def _snapshot_bytes(folder: Path) -> int:
    """Of all chunks, for a car that has nothing yet."""
    desk = Desk(folder / "snapshot.db")
    for number in range(SNAPSHOT_BOOKINGS):
        starts_s = int(time.time()) + 3600 + 900 * number
        desk.fleet.add_booking(desk.driver, desk.box.car, starts_s, starts_s + 900)
    desk.fleet.connected(desk.box.car)
    desk.sent.clear()
    up = frames.direction_key(bytes.fromhex(desk.box.key), frames.UP)
    hello = kb1.Hello(
        False, True, b"the boot", 1, b"a nonce!", 0, 0, bytes(8), 0, 1, 1, int(time.time())
    )  # fmt: skip
    frame = frames.pack_frame(up, bytes.fromhex(desk.box.car), kb1.HELLO, kb1.pack_hello(hello))
    desk.fleet.receive(desk.box.car, frame)
    kinds = [sent[1] for _, sent in desk.sent]
    if set(kinds) != {kb1.SNAP}:
        raise RuntimeError(f"frames of kinds {sorted(set(kinds))} for a car that has nothing")
    desk.store.close()
    return sum(_on_the_wire(desk.box.car, sent) for _, sent in desk.sent)


def measure() -> dict[str, dict[str, Any]]:
    """Milliseconds of ours and of the bare link; bytes on the wire."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk = Desk(folder / "fleet.db")
        rounds, count = asyncio.run(desk.measure())
        change = _on_the_wire(desk.box.car, bytes(count))
        desk.store.close()
        snapshot = _snapshot_bytes(folder)
    acknowledged, committed, bare = (sorted(one) for one in zip(*rounds, strict=True))
    return {
        "booking_to_acknowledgement": _beside(acknowledged, bare),
        "booking_to_its_commit": _beside(committed, bare),
        "bytes_of_a_change": _limited(change, CHANGE_BYTES_MAX),
        "bytes_of_200_bookings": _limited(snapshot, SNAPSHOT_BYTES_MAX),
    }


def _beside(ours: list[float], bare: list[float]) -> dict[str, Any]:
    """Both sorted, in seconds."""
    ours_ms, bare_ms = 1000 * statistics.median(ours), 1000 * statistics.median(bare)
    return {
        "value": round(ours_ms, 2), "unit": "ms",
        "peer": "the same frame to the car's link and back", "peer_value": round(bare_ms, 2),
        "ratio": round(ours_ms / bare_ms, 2), "runs": len(ours),
        "p99": round(1000 * ours[int(0.99 * (len(ours) - 1))], 2),
    }  # fmt: skip


def _limited(value: int, limit: int) -> dict[str, Any]:
    return {
        "value": value, "unit": "bytes with MQTT's own", "peer": f"limit {limit}",
        "ratio": round(value / limit, 2), "runs": 1,
    }  # fmt: skip
