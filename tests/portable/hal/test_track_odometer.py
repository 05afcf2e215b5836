"""The odometer from positions: drives whose length is known, trembling, jumps, gaps."""

from firmware.ticks import ticks_add
from firmware.wire.codes import ODOMETER_POSITIONS
from hal.track_odometer import EAST_CM, NORTH_CM, TrackOdometer, way_between_cm

#: Tokyo; there a metre is so many microdegrees, in thousandths (GRS 80: 110,948 and 90,547 m).
NORTH, EAST = 35_681_000, 139_767_000
UDEG_A_KM_NORTH, UDEG_A_KM_EAST = 9013, 11044


class Track:
    """A receiver that is told where it is, in centimetres from the middle of Tokyo."""

    def __init__(self) -> None:
        self.fixes = 0
        self.speed_cm_s = 0
        self.valid = False
        self.north = self.east = 0

    def is_valid(self) -> bool:
        return self.valid

    def latitude_udeg(self) -> int:
        return self.north

    def longitude_udeg(self) -> int:
        return self.east


class Drive:
    """A car with an odometer; a fix a second."""

    def __init__(self, start_m: int = 0) -> None:
        self.now_ms = 2**30 - 5000
        self.track = Track()
        self.odometer = TrackOdometer(self.track, start_m)
        self.random = 7
        self.tremble_cm = 0
        self.x = self.y = 0  # cm
        self.real_cm = 0
        self.at(0, 0, 0)

    def chance(self) -> int:
        """From -1000 to 1000, most often near 0."""
        total = 0
        for _ in range(4):
            self.random = (self.random * 1103515245 + 12345) & 0x3FFFFFFF
            total += (self.random >> 8) % 501 - 250
        return total

    def at(self, x: int, y: int, speed_cm_s: int, after_ms: int = 1000) -> None:
        """The receiver says: this place, this fast."""
        self.now_ms = ticks_add(self.now_ms, after_ms)
        self.x, self.y = x, y
        x += self.chance() * self.tremble_cm // 1000
        y += self.chance() * self.tremble_cm // 1000
        track = self.track
        track.north = NORTH + y * UDEG_A_KM_NORTH // 100_000
        track.east = EAST + x * UDEG_A_KM_EAST // 100_000
        track.speed_cm_s = speed_cm_s
        track.valid = True
        track.fixes = (track.fixes + 1) & 0xFFFF
        self.odometer.poll(self.now_ms)

    def go(self, seconds: int, dx: int, dy: int, speed_cm_s: int = 0) -> None:
        """Straight on, so many centimetres a second."""
        long_cm = root(dx * dx + dy * dy)
        for _ in range(seconds):
            self.real_cm += long_cm
            self.at(self.x + dx, self.y + dy, speed_cm_s or long_cm)

    def stand(self, seconds: int) -> None:
        for _ in range(seconds):
            self.at(self.x, self.y, 20)

    def lose(self, duration_ms: int) -> None:
        self.track.valid = False
        for _ in range(duration_ms // 1000):
            self.now_ms = ticks_add(self.now_ms, 1000)
            self.odometer.poll(self.now_ms)

    def metres(self) -> int:
        return self.odometer.metres()


def root(square: int) -> int:
    low, high = 0, square + 1
    while high - low > 1:
        middle = (low + high) // 2
        if middle * middle <= square:
            low = middle
        else:
            high = middle
    return low


def town(drive: Drive, rounds: int) -> None:
    """Right angles every 300 m, with a bend of 10 m radius, and a stop of 20 s at each second."""
    for number in range(rounds):
        drive.go(27, 1100, 0)
        for dx, dy in ((503, 67), (433, 250), (250, 433), (67, 503)):
            drive.go(1, dx, dy)
        if number % 2:
            drive.stand(20)
        drive.go(27, 0, 1100)
        for dx, dy in ((67, 503), (250, 433), (433, 250), (503, 67)):
            drive.go(1, dx, dy)


def permille_off(drive: Drive) -> int:
    return (drive.metres() * 100 - drive.real_cm) * 1000 // drive.real_cm


def test_a_made_up_drive_is_measured_to_a_percent() -> None:
    """14 km of town, 44 right angles, 11 stops. Of each 1,000 m there were 4 too few; with fixes
    that tremble by 0.9 m (one sigma, each axis, each second anew) 1 too few, by 1.5 m 6 too many.
    """
    for tremble_cm, least, most in ((0, -5, -3), (300, -3, 1), (500, 3, 8)):
        drive = Drive()
        drive.tremble_cm = tremble_cm
        town(drive, 22)
        assert drive.real_cm > 13 * 100_000
        assert least <= permille_off(drive) <= most, (tremble_cm, permille_off(drive))


def test_a_motorway_is_measured_to_two_in_a_thousand() -> None:
    drive = Drive()
    drive.go(1800, 2222, 1800)  # 103 km/h for half an hour, 51 km
    assert abs(permille_off(drive)) <= 2, permille_off(drive)


def test_a_crawl_counts() -> None:
    """5 km/h, in a jam or a car park."""
    drive = Drive()
    drive.go(600, 140, 0)
    assert 800 <= drive.metres() <= 840, drive.metres()


def test_a_parked_car_goes_nowhere_however_its_position_wanders() -> None:
    drive = Drive()
    drive.tremble_cm = 800
    drive.stand(3600)
    assert drive.metres() == 0
    # The whole position wanders 200 m away and back while the receiver measures no speed.
    for step in range(400):
        away = 100 * min(step, 400 - step)
        drive.at(away, away // 2, 30)
    assert drive.metres() == 0


def test_without_a_speed_a_trembling_of_some_metres_goes_nowhere() -> None:
    """A receiver that says GGA only."""
    drive = Drive()
    drive.tremble_cm = 800
    for _ in range(600):
        drive.at(0, 0, -1)
    assert drive.metres() == 0
    drive.tremble_cm = 0
    for step in range(101):
        drive.at(step * 1000, 0, -1)
    assert 985 <= drive.metres() <= 1000, drive.metres()


def test_a_jump_and_its_way_back_count_nothing() -> None:
    drive = Drive()
    drive.go(100, 1000, 0)
    before = drive.metres()
    for there, back in ((50_000, 0), (300_000, 0), (0, 8_000_000), (-20_000_000, 0)):
        x, y = drive.x, drive.y
        drive.at(x + there, y + back, 1000)
        drive.at(x, y, 1000)
    assert drive.metres() == before
    drive.go(100, 1000, 0)
    assert drive.metres() - before >= 950


def test_a_short_gap_counts_as_the_straight_line() -> None:
    drive = Drive()
    drive.go(10, 1000, 0)
    drive.lose(60_000)
    drive.at(drive.x + 70_000, drive.y, 1000)
    assert 775 <= drive.metres() <= 801, drive.metres()


def test_a_long_gap_counts_nothing() -> None:
    for seconds in (121, 3600, 2**30 // 1000 + 1):
        drive = Drive()
        drive.go(10, 1000, 0)
        drive.lose(120_000)
        drive.now_ms = ticks_add(drive.now_ms, (seconds - 120) * 1000)
        drive.odometer.poll(drive.now_ms)
        drive.at(drive.x + 70_000, drive.y, 1000)
        assert drive.metres() <= 100, seconds
        drive.go(10, 1000, 0)
        assert 175 <= drive.metres() <= 200, seconds


def test_a_first_fix_far_away_counts_nothing() -> None:
    """The box was switched off, and the car is elsewhere."""
    drive = Drive(start_m=12_345_678)
    assert drive.metres() == 12_345_678
    drive.go(1, 2500, 0)
    drive.go(9, 2500, 0)
    assert 12_345_678 + 245 <= drive.metres() <= 12_345_678 + 250
    assert drive.odometer.source == ODOMETER_POSITIONS


def test_a_fix_is_looked_at_once() -> None:
    drive = Drive()
    drive.go(10, 3000, 0)
    before = drive.metres()
    for _ in range(10):
        drive.odometer.poll(drive.now_ms)
    assert drive.metres() == before == 299


def near(found: int, real: int) -> bool:
    return abs(found - real) * 2000 <= real


def test_ways_on_the_ellipsoid() -> None:
    """Meridian and parallel by the formulas of WGS 84, rounded to the centimetre, 10 millidegrees."""
    for degrees, north_cm, east_cm in (
        (0, 110_574, 111_320),
        (20, 110_704, 104_647),
        (35, 110_941, 91_288),
        (45, 111_132, 78_847),
        (60, 111_412, 55_800),
        (70, 111_562, 38_187),
    ):
        for side in (1, -1):
            at = side * degrees * 1_000_000
            assert near(way_between_cm(at - side * 5000, 0, at + side * 5000, 0), north_cm), degrees
            assert near(way_between_cm(at, 77, at, 10_077), east_cm), degrees


def test_ways_over_the_date_line_and_at_the_ends() -> None:
    assert near(way_between_cm(0, 179_995_000, 0, -179_995_000), 111_320)
    assert way_between_cm(90_000_000, 0, 90_000_000, 0) == 0
    assert way_between_cm(0, 0, 0, 50_000) > 0
    assert way_between_cm(0, 0, 0, 51_000) == -1
    assert way_between_cm(0, 0, 50_001, 0) == -1
    assert way_between_cm(-90_000_000, -180_000_000, 90_000_000, 180_000_000) == -1
    assert near(way_between_cm(0, 0, 30_000, 40_000), 555_260)
    assert len(EAST_CM) == 62
    assert len(NORTH_CM) == 31
