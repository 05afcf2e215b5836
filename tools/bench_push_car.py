"""The car's side of `bench_push`, a process of its own: the whole box, or its MQTT link alone.

    python -m tools.bench_push_car box|echo PORT CAR KEY PASSWORD

`box`: the real program with its flash in memory. `echo`: the same link on the same sockets, that
sends each frame back. Real time, turns as soon as bytes are there.
"""

from __future__ import annotations

import json
import select
import sys
import time

from boards.sim.ports import SimPorts, login_of
from firmware.identity import Identity
from firmware.link import OFFLINE, Link
from firmware.loop import Loop
from firmware.terms import load_settings, load_terms
from firmware.ticks import MASK, ticks_diff
from hal.fake.clock import FakeClock
from hal.fake.flash import Flash
from hal.socket_network import SocketNetwork
from simulator.vm.in_process import DirectChannel
from simulator.vm.storage_server import StorageServer
from tools import tree

PROFILE = "firmware/profiles/top24-2023.json"
ENTROPY = bytes(range(16))
_SECTORS = (4096, 64)
_IDLE_S = 0.02


def now_ms() -> int:
    return int(time.monotonic() * 1000) & MASK


def wait(network: SocketNetwork, seconds: float) -> None:
    """Until there is something to read, or the time is over."""
    line = network._socket  # noqa: SLF001 - a board of its own would wait on it too
    if line is None:
        time.sleep(min(seconds, _IDLE_S))
    else:
        select.select([line], [], [], min(seconds, _IDLE_S))


def configuration(port: int, car: str, password: str) -> dict[str, object]:
    return {
        "host": "127.0.0.1", "port": port, "car": car, "password": password,
        "journal": _SECTORS, "cache": _SECTORS, "has_reader": False, "reads_licences": False,
    }  # fmt: skip


def echo(network: SocketNetwork, link: Link) -> None:
    passed_over_ms = 0
    while True:
        link.poll((now_ms() + passed_over_ms) & MASK)
        frame = link.receive()
        if frame is not None:
            link.send(frame)
        elif link.state == OFFLINE:
            passed_over_ms += 1000  # the first wait is for crowds
        else:
            wait(network, _IDLE_S)


def live(network: SocketNetwork, ports: SimPorts, clock: FakeClock, loop: Loop) -> None:
    due_ms = 0
    passed_over_ms = 0
    while True:
        wait(network, max(0, ticks_diff(due_ms, now_ms())) / 1000)
        if not ports.centre.is_online():
            passed_over_ms += 1000
        at_ms = (now_ms() + passed_over_ms) & MASK
        clock.set(at_ms, int(time.time()) - 1577836800, is_trusted=True)
        due_ms = loop.turn() - passed_over_ms


def main(words: list[str]) -> None:
    mode, port, car, key, password = words[1], int(words[2]), words[3], words[4], words[5]
    network = SocketNetwork(None)
    config = configuration(port, car, password)
    link = Link(network, login_of(config, ENTROPY), 1)
    if mode == "echo":
        echo(network, link)
    clock = FakeClock()
    clock.set(now_ms(), int(time.time()) - 1577836800, is_trusted=True)
    storage = StorageServer(Flash(_SECTORS[1]), Flash(_SECTORS[1]))
    ports = SimPorts(clock, DirectChannel(storage), config, ENTROPY)
    ports.network, ports.centre = network, link  # type: ignore[assignment]
    terms = load_terms(json.loads((tree.ROOT / PROFILE).read_text(encoding="utf-8")))
    settings = load_settings({"reader": False}, terms)
    loop = Loop(ports, terms, settings, Identity(car, bytes.fromhex(key)), ENTROPY)
    loop.start()
    live(network, ports, clock, loop)


if __name__ == "__main__":
    main(sys.argv)
