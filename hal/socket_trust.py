"""What the server must prove before a byte is said to it, on CPython and on MicroPython.

A box that does not know the date cannot judge a certificate's dates. They alone may be passed over
then; CA and name never. CPython's TLS can leave them out. MicroPython's cannot, so it is asked
twice: a handshake that fails over the dates and nothing else has vouched for CA and name of the
certificate that was shown, and a second one takes this certificate and no other.
"""

import hashlib

from hal import socket_dialect
from hal.socket_dialect import REFUSED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Trust:
    """A certificate of this CA, for this name, and valid now if anybody knows when now is."""

    def __init__(self, ca_der: bytes, server_name: str) -> None:
        if not server_name:
            raise ValueError("no name to look for in the server's certificate")
        self._server_name = server_name
        self._context = socket_dialect.make_context(ca_der)
        self._undated = socket_dialect.make_undated_context(ca_der)
        # SHA-256 of the server's own certificate: as shown last; of one vouched for, until the
        # next handshake; the only one that the present handshake takes.
        self._shown = b""
        self._vouched = b""
        self._only = b""

    def wrap(self, raw: "Any", checks_dates: bool) -> "Any":
        """The TLS socket on a connected one; no byte has passed yet."""
        self._only = b"" if checks_dates else self._vouched
        self._shown = self._vouched = b""
        context = self._context
        if self._undated is None:
            look = None if checks_dates else self._look
            socket_dialect.set_judge(context, look, bool(self._only))
        elif not checks_dates:
            context = self._undated
        return socket_dialect.wrap(context, raw, self._server_name)

    def vouches(self, error: Exception) -> bool:
        """Did that handshake without dates fail over them alone? Then another may be made."""
        if self._only or not socket_dialect.is_about_dates_alone(error):
            return False
        self._vouched = self._shown
        return bool(self._vouched)

    def _look(self, certificate: "memoryview", depth: int) -> int:
        """MicroPython shows each certificate of the chain, the server's own with depth 0."""
        if depth:
            return 0
        try:
            self._shown = hashlib.sha256(certificate).digest()
        except MemoryError:  # nothing may be raised through Mbed TLS
            return REFUSED
        return 0 if self._only in (b"", self._shown) else REFUSED
