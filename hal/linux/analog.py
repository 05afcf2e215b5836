"""The battery's voltage, by an MCP3008 behind a divider; or by nothing."""

from typing import Any

import gpiozero

from hal.battery_sense import sensed_mv

#: The converter's reference on the boards of `boards/pi/README.md`.
REFERENCE_MV = 3300
_STEPS = 1023


class Mcp3008In:
    """An `AnalogIn`: channel 0 to 7 of a converter on the first SPI bus.

    `divider_per_1000`: the voltage before the divider for 1000 behind it, as measured.
    """

    def __init__(
        self, channel: int, divider_per_1000: int, select_pin: int = 8, device: Any = None
    ) -> None:
        self._device = device or gpiozero.MCP3008(channel=channel, select_pin=select_pin)
        self._divider_per_1000 = divider_per_1000

    def read_mv(self) -> int:
        """The reading of now; -1 when the converter does not answer."""
        try:
            steps = int(self._device.raw_value)
        except (OSError, gpiozero.GPIOZeroError):
            return -1
        return sensed_mv(steps * REFERENCE_MV * self._divider_per_1000 // (_STEPS * 1000))

    def close(self) -> None:
        self._device.close()


class NoAnalogIn:
    """An `AnalogIn` without a converter."""

    def read_mv(self) -> int:
        return -1
