"""What time it is: the machine's, or a simulator's that may run fast, stand still or jump."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

WALL_MAX_S = 2**32 - 1
#: A longer line is none of ours.
LINE_BYTES_MAX = 4096
READ_BYTES = 4096
#: How long the first word of the simulator is waited for, and how soon to come back to it: until
#: then the old course is believed, and a simulator that starts again runs another one.
FIRST_WITHIN_S = 10.0
CONNECT_ANEW_S = 0.05


class Clock(Protocol):
    """`now_s` may jump; `passed_s` only grows, at the same rate and without the jumps."""

    @property
    def rate(self) -> float:
        """Seconds of this clock in a second of the machine's."""

    def now_s(self) -> float:
        """Unix time."""

    def passed_s(self) -> float:
        """Seconds since some instant."""


class MachineClock:
    """The time of this machine."""

    rate = 1.0

    def now_s(self) -> float:
        return time.time()

    def passed_s(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Reading:
    """Simulated Unix time = simulated_s + rate x (monotonic - monotonic_s)."""

    monotonic_s: float
    simulated_s: float
    rate: float

    def at(self, monotonic_s: float) -> float:
        found = self.simulated_s + self.rate * (monotonic_s - self.monotonic_s)
        return min(max(found, 0.0), float(WALL_MAX_S))


class SimulatedClock:
    """As the simulator told last. `monotonic` is CLOCK_MONOTONIC, which all processes share."""

    def __init__(self, first: Reading, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._reading = first
        self._passed_s = 0.0
        self._since_s = monotonic()

    @property
    def rate(self) -> float:
        return self._reading.rate

    def now_s(self) -> float:
        return self._reading.at(self._monotonic())

    def passed_s(self) -> float:
        return self._passed_s + self.rate * (self._monotonic() - self._since_s)

    def take(self, reading: Reading) -> None:
        """From now on. A jump is no time that passed: nobody fell silent meanwhile."""
        now_s = self._monotonic()
        self._passed_s += self.rate * (now_s - self._since_s)
        self._since_s = now_s
        self._reading = reading


def parse(line: bytes) -> Reading | None:
    """None for a line that is about something else, or makes no sense."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    clock = said.get("clock") if isinstance(said, dict) else None
    if not isinstance(clock, dict):
        return None
    numbers = [_number(clock.get(name)) for name in ("monotonic_s", "simulated_s", "rate")]
    monotonic_s, simulated_s, rate = numbers
    if monotonic_s is None or simulated_s is None or rate is None:
        return None
    if rate < 0 or not 0 <= simulated_s <= WALL_MAX_S:
        return None
    return Reading(monotonic_s, simulated_s, rate)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


class Lines:
    """Bytes in, whole lines out; of a line that is too long nothing is kept."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_too_long = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        *whole, rest = data.split(b"\n")
        for part in whole:
            line, was_too_long = self._rest + part, self._is_too_long
            self._rest, self._is_too_long = b"", False
            if not was_too_long and len(line) <= LINE_BYTES_MAX:
                yield line
        self._rest += rest
        if len(self._rest) > LINE_BYTES_MAX:
            self._rest, self._is_too_long = b"", True


async def follow(host: str, port: int, take: Callable[[Reading], None]) -> None:
    """Hand on each reading, and confirm it, for ever; a lost connection is made anew.

    The simulator may wait for {"heard": M}, the newest reading's `monotonic_s`, before its car speaks.
    """
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(CONNECT_ANEW_S)
            continue
        try:
            lines = Lines()
            while data := await reader.read(READ_BYTES):
                for line in lines.feed(data):
                    reading = parse(line)
                    if reading is not None:
                        take(reading)
                        writer.write(json.dumps({"heard": reading.monotonic_s}).encode() + b"\n")
        except OSError:
            pass
        finally:
            writer.close()
        await asyncio.sleep(CONNECT_ANEW_S)


class Follower:
    """Follows a simulator's clock in the background."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._clock: SimulatedClock | None = None
        self._is_there = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def clock(self, within_s: float) -> SimulatedClock:
        """The clock, once the simulator has spoken; TimeoutError when it does not."""
        self._following = asyncio.create_task(follow(self._host, self._port, self._take))
        await asyncio.wait_for(self._is_there.wait(), within_s)
        assert self._clock is not None
        return self._clock

    async def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait({self._following})

    def _take(self, reading: Reading) -> None:
        if self._clock is None:
            self._clock = SimulatedClock(reading)
            self._is_there.set()
        else:
            self._clock.take(reading)
