"""An idle turn takes nothing from the heap, on the 64-bit and on the 32-bit build."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import tree

SCRIPT = "tests/mp/measure_idle.py"
MICROPYTHON = Path(sys.executable).parent / "micropython"
NOTHING = "step 0\nturn 0\nuse 0\n"


def output(*command: str | Path) -> str:
    done = subprocess.run(
        command,
        cwd=tree.ROOT,
        env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.micropython
def test_ten_thousand_idle_turns_allocate_nothing_on_64_bit() -> None:
    assert output(MICROPYTHON, "-X", "heapsize=4096wK", SCRIPT) == NOTHING


@pytest.mark.wasm
def test_ten_thousand_idle_turns_allocate_nothing_on_32_bit() -> None:
    assert output("node", "tools/wasm_run.mjs", SCRIPT) == NOTHING
