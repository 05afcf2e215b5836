"""The car's side of `bench_turns`, under MicroPython: the whole program on real sockets with TLS.

    micropython tools/bench_turns_car.py PORT NAME_SERVER_PORT CA_DER SERVER_NAME SECONDS

Inputs and flash are in memory. It turns a hundred times a second, and somebody is always waiting for
the centre, so that a new attempt begins soon after one has failed. Prints for turns near
a network (connecting, online, or just torn) and for those without: how many, the longest in milliseconds
of the processor, and the longest in microseconds of the wall, the worst first.
"""

import json
import os
import sys
import time

from boards.sim.ports import PULSE_MS
from firmware.identity import Identity
from firmware.link import OFFLINE, Link
from firmware.login import Login
from firmware.loop import Loop
from firmware.terms import load_settings, load_terms
from firmware.ticks import MASK
from firmware.wire import codes
from hal.fake.analog import FakeAnalogIn, FakePosition, FakePulseCounter
from hal.fake.clock import FakeClock
from hal.fake.digital import FakeDigitalIn, FakeDigitalOut, OutputLog
from hal.fake.flash import Flash
from hal.fake.watchdog import FakeWatchdog
from hal.name_lookup import NameLookup
from hal.socket_network import SocketNetwork
from hal.socket_trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROFILE = "firmware/profiles/top24-2023.json"
CAR = "4b4700000001"
NOW_S = 200_000_000
ENTROPY = bytes(range(16))
SECTORS = 16
HURRY_EVERY_MS = 50
#: As often as bytes come, or twice as often as the port wants to be looked at.
TURN_EVERY_MS = 10
#: Of the longest turns, so many are kept.
KEPT = 400

ticks: "Any" = time


class Ports:
    """The `Ports` of a car without a reader; its link is real."""

    def __init__(self, clock: FakeClock, link: Link) -> None:
        values = bytearray([codes.NO] * codes.INPUTS)
        log = OutputLog(clock)
        self.clock = clock
        self.inputs = tuple([FakeDigitalIn(values, i) for i in range(codes.INPUTS)])
        self.levels = tuple([FakeDigitalOut(i, log) for i in range(codes.OUTS)])
        self.pulses = tuple([FakeDigitalOut(codes.OUTS + i, log) for i in range(codes.PULSES)])
        self.pulse_ms = PULSE_MS
        self.battery = FakeAnalogIn(12600)
        self.position = FakePosition()
        self.odometer = FakePulseCounter()
        self.reader = None
        self.centre = link
        self.journal_storage = Flash(SECTORS)
        self.cache_storage = Flash(SECTORS)
        self.watchdog = FakeWatchdog()


class Longest:
    """Counts turns and keeps the longest ones."""

    def __init__(self) -> None:
        self.count = 0
        #: The longest in time of the processor.
        self.busy_ms = 0
        self._kept: list[int] = []

    def add(self, took_us: int, busy_ms: int) -> None:
        self.count += 1
        self.busy_ms = max(self.busy_ms, busy_ms)
        self._kept.append(took_us)
        if len(self._kept) == 2 * KEPT:
            self._kept = self.kept()

    def kept(self) -> "list[int]":
        return sorted(self._kept, reverse=True)[:KEPT]


def run(loop: Loop, link: Link, clock: FakeClock, seconds: int) -> "tuple[Longest, Longest]":
    near, idle = Longest(), Longest()
    began_ms = ticks.ticks_ms()
    passed_ms = hurried_ms = 0
    while passed_ms < 1000 * seconds:
        passed_ms = ticks.ticks_diff(ticks.ticks_ms(), began_ms)
        clock.set((MASK - 5000 + passed_ms) & MASK, NOW_S + passed_ms // 1000, True)
        was_offline = link.state == OFFLINE
        if was_offline and passed_ms - hurried_ms >= HURRY_EVERY_MS:
            hurried_ms = passed_ms
            link.hurry()
        busy_s = ticks.clock()
        turn_us = ticks.ticks_us()
        loop.turn()
        took_us = ticks.ticks_diff(ticks.ticks_us(), turn_us)
        busy_ms = int((ticks.clock() - busy_s) * 1000 + 0.5)
        (idle if was_offline and link.state == OFFLINE else near).add(took_us, busy_ms)
        ticks.sleep_ms(TURN_EVERY_MS)
    return near, idle


def main(words: "list[str]") -> None:
    port, names_port, ca, server_name = int(words[1]), int(words[2]), words[3], words[4]
    with open(ca, "rb") as file:
        trust = Trust(file.read(), server_name)
    network = SocketNetwork(trust)
    network.names = NameLookup(lambda: "127.0.0.1", lambda: os.urandom(4), names_port)
    link = Link(network, Login(server_name, port, CAR, b"bench"), 1)
    clock = FakeClock()
    with open(PROFILE) as file:
        terms = load_terms(json.load(file))
    settings = load_settings({"reader": False}, terms)
    clock.set(MASK - 5000, NOW_S, True)
    loop = Loop(Ports(clock, link), terms, settings, Identity(CAR, bytes(32)), ENTROPY)
    loop.start()
    near, idle = run(loop, link, clock, int(words[5]))
    print("sessions", link.sessions)
    for kind, longest in (("near", near), ("idle", idle)):
        print("turns", kind, longest.count)
        print("busy", kind, longest.busy_ms)
        print("longest", kind, *longest.kept())


main(sys.argv)
