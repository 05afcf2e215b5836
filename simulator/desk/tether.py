"""A program that ends when its parent does, whatever became of the parent.

python -m simulator.desk.tether PARENT PROGRAM ARGUMENT...
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h; it outlives exec


def main(parent: int, program: list[str]) -> int:
    """Becomes the program; the exit code when it cannot."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        return 0  # it was gone before
    return os.execv(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
