"""A real MicroPython behind a pseudo-terminal, in the place of a board at a serial port."""

import os
import pty
import select
import shutil
import subprocess
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import tree

PRELUDE = tree.ROOT / "tests" / "tools" / "board_prelude.py"
UNIX = (str(tree.ROOT / ".venv" / "bin" / "micropython"), "-X", "heapsize=8m", "-i")
WASM = (shutil.which("node") or "node", str(tree.ROOT / "tests" / "tools" / "raw_prompt.mjs"))

#: A board that says nothing at all in this time will not say anything.
_START_S = 60


@contextmanager
def board_at_pty(
    command: tuple[str, ...], folder: Path, more: str = "", first_said: bytes = b">>> "
) -> Iterator[str]:
    """The port's name; the unix build has `folder` as its files. `more` runs after the prelude."""
    prelude = folder.parent / f"{folder.name}-prelude.py"
    prelude.write_text(PRELUDE.read_text(encoding="utf-8") + more, encoding="utf-8")
    folder.mkdir(exist_ok=True)
    board, port = pty.openpty()
    tty.setraw(board)
    tty.setraw(port)
    process = subprocess.Popen(
        [*command, str(prelude)], cwd=folder, stdin=board, stdout=board, stderr=subprocess.PIPE
    )
    try:
        _wait_for(port, first_said)
        # Open here all the time: a terminal that nobody has open is a hang-up for the other side.
        yield os.ttyname(port)
    finally:
        process.kill()
        process.communicate()
        os.close(board)
        os.close(port)


def _wait_for(port: int, ending: bytes) -> None:
    said = b""
    while not said.endswith(ending):
        assert select.select([port], [], [], _START_S)[0], said
        said += os.read(port, 4096)
