"""Where the car is and how far it went: by what is fitted. What is not fitted costs no memory."""

from firmware.wire.codes import ANTENNA_UNKNOWN
from hal.esp32.kept_number import KeptNumber
from hal.esp32.pulse_counter import KEEP_EVERY_M, NoCounter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Position, PulseCounter
    from hal.esp32.byte_link import UartLink
    from hal.esp32.pulse_counter import PcntCounter
    from hal.nmea import Nmea
    from hal.track_odometer import TrackOdometer


class NoPosition:
    """A `Position` of a box without a receiver."""

    antenna = ANTENNA_UNKNOWN

    def is_valid(self) -> bool:
        return False

    def latitude_udeg(self) -> int:
        return 0

    def longitude_udeg(self) -> int:
        return 0


class Motion:
    """`position` and `odometer`: pulses where they are counted, else the way between positions."""

    if TYPE_CHECKING:
        position: Position
        odometer: PulseCounter

    def __init__(
        self,
        link: "UartLink | None",
        tells_antenna: bool,
        odometer_pin: int,
        pulses_per_km: int,
        folder: str,
    ) -> None:
        self._nmea: "Nmea | None" = None
        self._pulses: "PcntCounter | None" = None
        self._track: "TrackOdometer | None" = None
        self.position = NoPosition()
        self.odometer = NoCounter()
        if link is not None:
            from hal.nmea import Nmea

            self.position = self._nmea = Nmea(link, tells_antenna)
        if pulses_per_km:
            from hal.esp32.pulse_counter import PcntCounter

            kept = KeptNumber(folder + "odometer_m.txt")
            self.odometer = self._pulses = PcntCounter(odometer_pin, pulses_per_km, kept)
        elif self._nmea is not None:
            from hal.track_odometer import TrackOdometer

            self._kept = KeptNumber(folder + "track_m.txt")
            self._kept_m = self._kept.load()
            self.odometer = self._track = TrackOdometer(self._nmea, self._kept_m)

    def poll(self, now_ms: int) -> None:
        """Between turns: it may write a file."""
        if self._nmea is not None:
            self._nmea.poll(now_ms)
        if self._pulses is not None:
            self._pulses.poll()
        if self._track is not None:
            self._track.poll(now_ms)
            now_m = self._track.metres()
            if now_m - self._kept_m >= KEEP_EVERY_M and self._kept.save(now_m):
                self._kept_m = now_m
