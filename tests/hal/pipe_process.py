"""A check's process under MicroPython whose far end is here (`by_pipe.py`)."""

import os
import subprocess

from tests.hal.by_pipe import answer
from tests.hal.stream_process import PATIENCE_S, PYTHONS
from tools import tree


def run_micropython(script: str, world: object, *words: str) -> None:
    """To its end, which must be a good one; `world` has what it asks for."""
    with subprocess.Popen(
        [*PYTHONS["micropython"], script, *words],
        cwd=tree.ROOT,
        env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            if not line.startswith("["):
                said.append(line)  # a traceback
                continue
            process.stdin.write(answer(line, world) + "\n")
            process.stdin.flush()
        assert process.wait(PATIENCE_S) == 0, "".join(said)
