"""Prints what the console takes from the heap, in bytes. Runs under MicroPython.

fitted N     the door, with nobody at the cable
idle N       2,000 turns of the loop with the door fitted
quiet N      2,000 turns with the console open and nobody typing
open N       the console with every command used, beside the door
left N       of it after five more times open and closed again
"""

import gc

from firmware.console_door import ConsoleBox, ConsoleDoor
from tests.portable.firmware.console.console_rig import Cable
from tests.portable.firmware.loop_rig import Box

TURNS = 2000
COMMANDS = ("help", "status", "sensors", "log 50", "why", "version --json", "statsu")


def used() -> int:
    gc.collect()
    return int(gc.mem_alloc())  # type: ignore[attr-defined]


class Story:
    """A box, its cable, and somebody who comes and goes."""

    def __init__(self) -> None:
        self.box = Box()
        self.box.after(200)
        self.cable = Cable()
        before = used()
        self.door = ConsoleDoor(self.cable, ConsoleBox(self.box.loop, "1.2.3"))
        print("fitted", used() - before)

    def turns(self, count: int) -> None:
        """Turns without time."""
        box, door = self.box, self.door
        for _ in range(count):
            box.after(0)
            door.poll(box.now_ms)

    def allocated(self) -> int:
        """Bytes that turns take; nothing is collected meanwhile."""
        self.turns(10)
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()  # type: ignore[attr-defined]
        self.turns(TURNS)
        after = gc.mem_alloc()  # type: ignore[attr-defined]
        gc.enable()
        return int(after - before)

    def use(self) -> None:
        """Every command, its answer read."""
        for command in COMMANDS:
            self.cable.put(command.encode() + b"\r")
            while self.door.poll(self.box.now_ms):
                self.box.after(1)
                self.cable.take()

    def leave(self) -> None:
        self.cable.is_there = False
        self.turns(1)
        self.cable.is_there = True
        self.cable.take()


def main() -> None:
    story = Story()
    print("idle", story.allocated())
    story.use()
    print("quiet", story.allocated())
    story.leave()
    closed = used()
    story.use()
    print("open", used() - closed)
    story.leave()
    for _ in range(4):
        story.use()
        story.leave()
    print("left", used() - closed)


main()
