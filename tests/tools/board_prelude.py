"""What an ESP32-S3 has and a MicroPython on a desk has not; run there before its prompt appears."""

import os
import random
import sys


class Implementation:
    """The interpreter's own, on a board."""

    _machine = "Generic ESP32S3 module with Octal-SPIRAM with ESP32-S3"

    def __getattr__(self, name: str) -> object:
        return getattr(_sys.implementation, name)


class Sys:
    """`sys` of the interpreter, and the name of a board."""

    implementation = Implementation()

    def __getattr__(self, name: str) -> object:
        return getattr(_sys, name)


class Os:
    """`os` of the interpreter, as a board has it."""

    def __getattr__(self, name: str) -> object:
        return getattr(_os, name)

    def urandom(self, count: int) -> bytes:
        return bytes([random.getrandbits(8) for _ in range(count)])


class Machine:
    """Counts what is asked of it."""

    watchdog_ms = 0
    resets = 0

    def reset(self) -> None:
        self.resets += 1

    def WDT(self, timeout: int) -> None:  # noqa: N802 - its name on a board
        self.watchdog_ms = timeout


class Partition:
    """The partitions with data that the chip has."""

    TYPE_DATA = 1
    labels = ("journal", "copy")

    @staticmethod
    def find(kind: int, label: str) -> "list[str]":
        return [one for one in Partition.labels if one == label and kind == 1]


class Esp32:
    """Memory as with 8 MB of PSRAM."""

    Partition = Partition

    HEAP_DATA = 4
    heaps: "list[tuple[int, ...]]" = [
        (301_000, 201_000, 180_000, 150_000),
        (8_386_000, 8_100_000, 8_000_000, 7_900_000),
    ]

    def idf_heap_info(self, capabilities: int) -> "list[tuple[int, ...]]":
        return self.heaps


_os = os
_sys = sys
sys.modules["sys"] = Sys()  # type: ignore[assignment]
sys.modules["os"] = Os()  # type: ignore[assignment]
sys.modules["machine"] = Machine()  # type: ignore[assignment]
sys.modules["esp32"] = Esp32()  # type: ignore[assignment]
