"""A name server in changing moods, for `bench_turns`: it says at once, late, wrongly or never where the centre is."""

from __future__ import annotations

import asyncio
import random

PORT_ANY = 0
#: Question after question; four in a row that get nothing are a look-up in vain, of 15 s.
MOODS = (
    "good", "late", "nonsense", "good", "flood", "unknown", "good",
    "silent", "silent", "silent", "silent", "empty", "long",
)  # fmt: skip
#: Longer than the car waits before it asks again.
LATE_S = 1.3
FLOOD = 200

_HEADER_BYTES = 12
_ADDRESS = bytes((127, 0, 0, 1))
#: QR, RD; RA. And with the code for a name that does not exist.
_FOUND, _UNKNOWN = b"\x81\x80", b"\x81\x83"


def answer(question: bytes, flags: bytes, addresses: list[bytes]) -> bytes:
    """RFC 1035: each record's name points to the question."""
    records = [b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + address for address in addresses]
    counts = b"\0\1" + len(records).to_bytes(2, "big") + bytes(4)
    return question[:2] + flags + counts + question[_HEADER_BYTES:] + b"".join(records)


class NameServer(asyncio.DatagramProtocol):
    """Every name is at 127.0.0.1; what it says of that depends on the question's number."""

    def __init__(self) -> None:
        self.questions = 0
        #: Of them those that nobody answers at all.
        self.unanswered = 0
        self._chance = random.Random(4)  # noqa: S311
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, host: str) -> int:
        """Its port."""
        made, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(host, PORT_ANY)
        )
        self._transport = made
        return int(made.get_extra_info("sockname")[1])

    def stop(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        mood = MOODS[self.questions % len(MOODS)]
        self.questions += 1
        good = answer(data, _FOUND, [_ADDRESS])
        if mood == "good":
            self._say(good, addr)
        elif mood == "late":
            asyncio.get_running_loop().call_later(LATE_S, self._say, good, addr)
        elif mood == "nonsense":
            self._say(self._chance.randbytes(400), addr)
        elif mood == "flood":
            for _ in range(FLOOD):
                self._say(bytes((data[0] ^ 1,)) + good[1:], addr)
        elif mood == "unknown":
            self._say(answer(data, _UNKNOWN, []), addr)
        elif mood == "empty":
            self._say(b"", addr)
        elif mood == "long":
            self._say(answer(data, _FOUND, [_ADDRESS] * 60), addr)
        else:
            self.unanswered += 1

    def _say(self, data: bytes, to: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, to)
