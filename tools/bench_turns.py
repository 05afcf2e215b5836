"""Turns of the box while its network is bad: the whole program on MicroPython, real sockets, TLS.

Between the car and the daemon's own endpoint stands a relay that is in another mood for each connection:
it hangs before, in or after the handshake of TLS, lets it through byte by byte, speaks nonsense, tears the
line, or is good for a moment; and now and then nobody listens, or nobody accepts. So has the name server that
the car must ask for it (`bench_names`): late, wrong, never. The time of a turn is the wall's, whatever else the machine does. What TLS computes in a turn takes longer on an ESP32: it
must be measured there.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import socket
import ssl
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleetd.mqtt.tls import server_context
from fleetd.mqtt_endpoint import Endpoint, Limits
from tools import tree
from tools.bench_names import NameServer

CAR_PROGRAM = "tools/bench_turns_car.py"
SECONDS = 90
LIMIT_MS = 50.0
NAME = "centre.example"
HOST = "127.0.0.1"
#: Connections, then a time without anybody who listens, and one without anybody who accepts.
MOODS = ("good", "slow", "silent", "half", "torn", "nonsense", "ends", "deaf", "good")
HANG_S = 1.5
AWAY_S = 0.5
_CHUNK_BYTES = 4096


def make_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context, and the certificate in DER form: its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, der, secret = folder / "c.pem", folder / "c.der", folder / "c.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    der.write_bytes(made.public_bytes(serialization.Encoding.DER))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return server_context(pem, secret), der


class Relay:
    """Listens for the car and speaks for the endpoint, as its mood is."""

    def __init__(self, endpoint_port: int) -> None:
        self._endpoint_port = endpoint_port
        self._chance = random.Random(3)  # noqa: S311
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        self.away = 0

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._meet, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()

    async def _meet(self, car: asyncio.StreamReader, to_car: asyncio.StreamWriter) -> None:
        number = self.connections
        self.connections += 1
        mood = MOODS[number % len(MOODS)]
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._be(mood, car, to_car)
        to_car.transport.abort()
        self._tasks.discard(task)
        if number % len(MOODS) == len(MOODS) - 1:
            await self._go_away()

    async def _be(self, mood: str, car: asyncio.StreamReader, to_car: asyncio.StreamWriter) -> None:
        if mood == "ends":
            return
        if mood == "silent":
            await asyncio.sleep(HANG_S)
        elif mood == "nonsense":
            to_car.write(self._chance.randbytes(900))
            await asyncio.sleep(0.2)
        else:
            await self._pass_on(mood, car, to_car)

    async def _pass_on(
        self, mood: str, car: asyncio.StreamReader, to_car: asyncio.StreamWriter
    ) -> None:
        endpoint, to_endpoint = await asyncio.open_connection(HOST, self._endpoint_port)
        up = asyncio.create_task(pump(car, to_endpoint, 10**9))
        try:
            if mood == "slow":
                with suppress(TimeoutError):
                    await asyncio.wait_for(trickle(endpoint, to_car), 4 * HANG_S)
            elif mood in ("half", "torn"):
                await pump(endpoint, to_car, 300 + self._chance.randrange(500))
                await asyncio.sleep(HANG_S if mood == "half" else 0)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(pump(endpoint, to_car, 10**9), HANG_S)
                if mood == "deaf":
                    up.cancel()
                    await asyncio.sleep(2 * HANG_S)
        finally:
            up.cancel()
            to_endpoint.transport.abort()

    async def _go_away(self) -> None:
        """Nobody listens; then somebody who never accepts, with his queue full."""
        assert self._server is not None
        self.away += 1
        self._server.close()
        await asyncio.sleep(AWAY_S)
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            deaf.bind((HOST, self.port))
            deaf.listen(0)
            waiting = [socket.socket() for _ in range(3)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex((HOST, self.port))
            await asyncio.sleep(2 * AWAY_S)
            for one in waiting:
                one.close()
        await self.listen()


async def pump(source: asyncio.StreamReader, to: asyncio.StreamWriter, most: int) -> None:
    """So many bytes at the most."""
    while most and (data := await source.read(min(most, _CHUNK_BYTES))):
        most -= len(data)
        to.write(data)
        await to.drain()


async def trickle(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    """A byte every millisecond."""
    while data := await source.read(1):
        to.write(data)
        await asyncio.sleep(0.001)


async def run_car(port: int, names_port: int, ca: Path, seconds: int) -> str:
    car = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "micropython",
        "-X", "heapsize=4M", CAR_PROGRAM,
        str(port), str(names_port), str(ca), NAME, str(seconds),
        cwd=tree.ROOT,
        env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await car.communicate()
    if car.returncode:
        raise RuntimeError("the car's program ended with a fault")
    return said.decode()


async def live(folder: Path, seconds: int) -> tuple[str, Relay, NameServer]:
    """What the car printed, and the relay and the name server that it met."""
    tls, ca = make_certificate(folder)
    endpoint = Endpoint(
        lambda _car, _password: True, lambda _arrived: None, lambda _car, _online, _payload: None,
        Limits(packets_per_s=1e6, packets_burst=10**6, car_connects_per_s=1e6, car_connects_burst=10**6),
    )  # fmt: skip
    relay = Relay(await endpoint.start(tls=tls))
    await relay.listen()
    names = NameServer()
    names_port = await names.start(HOST)
    try:
        return await run_car(relay.port, names_port, ca, seconds), relay, names
    finally:
        names.stop()
        await relay.close()
        await endpoint.stop()


def figures_of(said: str) -> dict[str, list[int]]:
    """The numbers behind each of the car's words."""
    found = {}
    for line in said.splitlines():
        words = line.split()
        numbers = [word for word in words if word.isdigit()]
        found[" ".join(words[: len(words) - len(numbers)])] = [int(one) for one in numbers]
    return found


def measure(seconds: int = SECONDS) -> dict[str, dict[str, Any]]:
    """The longest turn of a thousand, and of all; near a network, and beside one for comparison."""
    with tempfile.TemporaryDirectory() as name:
        said, relay, names = asyncio.run(live(Path(name), seconds))
    found = figures_of(said)
    figures = {}
    for kind in ("near", "idle"):
        count, longest = found[f"turns {kind}"][0], found[f"longest {kind}"]
        worst_ms = longest[min(count // 1000, len(longest) - 1)] / 1000
        figures[f"turns_{kind}_a_bad_network"] = {
            "value": round(worst_ms, 2),
            "unit": "ms, p99.9",
            "peer": f"limit {LIMIT_MS:.0f} ms",
            "ratio": round(worst_ms / LIMIT_MS, 3),
            "runs": count,
            "longest_ms": round(longest[0] / 1000, 2),
            "busy_ms": found[f"busy {kind}"][0],
            "connections": relay.connections,
            "questions": names.questions,
            "questions_unanswered": names.unanswered,
            "sessions": found["sessions"][0],
        }
    return figures
