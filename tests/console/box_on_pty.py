"""A box whose console is a pseudo-terminal, for whoever tests what stands at the cable's other end.

    with BoxOnPty("micropython") as box:
        port = serial.Serial(box.port, 115200, timeout=5)
        port.write(b"status\\r")
        box.tell("reader 0")

`python -m tests.console.box_on_pty [cpython|micropython]` runs one and prints the port, to try by hand.
Its car and key are those of `tests.portable.firmware.loop_rig.IDENTITY`.
"""

from __future__ import annotations

import sys

from tests.console.pty_end import PtyEnd

PROGRAM = "tests.console.box_program"


class BoxOnPty(PtyEnd):
    """Runs `tests.console.box_program`; `tell` speaks to its world."""

    def __init__(self, interpreter: str = "cpython") -> None:
        #: Reasons of the restarts that the console asked for.
        self.restarts: list[str] = []
        super().__init__(PROGRAM, interpreter)

    def tell(self, words: str) -> None:
        """One line for the world, see `box_program`; returns when a turn has seen it."""
        self._write_line(words)
        while (line := self._read_line()) != "ok":
            if not line.startswith("restart "):
                raise RuntimeError(f"the box said {line!r}, not ok")
            self.restarts.append(line.removeprefix("restart "))


def main(words: list[str]) -> None:
    with BoxOnPty(words[1] if len(words) > 1 else "cpython") as box:
        print(box.port, flush=True)
        for line in sys.stdin:
            box.tell(line.strip())


if __name__ == "__main__":
    main(sys.argv)
