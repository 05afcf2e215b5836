"""What belongs on a board with stock MicroPython: which files, compiled for it, and their sizes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from boards.box_config import BoxConfig
from boards.esp32.options import options_of, plain_options_of
from simulator.vm.image import LEFT_OUT
from tools import compile_portable, tree

#: Folders on the board that are the program's own: what else is in them is of an earlier version.
PACKAGES = ("firmware", "hal", "boards")

#: The board starts this one after power-on. It is written when all else is there, and taken away
#: before anything changes: half a program never starts.
MAIN = "main.py"

#: MicroPython writes an empty one. It goes: Ctrl-C ends it, and then the prompt comes in place of
#: `MAIN` (ports/esp32/main.c), for whoever has the cable and some patience.
BOOT = "boot.py"

#: Who this car is: key and password.
CONFIG = "box.json"

#: Folders whose sources go onto every board.
FOLDERS = ("firmware", "firmware/wire", "firmware/console", "hal")
_BOX_FILES = (
    "boards/__init__.py",
    "boards/pin_table.py",
    "boards/bare.py",
    "boards/bare_file.py",
    "boards/own_settings.py",
)

#: For the build of MicroPython; it names no module of the program, nor does `Kind.main`.
_NO_MODULES = frozenset({"boards/esp32/manifest.py"})


class Kind(NamedTuple):
    """A kind of board that `make flash` knows."""

    #: What MicroPython may call the processor (the last word of `sys.implementation._machine`).
    chips: tuple[str, ...]
    #: For mpy-cross: the processor, and how wide a small integer is there.
    options: tuple[str, ...]
    #: Folders whose sources are this kind's own.
    folders: tuple[str, ...]
    #: The source of `MAIN`.
    main: str
    #: ValueError with a sentence for a `box.json` that this kind cannot be.
    judge: Callable[[BoxConfig], object]


_XTENSA = ("-march=xtensawin", "-msmall-int-bits=31")
_ESP32 = ("hal/esp32", "boards/esp32")

KINDS = {
    "esp32": Kind(
        ("ESP32", "ESP32-D2WD", "ESP32-UNICORE"), _XTENSA, _ESP32, "boards/esp32/start.py",
        plain_options_of,
    ),
    "esp32s3": Kind(("ESP32-S3",), _XTENSA, _ESP32, "boards/esp32/start.py", options_of),
}  # fmt: skip


class CompileError(Exception):
    """mpy-cross does not take a file."""


def program_files(kind: Kind) -> Iterator[str]:
    """Paths of the sources that go onto such a board, in order."""
    for name in _BOX_FILES:
        yield name
    for path in sorted((tree.ROOT / "boards").glob("box*.py")):
        yield path.relative_to(tree.ROOT).as_posix()
    for folder in (*FOLDERS, *kind.folders):
        for path in sorted((tree.ROOT / folder).glob("*.py")):
            name = path.relative_to(tree.ROOT).as_posix()
            if name not in LEFT_OUT and name not in _NO_MODULES and name != kind.main:
                yield name


def compile_program(kind: Kind) -> dict[str, bytes]:
    """Path on the board -> bytes, without `MAIN`."""
    compiled = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.mpy")
        for name in program_files(kind):
            text = (tree.ROOT / name).read_bytes()
            said = compile_portable.compile_one(name, text, out, kind.options)
            if said:
                raise CompileError(f"{name}: {said}")
            compiled[name.removesuffix(".py") + ".mpy"] = out.read_bytes()
    return compiled


def main_text(kind: Kind) -> bytes:
    """The bytes of `MAIN`, which MicroPython wants as a source."""
    return (tree.ROOT / kind.main).read_bytes()


def is_ours(path: str) -> bool:
    """Whether a file on the board is of the program: in its folders, and loadable.

    A `.py` beside a `.mpy` would be loaded in its place.
    """
    return path.partition("/")[0] in PACKAGES and path.endswith((".py", ".mpy"))


def sizes(files: Mapping[str, bytes]) -> dict[str, int]:
    """Package -> bytes; a folder of `hal` or `boards` is a package of its own."""
    found: dict[str, int] = {}
    for path, content in files.items():
        folder = path.rpartition("/")[0] or path
        found[folder] = found.get(folder, 0) + len(content)
    return dict(sorted(found.items()))
