"""A box on paper with a cable in it, and what the cable counts."""

from firmware.console_door import ConsoleBox, ConsoleDoor
from hal.fake.byte_link import FakeByteLink
from tests.portable.firmware.loop_rig import Box

#: Turns that any answer is complete within.
TURNS_MAX = 3000


class Cable(FakeByteLink):
    """Counts what a turn of the console takes and gives."""

    def __init__(self) -> None:
        super().__init__()
        self.is_there = True
        self.bytes_read = 0
        self.bytes_written = 0
        #: The terminal takes nothing.
        self.is_stuck = False

    def readinto(self, buffer: bytearray) -> int:
        count = super().readinto(buffer)
        self.bytes_read += count
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        if self.is_stuck:
            return 0
        count = super().write(data)
        self.bytes_written += count
        return count


class ConsoleRig:
    """`ask` types a line and hears the answer's lines, without the echo and the prompt."""

    def __init__(self, box: "Box | None" = None) -> None:
        self.box = box or Box()
        self.cable = Cable()
        self.inside = ConsoleBox(self.box.loop, "1.2.3")
        self.door = ConsoleDoor(self.cable, self.inside)

    def turn(self, after_ms: int = 1) -> bool:
        """A turn of the box and one of the console."""
        self.box.after(after_ms)
        return self.door.poll(self.box.now_ms)

    def hear(self, turns: int = TURNS_MAX) -> bytes:
        """Turns until the console wants no more; what it said."""
        said = b""
        for _ in range(turns):
            soon = self.turn()
            said += self.taken()
            if not soon and self.door.next_ms > 20:
                break
        return said

    def taken(self) -> bytes:
        return b"".join([data for _, data in self.cable.take()])

    def type(self, text: str) -> str:
        """Everything that comes back for it."""
        self.cable.put(text.encode())
        return str(self.hear(), "ascii")

    def open(self) -> None:
        """Past the greeting."""
        self.type("\r")

    def ask(self, line: str) -> "list[str]":
        if not self.door.is_open:
            self.open()
        said = self.type(line + "\r")
        head, tail = line + "\r\n", "> "
        assert said.startswith(head), said
        if self.inside.level:
            tail = "# "
        assert said.endswith(tail), said
        lines = said[len(head) : len(said) - len(tail)].split("\r\n")
        assert lines.pop() == ""
        return lines
