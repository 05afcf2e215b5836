"""A bare box whose cable is a pseudo-terminal; see `bare_program`."""

from __future__ import annotations

import os
import subprocess
import sys
import tty
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.console.box_on_pty import HEAP, MICROPYTHON
from tools import tree

PROGRAM = "tests.console.bare_program"


class BareOnPty:
    """`folder` is its flash: what it is given, it keeps there."""

    def __init__(self, folder: Path, interpreter: str = "cpython") -> None:
        is_micropython = interpreter == "micropython"
        command: list[str | Path] = [sys.executable]
        if is_micropython:
            command = [MICROPYTHON, "-X", f"heapsize={HEAP}"]
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._command = [*command, "-m", PROGRAM, str(self._master), f"{folder}/"]
        self._start()

    def _start(self) -> None:
        os.set_blocking(self._master, False)
        self.program = subprocess.Popen(
            self._command,
            cwd=tree.ROOT,
            env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
            stdout=subprocess.PIPE,
            pass_fds=(self._master,),
        )
        assert self.program.stdout is not None
        assert self.program.stdout.readline() == b"ready\n"

    def cut_power(self) -> None:
        """In whatever it does; then it starts anew. The cable stays where it is."""
        self._end()
        self._start()

    def _end(self) -> None:
        self.program.kill()
        self.program.wait()
        assert self.program.stdout is not None
        self.program.stdout.close()

    def close(self) -> None:
        self._end()
        for end in (self._master, self._slave):
            os.close(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
