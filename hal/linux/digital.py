"""Inputs and outputs on the pins of a Raspberry Pi, through gpiozero.

Polarity and pull come from the board. Bounce is the firmware's: each read is the level of now.
"""

from typing import Any

import gpiozero

from firmware.wire.codes import NO, YES


class PinIn:
    """A `DigitalIn`. `wakes` is called from gpiozero's thread at each change of the level."""

    def __init__(self, pin: str, is_low_active: bool, wakes: Any = None) -> None:
        # The pull is towards the resting level: a wire that came off reads as not active.
        self._device = gpiozero.DigitalInputDevice(pin, pull_up=is_low_active)
        if wakes is not None:
            self._device.when_activated = wakes
            self._device.when_deactivated = wakes

    def read(self) -> int:
        return YES if self._device.value else NO

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

    def __init__(self, pin: str, is_low_active: bool) -> None:
        self._device = gpiozero.DigitalOutputDevice(
            pin, active_high=not is_low_active, initial_value=False
        )

    def write(self, level: bool) -> None:
        self._device.value = level

    def close(self) -> None:
        self._device.close()


class AbsentOut:
    """A `DigitalOut` without a wire."""

    def write(self, level: bool) -> None:
        pass
