"""Prints the bytes that 10,000 idle turns allocate, as `NAME BYTES` lines. Runs under MicroPython.

step   Controller.step alone, on a vacant car with 200 bookings
turn   Loop.turn with its ports: inputs, reader, link, journal and all
use    Loop.turn while a session runs and nothing is due
"""

import gc

from firmware.wire import codes
from tests.portable.firmware.loop_rig import CARD, Box
from tests.portable.firmware.rig import Rig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

TURNS = 10000


def allocated(run: "Callable[[int], None]") -> int:
    """Bytes that `run` takes from the heap; nothing is collected meanwhile."""
    run(10)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()  # type: ignore[attr-defined]
    run(TURNS)
    after = gc.mem_alloc()  # type: ignore[attr-defined]
    gc.enable()
    return int(after - before)


def idle_steps() -> int:
    rig = Rig()
    for number in range(200):
        rig.book(number + 1, 7, 100000 + number * 7200)
    rig.run(1)
    controller, snapshot, turn = rig.controller, rig.snapshot, rig.turn
    events: "list[tuple[str, bytes]]" = []

    def run(count: int) -> None:
        for _ in range(count):
            controller.step(snapshot, events, turn)

    return allocated(run)


def idle_turns(box: Box) -> int:
    def run(count: int) -> None:
        for _ in range(count):
            box.after(0)

    return allocated(run)


def main() -> None:
    print("step", idle_steps())
    box = Box()
    box.after(200)
    print("turn", idle_turns(box))
    box.book()
    box.reader.card = CARD
    box.after(10)
    box.inputs[codes.IN_DOOR_DRIVER].value = codes.YES
    box.inputs[codes.IN_KNOB_AT_RETURN].value = codes.NO
    for _ in range(20):
        box.after(200)
    if box.loop.state != "in_use":
        raise ValueError("the story went to " + box.loop.state)
    print("use", idle_turns(box))


main()
