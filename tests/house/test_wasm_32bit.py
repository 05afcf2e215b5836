"""Each portable test file on the WebAssembly build of MicroPython, whose integers are 32 bits wide."""

import subprocess

import pytest

from tests.house.portable_files import HANGS_AFTER_S, module_of, portable_test_files
from tools import tree

RUN = "tools/wasm_run.mjs"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", RUN, *arguments],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        timeout=HANGS_AFTER_S,
        check=False,
    )


@pytest.mark.wasm
@pytest.mark.parametrize("path", portable_test_files())
def test_passes_on_32_bits(path: str) -> None:
    done = run("tests/mp/run_portable.py", module_of(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed, 0 failed" in done.stdout


@pytest.mark.wasm
def test_small_integers_have_31_bits() -> None:
    """2**30 is an object on the heap there, 2**30 - 1 is not: that is what these runs are for."""
    done = run("tests/mp/show_allocation.py")
    assert done.returncode == 0, done.stderr
    below, above = done.stdout.split()
    assert int(below) == 0
    assert int(above) > 0


@pytest.mark.wasm
def test_a_missing_module_is_a_failure() -> None:
    done = run("tests/mp/run_portable.py", "tests.portable.no_such_module")
    assert done.returncode == 1
    assert "cannot be imported" in done.stdout


@pytest.mark.wasm
def test_usage_without_a_script() -> None:
    done = run()
    assert done.returncode == 2
    assert "usage:" in done.stderr
