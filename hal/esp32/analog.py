"""Millivolts by the chip's converter, behind the board's divider.

The chip's own calibration is in `read_uv`; the noise of single readings (tens of millivolts on an
ESP32) is taken off by the middle of five.
"""

from machine import ADC, Pin

from hal.battery_sense import sensed_mv

_READINGS = 5


class AdcIn:
    """An `AnalogIn`. The wire has `times_1000` / 1000 times the voltage of the pin."""

    def __init__(self, number: int, times_1000: int) -> None:
        self._adc = ADC(Pin(number), atten=ADC.ATTN_11DB)
        self._times_1000 = times_1000
        self._readings = [0] * _READINGS

    def read_mv(self) -> int:
        readings = self._readings
        try:
            for i in range(_READINGS):
                readings[i] = self._adc.read_uv()
        except OSError:
            return -1
        readings.sort()
        return sensed_mv(readings[_READINGS // 2] // 1000 * self._times_1000 // 1000)
