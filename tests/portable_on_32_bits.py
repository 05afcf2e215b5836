"""Portable test files on the WebAssembly build of MicroPython, whose integers are 32 bits wide.

python -m tests.portable_on_32_bits [FILE ...]      all, if none is named
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys

from tests.house.portable_files import HANGS_AFTER_S, batches, module_of, portable_test_files
from tools import tree

RUN = "tools/wasm_run.mjs"
_COUNTS = re.compile(r"^(\d+) passed, 0 failed$", re.MULTILINE)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Of a program there; its output as text."""
    return subprocess.run(
        ["node", RUN, *arguments],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        timeout=HANGS_AFTER_S,
        check=False,
    )


def count(paths: list[str]) -> tuple[int, list[str]]:
    """(tests that passed, lines that tell what failed), all files in one process."""
    done = run("tests/mp/run_portable.py", *[module_of(path) for path in paths])
    passed = _COUNTS.search(done.stdout)
    if done.returncode or not passed:
        return 0, (done.stdout + done.stderr).splitlines() or [f"exit code {done.returncode}"]
    return int(passed[1]), []


def main(argv: list[str]) -> int:
    """The exit code: 0 when all pass, 1 when not."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.portable_on_32_bits",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="*", metavar="FILE")
    files = parser.parse_args(argv).files or portable_test_files()
    passed = failures = 0
    for paths in batches(files).values():
        more, lines = count(paths)
        passed += more
        failures += bool(lines)
        print("\n".join(lines), end="\n" if lines else "")
    print(json.dumps({"files": len(files), "passed": passed, "failures": failures}))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
