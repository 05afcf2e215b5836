"""The terminal: keys one by one, and everything as it was when we leave."""

from __future__ import annotations

import os
import re
import select
import signal
import termios
import time
import tty
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

INTERRUPT = "\x03"
#: How often a program that does not come back is looked after.
_RESCUE_S = 0.5

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?")


class LeaveError(BaseException):
    """Somebody wants to leave; `code` is the exit code. No handler of errors may take it for one."""

    def __init__(self, code: int = 0) -> None:
        super().__init__(code)
        self.code = code


class Keyboard:
    """Keys of a terminal, read without waiting for Enter.

    Ctrl-C comes as a key, not as a signal: it would go to make and to the other processes too.
    Should the view not come back to read its keys, a timer does.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before = termios.tcgetattr(descriptor)
        self._signals: dict[int, object] = {}
        self._pending = ""
        self._is_reading = False

    def __enter__(self) -> Self:
        tty.setcbreak(self._descriptor, termios.TCSANOW)
        mode = termios.tcgetattr(self._descriptor)
        mode[6][termios.VINTR] = b"\0"
        termios.tcsetattr(self._descriptor, termios.TCSANOW, mode)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            self._signals[number] = signal.signal(number, _leave)
        self._signals[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._rescue)
        signal.setitimer(signal.ITIMER_REAL, _RESCUE_S, _RESCUE_S)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        with suppress(termios.error):
            termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._before)
        for number, handler in self._signals.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def read(self) -> str:
        """Keys that were pressed since the last call, without arrows and the like."""
        self._is_reading = True
        self._take_in()
        said, self._pending = self._pending, ""
        self._is_reading = False
        return _SEQUENCE.sub("", said)

    def wait(self, seconds: float, *others: int) -> None:
        """That long, or until a key is pressed or one of the other descriptors has something."""
        if not self._pending:
            select.select([self._descriptor, *others], [], [], max(0.0, seconds))

    def _take_in(self) -> None:
        while select.select([self._descriptor], [], [], 0)[0]:
            try:
                data = os.read(self._descriptor, 256)
            except OSError:
                data = b""
            if not data:
                raise LeaveError  # the terminal is gone
            self._pending += data.decode(errors="ignore")

    def _rescue(self, _number: int, _frame: FrameType | None) -> None:
        if not self._is_reading:
            self._take_in()
            if INTERRUPT in self._pending:
                raise LeaveError


class Nobody:
    """Where nobody asks for anything."""

    def attend(self) -> None:
        pass

    def wait(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


def _leave(number: int, _frame: FrameType | None) -> None:
    raise LeaveError(128 + number)
