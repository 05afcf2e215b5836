"""Starts the program under MicroPython, between standard input and output, until input ends."""

import gc
import sys

from boards.sim import pipe
from boards.sim.program import SimProgram

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_heap() -> "tuple[int, int]":
    """(free, used) bytes of MicroPython's heap after a collection."""
    heap: "Any" = gc
    heap.collect()
    return heap.mem_free(), heap.mem_alloc()


def main() -> None:
    world = pipe.ProgramPipe(sys.stdin.buffer, sys.stdout.buffer)
    program = SimProgram(world, read_heap)
    try:
        while True:
            world.write(pipe.RESPONSE, program.handle(world.read_request()))
    except pipe.PipeClosedError:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, the world is told
        say: "Any" = sys
        say.print_exception(error, sys.stderr)
        world.write(pipe.ERROR, ("%s: %s" % (type(error).__name__, error)).encode())
