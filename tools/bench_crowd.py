"""5,000 cars on the daemon's own endpoint, and on Mosquitto beside it: memory, CPU, waiting times.

Both run as processes of their own, both get the same load from this one over plain TCP on the loopback:
all cars come (CONNECT, SUBSCRIBE, a first frame), then each sends a frame a minute, then all send as
fast as they are confirmed. A frame is an event with QoS 1. The daemon's PUBACK means committed with
synchronous=FULL; Mosquitto's means received, and a subscriber takes the frames from it.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware.wire import codes, frames, kb1, packets
from firmware.wire.journal_format import EPOCH_2020_S, pack_cause, pack_event
from firmware.wire.packets_client import ClientDecoder, pack_connect, pack_subscribe
from fleetd.core import passwords
from fleetd.service import Fleet
from fleetd.store import car_rows, fleet_rows
from fleetd.store.database import create
from simulator.desk.ports import free_port
from tools import tree

CARS = 5000
PASSWORD = b"0123456789abcdef"
#: Of a car at rest.
FRAME_EVERY_S = 60.0
STEADY_S = 20.0
FLOOD_S = 5.0
#: Cars that send at the same time in the flood; each waits for its confirmation.
FLOODING = 500
#: How the cars come: evenly over the first wait of the protocol.
ARRIVE_S = 10.0
MESSAGES_MIN = 5000
CONNECTS_MIN = 300
_TICKS_S = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Car(asyncio.Protocol):
    """One car; `key` is the direction's. What it is owed is a future."""

    def __init__(self, name: str, key: bytes) -> None:
        self.name = name
        self.seq = 0
        self._key = key
        self._car = bytes.fromhex(name)
        self._topic = frames.up_topic(name)
        self._decoder = ClientDecoder(4096)
        self._owed: asyncio.Future[None] | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._decoder.feed(data)
        while (packet := self._decoder.next()) is not None:
            if isinstance(packet, packets.Publish):
                if packet.qos:
                    self._write(packets.pack_puback(packet.packet_id))
            elif self._owed is not None and not self._owed.done():
                self._owed.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._owed is not None and not self._owed.done():
            self._owed.set_exception(exc or ConnectionResetError(f"{self.name} was cut off"))

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    async def _ask(self, data: bytes) -> None:
        self._owed = asyncio.get_running_loop().create_future()
        self._write(data)
        await self._owed

    def leave(self) -> None:
        assert self._transport is not None
        self._transport.abort()

    async def join(self, host: str, port: int) -> float:
        """Until its first frame is confirmed; the seconds that it took."""
        began_s = time.perf_counter()
        await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        await self._ask(pack_connect(self.name, 1200, self.name, PASSWORD))
        await self._ask(pack_subscribe(1, [(frames.down_topic(self.name), 1)]))
        await self.tell()
        return time.perf_counter() - began_s

    async def tell(self) -> float:
        """One event; the seconds until it is confirmed."""
        self.seq += 1
        detail = pack_cause(codes.BY_CARD, b"\x01\x01\x06\x01\x12\xab\x34\xcd") + b"\1\1\0\0\0\0"
        event = pack_event(codes.AUDIT_CARD_REFUSED, int(time.time()) - EPOCH_2020_S, 1, 0, detail)
        body = kb1.pack_events(7, self.seq, [event])
        frame = frames.pack_frame(self._key, self._car, kb1.EVENTS, body)
        number = self.seq % 65535 + 1
        data = packets.pack_publish(self._topic, frame, 1, packet_id=number)
        began_s = time.perf_counter()
        await self._ask(data)
        return time.perf_counter() - began_s


@dataclass
class Load:
    """What one of the two did."""

    kib_a_car: float = 0.0
    join_s: list[float] = field(default_factory=list)
    arrive_s: float = 0.0
    steady_s: list[float] = field(default_factory=list)
    steady_cpu: float = 0.0
    flood_a_s: float = 0.0


def _resident_kib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * _PAGE / 1024


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_S


async def _load(pid: int, port: int, keys: dict[str, bytes]) -> Load:
    found = Load()
    cars = [Car(name, key) for name, key in keys.items()]
    empty_kib = _resident_kib(pid)
    began_s = time.perf_counter()

    async def arrive(number: int, car: Car) -> None:
        await asyncio.sleep(ARRIVE_S * number / len(cars))
        found.join_s.append(await car.join("127.0.0.1", port))

    await asyncio.gather(*(arrive(number, car) for number, car in enumerate(cars)))
    found.arrive_s = time.perf_counter() - began_s
    found.kib_a_car = (_resident_kib(pid) - empty_kib) / len(cars)

    async def live(number: int, car: Car) -> None:
        await asyncio.sleep(FRAME_EVERY_S * number / len(cars))
        found.steady_s.append(await car.tell())

    at_rest = [
        live(number, car)
        for number, car in enumerate(cars)
        if FRAME_EVERY_S * number / len(cars) < STEADY_S
    ]
    cpu_s, began_s = _cpu_s(pid), time.perf_counter()
    await asyncio.gather(*at_rest)
    found.steady_cpu = (_cpu_s(pid) - cpu_s) / (time.perf_counter() - began_s)

    count = 0
    ends_s = time.perf_counter() + FLOOD_S

    async def flood(car: Car) -> None:
        nonlocal count
        while time.perf_counter() < ends_s:
            await car.tell()
            count += 1

    began_s = time.perf_counter()
    await asyncio.gather(*(flood(car) for car in cars[:FLOODING]))
    found.flood_a_s = count / (time.perf_counter() - began_s)
    for car in cars:
        car.leave()
    await asyncio.sleep(0.05)
    return found


def _fleet(path: Path) -> dict[str, bytes]:
    """A database with all the cars; the key of each one's up direction."""
    store = create(path)
    now_s = int(time.time())
    keys = {}
    with store.transaction():
        fleet_rows.add(store, "top24-2023", now_s)
        hashed = passwords.hash_secret(PASSWORD)
        for number in range(CARS):
            name, key = f"4b47{number:08x}", number.to_bytes(32, "big")
            car_rows.add(store, name, f"Car {number}", key, hashed, now_s)
            keys[name] = frames.direction_key(key, frames.UP)
    Fleet(store, lambda _car, _frame: None, time.time).tick()
    store.close()
    return keys


@contextmanager
def _daemon(path: Path) -> Iterator[tuple[int, int]]:
    """(process, port) of the real program."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fleetd", "serve", "--db", path, "--mqtt-port", "0",
         "--http-port", "0", "--json"],
        cwd=tree.ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield process.pid, int(told["mqtt"].rpartition(":")[2])
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def _mosquitto(folder: Path) -> Iterator[tuple[int, int]]:
    """A broker with a subscriber to all that cars say, in another process."""
    port = free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        "max_queued_messages 0\nlog_type error\n",
        encoding="ascii",
    )
    broker = subprocess.Popen(["mosquitto", "-c", settings])
    sink = None
    try:
        _await_port(port)
        sink = subprocess.Popen(
            ["mosquitto_sub", "-p", str(port), "-t", "kb/1/u/+/+", "-q", "1", "-N"],
            stdout=subprocess.DEVNULL,
        )
        yield broker.pid, port
    finally:
        for process in (sink, broker):
            if process is not None:
                process.terminate()
                process.wait()


def _await_port(port: int) -> None:
    async def knock() -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return

    asyncio.run(asyncio.wait_for(knock(), 10))


def _ms(seconds: list[float], part: float) -> float:
    return round(1000 * sorted(seconds)[int(part * (len(seconds) - 1))], 2)


def measure() -> dict[str, dict[str, Any]]:
    """One run of each: it takes a minute, and 5,000 cars average it out."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = _fleet(folder / "fleet.db")
        with _daemon(folder / "fleet.db") as (pid, port):
            ours = asyncio.run(_load(pid, port, keys))
        with _mosquitto(folder) as (pid, port):
            theirs = asyncio.run(_load(pid, port, keys))

    def figure(value: float, unit: str, peer: float) -> dict[str, Any]:
        return {
            "value": round(value, 2), "unit": unit, "peer": "Mosquitto",
            "peer_value": round(peer, 2), "ratio": round(value / peer, 2) if peer else None,
            "runs": 1,
        }  # fmt: skip

    return {
        "crowd_memory": figure(ours.kib_a_car, "KiB a car", theirs.kib_a_car),
        "crowd_arrivals": figure(
            CARS / ours.arrive_s, "cars/s with a frame", CARS / theirs.arrive_s
        ),
        "crowd_join_p99": figure(_ms(ours.join_s, 0.99), "ms", _ms(theirs.join_s, 0.99)),
        "crowd_rest_cpu": figure(
            100 * ours.steady_cpu, "% of a core, a frame a minute", 100 * theirs.steady_cpu
        ),
        "crowd_rest_median": figure(
            1000 * statistics.median(ours.steady_s), "ms", 1000 * statistics.median(theirs.steady_s)
        ),
        "crowd_rest_p99": figure(_ms(ours.steady_s, 0.99), "ms", _ms(theirs.steady_s, 0.99)),
        "crowd_messages": figure(ours.flood_a_s, "messages/s", theirs.flood_a_s),
    }
