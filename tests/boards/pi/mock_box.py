"""The program of the Raspberry Pi on mock pins, started as a process by the tests.

Outputs are told on standard output, "unlock 1" a line; inputs follow "door_driver 1" (yes) on
standard input. The car behind the pins obeys: a pulse of the relays moves what it reads back.
"stop 1": systemd stops the program in the midst of its next edge of the enable line.
"""

import os
import signal
import sys
import threading
from typing import Any

import gpiozero
from gpiozero.pins.mock import MockFactory, MockPin

from boards.pi import pins
from boards.pi.main import main
from boards.pin_table import IN, OUT

NAMES = {row[2]: row[0] for row in pins.ROWS}
INPUTS = {row[0]: row[2] for row in pins.ROWS if row[1] == IN}
OUTPUTS = {row[2] for row in pins.ROWS if row[1] == OUT}
stop_now = threading.Event()
AT_REST = ("key", "knob_at_return", "brake", "gear_p", "locked", "blocked")
#: What a pulse moves: the input, and what it reads then.
FOLLOWS = {
    "unlock": ("locked", False),
    "lock": ("locked", True),
    "release": ("blocked", False),
    "block": ("blocked", True),
}


class CarPin(MockPin):  # type: ignore[misc]
    """Active low inputs whose level is the car's; outputs that are told."""

    def _name(self) -> str:
        return NAMES.get(int(self.info.name.removeprefix("GPIO")), "")

    def _set_pull(self, value: str) -> None:
        self._pull = value
        self._change_state(self._name() not in AT_REST)

    def _change_state(self, value: Any) -> bool:
        has_changed = bool(super()._change_state(value))
        if has_changed and self.function == "output":
            name = self._name()
            if name == "enable" and stop_now.is_set():
                stop_now.clear()
                os.kill(os.getpid(), signal.SIGTERM)
            print(name, int(value), flush=True)
            if value and name in FOLLOWS:
                put(*FOLLOWS[name])
        return has_changed


def put(name: str, is_yes: bool) -> None:
    pin = gpiozero.Device.pin_factory.pin(INPUTS[name])
    if is_yes:
        pin.drive_low()
    else:
        pin.drive_high()


def obey() -> None:
    for line in sys.stdin:
        name, level = line.split()
        if name == "stop":
            stop_now.set()
        else:
            put(name, level == "1")


if __name__ == "__main__":
    gpiozero.Device.pin_factory = MockFactory(pin_class=CarPin)
    threading.Thread(target=obey, daemon=True).start()
    raise SystemExit(main())
