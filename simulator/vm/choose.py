"""Which interpreter runs the program."""

from __future__ import annotations

from pathlib import Path

from simulator.vm.image import build_image
from simulator.vm.in_process import InProcessProgram
from simulator.vm.micropython import (
    DEFAULT_HEAP,
    MicroPythonProgram,
    frozen_command,
    image_command,
)
from simulator.vm.program import MakeProgram
from simulator.vm.storage_server import StorageServer

VMS = ("cpython", "micropython")


def program_maker(vm: str, server: StorageServer, heap: str = DEFAULT_HEAP) -> MakeProgram:
    """Makes programs on `vm`; ValueError when there is no such thing.

    Beside VMS: the path of an interpreter with the program frozen in.
    """
    if vm == "cpython":
        return lambda: InProcessProgram(server)
    if vm == "micropython":
        command = image_command(build_image(), heap)
        return lambda: MicroPythonProgram(server, command)
    if Path(vm).is_file():
        command = frozen_command(Path(vm), heap)
        return lambda: MicroPythonProgram(server, command)
    raise ValueError(f"vm {vm}: choose one of {', '.join(VMS)}")
