"""Each name that pyproject.toml bans is reported where MicroPython runs, with its replacement."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.tools.stub_types import types_of
from tools import tree

SETTINGS = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BANNED = SETTINGS["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]

MISSING_MODULES = (
    "dataclasses", "enum", "abc", "logging", "functools", "contextlib", "datetime", "pathlib",
    "hmac", "secrets", "uuid", "asyncio", "threading", "time",
)  # fmt: skip


def planted() -> str:
    """A line for each banned name: an import of a module, a use of a name in one."""
    lines = []
    for name in sorted(BANNED):
        module, _, rest = name.partition(".")
        lines.append(f"import {module}\n{name}\n" if rest else f"import {module}\n{module}.x\n")
    return "".join(lines)


def reported(path: str) -> dict[str, str]:
    """Banned name -> advice, as ruff reports them for the planted text in a file of that path."""
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--output-format",
               "json", "--no-cache", "--stdin-filename", path, "-"]  # fmt: skip
    done = subprocess.run(
        command, input=planted(), cwd=tree.ROOT, capture_output=True, text=True, check=False
    )
    found = [one["message"].split(" is banned: ") for one in json.loads(done.stdout)]
    return {name.strip("`"): advice for name, advice in found}


@pytest.mark.parametrize(
    "path", ["firmware/planted.py", "hal/planted.py", "boards/planted.py", "boards/sim/planted.py"]
)
def test_every_banned_name_is_reported_with_its_replacement(path: str) -> None:
    assert reported(path) == {name: ban["msg"] for name, ban in BANNED.items()}


@pytest.mark.parametrize("path", ["simulator/planted.py", "hal/linux/planted.py"])
def test_they_are_free_where_cpython_alone_runs(path: str) -> None:
    assert reported(path) == {}


def test_each_ban_says_what_to_do() -> None:
    for name, ban in BANNED.items():
        assert len(ban["msg"]) > 10, name


def test_what_is_known_to_be_missing_is_banned() -> None:
    assert set(MISSING_MODULES) <= set(BANNED)


def test_a_name_that_the_board_has_not_is_a_type_error(tmp_path: Path) -> None:
    """Against the stubs of the ESP32: what CPython's library would let through is found."""
    said = types_of(
        tmp_path,
        "import machine\nimport time\n"
        "def wait() -> None:\n    time.sleep_ms(5)\n    time.monotonic()\n"
        "def pin() -> machine.Pin:\n    return machine.Pinn(3)\n"
        "import datetime\n",
    )
    assert [line.split(":")[1] for line in said if ": error: " in line] == ["5", "7", "8"]
    assert "monotonic" in said[0]


def test_what_the_board_has_is_none(tmp_path: Path) -> None:
    text = "import machine\ndef pin() -> machine.Pin:\n    return machine.Pin(3, machine.Pin.OUT)\n"
    assert types_of(tmp_path, text) == []
