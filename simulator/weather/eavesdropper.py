"""Somebody on the way who reads along: at each HELLO of a car he brings the old frames that fit it.

He has no key. What he brings was made by a daemon, for this car: a change from the revision that the
car told, a snapshot of that revision with other contents, a command for an earlier boot.
"""

from __future__ import annotations

import struct
from collections import Counter

from firmware.wire import frames, kb1
from firmware.wire.kb1 import Hello
from simulator.kernel import Kernel
from simulator.weather import kinds
from simulator.weather.air import Air
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Trace

#: Soon enough to come before the daemon's answer, or just behind it.
_SOON_US = (5_000, 300_000)
_BROUGHT_MAX = 6
#: A command for an earlier boot makes the car say HELLO, and that would go on for ever.
_BROUGHT_AGAIN_MAX = 2
_WITHHELD_PERCENT = 15


class Eavesdropper:
    """`is_there`: what he knows he takes from what the air has kept."""

    def __init__(self, kernel: Kernel, trace: Trace, air: Air, is_there: bool) -> None:
        self._kernel = kernel
        self._trace = trace
        self._air = air
        self._random = kernel.random("eavesdropper")
        self.is_there = is_there
        self._brought: Counter[bytes] = Counter()

    def hear_hello(self, car: WeatherCar, hello: Hello) -> None:
        if not self.is_there:
            return
        kept = self._air.ways[car.ident].captured_down
        fitting = [frame for frame in kept if fits(frame, hello)][-_BROUGHT_MAX:]
        for frame in fitting:
            self._brought[frame] += 1
            if self._brought[frame] > _BROUGHT_AGAIN_MAX:
                continue
            self._trace.count(kinds.FITTED, car.name)
            late_us = self._random.randint(*_SOON_US)
            self._air.bring_down(car, frame, late_us)

    def withholds(self, car: WeatherCar, frame: bytes) -> bool:
        """Some news he keeps for later, and ends the session: the next may be with another daemon."""
        if not self.is_there or frame[1] not in (kb1.DELTA, kb1.SNAP):
            return False
        if self._random.randrange(100) >= _WITHHELD_PERCENT:
            return False
        self._trace.count(kinds.FITTED, f"withheld from {car.name}")
        self._air.ways[car.ident].captured_down.append(frame)
        self._kernel.after(1, lambda: self._air.cut(car))
        return True


def fits(frame: bytes, hello: Hello) -> bool:
    """Whether a car that stands there might fall for it."""
    kind = frame[1]
    if kind == kb1.DELTA:
        gen, from_rev, to_rev = struct.unpack_from(">III", frame, frames.HEAD_BYTES)
        return bool(gen == hello.gen and from_rev <= hello.rev < to_rev)
    if kind == kb1.SNAP:
        gen, rev, hash8 = struct.unpack_from(">II8s", frame, frames.HEAD_BYTES)
        return bool((gen, rev) == (hello.gen, hello.rev) and hash8 != hello.hash8)
    if kind == kb1.CMD:
        at = frames.HEAD_BYTES + kb1.COMMAND_BYTES
        return frame[at : at + kb1.BOOT_BYTES] != hello.boot
    return False
