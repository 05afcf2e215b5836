"""The files of the project, and what a check says about one of them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

#: Folders that hold what tools leave behind, at any depth.
LEFT_BEHIND = frozenset({"build", "node_modules", "__pycache__"})

#: Dotted folders that are part of the project.
DOTTED = frozenset({".ci"})


class Finding(NamedTuple):
    """One thing that a check objects to."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class Source(NamedTuple):
    """One Python file, read and parsed; `path` is relative to the root, with slashes."""

    path: str
    text: str
    tree: ast.Module


Check = Callable[[Source], Iterable[Finding]]


def source(path: str, text: str) -> Source:
    """A parsed file from its text."""
    return Source(path, text, ast.parse(text, filename=path))


def paths(*suffixes: str) -> Iterator[str]:
    """Relative paths of the project's files with one of the suffixes, in order."""
    for path in sorted(_walk(ROOT)):
        if path.suffix in suffixes or path.name in suffixes:
            yield path.relative_to(ROOT).as_posix()


def sources() -> Iterator[Source]:
    """All Python files of the project."""
    for path in paths(".py"):
        yield source(path, (ROOT / path).read_text(encoding="utf-8"))


def report(name: str, findings: Iterable[Finding], looked_at: int) -> int:
    """Print the findings; the exit code of the check."""
    found = sorted(findings)
    for finding in found:
        print(finding)
    print(f"{name}: {len(found)} findings in {looked_at} files", file=sys.stderr)
    if not looked_at:
        print(f"{name}: there was nothing to look at", file=sys.stderr)
        return 1
    return 1 if found else 0


def is_portable(path: str) -> bool:
    """Whether the file runs on MicroPython as well as on CPython."""
    parts = path.split("/")
    if parts[0] == "firmware" or path.startswith(("boards/sim/", "tests/portable/", "tests/mp/")):
        return True
    if parts[0] == "boards":
        return len(parts) == 2
    return parts[0] == "hal" and (len(parts) == 2 or parts[1] == "fake")


def is_for_esp32(path: str) -> bool:
    """Whether the file runs on that board alone; a manifest is for the build of MicroPython."""
    return path.startswith(("hal/esp32/", "boards/esp32/")) and not path.endswith("/manifest.py")


def runs_on_micropython(path: str) -> bool:
    """Portable, or for a board with MicroPython."""
    return is_portable(path) or is_for_esp32(path)


def _walk(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir():
            dotted = entry.name.startswith(".") and entry.name not in DOTTED
            if (
                not dotted
                and entry.name not in LEFT_BEHIND
                and not entry.name.endswith(".egg-info")
            ):
                yield from _walk(entry)
        else:
            yield entry
