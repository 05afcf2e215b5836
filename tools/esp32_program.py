"""The program of the ESP32 box as its build of MicroPython freezes it: sources, and where they go.

    python -m tools.esp32_program build/esp32/program     writes it for boards/esp32/manifest.py

It is the box's own program joined into one module, as the simulated box runs it
(`simulator.vm.linked`): measured there, that halves the RAM that modules and their names cost, and
RAM is what a plain ESP32 is short of. What is imported inside a function stays a module of its own,
so that an option that a box does not have costs it nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from simulator.vm.inline import inline_constants
from simulator.vm.linked import PROGRAM, link
from tools import tree

ENTRY = "boards.esp32.main"

_FOLDERS = (
    "firmware",
    "firmware/wire",
    "firmware/console",
    "hal",
    "hal/esp32",
    "boards",
    "boards/esp32",
)
#: Of no use on the box: the other end of the wire, names for people, the build's own list; and what
#: goes into it as `main.py`.
_LEFT_OUT = frozenset(
    {
        "boards/esp32/manifest.py",
        "boards/esp32/start.py",
        "firmware/wire/kb1_centre.py",
        "firmware/wire/packets_endpoint.py",
        "firmware/wire/code_names.py",
    }
)
#: What the interpreter runs by itself.
START_FILE = "boards/esp32/start.py"


def program_files() -> list[str]:
    """Paths of the files that go into the box."""
    found = []
    for folder in _FOLDERS:
        for path in sorted((tree.ROOT / folder).glob("*.py")):
            name = path.relative_to(tree.ROOT).as_posix()
            if name not in _LEFT_OUT:
                found.append(name)
    return found


def program_text() -> dict[str, str]:
    """Path -> text, with the `main.py` that starts it."""
    sources = {name: (tree.ROOT / name).read_text(encoding="utf-8") for name in program_files()}
    files = link(inline_constants(sources), ENTRY)
    start = (tree.ROOT / START_FILE).read_text(encoding="utf-8")
    files["main.py"] = start.replace(ENTRY, PROGRAM)
    return files


def write_program(folder: Path) -> int:
    """How many files were written."""
    files = program_text()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(files)


def main(argv: list[str]) -> int:
    """Exit 0 written, 2 wrong usage."""
    if len(argv) != 1:
        print("usage: python -m tools.esp32_program FOLDER", file=sys.stderr)
        return 2
    print(f"{write_program(Path(argv[0]))} files in {argv[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
