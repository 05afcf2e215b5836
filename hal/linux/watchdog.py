"""What restarts a program that hangs: systemd by its notifications, or the chip's own watchdog."""

import os
import socket
from pathlib import Path

#: Written before closing: the program ends on purpose (Documentation/watchdog/watchdog-api.rst).
_MAGIC_CLOSE = b"V"
_ALIVE = b"WATCHDOG=1"
_READY = b"READY=1\n"


class SystemdWatchdog:
    """A `Watchdog` by sd_notify(3); without systemd it does nothing.

    The first feed, the end of the first whole turn, also tells that the start is over.
    """

    def __init__(self, address: str | None = None) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._is_ready = False
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    def feed(self) -> None:
        if self._socket is None:
            return
        text = _ALIVE if self._is_ready else _READY + _ALIVE
        try:
            self._socket.sendto(text, self._address)
        except OSError:
            return  # what systemd misses it acts upon
        self._is_ready = True

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()


class DeviceWatchdog:
    """A `Watchdog` on /dev/watchdog beside another one. OSError when the device is taken.

    A box that is stopped on purpose (`close`) disarms it; one that is killed does not, and the
    machine starts anew.
    """

    def __init__(self, path: Path, other: SystemdWatchdog) -> None:
        self._other = other
        self._device = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK)

    def feed(self) -> None:
        self._other.feed()
        try:
            os.write(self._device, b"\0")
        except OSError:
            return

    def close(self) -> None:
        try:
            os.write(self._device, _MAGIC_CLOSE)
        finally:
            os.close(self._device)
        self._other.close()
