"""The client's process, and servers that behave as a test wants."""

from __future__ import annotations

import os
import queue
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from fleetd.mqtt.tls import server_context
from tests.fleetd.mqtt.certificates import HOST, Authority
from tools import tree

CLIENT = "tests/hal/stream_client.py"
#: When to give up on a machine that is very busy.
PATIENCE_S = 60.0

PYTHONS: dict[str, list[str]] = {
    "cpython": [sys.executable, "-u"],
    "micropython": [str(Path(sys.executable).parent / "micropython")],
}


class Client:
    """`stream_client.py` under one of PYTHONS; its lines are read one by one."""

    def __init__(self, python: str, mode: str, port: int, *more: str) -> None:
        self._process = subprocess.Popen(
            [*PYTHONS[python], CLIENT, mode, str(port), *more],
            cwd=tree.ROOT,
            env={**os.environ, "MICROPYPATH": str(tree.ROOT), "PYTHONPATH": str(tree.ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def line(self) -> str:
        """The next line; empty at the end of the process."""
        return self._lines.get(timeout=PATIENCE_S)

    def rest(self) -> list[str]:
        """All lines to the end of the process, which must be a good one."""
        lines = []
        while line := self.line():
            lines.append(line)
        assert self._process.stderr is not None
        said = self._process.stderr.read()
        assert self._process.wait(PATIENCE_S) == 0, said
        return lines

    def kill(self) -> None:
        """As a power cut does."""
        self._process.kill()
        self._process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put("")


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server for one connection, in a thread; the port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        listener.bind((HOST, 0))
        listener.listen()
        listener.settimeout(PATIENCE_S)
        failures: list[BaseException] = []

        def work() -> None:
            try:
                line, _ = listener.accept()
                line.settimeout(PATIENCE_S)
                with line:
                    serve(line)
            except BaseException as failure:  # noqa: BLE001 - raised again below
                failures.append(failure)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join(PATIENCE_S)
        if failures:
            raise failures[0]


class Certificates:
    """A server's certificate and the CA that the car trusts, as a test wants them."""

    def __init__(
        self, folder: Path, host: str = HOST, days: int = 1, other_authority: bool = False
    ) -> None:
        authority = Authority(folder)
        self.server: ssl.SSLContext = server_context(*authority.issue(host, days))
        trusted = Authority(folder, "another") if other_authority else authority
        self.ca = der_of(trusted.file)


def der_of(pem: Path) -> str:
    """The path of the same certificate in DER form."""
    der = pem.with_suffix(".der")
    der.write_bytes(ssl.PEM_cert_to_DER_cert(pem.read_text()))
    return str(der)
