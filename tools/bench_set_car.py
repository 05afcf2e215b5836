"""Prints what `set` costs a box: an ESP32's whole program on a simulated chip. Runs under MicroPython.

    micropython -X heapsize=4M tools/bench_set_car.py [FOLDER]

longest N    microseconds of the wall of the longest turn in which one was answered, nothing collected:
             of each kind the quickest of three, so that what else the machine does counts for little
left N       what is held after the last of 50, against what was after two of each kind
needed N     free bytes that were enough for each of them, and 512 fewer were not; with `.frozen` alone

FOLDER of the program as it is frozen, `.frozen` if the interpreter has it: else it is read from source.
Either is compiled in the turn where a chip has it in flash, unless it is `.frozen`.
Kinds: numbers and texts, a secret, none, bad values, unknown names, what the centre rules, `set` alone.
"""

import gc
import sys
import time

try:
    __import__("tls")
except ImportError:  # a build without it; nothing here uses one
    sys.modules["tls"] = sys

from firmware.wire.console_key import answer_to, read_question
from tests.portable.boards.box_rig import CAR, KEY
from tests.portable.boards.esp32 import whole_box
from tests.portable.boards.folders import new_folder, remove_folder
from tests.portable.hal.esp32 import chip_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KINDS = (
    "set",
    "set host other-%d.example",
    "set port %d",
    "set server_name fleet.example",
    "set server_name -",
    "set wifi depot north %d",
    "set wifi_password a passphrase %d",
    "set pulses_per_km 25%d",
    "set battery_times_1000 - --json",
    "set port 7000%d",
    "set port eight --json",
    "set pulses_per_km 0",
    "set wifi_password short",
    "set colour red %d",
    "set terms top24-2023",
    "set host",
)
SETS = 50
TURNS_MAX = 400
#: In steps of this it is looked for how little is enough.
STEP = 512
STEPS_MAX = 512
BALLAST = (65536, 4096, 256, 16)
clock: "Any" = time
memory: "Any" = gc


def used() -> int:
    gc.collect()
    return int(memory.mem_alloc())


class Story:
    """A box that nobody uses, and a technician of level 2 at its cable."""

    def __init__(self, car: whole_box.Car, board: "Any", box: "Any") -> None:
        self.cable = car.chip.console
        self.chip = car.chip
        self.reader = car.reader
        self.board = board
        self.box = box
        self.longest_us = 0
        self.said = b""
        self.ask("")
        said = self.ask("unlock 2")
        at = said.find(b"KB1-")
        found = read_question(str(said[at : said.find(b"\r", at)], "ascii"))
        assert found is not None, said
        right = answer_to(bytes.fromhex(KEY), bytes.fromhex(CAR), found[0], found[1])
        said = self.ask("answer " + right)
        assert b"workshop" in said, said

    def ask(self, line: str) -> bytes:
        """What is said to it, with its echo and the prompt."""
        self.cable.put(line.encode() + b"\r")
        self.said = b""
        for _ in range(TURNS_MAX):
            began_us = clock.ticks_us()
            due_ms = self.box.turn()
            took_us = clock.ticks_diff(clock.ticks_us(), began_us)
            if took_us > self.longest_us:
                self.longest_us = took_us
            self.board.wait(due_ms)
            self.said += self.cable.take()
            self.chip.events.clear()  # what the chip and its reader note for tests
            self.reader.commands.clear()
            if self.said[-2:] in (b"# ", b"> ") and self.said.count(b"\n") > 1:
                return self.said
        raise ValueError(f"{line} was not answered: {self.said!r}")

    def set(self, number: int) -> bytes:
        """One of them."""
        line = KINDS[number % len(KINDS)]
        return self.ask(line % (10 + number % 90) if "%d" in line else line)

    def longest_of(self, count: int) -> int:
        """The longest turn of so many of them; nothing is collected in one."""
        quickest = [1 << 29] * len(KINDS)
        for number in range(count):
            gc.collect()
            gc.disable()
            self.longest_us = 0
            self.set(number)
            gc.enable()
            kind = number % len(KINDS)
            quickest[kind] = min(quickest[kind], self.longest_us)
        return max(quickest)

    def is_enough(self, number: int, free: int) -> bool:
        """Whether it is done with so much memory free, in one piece."""
        gc.collect()
        kept = bytearray(free)
        ballast = Filled(None, b"")
        for size in BALLAST:
            try:
                while True:
                    ballast = Filled(ballast, bytearray(size))
            except MemoryError:
                pass
        del kept
        try:
            said = self.set(number)
        except MemoryError:
            said = b"MemoryError"
        return b"MemoryError" not in said


class Filled:
    """A piece of memory that is in the way, and the one before it."""

    def __init__(self, before: "Filled | None", data: "bytes | bytearray") -> None:
        self.before = before
        self.data = data


def least(story: Story) -> int:
    """Free bytes that are enough for every kind."""
    found = STEP
    for number in range(len(KINDS)):
        for _ in range(STEPS_MAX):
            if story.is_enough(number, found):
                break
            found += STEP
    return found


def frozen(folder: str, car: whole_box.Car, path: str) -> "tuple[Any, Any]":
    """Board and box of the program there; see `start_frozen`."""
    text = whole_box.config_text()
    chip_modules.install()
    for name in list(sys.modules):
        if name.split(".")[0] in ("firmware", "hal", "boards"):
            del sys.modules[name]
    sys.path[:] = [folder]
    program: Any = __import__("program")
    program.open_console = lambda: program.ConsoleLink(*[car.chip.console] * 3)
    board = program.Board(False, path)
    box = program.Box(board, __import__("boards.box_config").box_config.load(text))
    box.start()
    return board, box


def main(words: "list[str]") -> None:
    folder = new_folder()
    with open(folder + "box.json", "w") as file:
        file.write(whole_box.config_text())
    car = whole_box.Car()
    if words:
        board, box = frozen(words[0], car, folder)
    else:
        box = car.start()
        board = car.board
        board._folder = folder  # noqa: SLF001 - where its box.json is
    story = Story(car, board, box)
    for number in range(2 * len(KINDS)):
        story.set(number)
    begun = used()
    print("longest", story.longest_of(SETS))
    print("left", used() - begun)
    if words == [".frozen"]:
        print("needed", least(story))
    remove_folder(folder)


main(sys.argv[1:])
