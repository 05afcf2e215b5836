"""What the types' check says of a text, as `make check` runs it for the files of the ESP32."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tools import tree

_MAKEFILE = (tree.ROOT / "Makefile").read_text(encoding="utf-8")


def types_of(folder: Path, text: str) -> list[str]:
    """The lines that mypy prints for the text as a file of `hal/esp32`, notes left out."""
    path = folder / "hal" / "esp32" / "planted.py"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    found = re.search(
        r"^\tMYPYPATH=\$\(STUBS\) \$\(PY\) (.*) \$\(BOARD_SOURCES\)$", _MAKEFILE, re.M
    )
    assert found, "make check does not look at the types of a board"
    stubs = tree.ROOT / ".venv" / "esp32-stubs"
    arguments = found.group(1).replace("$(STUBS)", str(stubs)).split()
    arguments[arguments.index("tools/mypy_esp32.ini")] = str(tree.ROOT / "tools/mypy_esp32.ini")
    done = subprocess.run(
        [sys.executable, *arguments, "--no-error-summary", "hal/esp32/planted.py"],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(stubs)},
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in (done.stdout + done.stderr).splitlines() if ": note: " not in line]
