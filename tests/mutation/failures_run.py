"""Plants each mistake of `failure_mutants` in a copy of the tree and runs the test of its row.

The test must hold in the copy as it is, and fail with the mistake in it. A test that comes to no end,
or cannot be run, has noticed nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutation.failure_mutants import FAILURES, Failure

ROOT = Path(__file__).parent.parent.parent
SCRATCH = ROOT / "build" / "mutation" / "failures"
LINKED = (".venv", "node_modules")
LEFT_OUT = (*LINKED, "build", ".git", "__pycache__", ".mypy_cache", ".ruff_cache")
TOO_LONG_S = 600
#: Of pytest: a test failed. Every other number but 0 is no verdict.
_HOLDS, _FAILS = 0, 1
NOTICED, UNNOTICED, BROKEN = "noticed", "not noticed", "no verdict"


def chosen(rows: Iterable[str] | None) -> list[Failure]:
    """Those rows, or all; ValueError for one that has no mutant."""
    names = [one.row for one in FAILURES]
    for row in rows or ():
        if row not in names:
            raise ValueError(f"{row}: no failure of that name has a mutant")
    return [one for one in FAILURES if not rows or one.row in rows]


def run(failures: list[Failure], tell: Callable[[str], None] = print) -> dict[str, str]:
    """Row -> noticed, not noticed, or no verdict."""
    copy_tree()
    results = {}
    for one in failures:
        verdict = judge(one)
        results[one.row] = verdict
        tell(f"{one.row}: {verdict} ({one.file})")
    return results


def copy_tree() -> None:
    """Everything but what is made; the mistakes are planted there."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    shutil.copytree(ROOT, SCRATCH, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    for name in LINKED:
        if (ROOT / name).exists():
            (SCRATCH / name).symlink_to((ROOT / name).resolve())


def judge(failure: Failure) -> str:
    """The test as it is, then with the mistake."""
    if _pytest(failure.test) != _HOLDS:
        return BROKEN
    with planted(failure):
        code = _pytest(failure.test)
    return {_HOLDS: UNNOTICED, _FAILS: NOTICED}.get(code, BROKEN)


@contextmanager
def planted(failure: Failure) -> Iterator[None]:
    """The copy has that mistake. ValueError when its text is not there any more."""
    file = SCRATCH / failure.file
    text = file.read_text(encoding="utf-8")
    if text.count(failure.old) != 1:
        count = text.count(failure.old)
        raise ValueError(f"{failure.row}: {failure.old!r} stands {count} times in {failure.file}")
    file.write_text(text.replace(failure.old, failure.new), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


def _pytest(test: str) -> int:
    """The exit code; -1 when it took too long."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", test]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with (SCRATCH / "pytest.log").open("w") as log:
        try:
            done = subprocess.run(
                command, cwd=SCRATCH, env=environment, stdout=log, stderr=log, check=False,
                timeout=TOO_LONG_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return -1
    return done.returncode


def counts(results: dict[str, str]) -> dict[str, int]:
    """For the proof's page."""
    found = list(results.values())
    return {
        "mutants": len(found),
        "noticed": found.count(NOTICED),
        "failures": len(found) - found.count(NOTICED),
    }
