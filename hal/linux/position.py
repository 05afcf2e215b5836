"""A car without a satellite receiver; with one it is `hal.nmea`."""

from firmware.wire.codes import ANTENNA_UNKNOWN


class NoPosition:
    """A `Position` that is never known."""

    antenna = ANTENNA_UNKNOWN

    def is_valid(self) -> bool:
        return False

    def latitude_udeg(self) -> int:
        return 0

    def longitude_udeg(self) -> int:
        return 0
