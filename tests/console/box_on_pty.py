"""A box whose console is a pseudo-terminal, for whoever tests what stands at the cable's other end.

    with BoxOnPty("micropython") as box:
        port = serial.Serial(box.port, 115200, timeout=5)
        port.write(b"status\\r")
        box.tell("reader 0")

`python -m tests.console.box_on_pty [cpython|micropython]` runs one and prints the port, to try by hand.
Its car and key are those of `tests.portable.firmware.loop_rig.IDENTITY`.
"""

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

PROGRAM = "tests.console.box_program"
MICROPYTHON = Path(sys.executable).parent / "micropython"
#: Of MicroPython's heap.
HEAP = "2M"
_WAIT_S = 60.0


class BoxOnPty:
    """Runs `tests.console.box_program`; `tell` speaks to its world."""

    def __init__(self, interpreter: str = "cpython") -> None:
        command: list[str | Path] = [sys.executable]
        if interpreter == "micropython":
            command = [MICROPYTHON, "-X", f"heapsize={HEAP}"]
        elif interpreter != "cpython":
            raise ValueError(f"interpreter {interpreter}: it is cpython or micropython")
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        #: Where the cable ends: a path to open.
        self.port = os.ttyname(self._slave)
        os.set_blocking(self._master, False)
        #: Reasons of the restarts that the console asked for.
        self.restarts: list[str] = []
        self._program = subprocess.Popen(
            [*command, "-m", PROGRAM, str(self._master)],
            cwd=tree.ROOT,
            env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(self._master,),
        )
        os.close(self._master)
        self._hear("ready")

    def let_go(self) -> None:
        """From here on the cable counts as pulled when nobody has the port open."""
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    def tell(self, words: str) -> None:
        """One line for the world, see `box_program`; returns when a turn has seen it."""
        assert self._program.stdin is not None
        self._program.stdin.write(words.encode() + b"\n")
        self._program.stdin.flush()
        self._hear("ok")

    def _hear(self, expected: str) -> None:
        out = self._program.stdout
        assert out is not None
        while True:
            if not select.select([out], [], [], _WAIT_S)[0]:
                raise RuntimeError(f"the box did not say {expected} within {_WAIT_S:.0f} s")
            line = out.readline().decode().strip()
            if line.startswith("restart "):
                self.restarts.append(line.removeprefix("restart "))
            elif line == expected:
                return
            else:
                raise RuntimeError(f"the box said {line!r}, not {expected}")

    def close(self) -> None:
        """The box is switched off."""
        self.let_go()
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.close()
        try:
            self._program.wait(10)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
        self._program.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def main(words: list[str]) -> None:
    with BoxOnPty(words[1] if len(words) > 1 else "cpython") as box:
        print(box.port, flush=True)
        for line in sys.stdin:
            box.tell(line.strip())


if __name__ == "__main__":
    main(sys.argv)
