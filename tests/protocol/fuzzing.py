"""What both fuzzers do to bytes, and what they watch: time, objects, exceptions."""

from __future__ import annotations

import gc
import random
import struct
import time
from collections.abc import Callable

#: No single piece of work may take longer.
STALL_MS = 10.0
NASTY = (
    b"", b"\0", b"\xff" * 4, b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"+", b"#", b"/",
    b"$SYS/#", b"a/+b", b"#/a", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff", bytes(300),
)  # fmt: skip


class Bites:
    """Changes bytes by chance; the same seed, the same bytes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"fuzz {seed}")

    def bite(self, data: bytes) -> bytes:
        """One to four changes."""
        for _ in range(self.random.randint(1, 4)):
            data = self._one(bytearray(data))
        return data

    def _one(self, data: bytearray) -> bytes:
        chance = self.random
        kind = chance.randrange(7)
        at = chance.randrange(len(data) + 1)
        if kind <= 1 and data:
            data[at % len(data)] ^= 1 << chance.randrange(8)
        elif kind == 2 and data:
            data[at % len(data)] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
        elif kind == 3:
            del data[at : at + chance.randint(1, 8)]
        elif kind == 4:
            data[at:at] = chance.choice(NASTY)
        elif kind == 5:
            data[at : at + 4] = struct.pack(">I", chance.choice((0, 1, 2**31, 2**32 - 1)))
        else:
            end = min(len(data), at + chance.randint(1, 30))
            data[at:at] = data[at:end]
        return bytes(data)


class Watch:
    """How long each piece of work took, and whether objects pile up.

    Time is the processor's, not the wall's: what others on the machine take is no stall of ours.
    """

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self.stalls = 0
        self._objects = 0

    def timed(self, work: Callable[..., object], *values: object) -> None:
        began = time.thread_time()
        work(*values)
        took_ms = (time.thread_time() - began) * 1000
        self.longest_ms = max(self.longest_ms, took_ms)
        self.stalls += took_ms > STALL_MS

    def mark(self) -> None:
        """From here on nothing may grow."""
        gc.collect()
        self._objects = len(gc.get_objects())

    def grown(self) -> int:
        """Objects that are more than at `mark`."""
        gc.collect()
        return len(gc.get_objects()) - self._objects
