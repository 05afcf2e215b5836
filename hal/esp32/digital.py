"""Lines on pins of the chip. What "yes" and "on" are on the wire comes from the board's table."""

from machine import Pin

from firmware.wire.codes import NO, UNKNOWN, YES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# None takes off the resistor that the chip's reset may have left on.
_PULLS: "Any" = (None, Pin.PULL_UP, Pin.PULL_DOWN)


class PinIn:
    """A `DigitalIn`. `pull`: 0 none, 1 up, 2 down, as in `boards.pin_table`."""

    def __init__(self, number: int, active: int, pull: int) -> None:
        self._pin = Pin(number, Pin.IN, _PULLS[pull])
        self._active = active

    def read(self) -> int:
        return YES if self._pin.value() == self._active else NO


class AbsentIn:
    """A `DigitalIn` that no wire leads to."""

    def read(self) -> int:
        return UNKNOWN


class PinOut:
    """A `DigitalOut`. The level is set before the pin becomes an output, so that it never twitches.

    Until then, from power-on, it floats: the board's resistor and enable line hold it (SAFE-6).
    """

    def __init__(self, number: int, active: int) -> None:
        self._active = active
        self.is_on = False
        self._pin = Pin(number, Pin.OUT, value=1 - active)

    def write(self, level: bool) -> None:
        self.is_on = level
        self._pin.value(self._active if level else 1 - self._active)
