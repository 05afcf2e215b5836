"""A satellite receiver at the other end of a serial link, for the contract of positions."""

from firmware.ticks import ticks_add
from firmware.wire.codes import ANTENNA_OK, ANTENNA_OPEN
from hal.nmea import Nmea

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import ByteLink

_MINUTES = 60
_UDEG = 1_000_000


class NmeaReceiver:
    """`put` sends bytes to `link`. One sentence a second; the port hears it at once."""

    def __init__(self, link: "ByteLink", put: "Callable[[bytes], None]") -> None:
        self.port = Nmea(link)
        self._put = put
        self._now_ms = 2**30 - 2000

    def say(self, is_fixed: bool, latitude_udeg: int, longitude_udeg: int) -> None:
        fields = (
            "A" if is_fixed else "V",
            _angle(latitude_udeg, 2, "NS"),
            _angle(longitude_udeg, 3, "EW"),
            "A" if is_fixed else "N",
        )
        self._send("GNRMC,120000.00,%s,%s,%s,0.0,,221126,,,%s" % fields)

    def say_antenna(self, antenna: int) -> None:
        word = "OK" if antenna == ANTENNA_OK else "OPEN" if antenna == ANTENNA_OPEN else "SHORT"
        self._send("GNTXT,01,01,02,ANTSTATUS=%s" % word)

    def _send(self, contents: str) -> None:
        total = 0
        for sign in contents:
            total ^= ord(sign)
        self._put(b"$%s*%02X\r\n" % (contents.encode(), total))
        self._now_ms = ticks_add(self._now_ms, 1000)
        self.port.poll(self._now_ms)


def _angle(udeg: int, digits: int, sides: str) -> str:
    """Degrees and minutes with six decimals, which hold a microdegree exactly."""
    whole, part = divmod(abs(udeg), _UDEG)
    minutes, rest = divmod(part * _MINUTES, _UDEG)
    degrees = ("%02d" if digits == 2 else "%03d") % whole
    return "%s%02d.%06d,%s" % (degrees, minutes, rest, sides[udeg < 0])
