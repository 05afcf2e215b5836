"""What a `Network` says of its one stream; shared by the drivers in `hal` and by the link."""

# States.
CLOSED = 0
#: On its way: name, connection, TLS. Only `write` shows on some boards that it is done.
OPENING = 1
#: Bytes can pass, and with TLS: the server has proved who it is.
OPEN = 2

# Why a stream is closed.
NO_TROUBLE = 0
#: The name could not be looked up.
TROUBLE_NAME = 1
#: No connection: refused, no route, no answer.
TROUBLE_UNREACHABLE = 2
#: TLS failed for another reason than the certificate.
TROUBLE_TLS = 3
#: The server's certificate: not of our CA, of another host, expired or not valid yet.
TROUBLE_CERTIFICATE = 4
#: The server closed the stream.
TROUBLE_ENDED = 5
#: The stream broke.
TROUBLE_BROKEN = 6

# Why there is no network below to open one on, where somebody can tell.
#: No radio network of that name is in reach.
TROUBLE_NO_SUCH_NETWORK = 7
#: It does not take the passphrase.
TROUBLE_PASSPHRASE = 8
#: It is there, and did not let the box in in time; nobody says why.
TROUBLE_NOT_JOINED = 9
#: The radio's own driver fails.
TROUBLE_RADIO = 10

TROUBLE_NAMES = (
    "no_trouble",
    "name",
    "unreachable",
    "tls",
    "certificate",
    "ended",
    "broken",
    "no_such_network",
    "passphrase",
    "not_joined",
    "radio",
)
