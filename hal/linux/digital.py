"""Inputs and outputs on the pins of a Raspberry Pi, through gpiozero.

Polarity and pull come from the board. Bounce is the firmware's: each read is the level of now.
"""

from collections.abc import Callable

import gpiozero

from firmware.wire.codes import NO, YES


class PinIn:
    """A `DigitalIn` on the pin with this number of the chip's maker (BCM).

    `pull`: to high (True), to low (False), or none; without one the board outside has it. `wakes` is
    called from gpiozero's thread at each change of the level.
    """

    def __init__(
        self,
        pin: int,
        is_high_active: bool,
        pull: bool | None,
        wakes: Callable[[], None] | None = None,
    ) -> None:
        # gpiozero takes a pulled-up pin for one that is active low, and so on: the level is ours.
        self._device = gpiozero.DigitalInputDevice(
            pin, pull_up=pull, active_state=True if pull is None else None
        )
        self._yes = 1 if is_high_active != (pull is True) else 0
        if wakes is not None:
            self._device.when_activated = wakes
            self._device.when_deactivated = wakes

    def read(self) -> int:
        return YES if self._device.value == self._yes else NO

    def close(self) -> None:
        self._device.close()


class AbsentIn:
    """A `DigitalIn` without a wire: it always reads as it was told."""

    def __init__(self, value: int) -> None:
        self._value = value

    def read(self) -> int:
        return self._value


class PinOut:
    """A `DigitalOut`. It is off before the pin becomes an output, so nothing twitches."""

    def __init__(self, pin: int, is_high_active: bool) -> None:
        self._device = gpiozero.DigitalOutputDevice(
            pin, active_high=is_high_active, initial_value=False
        )

    def write(self, level: bool) -> None:
        self._device.value = level

    def close(self) -> None:
        self._device.close()
