"""The Raspberry Pi's program as systemd has it, started anew whenever it ends; and its cable."""

import os
import select
import subprocess
import sys
import threading
import tty
from pathlib import Path
from types import TracebackType
from typing import Self

from tools import tree

_CHUNK = 4096


class Cable:
    """Two serial ports that are each other's end. What nobody takes is lost, as on a real line."""

    def __init__(self) -> None:
        self._ends = [os.openpty(), os.openpty()]
        for master, slave in self._ends:
            tty.setraw(slave)
            os.set_blocking(master, False)
        #: To be opened by the box, and by whoever has the other end.
        self.box, self.host = (os.ttyname(slave) for _, slave in self._ends)
        self._stop_out, self._stop_in = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        (one, _), (other, _) = self._ends
        while True:
            ready = select.select([one, other, self._stop_out], [], [])[0]
            if self._stop_out in ready:
                return
            for end, far in ((one, other), (other, one)):
                if end in ready:
                    try:
                        os.write(far, os.read(end, _CHUNK))
                    except BlockingIOError:
                        continue

    def close(self) -> None:
        os.close(self._stop_in)
        self._thread.join()
        for end in (self._stop_out, *self._ends[0], *self._ends[1]):
            os.close(end)


class SupervisedBox:
    """`codes`: how it ended so far; a code that systemd would leave it at ends this, too."""

    def __init__(self, folder: Path, console: str) -> None:
        self.config = folder / "box.json"
        self.codes: list[int] = []
        state = folder / "state"
        state.mkdir(parents=True)
        self._command = [
            sys.executable, "-m", "tests.boards.pi.mock_box", "--config", str(self.config),
            "--state", str(state), "--console", console,
        ]  # fmt: skip
        self.log = folder / "log"
        self._is_over = False
        self._process = self._start()
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command, cwd=tree.ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log
            )

    def _supervise(self) -> None:
        while True:
            code = self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
            if self._is_over:
                return
            self.codes.append(code)
            if code:
                return
            self._process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._process.kill()
        self._thread.join()
