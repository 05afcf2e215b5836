"""Where the car is and how far it went, from what is fitted; asked once a wait."""

from pathlib import Path

from boards.pi import pins
from boards.pi.options import Options
from boards.pi.wiring import pull_of
from boards.pin_table import row_of
from hal.linux.byte_link import SerialLink
from hal.linux.kept_total import KeptTotal
from hal.linux.position import NoPosition
from hal.linux.pulse_counter import KEEP_EVERY_M, NoPulseCounter, PinPulseCounter
from hal.nmea import Nmea
from hal.track_odometer import TrackOdometer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from boards.pin_table import Rows
    from hal.api import Position, PulseCounter

#: Pulses, and metres of a car whose pulses nobody counts: two files, since the units differ.
PULSES_FILE = "odometer_pulses.txt"
TRACK_FILE = "odometer_track_m.txt"


class Motion:
    """`position` and `odometer`; pulses where they are counted, else the way between positions."""

    def __init__(
        self, rows: "Rows", options: Options, state: Path, now_ms: "Callable[[], int]"
    ) -> None:
        self.line: SerialLink | None = None
        self._nmea: Nmea | None = None
        self._track: TrackOdometer | None = None
        self._track_total: KeptTotal | None = None
        self._pulses: PinPulseCounter | None = None
        self.position: Position = NoPosition()
        self.odometer: PulseCounter = NoPulseCounter()
        if options.position_port:
            self.line = SerialLink(
                options.position_port,
                "position (box.json: board.position.port)",
                now_ms,
                options.position_baud,
            )
            self.position = self._nmea = Nmea(self.line, options.tells_antenna)
        if options.pulses_per_km:
            row = row_of(rows, pins.ODOMETER)
            self.odometer = self._pulses = PinPulseCounter(
                row[2], pull_of(row), options.pulses_per_km, state / PULSES_FILE
            )
        elif self._nmea is not None:
            self._track_total = KeptTotal(state / TRACK_FILE, KEEP_EVERY_M)
            self._track = TrackOdometer(self._nmea, self._track_total.kept)
            self.odometer = self._track

    def poll(self, now_ms: int) -> None:
        """Take what the receiver said, and keep what has been counted."""
        if self._nmea is not None:
            self._nmea.poll(now_ms)
        if self._track is not None and self._track_total is not None:
            self._track.poll(now_ms)
            self._track_total.offer(self._track.metres())
        if self._pulses is not None:
            self._pulses.poll()
