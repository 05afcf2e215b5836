"""What `board` in `box.json` may say on this board; each mistake is one sentence.

pulses_per_km       pulses of the car's wheel or gearbox sensor; without it none are counted
position            true: a GNSS receiver (NMEA) is on `position_rx`
position_baud       its rate, 9600 unless said
tells_antenna       false: its antenna is its own, and what it says of one is not believed
clock_chip          true: a DS3231 is on the I2C pins (ESP32-S3 only)
battery_times_1000  the divider: thousandths by which the battery has more than the pin, 6556
                    unless said (100 kΩ and 18 kΩ)
battery_offset_mv   by this much both limits of the battery guard move (docs/power.md)
inverted            names of contacts that are open when the table says closed
name_server         address of a second one, asked when the one that the Wi-Fi names does not answer
light_sleep         true: asleep while nobody needs the radio; with a clock_chip true unless said,
                    for asleep the clock goes wrong without one
"""

from boards.box_config import ConfigError
from boards.pin_table import INPUT_NAMES
from hal.dns_message import is_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from boards.box_config import BoxConfig

_FLAGS = ("position", "tells_antenna", "clock_chip", "light_sleep")
#: Name, least, most, what it is when nobody says.
_NUMBERS = (
    ("pulses_per_km", 1, 100_000, 0),
    ("position_baud", 1200, 921_600, 9600),
    ("battery_times_1000", 1000, 20_000, 6556),
    ("battery_offset_mv", -1000, 2000, 0),
)


class Options:
    """The values, checked."""

    if TYPE_CHECKING:
        pulses_per_km: int
        position: bool
        position_baud: int
        tells_antenna: bool
        clock_chip: bool
        battery_times_1000: int
        battery_offset_mv: int
        inverted: "list[str]"
        name_server: str
        light_sleep: bool

    def __init__(self, raw: "dict[str, Any]") -> None:
        known_names = [row[0] for row in _NUMBERS] + list(_FLAGS) + ["inverted", "name_server"]
        for name in raw:
            if name not in known_names:
                known = ", ".join(sorted(known_names))
                raise ConfigError("box.json: board: %s: unknown (known: %s)" % (name, known))
        for name in _FLAGS:
            usual = name == "tells_antenna" or (name == "light_sleep" and self.clock_chip)
            value = raw.get(name, usual)
            if value is not True and value is not False:
                raise ConfigError("box.json: board: %s: write true or false" % name)
            setattr(self, name, value)
        for name, least, most, number in _NUMBERS:
            value = raw.get(name, number)
            is_number = isinstance(value, int) and not isinstance(value, bool)
            if name in raw and not (is_number and least <= value <= most):
                raise ConfigError(
                    "box.json: board: %s: %r; give %d to %d" % (name, value, least, most)
                )
            setattr(self, name, value)
        self.inverted = raw.get("inverted", [])
        if not isinstance(self.inverted, list):
            raise ConfigError("box.json: board: inverted: write names in [ ]")
        for name in self.inverted:
            if name not in INPUT_NAMES:
                raise ConfigError("box.json: board: inverted: %r is no contact" % (name,))
        self.name_server = raw.get("name_server", "")
        if "name_server" in raw and not _is_server(self.name_server):
            raise ConfigError(
                "box.json: board: name_server: %r; give an IPv4 address like 192.168.4.1"
                % (self.name_server,)
            )


def _is_server(value: object) -> bool:
    """Of one machine that is not this one: 0, 127 and from 224 on mean others (RFC 6890)."""
    if not isinstance(value, str) or not is_address(value):
        return False
    first = int(value.split(".")[0])
    return 0 < first < 224 and first != 127


def options_of(config: "BoxConfig") -> Options:
    """ConfigError for whatever this kind of board cannot be told."""
    if not config.ssid:
        raise ConfigError(
            "box.json: network: %s is nothing that an ESP32 box has; give ssid and password"
            % config.network
        )
    return Options(config.board)


def plain_options_of(config: "BoxConfig") -> Options:
    """Likewise, of a plain ESP32, which has fewer pins."""
    options = options_of(config)
    if options.clock_chip:
        raise ConfigError("box.json: board: clock_chip: a plain ESP32 has no pins left for it")
    return options
