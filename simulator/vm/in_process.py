"""The program on CPython, in this process."""

from __future__ import annotations

from boards.sim.program import SimProgram
from simulator.vm.program import ProgramError
from simulator.vm.storage_server import StorageServer


class DirectChannel:
    """A `StorageChannel` that is a call."""

    def __init__(self, server: StorageServer) -> None:
        self._serve = server.serve
        self.busy_us = 0

    def ask(self, request: bytes, into: bytearray | memoryview | None) -> int:
        status, self.busy_us, data = self._serve(request)
        if into is not None and data:
            into[:] = data
        return status


class InProcessProgram:
    """A `Program`."""

    def __init__(self, server: StorageServer) -> None:
        self._program: SimProgram | None = SimProgram(DirectChannel(server))

    def handle(self, frame: bytes) -> bytes:
        if self._program is None:
            raise ProgramError("the program was closed")
        try:
            return self._program.handle(frame)
        except Exception as error:
            self._program = None
            raise ProgramError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        self._program = None
