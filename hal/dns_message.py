"""The question for a name's IPv4 addresses and what is read of the answer (RFC 1035, 4.1).

Of the answer every A record counts, whatever name it carries: a name server follows aliases (CNAME)
itself and lists them on the way, and one that lies could as well lie about the name itself. So no
name in it is read, no pointer followed, and none can lead round in a circle.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: A datagram without extensions.
ANSWER_BYTES_MAX = 512
ADDRESSES_MAX = 4

# What an answer says; those from 0 on are its RCODE.
#: It is none, or one to another question.
NOT_IT: "Final" = -1
NO_SUCH_NAME: "Final" = 3
#: Cut off, by the server or on the way, before the first address.
CUT_OFF: "Final" = 16

_HEADER = 12
_NAME_BYTES_MAX = 253
_LABEL_BYTES_MAX = 63
_TYPE_A_CLASS_IN = b"\0\1\0\1"


def pack_question(name: str, number: int) -> bytes:
    """A query with this identifier of 16 bits; ValueError for what cannot be a name."""
    question = bytearray(_HEADER)
    question[0], question[1] = number >> 8, number & 0xFF
    question[2] = 1  # the server is to ask others
    question[5] = 1  # question
    for label in (name[:-1] if name.endswith(".") else name).split("."):
        text = label.encode()
        if not 0 < len(text) <= _LABEL_BYTES_MAX or min(text) < 33 or max(text) > 126:
            raise ValueError("%r is no name: its parts have 1 to 63 ASCII signs" % name)
        question.append(len(text))
        question.extend(text)
    if len(question) - _HEADER - 1 > _NAME_BYTES_MAX:
        raise ValueError("a name of more than 253 signs: %s" % name)
    question.append(0)
    question.extend(_TYPE_A_CLASS_IN)
    return bytes(question)


def read_answer(
    data: "bytes | bytearray", count: int, question: bytes, addresses: "list[str]"
) -> int:
    """NOT_IT, CUT_OFF or the RCODE of the first `count` bytes; appends the addresses in them.

    With RCODE 0 and no address the name is known, but not for IPv4.
    """
    at = len(question)
    if count < at or data[0] != question[0] or data[1] != question[1]:
        return NOT_IT
    # An answer (QR) to a plain query, with one question.
    if data[2] & 0xF8 != 0x80 or data[4] != 0 or data[5] != 1:
        return NOT_IT
    if bytes(data[_HEADER:at]).lower() != question[_HEADER:].lower():
        return NOT_IT
    if data[3] & 15:
        return data[3] & 15
    is_cut = data[2] & 2 != 0
    for _ in range(data[6] << 8 | data[7]):
        while at < count and 0 < data[at] <= _LABEL_BYTES_MAX:
            at += 1 + data[at]
        # Its end: an empty label, or a pointer of two bytes.
        at += 1 if at < count and data[at] == 0 else 2
        # Type, class, time to live; and the length of what follows.
        end = at + 10
        if end <= count:
            end += data[at + 8] << 8 | data[at + 9]
        if end > count:
            is_cut = True
            break
        if bytes(data[at : at + 4]) == _TYPE_A_CLASS_IN and end == at + 14:
            address = "%d.%d.%d.%d" % tuple(data[at + 10 : end])
            # 0.0.0.0 is how a filter says no.
            if address != "0.0.0.0" and len(addresses) < ADDRESSES_MAX:  # noqa: S104
                addresses.append(address)
        at = end
    return CUT_OFF if is_cut and not addresses else 0


def is_address(host: str) -> bool:
    """Four numbers, written as everybody reads them: 010 is 8 to some."""
    parts = host.split(".")
    for part in parts:
        if not 0 < len(part) <= 3 or part.strip("0123456789"):
            return False
        if int(part) > 255 or str(int(part)) != part:
            return False
    return len(parts) == 4
