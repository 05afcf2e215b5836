"""The stream to the centre on real sockets, on CPython and on MicroPython for Linux.

Nothing waits, if it is given a `NameLookup`. Without one it is the interpreter that looks up names,
and neither does that without waiting. An address that answered is used again until it does not; and
an address instead of a name needs no look-up, as the certificate's name is told apart from it.
"""

import errno
import socket

from firmware.ticks import FAR_MS, ticks_add
from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_BROKEN,
    TROUBLE_CERTIFICATE,
    TROUBLE_ENDED,
    TROUBLE_NAME,
    TROUBLE_TLS,
    TROUBLE_UNREACHABLE,
)
from hal import socket_dialect
from hal.dns_message import is_address
from hal.socket_dialect import BLOCKED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hal.name_lookup import NameLookup
    from hal.socket_trust import Trust

#: How often a stream is looked at: while it opens, and for what it received.
LOOK_EVERY_MS = 20
DETAIL_SIGNS_MAX = 120

_CONNECTING = (errno.EINPROGRESS, errno.EALREADY)
#: MicroPython has no name for it; the ESP32's number is 127.
_EISCONN = getattr(errno, "EISCONN", 127)
# TCP_NODELAY: a touch of the reader must not wait for the acknowledgement of what came before.
_TCP, _NODELAY = 6, 1


class SocketNetwork:
    """A `Network`. Without `trust` there is no TLS: for the own machine or a tunnel only."""

    def __init__(self, trust: "Trust | None", look_every_ms: int = LOOK_EVERY_MS) -> None:
        self.state = CLOSED
        self.trouble = NO_TROUBLE
        #: Nobody can tell, unless somebody sees to the network below (`hal/esp32/wlan.py`), who
        #: looks at the two wishes, and takes the second back.
        self.is_reachable = True
        self.rests = False
        self.is_hurried = False
        #: Words about the trouble for a technician: the interpreter's, or those of `names`.
        self.detail = ""
        #: Looks names up without waiting, where the board has that.
        self.names: "NameLookup | None" = None
        self._trust = trust
        self._look_every_ms = look_every_ms
        self._now_ms = 0
        self._socket: "Any" = None
        self._family = 0
        self._address: "Any" = None
        self._server = ("", 0)
        self._knows_address = False  # of that server: it answered, and has not failed since
        self._has_answered = False  # on this stream
        self._checks_dates = True
        self._is_connected = False
        self._opens = 0
        self._offered = 0  # bytes that were refused: TLS must be given just these again

    @property
    def next_due_at_ms(self) -> int:
        return ticks_add(self._now_ms, FAR_MS if self.state == CLOSED else self._look_every_ms)

    def open(self, host: str, port: int, checks_dates: bool = True) -> None:
        self.close()
        self._checks_dates = checks_dates
        self.detail = ""
        if self._knows_address and self._server == (host, port):
            self._begin()
            return
        self._knows_address = False
        self._server = (host, port)
        if self.names is None or is_address(host):
            self._go_to(host)
            return
        try:
            self.names.begin(host)
            self.state = OPENING
        except ValueError as error:
            self._fail(TROUBLE_NAME, error)

    def _hear_name(self, names: "NameLookup") -> None:
        if not names.poll(self._now_ms):
            return
        found = names.addresses
        if found:
            self._go_to(found[self._opens % len(found)])
        else:
            self._fail(TROUBLE_NAME, names.trouble)

    def _go_to(self, host: str) -> None:
        """To an address; or to a name, where the interpreter looks it up and waits."""
        try:
            addresses = _look_up(host, self._server[1])
        except (OSError, ValueError) as error:
            self._fail(TROUBLE_NAME, error)
            return
        # One attempt after the other: the first may be one that leads nowhere from here.
        self._family, self._address = addresses[self._opens % len(addresses)]
        self._opens += 1
        self._begin()

    def _begin(self) -> None:
        """A fresh socket for the address that was chosen."""
        self.close()
        self._has_answered = False
        self.state = OPENING
        try:
            self._socket = socket.socket(self._family, socket.SOCK_STREAM)
            self._socket.setblocking(False)
            self._socket.setsockopt(_TCP, _NODELAY, 1)
        except OSError as error:
            self._fail(TROUBLE_UNREACHABLE, error)

    def poll(self, now_ms: int) -> None:
        self._now_ms = now_ms
        if self.state != OPENING:
            return
        if self._socket is None:
            if self.names is not None:
                self._hear_name(self.names)
            return
        if not self._is_connected:
            self._connect()
            return
        try:
            if socket_dialect.shake_hands(self._socket):
                self.state = OPEN
        except (OSError, ValueError) as error:
            self._fail_by(error)

    def readinto(self, buffer: bytearray) -> int:
        if not self._is_connected:
            return 0
        try:
            count = socket_dialect.read_some(self._socket, buffer)
        except (OSError, ValueError) as error:
            self._fail_by(error)
            return 0
        if count == BLOCKED:
            return 0
        if count == 0:
            self._fail(TROUBLE_ENDED if self.state == OPEN else TROUBLE_TLS, "")
            return 0
        self._has_answered = self._knows_address = True
        self.state = OPEN
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        if not self._is_connected or not data:
            return 0
        if self._offered > len(data):
            raise ValueError("%d bytes after %d were refused" % (len(data), self._offered))
        if 0 < self._offered < len(data):
            data = memoryview(data)[: self._offered]
        try:
            count = socket_dialect.write_some(self._socket, data)
        except (OSError, ValueError) as error:
            self._fail_by(error)
            return 0
        if count == BLOCKED:
            self._offered = len(data)
            return 0
        self._offered = 0
        self.state = OPEN
        return count

    def close(self) -> None:
        if self.state != CLOSED and not self._has_answered:
            self._knows_address = False
        if self.names is not None:
            self.names.close()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._is_connected = False
        self._offered = 0
        self.state = CLOSED
        self.trouble = NO_TROUBLE

    def rest(self, is_resting: bool) -> None:
        self.rests = is_resting

    def hurry(self) -> None:
        self.is_hurried = True

    def lose_carrier(self) -> None:
        """Whoever sees to the network below says that it is gone: no stream survives that."""
        if self.state != CLOSED:
            self._has_answered = True  # or has done nothing wrong
            self._fail(TROUBLE_UNREACHABLE, "")

    def _connect(self) -> None:
        """Ask how connecting goes; asking again is how both interpreters tell."""
        try:
            self._socket.connect(self._address)
        except OSError as error:
            if error.errno in _CONNECTING:
                return
            if error.errno != _EISCONN:
                self._fail(TROUBLE_UNREACHABLE, error)
                return
        self._is_connected = True
        if self._trust is None:
            self.state = OPEN
            return
        try:
            self._socket = self._trust.wrap(self._socket, self._checks_dates)
        except (OSError, ValueError) as error:
            self._fail_by(error)

    def _fail_by(self, error: Exception) -> None:
        if self._trust is not None and self._trust.vouches(error):
            self._begin()
        elif socket_dialect.is_about_certificate(error):
            self._fail(TROUBLE_CERTIFICATE, error)
        else:
            self._fail(TROUBLE_BROKEN if self.state == OPEN else TROUBLE_TLS, error)

    def _fail(self, trouble: int, why: "Exception | str") -> None:
        self.close()
        self.trouble = trouble
        self.detail = str(why).strip()[:DETAIL_SIGNS_MAX]


def _look_up(host: str, port: int) -> "list[tuple[Any, Any]]":
    """(family, address) of each way to the server, at least one."""
    found = [(e[0], e[4]) for e in socket.getaddrinfo(host, port) if e[1] == socket.SOCK_STREAM]
    if not found:
        raise ValueError("no address of %s" % host)
    return found
