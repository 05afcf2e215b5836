"""A board whose ports are in memory, and the text of a `box.json` for it."""

import json

from boards.box_config import load
from boards.box_ports import BoxPorts
from boards.own_settings import CENTRE, OwnSettings
from firmware.ticks import ticks_add, ticks_diff
from firmware.wire.codes import INPUTS, OUTS, PULSES
from hal.fake.analog import FakeAnalogIn, FakePosition, FakePulseCounter
from hal.fake.byte_link import FakeByteLink
from hal.fake.clock import START_MS, FakeClock
from hal.fake.digital import FakeDigitalIn, FakeDigitalOut, OutputLog
from hal.fake.flash import Flash
from hal.fake.network import FakeNetwork
from hal.fake.watchdog import FakeWatchdog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from boards.box_config import BoxConfig

CAR = "4b4700000001"
KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
PASSWORD = "hardly guessed"
PASSPHRASE = "depot of the north"
WALL_S = 197_200_000
AT_REST = bytes((0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1))


class ResetError(Exception):
    """The board was reset."""


def values() -> "dict[str, Any]":
    with open("firmware/profiles/top24-2023.json") as file:
        terms = json.load(file)
    return {
        "format": 1,
        "car": CAR,
        "key": KEY,
        "password": PASSWORD,
        "host": "centre.example",
        "port": 8883,
        "tls": False,
        "network": {"ssid": "depot", "password": PASSPHRASE},
        "terms": terms,
    }


def config(**changes: "Any") -> "BoxConfig":
    raw = values()
    raw.update(changes)
    return load(json.dumps(raw))


class MemoryBoard:
    """A `Board`; the flashes outlive its resets. `wait` ends the run after `turns_max` turns."""

    file = "tests/portable/boards/box_rig.py"
    has_prompt = True

    def __init__(self) -> None:
        self.flashes = (Flash(16), Flash(16, seed=2))
        self.clock = FakeClock()
        self.values = bytearray(AT_REST)
        self.link = FakeByteLink()
        self.ports: "BoxPorts | None" = None
        self.log = OutputLog(self.clock)
        self.watchdog = FakeWatchdog()
        self.starts = 0
        self.resets = 0
        self.reasons: "list[str]" = []
        self.restarts: "list[str]" = []
        self.waits: "list[int]" = []
        self.turns_max = 1000
        self.now_ms = START_MS
        self.left_out = ""
        self.set_time()

    def set_time(self) -> None:
        self.clock.set(self.now_ms, WALL_S, True)

    def own_settings(self) -> OwnSettings:
        return OwnSettings("box.json", lambda _: None, CENTRE)

    def build(self, config: "BoxConfig") -> BoxPorts:
        ports = BoxPorts()
        ports.clock = self.clock
        ports.inputs = tuple([FakeDigitalIn(self.values, i) for i in range(INPUTS)])
        ports.levels = tuple([FakeDigitalOut(i, self.log) for i in range(OUTS)])
        ports.pulses = tuple([FakeDigitalOut(OUTS + i, self.log) for i in range(PULSES)])
        ports.pulse_ms = (400, 400, 200, 200)
        ports.battery = FakeAnalogIn(12600)
        ports.position = FakePosition()
        ports.odometer = FakePulseCounter()
        ports.network = FakeNetwork()
        ports.journal_storage, ports.cache_storage = self.flashes
        ports.watchdog = self.watchdog
        ports.reader_link = self.link
        if self.left_out:
            delattr(ports, self.left_out)
        self.ports = ports
        return ports

    def entropy(self) -> bytes:
        self.starts += 1
        return bytes(range(self.starts, self.starts + 16))

    def wait(self, due_ms: int) -> None:
        left_ms = ticks_diff(due_ms, self.now_ms)
        self.waits.append(left_ms)
        if len(self.waits) >= self.turns_max:
            raise KeyboardInterrupt
        # An input or a byte may come before: here after 50 ms at the latest.
        self.now_ms = ticks_add(self.now_ms, max(1, min(left_ms, 50)))
        self.set_time()

    def make_safe(self) -> None:
        if self.ports is not None:
            for line in self.ports.levels + self.ports.pulses:
                line.write(False)

    def keep_reason(self, error: Exception) -> None:
        self.reasons.append("%s: %s" % (type(error).__name__, error))

    def reset(self) -> None:
        self.resets += 1
        raise ResetError

    def restart(self, reason: str) -> None:
        self.restarts.append(reason)
