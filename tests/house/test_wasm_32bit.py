"""Each portable test file on the WebAssembly build of MicroPython, whose integers are 32 bits wide."""

import subprocess
from itertools import chain

import pytest

from tests.house.portable_files import HANGS_AFTER_S, batches, module_of, portable_test_files
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


BATCHES = batches()


@pytest.mark.long
@pytest.mark.wasm
@pytest.mark.parametrize("batch", BATCHES)
def test_passes_on_32_bits(batch: str) -> None:
    """Who fails is named with file and test."""
    modules = [module_of(path) for path in BATCHES[batch]]
    done = run("tests/mp/run_portable.py", *modules)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed, 0 failed" in done.stdout


def test_every_portable_file_is_in_one_batch() -> None:
    assert sorted(chain(*BATCHES.values())) == sorted(portable_test_files())


@pytest.mark.wasm
@pytest.mark.parametrize("order", [("good", "bad"), ("bad", "good")])
def test_one_that_fails_is_not_lost_in_a_batch(order: tuple[str, str]) -> None:
    names = {"good": module_of(portable_test_files()[0]), "bad": "tests.portable.no_such_module"}
    done = run("tests/mp/run_portable.py", *(names[which] for which in order))
    assert done.returncode == 1
    assert "FAIL tests.portable.no_such_module: cannot be imported" in done.stdout


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
