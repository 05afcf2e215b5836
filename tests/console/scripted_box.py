"""The other end of a cable as a script: a pseudo-terminal whose bytes a test decides."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Callable
from typing import Self

_READ_BYTES = 1024
#: Of a line that came, the bytes to answer with.
Script = Callable[[str], bytes]


class ScriptedBox:
    """Answers each line that comes (Ctrl-C: none) with what the script says, until it is closed."""

    def __init__(self, script: Script) -> None:
        self.lines: list[str] = []
        self._script = script
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._stop_out, self._stop_in = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        rest = b""
        while True:
            ready = select.select([self._master, self._stop_out], [], [])[0]
            if self._stop_out in ready:
                return
            rest += os.read(self._master, _READ_BYTES).replace(b"\x03", b"")
            while b"\r" in rest:
                line, _, rest = rest.partition(b"\r")
                text = line.decode()
                self.lines.append(text)
                os.write(self._master, self._script(text))

    def pull(self) -> None:
        """The cable: nothing comes any more, and the port is gone."""
        os.write(self._stop_in, b"x")
        self._thread.join()
        os.close(self._master)
        self._master = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._master >= 0:
            self.pull()
        for end in (self._slave, self._stop_in, self._stop_out):
            os.close(end)
