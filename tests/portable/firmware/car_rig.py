"""A box whose relays are obeyed: locks and starter read back what the last pulse wanted."""

from firmware.wire import codes, kb1, kb1_centre
from firmware.wire.kb1 import Command
from tests.portable.firmware.loop_rig import CARD, Box

STEP_MS = 50


class Car(Box):
    """Time passes in steps; `told` are the codes of all events."""

    def __init__(self) -> None:
        self.told: "list[int]" = []
        self.counter = 0
        super().__init__()

    def run(self, duration_ms: int, step_ms: int = STEP_MS) -> None:
        for _ in range(duration_ms // step_ms):
            self.after(step_ms)
            self.told.extend([event[0] for event in self.loop.committed])
            for line in range(codes.PULSES):
                if self.pulses[line].level:
                    self.inputs[codes.IN_LOCKED + line // 2].value = line & 1

    def put_input(self, index: int, value: int) -> None:
        self.inputs[index].value = value
        self.run(200)

    def touch(self) -> None:
        self.reader.card = CARD
        self.run(2000)

    def send(self, ident: bytes, verb: int, booking: int = 100, driver: int = 7) -> None:
        """A command is on its way to the next turn."""
        self.counter += 1
        command = Command(ident, self.boot, self.counter, 100000, verb, booking, driver, 7200)
        self.put(kb1.CMD, kb1_centre.pack_command(command))

    def return_key(self) -> None:
        """Used by card, the key was out and is back."""
        self.book()
        self.touch()
        self.put_input(codes.IN_DOOR_DRIVER, codes.YES)
        self.put_input(codes.IN_KNOB_AT_RETURN, codes.NO)
        self.put_input(codes.IN_DOOR_DRIVER, codes.NO)
        self.put_input(codes.IN_KNOB_AT_RETURN, codes.YES)
        self.run(1000)
        assert self.loop.state == "key_returned"

    def run_until_due(self, name: str, left_ms: int) -> None:
        """Until so long before that deadline."""
        left = dict(self.loop.deadlines())[name]
        assert left >= left_ms
        wait_ms = left - left_ms
        self.run(wait_ms - wait_ms % 1000, 1000)
        self.run(wait_ms % 1000)
        self.after(wait_ms % STEP_MS)

    def rises(self) -> "list[int]":
        """Of unlock, lock, release, block."""
        return [line.rises for line in self.pulses]

    def read_back(self) -> "tuple[int, int]":
        """Doors locked, engine blocked."""
        return self.inputs[codes.IN_LOCKED].value, self.inputs[codes.IN_BLOCKED].value
