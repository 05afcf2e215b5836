"""What stands at the box's end of a pseudo-terminal: a program of either interpreter."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tty
from pathlib import Path
from types import TracebackType
from typing import Self

from tools import tree

MICROPYTHON = Path(sys.executable).parent / "micropython"
#: Of MicroPython's heap.
HEAP = "2M"
_WAIT_S = 60.0
_END_S = 10.0


class PtyEnd:
    """Runs a module that is given the master's end as its first argument, and says `ready`."""

    def __init__(self, module: str, interpreter: str, *words: str) -> None:
        command: list[str | Path] = [sys.executable]
        if interpreter == "micropython":
            command = [MICROPYTHON, "-X", f"heapsize={HEAP}"]
        elif interpreter != "cpython":
            raise ValueError(f"interpreter {interpreter}: it is cpython or micropython")
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        #: Where the cable ends: a path to open.
        self.port = os.ttyname(self._slave)
        self._command = [*command, "-m", module, str(self._master), *words]
        self._start()

    def _start(self) -> None:
        self._program = subprocess.Popen(
            self._command,
            cwd=tree.ROOT,
            env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(self._master,),
        )
        assert self._read_line() == "ready"

    def cut_power(self) -> None:
        """In whatever it does; then it starts anew. The cable stays where it is."""
        self._end(is_cut=True)
        self._start()

    def let_go(self) -> None:
        """From here on the cable counts as pulled when nobody has the port open."""
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def _write_line(self, words: str) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(words.encode() + b"\n")
        self._program.stdin.flush()

    def _read_line(self) -> str:
        out = self._program.stdout
        assert out is not None
        if not select.select([out], [], [], _WAIT_S)[0]:
            raise RuntimeError(f"the box said nothing within {_WAIT_S:.0f} s")
        return out.readline().decode().strip()

    def _end(self, *, is_cut: bool = False) -> None:
        program = self._program
        assert program.stdin is not None
        assert program.stdout is not None
        if is_cut:
            program.kill()
        program.stdin.close()
        try:
            program.wait(_END_S)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
        program.stdout.close()

    def close(self) -> None:
        """The box is switched off."""
        self.let_go()
        if self._master >= 0:
            self._end()
            os.close(self._master)
            self._master = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
