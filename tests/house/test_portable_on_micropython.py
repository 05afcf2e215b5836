"""Each portable test file on the unix build of MicroPython, a batch of them in one process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.portable_files import HANGS_AFTER_S, batches, module_of, portable_test_files
from tools import tree

MICROPYTHON = Path(sys.executable).parent / "micropython"

#: Generous, since tests are compiled on the heap; the firmware's own limit has its own test.
HEAP = "8192wK"
BATCHES = batches(portable_test_files())


def run(root: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MICROPYTHON, "-X", f"heapsize={HEAP}", tree.ROOT / "tests/mp/run_portable.py", *modules],
        cwd=root,
        env={**os.environ, "MICROPYPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=HANGS_AFTER_S,
        check=False,
    )


@pytest.mark.micropython
@pytest.mark.parametrize("batch", BATCHES)
def test_passes_on_micropython(batch: str) -> None:
    """Who fails is named with file and test."""
    done = run(tree.ROOT, *[module_of(path) for path in BATCHES[batch]])
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed, 0 failed" in done.stdout


@pytest.mark.micropython
def test_runner_counts_and_fails(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(
        "def test_good():\n    assert 1 + 1 == 2\n\ndef test_bad():\n    assert 1 + 1 == 3\n"
    )
    done = run(tmp_path, "planted")
    assert done.returncode == 1
    assert "FAIL planted: test_bad" in done.stdout
    assert "AssertionError" in done.stdout
    assert done.stdout.endswith("1 passed, 1 failed\n")


@pytest.mark.micropython
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "no function named test_* in it"),
        ("import dataclasses\n", "cannot be imported"),
        ("def test_x():\n", "cannot be imported"),
    ],
)
def test_runner_fails_on_a_file_without_tests(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "planted.py").write_text(text)
    done = run(tmp_path, "planted")
    assert done.returncode == 1
    assert said in done.stdout


@pytest.mark.micropython
def test_runner_without_arguments_fails(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 1
