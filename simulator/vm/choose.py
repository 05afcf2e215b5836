"""Which interpreter runs the program."""

from __future__ import annotations

from simulator.vm.image import build_image
from simulator.vm.in_process import InProcessProgram
from simulator.vm.micropython import DEFAULT_HEAP, MicroPythonProgram
from simulator.vm.program import MakeProgram
from simulator.vm.storage_server import StorageServer

VMS = ("cpython", "micropython")


def program_maker(vm: str, server: StorageServer, heap: str = DEFAULT_HEAP) -> MakeProgram:
    """Makes programs on `vm`; ValueError when there is no such thing."""
    if vm == "cpython":
        return lambda: InProcessProgram(server)
    if vm == "micropython":
        image = build_image()
        return lambda: MicroPythonProgram(server, image, heap)
    raise ValueError(f"vm {vm}: choose one of {', '.join(VMS)}")
