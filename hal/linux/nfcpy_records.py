"""What the process of nfcpy says to the box, and what it is told: records of nine bytes, and one byte.

A record is a letter and 8 bytes, the identifier of a card or zeros. A pipe passes so few bytes whole.
"""

RECORD_BYTES = 9

#: It lives: at least every second while all is well.
ALIVE = b"A"
#: The reader is open and answers.
READY = b"R"
#: A few eager looks in a row found no card: what comes from now on was not there before.
LISTENING = b"L"
#: A card answered.
CARD = b"C"
#: The reader cannot be opened, or failed; the words are on standard error.
TROUBLE = b"T"

EAGER = b"1"
CALM = b"0"

_NOBODY = bytes(8)


def pack(kind: bytes, ident: bytes = _NOBODY) -> bytes:
    return kind + ident
