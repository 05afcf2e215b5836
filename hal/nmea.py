"""Where the car is, from a satellite receiver on a serial link (NMEA 0183).

RMC and GGA of any talker give the fix; whatever else the receiver says is passed over, but for
what it says of its antenna. Angles are whole microdegrees, one of them 0.11 m or less, rounded
to the nearest (halves up), from minutes with six decimals. No floats: those of the box would
make a longitude step by 1.7 m.

A fix that the receiver takes back ends at once, one that it no longer repeats after `good_ms`.
The place stays readable then, for whoever asks where the car was last. An estimate without
satellites (dead reckoning), a place typed in and a simulation are no fix.
"""

from firmware.ticks import ticks_diff
from firmware.wire.codes import ANTENNA_OK, ANTENNA_OPEN, ANTENNA_SHORT, ANTENNA_UNKNOWN
from hal import nmea_sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import ByteLink

#: Receivers say once a second where they are.
GOOD_MS = 3000
#: Nobody drives as fast (360 km/h): the measurement is not believed.
SPEED_CM_S_MAX = 10000
#: Most that a `poll` takes: what a board holds that looks seldom. The rest waits for the next.
CHUNKS_A_POLL_MAX = 8

_CHUNK_BYTES = 64
_UDEG = 1_000_000
#: GGA: by satellites alone, with correction, precise, kinematic (two kinds).
_MEASURED_FROM, _MEASURED_TO = 0x31, 0x35


class Nmea:
    """A `Position`. The board calls `poll` when bytes have come in, and once a second anyhow.

    `tells_antenna`: False with a passive antenna or the receiver's own, which some receivers
    take for one that is missing.
    """

    def __init__(
        self, link: "ByteLink", tells_antenna: bool = True, good_ms: int = GOOD_MS
    ) -> None:
        self._link = link
        self._tells_antenna = tells_antenna
        self._good_ms = good_ms
        self._chunk = bytearray(_CHUNK_BYTES)
        self._sentence = nmea_sentence.Sentence()
        self._is_valid = False
        self._fixed_at_ms = 0
        self._now_ms = 0
        self._latitude_udeg = 0
        self._longitude_udeg = 0
        #: ANTENNA_UNKNOWN, _OK, _OPEN, _SHORT of `firmware.wire.codes`, as the receiver told last.
        self.antenna = ANTENNA_UNKNOWN
        #: How fast, as the receiver measures it (cm/s); -1 without a fix, or untold.
        self.speed_cm_s = -1
        #: Fixes, and sentences that did not arrive as they were sent; modulo 2**16.
        self.fixes = 0
        self.damaged = 0

    def is_valid(self) -> bool:
        """Whether a fix holds good, as of the last `poll`."""
        return self._is_valid

    def latitude_udeg(self) -> int:
        """Of the last fix, north positive; 0 before the first."""
        return self._latitude_udeg

    def longitude_udeg(self) -> int:
        """Of the last fix, east positive; 0 before the first."""
        return self._longitude_udeg

    def poll(self, now_ms: int) -> None:
        """Take what has come in, without waiting."""
        self._now_ms = now_ms
        for _ in range(CHUNKS_A_POLL_MAX):
            if not self._link.any():
                break
            self._take(self._link.readinto(self._chunk))
        if self._is_valid and ticks_diff(now_ms, self._fixed_at_ms) > self._good_ms:
            self._lose()

    def _take(self, count: int) -> None:
        for index in range(count):
            found = self._sentence.take(self._chunk[index])
            if found == nmea_sentence.DAMAGED or (
                found == nmea_sentence.WHOLE and not self._hear()
            ):
                self.damaged = (self.damaged + 1) & 0xFFFF

    def _lose(self) -> None:
        self._is_valid = False
        self.speed_cm_s = -1

    def _hear(self) -> bool:
        """A sentence whose sum is right; False when it makes no sense."""
        sentence = self._sentence
        if sentence.is_field(0, b"PGTOP") and sentence.is_field(1, b"11"):
            self._hear_antenna_number()
        elif sentence.is_field(0, b"RMC", 2):
            return self._hear_rmc()
        elif sentence.is_field(0, b"GGA", 2):
            return self._hear_gga()
        elif sentence.is_field(0, b"TXT", 2):
            self._hear_text()
        return True

    # The fix.

    def _hear_rmc(self) -> bool:
        """Time, status, latitude, N, longitude, E, knots, course, date, -, -, mode."""
        sentence = self._sentence
        status, mode = sentence.byte_of(2), sentence.byte_of(12)
        # Modes that are no measurement: estimated, manual, not valid, simulated.
        if status == 0x56 or (status == 0x41 and mode and mode in b"EMNS"):
            self._lose()
            return True
        if status != 0x41 or not self._read_fix(3):
            return False
        # A hundredth of a knot is 0.5144 cm/s.
        speed_cm_s = (sentence.hundredths(7) * 643 + 625) // 1250
        self.speed_cm_s = speed_cm_s if 0 <= speed_cm_s <= SPEED_CM_S_MAX else -1
        return True

    def _hear_gga(self) -> bool:
        """Time, latitude, N, longitude, E, quality."""
        quality = self._sentence.byte_of(6)
        if _MEASURED_FROM <= quality <= _MEASURED_TO:
            return self._read_fix(2)
        self._lose()
        return quality != 0

    def _read_fix(self, field: int) -> bool:
        """Latitude, N or S, longitude, E or W from this field on; nothing changes if one is bad."""
        sentence = self._sentence
        if not sentence.read_angle(field, 2, 0x4E, 0x53):
            return False
        latitude_udeg = sentence.angle_udeg
        if not sentence.read_angle(field + 2, 3, 0x45, 0x57):
            return False
        longitude_udeg = sentence.angle_udeg
        if abs(latitude_udeg) > 90 * _UDEG or abs(longitude_udeg) > 180 * _UDEG:
            return False
        self._latitude_udeg = latitude_udeg
        self._longitude_udeg = longitude_udeg
        self._is_valid = True
        self._fixed_at_ms = self._now_ms
        self.fixes = (self.fixes + 1) & 0xFFFF
        return True

    # The antenna.

    def _hear_antenna_number(self) -> None:
        """GlobalTop's Antenna Advisor: 1 shorted, 2 the receiver's own, 3 the one connected."""
        number = self._sentence.byte_of(2)
        if number == 0x33:
            self._set_antenna(ANTENNA_OK)
        elif number == 0x32:
            self._set_antenna(ANTENNA_OPEN)
        elif number == 0x31:
            self._set_antenna(ANTENNA_SHORT)

    def _hear_text(self) -> None:
        """u-blox, Quectel: `ANTSTATUS=OPEN`. CASIC (AT6558): `ANTENNA OPEN`."""
        sentence = self._sentence
        if sentence.begins(4, b"ANTSTATUS="):
            skip = 10
        elif sentence.begins(4, b"ANTENNA "):
            skip = 8
        else:
            return
        if sentence.is_field(4, b"OK", skip):
            self._set_antenna(ANTENNA_OK)
        elif sentence.is_field(4, b"OPEN", skip):
            self._set_antenna(ANTENNA_OPEN)
        elif sentence.is_field(4, b"SHORT", skip):
            self._set_antenna(ANTENNA_SHORT)
        else:  # INIT, DONTKNOW
            self._set_antenna(ANTENNA_UNKNOWN)

    def _set_antenna(self, antenna: int) -> None:
        if self._tells_antenna:
            self.antenna = antenna
