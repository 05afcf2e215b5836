"""Answers of a name server, right and wrong, to a question as it came."""

QUESTION_AT = 12
A = 1
NO_SUCH_NAME = 3
#: QR, RD; RA.
FLAGS = 0x8180
TC = 0x0200


def answer(
    question: bytes, *addresses: str, flags: int = FLAGS, name: "bytes | None" = None
) -> bytes:
    """With these addresses; `name`: another one in the question, as labels with their end."""
    asked = question[QUESTION_AT:] if name is None else name + b"\0\1\0\1"
    records = [record(A, bytes([int(part) for part in one.split(".")])) for one in addresses]
    counts = bytes((0, 1, 0, len(records), 0, 0, 0, 0))
    return question[:2] + bytes((flags >> 8, flags & 255)) + counts + asked + b"".join(records)


def record(kind: int, data: bytes, name: bytes = b"\xc0\x0c") -> bytes:
    """Of class IN, for a minute; its name points to the question."""
    return name + bytes((0, kind, 0, 1, 0, 0, 0, 60, 0, len(data))) + data


def with_records(question: bytes, records: bytes, count: int) -> bytes:
    """An answer that claims so many."""
    plain = answer(question)
    return plain[:6] + bytes((count >> 8, count & 255)) + plain[8:] + records


def other_number(question: bytes, place: int) -> bytes:
    """Another one in its high or low byte."""
    return question[:place] + bytes((question[place] ^ 1,)) + question[place + 1 :]


def not_it(question: bytes) -> "list[bytes]":
    """What a stranger, a fault or an earlier question may bring; each names 127.0.0.9."""
    good = answer(question, "127.0.0.9")
    return [
        answer(other_number(question, 0), "127.0.0.9"),
        answer(other_number(question, 1), "127.0.0.9"),
        answer(question, "127.0.0.9", name=b"\5other\7example\0"),
        answer(question, "127.0.0.9", flags=0x0100),  # a question
        answer(question, "127.0.0.9", flags=0xA100),  # of another kind (OPCODE 4)
        good[:4] + b"\0\0" + good[6:],
        good[:4] + b"\0\2" + good[6:],
        good[:4] + b"\1\1" + good[6:],
        good[: len(question) - 1],
        good[:5],
        b"\xff" * 300,
        b"x",
    ]
