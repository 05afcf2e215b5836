"""Writes the box's program as a board's build of MicroPython freezes it: sources and a manifest.

    python -m simulator.vm.frozen build/frozen
    make -C micropython/ports/unix FROZEN_MANIFEST=$PWD/build/frozen/manifest.py

The files are those of the image, with their constants written out; tables of words stay as they
are, since a frozen tuple lies in flash.
"""

from __future__ import annotations

import sys
from pathlib import Path

from simulator.vm.image import program_text

_MANIFEST = 'freeze("program")\n'


def write_frozen(folder: Path) -> int:
    """The manifest and, under `program/`, the files; how many."""
    files = program_text()
    for name, text in files.items():
        path = folder / "program" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "manifest.py").write_text(_MANIFEST, encoding="utf-8")
    return len(files)


def main(argv: list[str]) -> int:
    """Exit 0 written, 2 wrong usage."""
    if len(argv) != 1:
        print("usage: python -m simulator.vm.frozen FOLDER", file=sys.stderr)
        return 2
    print(f"{write_frozen(Path(argv[0]))} files in {argv[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
