"""Any bytes at the console: noise, endless lines, half commands, at any time, in pieces of any size.

See `tests.bytes_fuzz`. After each input the same console must answer a good command, wholly; no
exception escapes a poll or is told as a command that failed, and nothing grows.
"""

from __future__ import annotations

from typing import Any

from firmware.console import words
from firmware.console_door import ConsoleBox, ConsoleDoor
from firmware.ticks import ticks_add
from hal.fake.byte_link import FakeByteLink
from tests.portable.firmware.loop_rig import CARD, Box
from tests.protocol.fuzzing import Bites, Watch

#: Objects that an interpreter and its caches may gain over all inputs.
OBJECTS_MAX = 200
#: Polls within which an input is dealt with, and the next good command answered.
POLLS_MAX = 4000
#: A turn of the box as well, after so many polls.
_TURN_EVERY = 50
_TAILS = (b"", b" 20", b" --json", b" live", b" faults", b" x" * 9, b" 999999999", b" help")
_SIZES = (1, 20, 119, 120, 121, 250, 2000)
_GOOD = b"version\r"
_ANSWER = b"car         4b4700000001\r\n"


class Typist:
    """A box with a console, and somebody who types nonsense."""

    def __init__(self, seed: int) -> None:
        self.bites = Bites(seed)
        self.box = Box()
        self.box.book()
        self.box.reader.card = CARD
        self.box.after(100)
        self.link = FakeByteLink(seed)
        self.door = ConsoleDoor(self.link, ConsoleBox(self.box.loop, "1.2.3"))
        self.polls = 0

    def poll(self) -> bytes:
        box = self.box
        self.polls += 1
        if self.polls % _TURN_EVERY:
            box.now_ms = ticks_add(box.now_ms, 1)
        else:
            box.after(1)
            box.centre.take()
        self.door.poll(box.now_ms)
        return b"".join([data for _, data in self.link.take()])

    def settle(self) -> bytes:
        """Until the console wants nothing more; what it said."""
        said = b""
        for _ in range(POLLS_MAX):
            said += self.poll()
            if not self.link.any() and not 0 <= self.door.next_ms <= 20:
                return said
        raise AssertionError(f"no end of the answer after {POLLS_MAX} turns: {said[-200:]!r}")

    def input(self) -> bytes:
        chance = self.bites.random
        name = chance.choice(words.COMMANDS)[0].encode()
        kind = chance.randrange(7)
        if kind == 0:
            return chance.randbytes(chance.choice(_SIZES))
        if kind == 1:
            return bytes(
                chance.choice(b"\r\n\x03\x08\x7f \x1b") for _ in range(chance.choice(_SIZES))
            )
        if kind == 2:
            return bytes([chance.randrange(32, 127)]) * chance.choice(_SIZES)
        line = name + chance.choice(_TAILS)
        if kind == 3:
            return line + chance.choice((b"\r", b"\n", b"\r\n"))
        if kind == 4:
            return self.bites.bite(line) + b"\r"
        if kind == 5:
            return line[: chance.randrange(len(line))] + b"\r" + self.bites.bite(line) + b"\r"
        return self.bites.bite(line + b"\r" + line)

    def type(self, data: bytes) -> bytes:
        said = b""
        while data:
            size = self.bites.random.choice((1, 7, 100, 250))
            self.link.put(data[:size])
            data = data[size:]
            said += self.poll()
        return said

    def ask(self) -> None:
        """A good command, after whatever is half typed or still going on."""
        self.type(b"\x03")
        self.settle()
        self.type(b"\x03\r")
        self.settle()
        said = self.type(_GOOD) + self.settle()
        assert said.count(_ANSWER) == 1, said
        assert said.endswith(b"> "), said

    def sizes(self) -> list[int]:
        """Of whatever could grow with what comes in."""
        console: Any = self.door._console
        out, lines = console._out, console._lines
        parts = (out._queue, lines._line, console._chunk, vars(console), vars(out), vars(lines))
        return [len(part) for part in parts] + [len(self.door._box.__dict__)]


def fuzz(count: int, seed: int) -> dict[str, Any]:
    """Each input, then the next good command."""
    typist, watch = Typist(seed), Watch()
    typist.ask()
    sizes, total_bytes, noise = typist.sizes(), 0, 0
    for number in range(count):
        if number == count // 10:
            watch.mark()
        data = typist.input()
        total_bytes += len(data)
        said = typist.type(data)
        for _ in range(typist.bites.random.choice((0, 1, 10, 100))):
            said += typist.poll()
        assert b"the command failed" not in said, (data, said)
        noise += said.count(b"noise in this line")
        typist.ask()
    assert typist.sizes() == sizes
    grown = watch.grown()
    assert grown <= OBJECTS_MAX, f"{grown} objects more"
    return {
        "inputs": count,
        "bytes": total_bytes,
        "noisy_lines": noise,
        "polls": typist.polls,
        "objects_grown": max(grown, 0),
    }
