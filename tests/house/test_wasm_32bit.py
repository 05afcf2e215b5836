"""Portable tests on the WebAssembly build of MicroPython, whose integers are 32 bits wide."""

import json
from itertools import chain

import pytest

from tests import portable_on_32_bits
from tests.house.portable_files import (
    FOLDER,
    OF_DECISIONS,
    batches,
    module_of,
    portable_test_files,
    wide_files,
)
from tests.portable_on_32_bits import run

BATCHES = batches(wide_files())


@pytest.mark.long
@pytest.mark.wasm
@pytest.mark.parametrize("batch", BATCHES)
def test_passes_on_32_bits(batch: str) -> None:
    """Who fails is named with file and test. `make prove-long` runs the other files as well."""
    assert portable_on_32_bits.count(BATCHES[batch])[1] == []


def test_every_portable_file_is_in_one_batch() -> None:
    files = portable_test_files()
    assert sorted(chain(*batches(files).values())) == sorted(files)
    assert sorted(chain(*BATCHES.values())) == sorted(wide_files())


def test_what_waits_for_the_long_run_is_there() -> None:
    later = set(portable_test_files()) - set(wide_files())
    for one in OF_DECISIONS:
        assert [path for path in later if path.startswith(FOLDER + one)], one
    assert len(later) < len(wide_files())


@pytest.mark.wasm
def test_the_long_run_counts_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    path = portable_test_files()[0]
    assert portable_on_32_bits.main([path]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts["files"] == 1
    assert counts["passed"] > 0
    assert portable_on_32_bits.main([path, "tests/portable/no_such_module.py"]) == 1
    said = capsys.readouterr().out
    assert "FAIL tests.portable.no_such_module: cannot be imported" in said
    assert '"failures": 1' in said


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
