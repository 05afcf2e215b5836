"""The streams on real sockets keep the contract that the one in memory keeps."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from hal.linux.network import LinuxNetwork
from hal.socket_network import SocketNetwork
from simulator.desk.ports import free_port
from tests.hal.network_contract import Far
from tests.hal.stream_process import PATIENCE_S, PYTHONS
from tests.portable.hal.contracts import network
from tools import tree


@pytest.fixture
def far() -> Iterator[Callable[[], Far]]:
    with ExitStack() as stack:

        def made() -> Far:
            end = Far(free_port())
            stack.callback(go, end)
            return end

        yield made


def go(end: Far) -> None:
    with suppress(OSError):  # the check's own has gone already
        end.go()


@pytest.mark.parametrize("kind", [SocketNetwork, LinuxNetwork])
@pytest.mark.parametrize("check", network.ALL)
def test_on_cpython(check: Callable[[Any], None], kind: Any, far: Callable[[], Far]) -> None:
    check(lambda: (kind(None), far()))


@pytest.mark.micropython
def test_on_micropython() -> None:
    done = subprocess.run(
        [*PYTHONS["micropython"], "tests/hal/network_contract.py", str(free_port())],
        cwd=tree.ROOT,
        env={**os.environ, "MICROPYPATH": str(tree.ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [check.__name__ for check in network.ALL]
