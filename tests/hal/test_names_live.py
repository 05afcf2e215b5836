"""Names looked up at a real name server, without waiting, under CPython and under MicroPython."""

import pytest

from tests.hal import names_live
from tests.house.test_portable_on_micropython import run
from tools import tree


@pytest.mark.parametrize("name", [name for name in dir(names_live) if name.startswith("test_")])
def test_on_cpython(name: str) -> None:
    getattr(names_live, name)()


@pytest.mark.micropython
def test_on_micropython() -> None:
    done = run(tree.ROOT, "tests.hal.names_live")
    assert done.returncode == 0, done.stdout + done.stderr
