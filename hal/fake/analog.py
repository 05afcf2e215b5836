"""Battery, position and odometer in memory: they read what they were told."""

from firmware.wire.codes import ANTENNA_UNKNOWN, ODOMETER_NONE, ODOMETER_PULSES


class FakeAnalogIn:
    """An `AnalogIn`."""

    def __init__(self, mv: int = -1) -> None:
        self.mv = mv

    def read_mv(self) -> int:
        return self.mv


class FakePosition:
    """A `Position`."""

    def __init__(self) -> None:
        self.antenna = ANTENNA_UNKNOWN
        self.valid = False
        self.latitude = 0
        self.longitude = 0

    def set(self, valid: bool, latitude_udeg: int, longitude_udeg: int) -> None:
        self.valid = valid
        self.latitude = latitude_udeg
        self.longitude = longitude_udeg

    def is_valid(self) -> bool:
        return self.valid

    def latitude_udeg(self) -> int:
        return self.latitude

    def longitude_udeg(self) -> int:
        return self.longitude


class FakePulseCounter:
    """A `PulseCounter`."""

    def __init__(self, total_m: int = -1) -> None:
        self.total_m = total_m

    @property
    def source(self) -> int:
        return ODOMETER_NONE if self.total_m < 0 else ODOMETER_PULSES

    def metres(self) -> int:
        return self.total_m
