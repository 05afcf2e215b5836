"""The program on MicroPython, in a process of its own, behind two pipes."""

from __future__ import annotations

import importlib.util
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from boards.sim import pipe
from hal.fake.storage_pipe import ANSWER
from simulator.vm.launcher import GC_THRESHOLD_BYTES, START
from simulator.vm.program import ProgramError
from simulator.vm.storage_server import StorageServer

#: The first heap of an ESP32, in machine words' worth: a 64-bit interpreter needs twice the bytes.
ESP32_HEAP = "56wK"
#: What the whole program needs while it runs from a ROMFS, names and all in RAM.
DEFAULT_HEAP = "96wK"

#: What starts a program's process.
Command = tuple[str | Path, ...]

_LAUNCHER = Path(__file__).with_name("launcher.py")
_CHUNK_BYTES = 65536
_answer = struct.Struct(ANSWER)
_head = struct.Struct(pipe.HEAD)


def is_installed() -> bool:
    """Whether this Python has the MicroPython interpreter."""
    return importlib.util.find_spec("micropython_run") is not None


def image_command(image: Path, heap: str) -> Command:
    """Starts the installed interpreter with an image of `simulator.vm.image.build_image`."""
    interpreter = importlib.util.find_spec("micropython_run")
    if interpreter is None or interpreter.origin is None:
        raise ProgramError("MicroPython is not installed here; choose --vm cpython")
    # -S: the interpreter alone is needed, and without site it starts in half the time.
    return (sys.executable, "-S", "-E", _LAUNCHER, image, heap, Path(interpreter.origin).parent)


def frozen_command(interpreter: Path, heap: str) -> Command:
    """Starts an interpreter with the program frozen in (`simulator.vm.frozen`)."""
    script = (
        f"import gc, sys; gc.threshold({GC_THRESHOLD_BYTES}); sys.path[:] = ['.frozen']; {START}"
    )
    return (interpreter, "-X", f"heapsize={heap}", "-c", script)


class MicroPythonProgram:
    """A `Program`. `command` starts it."""

    def __init__(self, server: StorageServer, command: Command) -> None:
        self._serve = server.serve
        self._pending = b""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to = self._process.stdin.fileno()
        self._from = self._process.stdout.fileno()

    def handle(self, frame: bytes) -> bytes:
        if self._errors.closed:
            raise ProgramError("the program was closed")
        self._write(pipe.REQUEST, frame)
        while True:
            kind, payload = self._read()
            if kind == pipe.RESPONSE:
                return payload
            if kind == pipe.STORAGE:
                status, busy_us, data = self._serve(payload)
                self._write(pipe.ANSWER_KIND, _answer.pack(status, busy_us) + data)
            elif kind == pipe.ERROR:
                raise ProgramError(payload.decode(errors="replace"))
            else:
                raise ProgramError(f"frame of kind {kind}; the program writes nothing but frames")

    def close(self) -> None:
        if self._errors.closed:
            return
        self._process.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._errors):
            if file is not None:
                file.close()

    def _write(self, kind: int, payload: bytes) -> None:
        data = memoryview(_head.pack(kind, len(payload)) + payload)
        try:
            while data:
                data = data[os.write(self._to, data) :]
        except OSError as error:
            raise ProgramError(self._last_words()) from error

    def _read(self) -> tuple[int, bytes]:
        pending = self._pending
        while True:
            if len(pending) >= pipe.HEAD_BYTES:
                kind, length = _head.unpack_from(pending)
                end = pipe.HEAD_BYTES + length
                if len(pending) >= end:
                    self._pending = pending[end:]
                    return kind, pending[pipe.HEAD_BYTES : end]
            chunk = os.read(self._from, _CHUNK_BYTES)
            if not chunk:
                raise ProgramError(self._last_words())
            pending += chunk

    def _last_words(self) -> str:
        """What the interpreter said before it ended."""
        self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return said[-1] if said else f"MicroPython ended with code {self._process.returncode}"
