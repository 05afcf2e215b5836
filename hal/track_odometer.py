"""An odometer from positions, for a car whose pulses nobody can count.

The way is measured in legs: a leg ends where the car is 25 m from its beginning, or stops. So a
position that trembles adds nothing, and a bend of the road little less than it is long. While the
receiver measures hardly any speed, the beginning of the next leg goes along with the position and
nothing is counted, for a parked car's position wanders. A jump is not counted, and neither is what
lies within a gap of more than two minutes; a shorter gap counts as the straight line.

Whole numbers only: lengths of a degree on the ellipsoid (WGS 84) every 3 degrees of latitude, and
straight lines between them, which is wrong by 0.05 % at most up to 75 degrees.
"""

from firmware.ticks import ticks_diff
from firmware.wire.codes import ODOMETER_POSITIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Track(Protocol):
        """What of `hal.nmea.Nmea` is needed here."""

        fixes: int
        speed_cm_s: int

        def is_valid(self) -> bool: ...
        def latitude_udeg(self) -> int: ...
        def longitude_udeg(self) -> int: ...


LEG_CM = 1200
LEG_WITHOUT_SPEED_CM = 2500
#: Driving begins at the one and ends below the other: 4 and 2 km/h.
DRIVES_CM_S = 110
STANDS_CM_S = 55
GAP_MS_MAX = 120_000
#: From one fix to the next: as far as at 252 km/h, and a trembling on top; more is a jump.
JUMP_CM_S = 7000
JUMP_CM = 3000

_HALF_TURN_UDEG = 180_000_000
#: 5.5 km from one fix to the next are a jump in any case.
_WAY_UDEG_MAX = 50_000
_STEP_UDEG = 3_000_000
_STEPS = 30
#: Length of a millidegree of longitude at 0, 3, 6 ... 90 degrees of latitude: cm, two bytes each.
EAST_CM = (
    b"\x2b\x7c\x2b\x6d\x2b\x3f\x2a\xf4\x2a\x8a\x2a\x03\x29\x5e\x28\x9d\x27\xbf\x26\xc5\x25\xb1"
    b"\x24\x81\x23\x38\x21\xd7\x20\x5d\x1e\xcd\x1d\x27\x1b\x6c\x19\x9e\x17\xbd\x15\xcc\x13\xcb"
    b"\x11\xbc\x0f\xa1\x0d\x7a\x0b\x4a\x09\x12\x06\xd3\x04\x8f\x02\x49\x00\x00"
)
#: And of latitude: cm above 11,000.
NORTH_CM = b"9:;<>ADHLPUZ`fkqw}\x83\x88\x8d\x92\x97\x9b\x9f\xa2\xa5\xa7\xa8\xa9\xa9"


class TrackOdometer:
    """A `PulseCounter` that wants `poll` after each `poll` of its position.

    `start_m`: what it had counted before this start; keeping that is the board's affair.
    """

    source = ODOMETER_POSITIONS

    def __init__(self, position: "Track", start_m: int = 0) -> None:
        self._position = position
        self._total_m = start_m
        self._rest_cm = 0
        self._fixes = position.fixes
        self._has_place = False
        self._is_driving = False
        self._has_leg = False  # in this drive, since it began or stopped
        # Where the leg began; where the newest fix was, and when.
        self._leg_north = self._leg_east = 0
        self._north = self._east = 0
        self._at_ms = 0

    def metres(self) -> int:
        """Whole metres counted so far."""
        return self._total_m

    def poll(self, now_ms: int) -> None:
        """Look whether there is a new fix, and how far it is."""
        gap_ms = ticks_diff(now_ms, self._at_ms)
        if self._has_place and gap_ms > GAP_MS_MAX:
            self._has_place = False
        position = self._position
        if position.fixes == self._fixes or not position.is_valid():
            return
        self._fixes = position.fixes
        self._at_ms = now_ms
        north, east = position.latitude_udeg(), position.longitude_udeg()
        way_cm = way_between_cm(self._north, self._east, north, east)
        self._north, self._east = north, east
        if not self._has_place or not 0 <= way_cm <= JUMP_CM_S * gap_ms // 1000 + JUMP_CM:
            self._has_place = True
            self._begin_leg(False, False)
        else:
            self._follow(position.speed_cm_s)

    def _follow(self, speed_cm_s: int) -> None:
        leg_cm = way_between_cm(self._leg_north, self._leg_east, self._north, self._east)
        if 0 <= speed_cm_s < (STANDS_CM_S if self._is_driving else DRIVES_CM_S):
            if self._has_leg:
                self._count(leg_cm)
            self._begin_leg(False, False)
        elif leg_cm >= (LEG_CM if speed_cm_s >= 0 else LEG_WITHOUT_SPEED_CM):
            self._count(leg_cm)
            self._begin_leg(True, True)
        else:
            self._is_driving = True

    def _begin_leg(self, is_driving: bool, has_leg: bool) -> None:
        self._is_driving = is_driving
        self._has_leg = has_leg
        self._leg_north, self._leg_east = self._north, self._east

    def _count(self, leg_cm: int) -> None:
        rest_cm = self._rest_cm + leg_cm
        self._total_m += rest_cm // 100
        self._rest_cm = rest_cm % 100


def way_between_cm(north: int, east: int, to_north: int, to_east: int) -> int:
    """The straight line between two places in microdegrees; -1 when it is longer than 5.5 km."""
    northward, eastward = abs(to_north - north), abs(to_east - east)
    if eastward > _HALF_TURN_UDEG:
        eastward = 2 * _HALF_TURN_UDEG - eastward
    at = abs(to_north)
    step = min(at // _STEP_UDEG, _STEPS - 1)
    part = (at - step * _STEP_UDEG) // 1000
    here_cm = EAST_CM[2 * step] << 8 | EAST_CM[2 * step + 1]
    next_cm = EAST_CM[2 * step + 2] << 8 | EAST_CM[2 * step + 3]
    east_cm = here_cm + (next_cm - here_cm) * part // 3000
    if northward > _WAY_UDEG_MAX or eastward * (east_cm // 100) > _WAY_UDEG_MAX * 111:
        return -1
    x = (eastward * east_cm + 500) // 1000
    y = (northward * (11_000 + NORTH_CM[step]) + 500) // 1000
    return _root(x * x + y * y)


def _root(square: int) -> int:
    """The square root, rounded down, by Newton's rule from above."""
    root = square
    step = (square + 1) // 2
    while step < root:
        root = step
        step = (root + square // root) // 2
    return root
