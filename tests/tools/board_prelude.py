"""What an ESP32-S3 has and a MicroPython on a desk has not; run there before its prompt appears."""

import os
import sys


class Os:
    """`os` of the interpreter, and the name of a board."""

    machine = "Generic ESP32S3 module with Octal-SPIRAM with ESP32-S3"

    def __getattr__(self, name: str) -> object:
        return getattr(_os, name)

    def uname(self) -> "tuple[str, ...]":
        return ("esp32", "esp32", "1.29.0", "v1.29.0", self.machine)


class Machine:
    """Counts what is asked of it."""

    watchdog_ms = 0
    resets = 0

    def reset(self) -> None:
        self.resets += 1

    def WDT(self, timeout: int) -> None:  # noqa: N802 - its name on a board
        self.watchdog_ms = timeout


class Esp32:
    """Memory as with 8 MB of PSRAM."""

    HEAP_DATA = 4
    heaps: "list[tuple[int, ...]]" = [
        (301_000, 201_000, 180_000, 150_000),
        (8_386_000, 8_100_000, 8_000_000, 7_900_000),
    ]

    def idf_heap_info(self, capabilities: int) -> "list[tuple[int, ...]]":
        return self.heaps


_os = os
sys.modules["os"] = Os()  # type: ignore[assignment]
sys.modules["machine"] = Machine()  # type: ignore[assignment]
sys.modules["esp32"] = Esp32()  # type: ignore[assignment]
