"""Asks a name server for the addresses of a name without waiting for it (RFC 1035 over UDP).

For a board whose interpreter would stand still meanwhile: an ESP32's `getaddrinfo` takes up to 14 s.
The name server is not proved to be one. Datagrams count only from its address and port, to a port
and with an identifier that nobody can guess; whoever sits on the way can still forge an answer. It
leads to a server without the certificate for that name (`hal.socket_trust`), and so nowhere; without
TLS it leads to whoever forged it, which is one more reason not to go without.

MicroPython reads datagrams that wait together as one, of which the first counts. What is lost by that
is asked for again, like everything that is lost.
"""

import socket

from firmware.ticks import ticks_diff
from hal.dns_message import (
    ANSWER_BYTES_MAX,
    CUT_OFF,
    NO_SUCH_NAME,
    NOT_IT,
    pack_question,
    read_answer,
)
from hal.socket_dialect import read_some

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PORT = 53
#: It is asked again after 1, 3 and 7 s, and has failed after 15. Where there is a second one, that is
#: asked from 3 s on.
FIRST_WAIT_MS = 1000
TRIES_MAX = 4
_TRIES_OF_FIRST = 2

#: Names that end so have no server: who bears one answers (RFC 6762, 5.1 and 6.7).
_LOCAL = ".local"
_LOCAL_GROUP = "224.0.0.251"
_LOCAL_PORT = 5353

#: RFC 6335, dynamic ports: 14 bits more to guess. lwIP takes them one after the other.
_SOURCE_PORT_MIN = 49152
_SOURCE_PORT_MASK = 0x3FFF


class NameLookup:
    """One name at a time: `begin`, then `poll` until it is True; `close` ends it before that.

    `name_server()`: its address now, empty when there is none; `second`: of another one, for when that
    does not answer. `entropy()`: two bytes or more that nobody can guess, others each time.
    """

    def __init__(
        self,
        name_server: "Callable[[], str]",
        entropy: "Callable[[], bytes]",
        port: int = PORT,
        second: str = "",
    ) -> None:
        #: What was found, as the server sorted it; when nothing was, why, for a technician.
        self.addresses: "list[str]" = []
        self.trouble = ""
        self._name_server = name_server
        self._entropy = entropy
        self._port = port
        self._second = second
        self._next = ""
        self._host = ""
        self._server = ""
        self._question = b""
        self._buffer: "Any" = None
        self._socket: "Any" = None
        self._tries = 0
        self._asked_at_ms = 0

    def begin(self, host: str) -> None:
        """ValueError when nobody can be asked for that."""
        self.close()
        drawn = self._entropy()
        self._question = pack_question(host, drawn[0] << 8 | drawn[1])
        self._host = host
        if host.lower().endswith(_LOCAL):
            self._server, self._next = _LOCAL_GROUP, ""
        else:
            self._server, self._next = self._name_server() or self._second, self._second
        if not self._server:
            raise ValueError("the network named no name server to ask for %s" % host)
        self._buffer = bytearray(ANSWER_BYTES_MAX)
        self.addresses = []
        self.trouble = ""
        self._tries = 0

    def poll(self, now_ms: int) -> bool:
        """Take the next step; True when it is over."""
        tries = self._tries
        if tries == 0 or ticks_diff(now_ms, self._asked_at_ms) >= FIRST_WAIT_MS << (tries - 1):
            if tries == TRIES_MAX:
                self.trouble = "no answer from %s about %s" % (self._server, self._host)
                self.close()
                return True
            if tries == _TRIES_OF_FIRST and self._next and self._next != self._server:
                self._drop()
                self._server = self._next
            self._tries = tries + 1
            self._asked_at_ms = now_ms
            self._ask()
        return self._hear()

    def close(self) -> None:
        """Let go of the socket and of what is needed only while asking."""
        self._drop()
        self._question = b""
        self._buffer = None

    def _ask(self) -> None:
        """What cannot be sent now is as lost as what nobody answers."""
        is_local = self._server == _LOCAL_GROUP
        try:
            to = _sockaddr(self._server, _LOCAL_PORT if is_local else self._port)
            if self._socket is None:
                self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self._socket.setblocking(False)
                drawn = self._entropy()
                port = _SOURCE_PORT_MIN + ((drawn[0] << 8 | drawn[1]) & _SOURCE_PORT_MASK)
                try:
                    self._socket.bind(_sockaddr("0.0.0.0", port))  # noqa: S104
                except OSError:
                    pass  # somebody has it: then the one that the stack gives
                if not is_local:
                    self._socket.connect(to)
            self._socket.sendto(self._question, to)
        except OSError:
            self._drop()

    def _hear(self) -> bool:
        if self._socket is None:
            return False
        try:
            count = read_some(self._socket, self._buffer)
        except OSError:
            count = 0
        if count == 0:
            # Or an empty datagram, after which an ESP32's socket reads nothing any more.
            self._drop()
        # BLOCKED is fewer bytes than any answer has.
        said = read_answer(self._buffer, count, self._question, self.addresses)
        if said == NOT_IT:
            return False
        if not self.addresses:
            self.trouble = self._words(said)
        self.close()
        return True

    def _drop(self) -> None:
        """The next question has a new one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _words(self, said: int) -> str:
        if said == NO_SUCH_NAME:
            return "the name server %s does not know %s" % (self._server, self._host)
        if said == 0:
            return "the name server %s has no IPv4 address of %s" % (self._server, self._host)
        if said == CUT_OFF:
            return "the name server %s says too much about %s" % (self._server, self._host)
        return "the name server %s cannot tell %s: error %d" % (self._server, self._host, said)


def _sockaddr(address: str, port: int) -> "Any":
    """As the interpreter wants it; for an address nobody is asked."""
    return socket.getaddrinfo(address, port)[0][4]
