"""The position from sentences of a satellite receiver: fixes, none, damage, antenna."""

import gc
import sys

from firmware.ticks import ticks_add
from firmware.wire.codes import ANTENNA_OK, ANTENNA_OPEN, ANTENNA_SHORT, ANTENNA_UNKNOWN
from hal import nmea, nmea_sentence
from hal.fake.byte_link import FakeByteLink
from hal.nmea import Nmea

#: Of data sheets, their sums as printed there.
RMC = b"$GPRMC,064951.000,A,2307.1256,N,12016.4438,E,0.03,165.48,260406,3.05,W,A*2C\r\n"
GGA = b"$GPGGA,064951.000,2307.1256,N,12016.4438,E,1,8,0.95,39.9,M,17.8,M,,*63\r\n"
GLOBALTOP = b"$PGTOP,11,3*6F\r\n"
QUECTEL = b"$GPTXT,01,01,02,ANTSTATUS=OK*3B\r\n"
CASIC = b"$GPTXT,01,01,01,ANTENNA OPEN*25\r\n"


def sentence(contents: str) -> bytes:
    """With its sum, computed here apart from the parser."""
    total = 0
    for sign in contents:
        total ^= ord(sign)
    return b"$%s*%02X\r\n" % (contents.encode(), total)


def rmc(
    north: str = "3540.8600,N", east: str = "13946.0200,E", knots: str = "10.0", mode: str = "A"
) -> bytes:
    return sentence("GNRMC,120000.00,A,%s,%s,%s,,221126,,,%s" % (north, east, knots, mode))


def gga(quality: str) -> bytes:
    return sentence("GNGGA,120000.00,3540.8600,N,13946.0200,E,%s,9,0.9,40.0,M,36.0,M,," % quality)


class Receiver:
    """A parser, its link, and the time."""

    def __init__(self, tells_antenna: bool = True) -> None:
        self.now_ms = 2**30 - 2000
        self.link = FakeByteLink()
        self.nmea = Nmea(self.link, tells_antenna)

    def say(self, data: bytes, after_ms: int = 1) -> "Receiver":
        self.wait(after_ms)
        for start in range(0, len(data), 200):
            self.link.put(data[start : start + 200])
            self.nmea.poll(self.now_ms)
        return self

    def wait(self, duration_ms: int) -> None:
        self.now_ms = ticks_add(self.now_ms, duration_ms)
        self.nmea.poll(self.now_ms)

    def place(self) -> "tuple[bool, int, int]":
        port = self.nmea
        return port.is_valid(), port.latitude_udeg(), port.longitude_udeg()

    def is_valid(self) -> bool:
        return self.nmea.is_valid()


TAIPEI = (True, 23_118_760, 120_274_063)
TOKYO = (True, 35_681_000, 139_767_000)


def test_nothing_is_known_before_the_first_fix() -> None:
    receiver = Receiver()
    receiver.wait(10)
    assert receiver.place() == (False, 0, 0)
    assert receiver.nmea.antenna == ANTENNA_UNKNOWN
    assert receiver.nmea.speed_cm_s == -1


def test_both_sentences_give_the_fix() -> None:
    for data in (RMC, GGA):
        assert Receiver().say(data).place() == TAIPEI


def test_any_talker_is_heard() -> None:
    for talker in (b"GP", b"GN", b"GL", b"GA", b"GB", b"BD", b"GQ"):
        data = sentence("xxRMC,1,A,3540.86,N,13946.02,E,0,0,221126".replace("xx", talker.decode()))
        assert Receiver().say(data).place() == TOKYO, talker


def test_other_sentences_are_passed_over() -> None:
    receiver = Receiver().say(RMC)
    receiver.say(sentence("GPGSV,3,1,11,03,03,111,00") + sentence("GPVTG,,T,,M,0.0,N,0.0,K"))
    receiver.say(sentence("PMTK001,314,3") + sentence("PUBX,00,1,2,3"))
    assert receiver.nmea.fixes == 1
    assert receiver.nmea.damaged == 0


def test_angles_are_rounded_to_the_nearest_microdegree_halves_up() -> None:
    """A microdegree is 60 millionths of a minute."""
    for minutes, udeg in (
        ("00.000029", 0),
        ("00.000030", 1),
        ("00.0000299", 0),
        ("59.999999", 1_000_000),
        ("30", 500_000),
        ("30.", 500_000),
        ("06.5", 108_333),
        ("06.50", 108_333),
    ):
        receiver = Receiver().say(rmc("00%s,N" % minutes, "000%s,E" % minutes))
        assert receiver.place() == (True, udeg, udeg), minutes


def test_south_and_west_are_negative_and_the_ends_of_the_world_are_in_it() -> None:
    assert Receiver().say(rmc("9000.0,S", "18000.0,W")).place() == (True, -90_000_000, -180_000_000)
    assert Receiver().say(rmc("0000.00003,S", "00000.00009,W")).place() == (True, -1, -2)


def test_what_is_no_place_changes_nothing_and_is_counted() -> None:
    for north, east in (
        ("9000.0001,N", "13946.02,E"),
        ("3560.0,N", "13946.02,E"),
        ("3540.86,N", "18000.001,E"),
        ("3540.86,X", "13946.02,E"),
        ("3540.86,N", "13946.02,N"),
        ("3540.86,", "13946.02,E"),
        ("354,N", "13946.02,E"),
        ("35 0.86,N", "13946.02,E"),
        ("3540,86,N", "13946.02,E"),
        ("3540.8-6,N", "13946.02,E"),
        ("-540.86,N", "13946.02,E"),
        (",", ","),
    ):
        receiver = Receiver().say(RMC).say(rmc(north, east))
        assert receiver.place() == TAIPEI, north
        assert (receiver.nmea.fixes, receiver.nmea.damaged) == (1, 1), north


def test_a_fix_that_the_receiver_takes_back_ends_at_once_and_the_place_stays() -> None:
    for taken_back in (
        sentence("GPRMC,235947.00,V,,,,,,,221126,,,N"),
        rmc(mode="E"),
        rmc(mode="S"),
        gga("0"),
        gga("6"),
        gga("8"),
    ):
        receiver = Receiver().say(RMC).say(taken_back)
        assert receiver.place() == (False, TAIPEI[1], TAIPEI[2]), taken_back
        assert receiver.nmea.speed_cm_s == -1
        assert receiver.nmea.damaged == 0
        assert receiver.say(RMC).is_valid()


def test_measured_fixes_of_all_kinds_count() -> None:
    for data in [rmc(mode=mode) for mode in "ADPRF"] + [gga(quality) for quality in "12345"]:
        assert Receiver().say(data).place() == TOKYO


def test_a_fix_that_is_not_repeated_grows_old_and_stays_so() -> None:
    receiver = Receiver().say(RMC)
    receiver.wait(nmea.GOOD_MS)
    assert receiver.is_valid()
    receiver.wait(1)
    assert receiver.place() == (False, TAIPEI[1], TAIPEI[2])
    for _ in range(4):
        receiver.wait(2**28)  # the ticks wrap
        assert not receiver.is_valid()


def test_other_words_do_not_keep_a_fix_young() -> None:
    receiver = Receiver().say(RMC)
    for _ in range(4):
        receiver.say(QUECTEL, after_ms=1000)
    assert not receiver.is_valid()


def test_the_speed_is_that_of_rmc() -> None:
    for knots, cm_s in (
        ("10.0", 514),
        ("0.03", 2),
        ("0", 0),
        ("97.19", 4999),
        ("194.30", 9995),
        ("250.0", -1),
        ("12345.0", -1),
        ("", -1),
        ("x", -1),
        ("1.x", -1),
    ):
        assert Receiver().say(rmc(knots=knots)).nmea.speed_cm_s == cm_s, knots
    assert Receiver().say(rmc()).say(gga("1")).nmea.speed_cm_s == 514


def test_a_wrong_sum_or_none_counts_for_nothing() -> None:
    bare = RMC[: RMC.index(b"*")]
    for data in (
        RMC.replace(b"2307", b"2308"),
        RMC.replace(b"*2C", b"*2D"),
        RMC.replace(b"*2C", b"*3C"),
        RMC.replace(b"*2C", b"*G2"),
        RMC.replace(b"*2C", b"*2"),
        RMC.replace(b"*2C", b"*2C "),
        bare + b"\r\n",
        b"$*00\r\n",
        b"$\r\n",
    ):
        receiver = Receiver().say(data)
        assert not receiver.is_valid(), data
        assert receiver.nmea.damaged == 1, data
        assert receiver.say(RMC).is_valid()
    assert Receiver().say(RMC.replace(b"*2C", b"*2c")).is_valid()


def test_garbage_before_between_and_within_lines() -> None:
    receiver = Receiver()
    receiver.say(b"\xb5\x62\x01\x07garbage,*2C\r\n" + RMC[:30] + RMC + b"\xff\x00" + GGA)
    assert receiver.nmea.fixes == 2
    assert receiver.nmea.damaged == 1
    receiver.say(RMC[:20] + b"\x00" + RMC[20:])
    assert receiver.nmea.fixes == 2
    receiver.say(GGA)
    assert receiver.nmea.fixes == 3


def test_sentences_in_pieces_of_any_length() -> None:
    stream = RMC + CASIC + GGA
    for piece_bytes in range(1, 70):
        receiver = Receiver()
        for start in range(0, len(stream), piece_bytes):
            receiver.say(stream[start : start + piece_bytes])
        assert receiver.nmea.fixes == 2, piece_bytes
        assert receiver.nmea.antenna == ANTENNA_OPEN
        assert receiver.nmea.damaged == 0


def test_a_line_without_end_is_let_go_and_the_next_is_read() -> None:
    receiver = Receiver()
    receiver.say(b"$GPRMC," + b"9" * 5000 + RMC)
    assert receiver.nmea.fixes == 1
    assert receiver.nmea.damaged == 1
    full = "GPTXT,01,01,02," + "A" * (nmea_sentence.LINE_BYTES_MAX - 18)
    assert receiver.say(sentence(full)).nmea.damaged == 1
    assert receiver.say(sentence(full + "A")).nmea.damaged == 2


def test_fields_without_number_are_survived() -> None:
    receiver = Receiver().say(sentence("GPRMC," + "," * 90)).say(sentence("GPGGA" + "," * 30))
    assert not receiver.is_valid()
    assert receiver.say(sentence("GPRMC")).say(sentence("GPTXT")).say(RMC).is_valid()


def test_what_receivers_say_of_their_antenna() -> None:
    for data, antenna in (
        (GLOBALTOP, ANTENNA_OK),
        (sentence("PGTOP,11,2"), ANTENNA_OPEN),
        (sentence("PGTOP,11,1"), ANTENNA_SHORT),
        (QUECTEL, ANTENNA_OK),
        (sentence("GNTXT,01,01,02,ANTSTATUS=OPEN"), ANTENNA_OPEN),
        (sentence("GNTXT,01,01,02,ANTSTATUS=SHORT"), ANTENNA_SHORT),
        (CASIC, ANTENNA_OPEN),
        (sentence("GNTXT,01,01,01,ANTENNA OK"), ANTENNA_OK),
        (sentence("GNTXT,01,01,01,ANTENNA SHORT"), ANTENNA_SHORT),
    ):
        receiver = Receiver()
        for before in (QUECTEL, CASIC):
            assert receiver.say(before).say(data).nmea.antenna == antenna, data


def test_what_says_nothing_of_the_antenna_leaves_it() -> None:
    receiver = Receiver().say(CASIC)
    for contents in (
        "PGTOP,11,4",
        "PGTOP,11",
        "PGTOP,12,3",
        "GNTXT,01,01,02,u-blox AG - www.u-blox.com",
        "GNTXT,01,01,02",
        "GNTXT,01,01,02,ANT",
    ):
        assert receiver.say(sentence(contents)).nmea.antenna == ANTENNA_OPEN, contents
    assert receiver.say(RMC).nmea.antenna == ANTENNA_OPEN


def test_a_receiver_that_does_not_know_yet() -> None:
    for word in ("INIT", "DONTKNOW", ""):
        receiver = Receiver().say(CASIC).say(sentence("GNTXT,01,01,02,ANTSTATUS=" + word))
        assert receiver.nmea.antenna == ANTENNA_UNKNOWN


def test_a_passive_antenna_is_not_taken_for_a_missing_one() -> None:
    receiver = Receiver(tells_antenna=False).say(CASIC).say(GLOBALTOP)
    assert receiver.nmea.antenna == ANTENNA_UNKNOWN


def test_a_flood_is_taken_in_bounded_bites() -> None:
    receiver = Receiver()
    for _ in range(50):
        receiver.link.put_noise(256)
        receiver.wait(1)
        assert receiver.link.any() == 0
    assert receiver.link.overrun_bytes == 0
    assert receiver.say(b"\r\n" + RMC).is_valid()


def allocated() -> int:
    """Bytes in use (MicroPython) or blocks (CPython)."""
    if hasattr(gc, "mem_alloc"):
        return int(gc.mem_alloc())
    return sys.getallocatedblocks()


class Loop:
    """A link that says the same for ever, and itself allocates nothing."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def any(self) -> int:
        return len(self._data) - self._at

    def readinto(self, buffer: bytearray) -> int:
        count = min(len(buffer), self.any())
        for index in range(count):
            buffer[index] = self._data[self._at + index]
        self._at += count
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        return len(data)

    def set_baud(self, rate: int) -> None:
        raise AssertionError("%d: the rate of a receiver is the board's affair" % rate)

    def rewind(self) -> None:
        self._at = 0


def polls(link: Loop, port: Nmea, count: int, is_idle: bool) -> int:
    before = allocated()
    while count:
        if not is_idle:
            link.rewind()
        port.poll(1000)
        count -= 1
    return allocated() - before


def test_polls_allocate_nothing_idle_or_busy() -> None:
    """Not even with sentences to read, on the 64-bit MicroPython."""
    link = Loop(RMC + GGA + CASIC)
    port = Nmea(link)
    for is_idle, count in ((False, 300), (True, 10000)):
        polls(link, port, 10, is_idle)
        gc.collect()
        gc.disable()
        grown = polls(link, port, count, is_idle)
        gc.enable()
        assert grown <= (0 if hasattr(gc, "mem_alloc") else 8), grown
    assert port.fixes == 620
