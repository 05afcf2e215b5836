"""What the world needs of a program, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class ProgramError(Exception):
    """The program failed: an exception of the firmware, or its process died."""


class Program(Protocol):
    """A box from power-on to power-off."""

    def handle(self, frame: bytes) -> bytes:
        """One request, one response. ProgramError, or PowerCut inside a storage operation."""

    def close(self) -> None:
        """The power is off; nothing but the flash remains."""


#: Makes a program at each power-on and reset.
MakeProgram = Callable[[], Program]
