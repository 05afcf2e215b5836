"""A bare box whose cable is a pseudo-terminal; see `bare_program`."""

from __future__ import annotations

from pathlib import Path

from tests.console.pty_end import PtyEnd

PROGRAM = "tests.console.bare_program"


class BareOnPty(PtyEnd):
    """`folder` is its flash: what it is given, it keeps there."""

    def __init__(self, folder: Path, interpreter: str = "cpython") -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        super().__init__(PROGRAM, interpreter, f"{folder}/")

    def close(self) -> None:
        """It has no ear for an end of its own."""
        self._program.kill()
        super().close()
