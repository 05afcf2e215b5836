"""What `board` of `box.json` says on a Raspberry Pi; every mistake is one sentence.

    {"reader": {"by": "pn532", "port": "/dev/serial0"},
     "position": {"port": "/dev/ttyACM0", "baud": 9600, "antenna": true},
     "odometer": {"pulses_per_km": 2548},
     "converter": {"channel": 0, "divider_per_1000": 6556},
     "pins": {"lights": 5, "door_rear_right": null}, "inverted": ["brake"],
     "battery_offset_mv": 700,
     "link": "own", "clock": "centre", "watchdog": "/dev/watchdog", "console": "/dev/ttyGS0"}

All may be left out. README.md explains them.
"""

from itertools import combinations
from pathlib import Path
from typing import Any

from boards.box_config import SYSTEM as SYSTEM_NETWORK
from boards.box_config import BoxConfig, ConfigError
from boards.pin_table import INPUT_NAMES

PN532 = "pn532"
PN532_BY_NFCPY = "pn532-nfcpy"
RCS380 = "rcs380"
READERS = (PN532, PN532_BY_NFCPY, RCS380)

OWN_LINK = "own"
PAHO_LINK = "paho"
LINKS = (OWN_LINK, PAHO_LINK)

CLOCK_BY_CENTRE = "centre"
CLOCK_OF_MACHINE = "machine"
CLOCKS = (CLOCK_BY_CENTRE, CLOCK_OF_MACHINE)

SERIAL = "/dev/serial0"
#: 100 kΩ over 18 kΩ.
DIVIDER_PER_1000 = 6556
_BAUDS = (4800, 9600, 19200, 38400, 57600, 115200)
_KNOWN = (
    "reader", "position", "odometer", "converter", "pins", "inverted", "link", "clock", "watchdog",
    "console", "battery_offset_mv",
)  # fmt: skip


class Options:
    """As the file says, or what holds without a word; `console`: the service's word for that."""

    def __init__(self, config: BoxConfig, console: str = "") -> None:
        raw = config.board
        _check_known(raw, _KNOWN, "")
        if config.network != SYSTEM_NETWORK:
            raise ConfigError(
                'box.json: network: a Raspberry Pi has the system\'s; write "system" here, '
                "and a Wi-Fi network into NetworkManager (sudo nmtui)"
            )
        reader = _group(raw, "reader", ("by", "port"))
        self.reader: str = _choice(reader, "reader.by", READERS, PN532)
        self.reader_port: str = _path(
            reader, "reader.port", "" if self.reader == RCS380 else SERIAL
        )
        position = _group(raw, "position", ("port", "baud", "antenna"))
        self.position_port: str = _path(position, "position.port", "")
        self.position_baud: int = _one_of(position, "position.baud", _BAUDS, 9600)
        self.tells_antenna: bool = _flag(position, "position.antenna", True)
        if raw.get("position") is not None and not self.position_port:
            raise _mistake("position.port", "missing; write the device, as /dev/ttyACM0")
        odometer = _group(raw, "odometer", ("pulses_per_km",))
        self.pulses_per_km: int = _number(odometer, "odometer.pulses_per_km", 1, 1_000_000, 0)
        converter = _group(raw, "converter", ("channel", "divider_per_1000"))
        self.channel: int = _number(converter, "converter.channel", 0, 7, -1)
        self.divider_per_1000: int = _number(
            converter, "converter.divider_per_1000", 1000, 20_000, DIVIDER_PER_1000
        )
        if converter and self.channel < 0:
            raise _mistake("converter.channel", "missing; write 0 to 7, where the battery is")
        self.battery_offset_mv: int = _number(raw, "battery_offset_mv", -1000, 2000, 0)
        self.pins = _pins(raw)
        self.inverted = _contacts(raw, "inverted")
        self.link: str = _choice(raw, "link", LINKS, OWN_LINK)
        self.clock: str = _choice(raw, "clock", CLOCKS, CLOCK_BY_CENTRE)
        self.watchdog: str = _path(raw, "watchdog", "")
        self.console: str = _path(raw, "console", console)
        #: The serial ports that are used: the value's name, and the device.
        self.ports = [
            (name, path)
            for name, path in (
                ("reader.port", self.reader_port),
                ("position.port", self.position_port),
                ("console", self.console),
            )
            if path
        ]
        for (first, path), (name, other) in combinations(self.ports, 2):
            if _same_device(path, other):
                raise _mistake(
                    name, f"{other} is that of board.{first}, too; give one of them another"
                )

    def absent(self) -> list[str]:
        """A sentence for each serial port that does not exist now; it may be plugged in later."""
        return [
            f"box.json: board.{name}: {path} is not there now; plug it in, or correct the name"
            for name, path in self.ports
            if path.startswith("/") and not Path(path).exists()  # nfcpy takes usb:... as well
        ]


def _same_device(one: str, other: str) -> bool:
    """By name, or because one of them stands for the other (/dev/serial0)."""
    return Path(one).resolve() == Path(other).resolve()


def _mistake(name: str, text: str) -> ConfigError:
    return ConfigError(f"box.json: board.{name}: {text}")


def _check_known(raw: dict[str, Any], known: tuple[str, ...], inside: str) -> None:
    for name in raw:
        if name not in known:
            raise _mistake(f"{inside}{name}", f"unknown; remove it (known: {', '.join(known)})")


def _group(raw: dict[str, Any], name: str, known: tuple[str, ...]) -> dict[str, Any]:
    value = raw.get(name, {})
    if not isinstance(value, dict):
        raise _mistake(name, f"it is no set of values; write {{ }} with some of {', '.join(known)}")
    _check_known(value, known, f"{name}.")
    return value


def _value(raw: dict[str, Any], name: str, otherwise: Any) -> Any:
    return raw.get(name.rpartition(".")[2], otherwise)


def _choice(raw: dict[str, Any], name: str, known: tuple[str, ...], otherwise: str) -> str:
    value = _value(raw, name, otherwise)
    if value not in known:
        raise _mistake(name, f"{value!r} is none of {', '.join(known)}")
    return str(value)


def _one_of(raw: dict[str, Any], name: str, known: tuple[int, ...], otherwise: int) -> int:
    value = _value(raw, name, otherwise)
    if isinstance(value, bool) or value not in known:
        raise _mistake(name, f"{value!r} is none of {', '.join(str(one) for one in known)}")
    return int(value)


def _flag(raw: dict[str, Any], name: str, otherwise: bool) -> bool:
    value = _value(raw, name, otherwise)
    if not isinstance(value, bool):
        raise _mistake(name, f"{value!r} is not a yes or no; write true or false")
    return value


def _number(raw: dict[str, Any], name: str, least: int, most: int, otherwise: int) -> int:
    value = _value(raw, name, None)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _mistake(name, f"{value!r} is no whole number from {least} to {most}")
    return value


def _path(raw: dict[str, Any], name: str, otherwise: str) -> str:
    value = _value(raw, name, otherwise)
    if not isinstance(value, str):
        raise _mistake(name, "it is no text; write the device in quotes, as /dev/serial0")
    return value


def _contacts(raw: dict[str, Any], name: str) -> list[str]:
    value = raw.get(name, [])
    if not isinstance(value, list):
        raise _mistake(name, "write names in [ ]")
    for one in value:
        if one not in INPUT_NAMES:
            raise _mistake(name, f"{one!r} is no contact (known: {', '.join(INPUT_NAMES)})")
    return value


def _pins(raw: dict[str, Any]) -> dict[str, int | None]:
    """Pins in place of those of the table; None: not wired."""
    value = raw.get("pins", {})
    if not isinstance(value, dict):
        raise _mistake("pins", 'it is no set of values; write {"lights": 5} and so on')
    for name, pin in value.items():
        if pin is not None and (isinstance(pin, bool) or not isinstance(pin, int)):
            raise _mistake(f"pins.{name}", f"{pin!r} is no pin; write its BCM number, or null")
    return value
