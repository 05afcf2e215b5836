"""The table of pins as this box has it: that of `pins.py`, with what `box.json` says otherwise."""

from boards.box_config import ConfigError
from boards.pi import pins
from boards.pi.options import PN532, PN532_BY_NFCPY, SERIAL, Options
from boards.pin_table import (
    BUS,
    DOWN,
    HIGH,
    IN,
    INPUT_NAMES,
    LEVEL_NAMES,
    LOW,
    NONE,
    NOT_WIRED,
    OUT,
    PULSE_NAMES,
    UP,
    check,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from boards.pin_table import Row, Rows

NEEDED = (*INPUT_NAMES, *LEVEL_NAMES, *PULSE_NAMES, "enable")
#: What a sentence about a pin names: both places that it may come from.
FILES = "boards/pi/pins.py and board.pins of box.json"


def rows_of(options: Options) -> "Rows":
    """All rows, judged. BoardError or ConfigError for what cannot be."""
    own = dict(options.pins)
    rows: list[Row] = []
    for name, kind, pin, active, pull in pins.ROWS:
        there = own.pop(name, pin) if name in own else pin
        level = active ^ (name in options.inverted)
        rows.append((name, kind, NOT_WIRED if there is None else there, level, pull))
    if options.pulses_per_km:
        there = own.pop(pins.ODOMETER, None)
        if there is None:
            raise ConfigError(
                "box.json: board.pins.odometer: missing; write the pin of the odometer's pulses"
            )
        rows.append((pins.ODOMETER, IN, there, LOW, UP))
    if own:
        known = ", ".join(row[0] for row in rows)
        raise ConfigError(f"box.json: board.pins.{min(own)}: no such port (known: {known})")
    if options.reader in (PN532, PN532_BY_NFCPY) and options.reader_port == SERIAL:
        rows += [(name, BUS, pin, HIGH, NONE) for name, pin in pins.SERIAL_PINS]
    if options.channel >= 0:
        rows += [(name, BUS, pin, HIGH, NONE) for name, pin in pins.CONVERTER_PINS]
    table = tuple(rows)
    check(table, NEEDED, FILES, _refuses)
    return table


def pull_of(row: "Row") -> bool | None:
    """As the ports take it: to high, to low, or none."""
    return {UP: True, DOWN: False}.get(row[4])


def _refuses(pin: int, kind: int, pull: int) -> str:
    if not pins.FIRST_PIN <= pin <= pins.LAST_PIN:
        return f"the header has {pins.FIRST_PIN} to {pins.LAST_PIN}"
    if kind == IN and pin in (2, 3) and pull == DOWN:
        return "it is pulled up on the board itself"
    if kind == OUT and pin < pins.FIRST_LOW_PIN:
        return f"it is pulled up at power-on; an output goes to {pins.FIRST_LOW_PIN} to {pins.LAST_PIN}"
    return ""
