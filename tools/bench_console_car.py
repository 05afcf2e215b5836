"""The car's side of `bench_console`, under MicroPython: the whole loop, a session running, and a cable.

    micropython tools/bench_console_car.py SECONDS

Prints for turns with the console flooded and for those before it, as `KIND COUNT MEDIAN P99.9 LONGEST` in
microseconds of the wall; the bytes that passed the cable; and by how much the heap has grown between the
first opening and closing of the console and the last, once all is collected.
"""

import gc
import sys
import time

from firmware.console_door import ConsoleBox, ConsoleDoor
from firmware.ticks import MASK
from tests.portable.firmware.loop_rig import CARD, Box

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BYTES_PER_S = 11520
RECEIVE_BYTES_MAX = 256
#: With nobody at the cable the loop is turned at this pace, as flooded it is at the cable's.
UNUSED_TURNS = 4000

FLOODS = (
    b"endless " * 64,
    b"status\rsensors\rlog 500\rwhy\rhelp\rversion --json\rstatsu\r" * 8,
    bytes(range(256)) * 2,
    b"log\rxyzzy plugh\r" * 32,
    b"\r" * 512,
    b"sensors live\rx" * 32,
)
FLOOD_MS = 500

ticks: "Any" = time


class FullCable:
    """A `ByteLink` at 115200 baud: always more to read, never faster than the line either way."""

    def __init__(self) -> None:
        self.is_there = True
        self.is_flooded = False
        self.bytes_read = 0
        self.bytes_written = 0
        self._began_ms = self._last_ms = ticks.ticks_ms()
        self._arrived = 0
        self._room = RECEIVE_BYTES_MAX
        self._at = 0

    def advance(self) -> None:
        """As much arrives and leaves as the line takes in the time since the last call."""
        now_ms = ticks.ticks_ms()
        passed = ticks.ticks_diff(now_ms, self._last_ms) * BYTES_PER_S // 1000
        if passed:
            self._last_ms = now_ms
            self._room = min(RECEIVE_BYTES_MAX, self._room + passed)
            if self.is_flooded:
                self._arrived = min(RECEIVE_BYTES_MAX, self._arrived + passed)

    def any(self) -> int:
        return self._arrived

    def readinto(self, buffer: "Any") -> int:
        count = min(len(buffer), self._arrived)
        passed_ms = ticks.ticks_diff(self._last_ms, self._began_ms)
        flood = FLOODS[passed_ms // FLOOD_MS % len(FLOODS)]
        for index in range(count):
            buffer[index] = flood[self._at % len(flood)]
            self._at += 1
        self._arrived -= count
        self.bytes_read += count
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        count = min(len(data), self._room)
        self._room -= count
        self.bytes_written += count
        return count

    def set_baud(self, rate: int) -> None:
        """The line has its rate."""


class Times:
    """Of how many turns each time was, in steps of 10 us up to 200 ms."""

    def __init__(self) -> None:
        self._steps = [0] * 20000
        self.count = 0
        self.longest_us = 0

    def add(self, took_us: int) -> None:
        self.count += 1
        self.longest_us = max(self.longest_us, took_us)
        self._steps[min(took_us // 10, 19999)] += 1

    def at(self, per_mille: int) -> int:
        """The time that so many turns of a thousand keep within."""
        left = self.count * per_mille // 1000
        for step in range(20000):
            left -= self._steps[step]
            if left < 0:
                return step * 10 + 10
        return self.longest_us


def run(box: Box, door: ConsoleDoor, cable: FullCable, times: Times) -> None:
    """One turn of the loop and of the console."""
    cable.advance()
    box.now_ms = (MASK - 5000 + ticks.ticks_ms()) & MASK
    box.clock.set(box.now_ms, box.wall_s, True)
    began_us = ticks.ticks_us()
    door.follow(box.loop.turn())
    times.add(ticks.ticks_diff(ticks.ticks_us(), began_us))


def used() -> int:
    gc.collect()
    return int(gc.mem_alloc())  # type: ignore[attr-defined]


def unplug(box: Box, door: ConsoleDoor, cable: FullCable) -> int:
    """Close the console; what the heap holds then."""
    cable.is_there = cable.is_flooded = False
    run(box, door, cable, Times())
    cable.is_there = True
    return used()


def main(seconds: int) -> None:
    box = Box()
    box.book()
    box.reader.card = CARD
    box.after(10)
    cable = FullCable()
    door = ConsoleDoor(cable, ConsoleBox(box.loop, "1.2.3"))
    flooded, unused = Times(), Times()
    for _ in range(UNUSED_TURNS):
        run(box, door, cable, unused)
    before = 0
    for number in range(1 + seconds // 5):
        cable.is_flooded = True
        began_ms = ticks.ticks_ms()
        while ticks.ticks_diff(ticks.ticks_ms(), began_ms) < 5000:
            run(box, door, cable, flooded)
            ticks.sleep_ms(1)
        after = unplug(box, door, cable)
        if number == 0:
            before = after
    for name, times in (("flooded", flooded), ("unused", unused)):
        print(name, times.count, times.at(500), times.at(999), times.longest_us)
    print("bytes", cable.bytes_read, cable.bytes_written)
    print("heap", after - before)


main(int(sys.argv[1]))
