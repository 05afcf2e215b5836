"""A serial line through pyserial, without ever waiting for it, that may be unplugged.

An adapter that is pulled out shows in many ways: SerialException and OSError, but also termios.error
and TypeError, which are neither. Whatever it is, the line is dead then, and opened again by and by.
"""

import os
import sys
from collections.abc import Callable

import serial

from firmware.ticks import ticks_add, ticks_diff

#: Waits before the line is tried again: doubled each time, up to the longest.
RETRY_MS_MIN = 250
RETRY_MS_MAX = 8000
BAUD = 115200


class SerialLink:
    """A `ByteLink`. `user` for the one sentence that says it is not there: who, and named where."""

    def __init__(self, path: str, user: str, now_ms: Callable[[], int], baud: int = BAUD) -> None:
        #: Times that the line was opened.
        self.opens = 0
        self._path = path
        self._user = user
        self._now_ms = now_ms
        self._baud = baud
        self._port: serial.Serial | None = None
        self._retry_ms = RETRY_MS_MIN
        self._retry_at_ms = now_ms()
        self._is_told = False
        self._open()

    @property
    def is_open(self) -> bool:
        return self._port is not None

    @property
    def retry_at_ms(self) -> int:
        """When a dead line wants to be tried again."""
        return self._retry_at_ms

    def fileno(self) -> int:
        """To wait on; -1 while the line is dead."""
        return -1 if self._port is None else int(self._port.fileno())

    def any(self) -> int:
        port = self._live_port()
        if port is None:
            return 0
        try:
            return int(port.in_waiting)
        except Exception as error:  # noqa: BLE001 - termios.error is no OSError
            self._die(error)
            return 0

    def readinto(self, buffer: bytearray) -> int:
        port = self._live_port()
        if port is None:
            return 0
        try:
            # A read of nothing is how a line that was pulled out looks: ask first.
            count = min(len(buffer), int(port.in_waiting))
            data = os.read(port.fileno(), count) if count else b""
        except Exception as error:  # noqa: BLE001
            self._die(error)
            return 0
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        port = self._live_port()
        if port is None:
            return 0
        try:
            return os.write(port.fileno(), data)  # pyserial's own spins while the buffer is full
        except BlockingIOError:
            return 0
        except Exception as error:  # noqa: BLE001
            self._die(error)
            return 0

    def set_baud(self, rate: int) -> None:
        self._baud = rate
        port = self._live_port()
        if port is None:
            return
        try:
            port.baudrate = rate
        except Exception as error:  # noqa: BLE001
            self._die(error)

    def close(self) -> None:
        if self._port is not None:
            port, self._port = self._port, None
            try:
                port.close()
            except Exception:  # noqa: BLE001 - closing what was pulled out fails, too
                return

    def _live_port(self) -> "serial.Serial | None":
        if self._port is None and ticks_diff(self._now_ms(), self._retry_at_ms) >= 0:
            self._open()
        return self._port

    def _open(self) -> None:
        try:
            self._port = serial.Serial(
                self._path, self._baud, timeout=0, write_timeout=0, exclusive=True
            )
            self._port.reset_input_buffer()
        except Exception as error:  # noqa: BLE001
            self._die(error)
            return
        self.opens += 1
        self._retry_ms = RETRY_MS_MIN
        self._is_told = False

    def _die(self, error: Exception) -> None:
        self.close()
        if not self._is_told:
            self._is_told = True
            print(
                f"serial port {self._path} of the {self._user}: {_words(error)}; "
                "look at its plug and at that name; tried again by and by",
                file=sys.stderr,
                flush=True,
            )
        self._retry_at_ms = ticks_add(self._now_ms(), self._retry_ms)
        self._retry_ms = min(self._retry_ms * 2, RETRY_MS_MAX)


class ConsoleLink(SerialLink):
    """A cable that a technician plugs in and pulls out: `is_there` for `firmware.console_door`."""

    def __init__(self, path: str, now_ms: Callable[[], int]) -> None:
        self._is_lost = False
        super().__init__(path, "console (box.json: board.console, else the service's)", now_ms)

    @property
    def is_there(self) -> bool:
        """False at least once after it was pulled out: whatever was unlocked is locked then."""
        if self._is_lost:
            self._is_lost = False
            return False
        return self._live_port() is not None

    def _die(self, error: Exception) -> None:
        self._is_lost = True
        super()._die(error)


def _words(error: Exception) -> str:
    """Pyserial says it twice, and termios.error in brackets, also from within pyserial's words."""
    for one in (error, error.__context__):
        number = one.args[0] if one is not None and one.args else None
        if isinstance(number, int):
            return os.strerror(number)
    return str(error).strip() or type(error).__name__
