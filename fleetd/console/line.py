"""The serial port with a box at its end; what may go wrong with it, each in one sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import termios
import time
from typing import Any, Self

from fleetd.host.failures import BoxError

BAUD = 115200
#: A box that sleeps looks at its line four times a second (boards/esp32/README.md).
BREAK_S = 0.25
_WRAPPED = re.compile(r"\((\d+), ")
READ_BYTES = 4096
_REASONS = {
    errno.ENOENT: "there is none; plug the cable in, and look which there are: ls /dev/ttyUSB* /dev/ttyACM*",
    errno.EACCES: "may not be opened; join the group that may (dialout), or choose another one",
    errno.EBUSY: "another program has it open; end that one",
    errno.EAGAIN: "another program has it open; end that one",
    errno.ENODEV: "there is no device behind it; plug the cable in",
    errno.ENXIO: "there is no device behind it; plug the cable in",
    errno.ENOTTY: "is no serial port; look which there are: ls /dev/ttyUSB* /dev/ttyACM*",
}


class LineError(BoxError):
    """The port cannot be opened, or is gone: what, and what to do."""


class Line:
    """115200 8N1. Reads give what is there; nothing waits longer than it is told to."""

    def __init__(self, port: str) -> None:
        try:
            import serial
        except ImportError:
            raise LineError("pyserial is not installed; install requirements-run.lock") from None
        self.port = port
        try:
            self._serial: Any = serial.Serial(
                port, BAUD, timeout=0, write_timeout=5, exclusive=True
            )
        except (OSError, ValueError) as error:
            raise LineError(f"{port}: {_reason(error)}") from None
        # A sleeping ESP32 hears no byte, but a break.
        with contextlib.suppress(OSError, termios.error):
            self._serial.send_break(BREAK_S)

    def fileno(self) -> int:
        return int(self._serial.fileno())

    def read(self, wait_s: float = 0.0) -> bytes:
        """At least one byte, unless none comes within that time."""
        try:
            self._serial.timeout = wait_s
            found: bytes = self._serial.read(1)
            if found:
                self._serial.timeout = 0
                found += self._serial.read(READ_BYTES)
            return found
        except (OSError, TypeError) as error:  # TypeError: pyserial's own, of a port just closed
            raise self._gone(error) from None

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except OSError as error:
            raise self._gone(error) from None

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it is gone already
            self._serial.close()

    def reopen(self, patience_s: float) -> None:
        """After the box has started anew: a USB port goes and comes back with it."""
        self.close()
        ends = time.monotonic() + patience_s
        while True:
            try:
                self.__init__(self.port)  # type: ignore[misc]
            except LineError:
                if time.monotonic() >= ends:
                    raise
                time.sleep(0.2)
            else:
                return

    def _gone(self, error: Exception) -> LineError:
        return LineError(
            f"{self.port}: the cable was pulled, or the box has no power ({_short(error)})"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _reason(error: Exception) -> str:
    number = _number(error)
    if number in _REASONS:
        return _REASONS[number]
    if "exclusively lock" in str(error):
        return _REASONS[errno.EBUSY]
    return f"cannot be opened: {_short(error)}"


def _number(error: Exception) -> int:
    """The system's; pyserial wraps some of them into its words. 0: none."""
    found = _WRAPPED.search(str(error))
    return int(getattr(error, "errno", None) or (found.group(1) if found else 0))


def _short(error: Exception) -> str:
    number = _number(error)
    return os.strerror(number) if number else type(error).__name__
