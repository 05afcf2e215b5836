"""What sockets and TLS are called on the two interpreters: all that differs, and nothing else.

MicroPython's sockets read and write like files and give None where CPython raises; its TLS shakes
hands inside reads and writes. Nothing here waits, and no context goes without the proof of who the
server is: certificate of our CA, for the name that we expect; `hal.socket_trust` says more of it.
"""

import errno
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The socket has nothing or takes nothing now.
BLOCKED = -1

#: What a judge of certificates answers to end the handshake; 0 is yes. It is Mbed TLS's
#: X509_FATAL_ERROR: of other numbers it overlooks some, and takes those above 0 for a success.
REFUSED = -0x3000

#: OpenSSL's X509_V_FLAG_NO_CHECK_TIME, for which CPython has no name.
_NO_CHECK_TIME = 0x200000

#: What Mbed TLS writes of dates; every other doubt stands beside it in a line of its own.
_DATES = ("The certificate validity has expired", "The certificate validity starts in the future")

#: MicroPython's sockets are files.
_LIKE_FILES = hasattr(socket.socket, "readinto")

# MicroPython's `ssl` is a thin layer above its `tls`, and not there on every board.
tls: "Any" = __import__("tls" if _LIKE_FILES else "ssl")

#: Exceptions of CPython's TLS; MicroPython has neither, and raises ValueError for a certificate.
_WANT: "Any" = () if _LIKE_FILES else (tls.SSLWantReadError, tls.SSLWantWriteError)
_CERTIFICATE: "Any" = ValueError if _LIKE_FILES else tls.SSLCertVerificationError


def make_context(ca_der: bytes) -> "Any":
    """A TLS context that trusts this one CA. ValueError when it is no certificate in DER form."""
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED  # MicroPython's default is to believe anybody
    try:
        if _LIKE_FILES:
            # It looks at the name whenever it is given one; `wrap` always does.
            context.load_verify_locations(ca_der)
        else:
            context.check_hostname = True
            context.load_verify_locations(cadata=ca_der)
    except (OSError, ValueError) as error:
        raise ValueError("the CA is no certificate in DER form: %s" % error) from None
    return context


def make_undated_context(ca_der: bytes) -> "Any":
    """Likewise, but blind to dates; None on MicroPython, which has no such thing."""
    if _LIKE_FILES:
        return None
    context = make_context(ca_der)
    context.verify_flags |= _NO_CHECK_TIME
    return context


def set_judge(context: "Any", look: "Any", alone: bool) -> None:
    """MicroPython: show certificates to `look(certificate, depth)`; `alone`, only it judges."""
    context.verify_callback = look
    context.verify_mode = tls.CERT_OPTIONAL if alone else tls.CERT_REQUIRED


def wrap(context: "Any", raw: "Any", server_name: str) -> "Any":
    """The TLS socket on a connected one; no byte has passed yet."""
    return context.wrap_socket(raw, server_hostname=server_name, do_handshake_on_connect=False)


def shake_hands(secured: "Any") -> bool:
    """Take the next step of the handshake; True when it is known to be over.

    MicroPython has no call for it and cannot tell: there the first write that takes bytes shows it.
    """
    if _LIKE_FILES:
        return False
    try:
        secured.do_handshake()
    except OSError as error:
        _raise_unless_blocked(error)
        return False
    return True


def read_some(connected: "Any", buffer: bytearray) -> int:
    """Bytes received, 0 at the end of the stream, BLOCKED; OSError or ValueError when it broke."""
    if _LIKE_FILES:
        count = connected.readinto(buffer)
        return BLOCKED if count is None else count
    try:
        return int(connected.recv_into(buffer))
    except OSError as error:
        _raise_unless_blocked(error)
        return BLOCKED


def write_some(connected: "Any", data: "bytes | bytearray | memoryview") -> int:
    """Bytes taken, or BLOCKED; OSError or ValueError when it broke."""
    if _LIKE_FILES:
        count = connected.write(data)
        return BLOCKED if count is None else count
    try:
        return int(connected.send(data))
    except OSError as error:
        _raise_unless_blocked(error)
        return BLOCKED


def is_about_certificate(error: Exception) -> bool:
    """Was it the server's certificate that broke the handshake?"""
    return isinstance(error, _CERTIFICATE) or getattr(error, "errno", 0) == REFUSED


def is_about_dates_alone(error: Exception) -> bool:
    """MicroPython: was nothing wrong with the certificate but its dates?"""
    if not _LIKE_FILES or not isinstance(error, ValueError):
        return False
    doubts = [line for line in str(error).split("\n") if line]
    return bool(doubts) and all([doubt in _DATES for doubt in doubts])


def _raise_unless_blocked(error: OSError) -> None:
    # The number alone would not do: that of SSLWantReadError is no errno.
    if not isinstance(error, _WANT) and error.errno != errno.EAGAIN:
        raise error
