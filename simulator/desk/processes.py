"""The desk's processes: started, watched, started again, ended; each tied to this one's life."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

#: A process that says nothing for so long does not start.
READY_WITHIN_S = 30.0
ENDS_WITHIN_S = 5.0
#: Dying so often in so short a time it will not live.
DEATHS_MAX = 5
DEATHS_WITHIN_S = 20.0


class CannotRun(Exception):  # noqa: N818 - an answer to whoever started it
    """A process that does not start, or does not stay; the text says which and why."""


def tethered(arguments: list[str]) -> list[str]:
    """The command of a Python that ends when this process does."""
    parent = str(os.getpid())
    python = sys.executable
    return [python, "-m", "simulator.desk.tether", parent, python, *arguments]


class Process:
    """`name` is for people. What it prints first says that it is ready; errors go to a log."""

    def __init__(self, name: str, arguments: list[str], log: Path) -> None:
        self.name = name
        self.arguments = arguments
        self.log = log
        self.ready_line = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths: list[float] = []
        self._unread = b""

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """In a session of its own: Ctrl-C is for the launcher alone."""
        self.ready_line = ""
        self._unread = b""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                tethered(self.arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """CannotRun with its own last words when it ends, or says nothing."""
        assert self._process is not None
        assert self._process.stdout is not None
        until_s = time.monotonic() + READY_WITHIN_S
        said = b""
        while not said.endswith(b"\n"):
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                raise CannotRun(f"{self.name} said nothing for {READY_WITHIN_S:.0f} s; {self.log}")
            if not select.select([self._process.stdout], [], [], left_s)[0]:
                continue
            piece = os.read(self._process.stdout.fileno(), 65536)
            if not piece:
                self._process.wait()
                raise CannotRun(f"{self.name} does not start: {self.last_words()}")
            said += piece
        self.ready_line = said.decode(errors="replace")

    def replace(self, arguments: list[str]) -> None:
        """End it, and start it with other arguments; CannotRun when it does not start."""
        self.ask_to_end()
        self.end()
        self.arguments = arguments
        self.start()
        self.wait_until_ready()

    def said(self) -> list[str]:
        """Lines that it printed since, whole ones; this waits for nothing."""
        line = self._process.stdout if self._process is not None else None
        while line is not None and select.select([line], [], [], 0)[0]:
            piece = os.read(line.fileno(), 65536)
            if not piece:
                break
            self._unread += piece
        *lines, self._unread = self._unread.split(b"\n")
        return [one.decode(errors="replace") for one in lines]

    def death(self) -> str:
        """How it ended, "" while it lives."""
        code = self._process.poll() if self._process else None
        if code is None:
            return ""
        return how_it_ended(code)

    def start_again(self) -> None:
        """CannotRun when it dies over and over."""
        now_s = time.monotonic()
        self._deaths = [one for one in self._deaths if now_s - one < DEATHS_WITHIN_S]
        self._deaths.append(now_s)
        if len(self._deaths) >= DEATHS_MAX:
            raise CannotRun(f"{self.name} died {DEATHS_MAX} times in a row: {self.last_words()}")
        self._leave_pipe()
        self.start()

    def last_words(self) -> str:
        """The last line of its log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else f"it left no word; {self.log} is empty"

    def ask_to_end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Gone, if need be by force."""
        if self._process is None:
            return
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._leave_pipe()

    def _leave_pipe(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()


def how_it_ended(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"


def end_all(processes: list[Process]) -> None:
    for process in processes:
        process.ask_to_end()
    for process in processes:
        process.end()
