"""A board's table of pins, judged before any pin is touched: every mistake is one sentence.

A row is `(name, kind, pin, active, pull)`, all in `boards/<name>/pins.py`:

    name    of the port: an input of `INPUT_NAMES`, a level of `LEVEL_NAMES`, a pulse of
            `PULSE_NAMES`, or a line of a bus
    kind    IN, OUT, ANALOG or BUS (a pin that a UART, SPI or counter takes)
    pin     the number that the chip's maker gives it; NOT_WIRED for an input that the car is
            without (it reads UNKNOWN; `no_sensor` of the settings says so too)
    active  HIGH or LOW: the level that means yes, or on
    pull    UP, DOWN or NONE: the pull resistor inside the chip
"""

from boards.box_ports import NEEDED
from firmware.wire.codes import INPUTS, OUTS, PULSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    Row = tuple[str, int, int, int, int]
    Rows = tuple[Row, ...]

    class Refuses(Protocol):
        """Why a pin of this chip cannot be what a row wants; empty when it can."""

        def __call__(self, pin: int, kind: int, pull: int) -> str: ...


IN = 0
OUT = 1
ANALOG = 2
BUS = 3

LOW = 0
HIGH = 1

NONE = 0
UP = 1
DOWN = 2

NOT_WIRED = -1

# Names in the order of `firmware.wire.codes`.
INPUT_NAMES = (
    "door_driver",
    "door_passenger",
    "door_rear_left",
    "door_rear_right",
    "trunk",
    "key",
    "knob_at_return",
    "engine",
    "moving",
    "brake",
    "gear_p",
    "lights",
    "window",
    "locked",
    "blocked",
)
LEVEL_NAMES = ("red", "green", "yellow", "hazard", "buzzer", "voice")
PULSE_NAMES = ("unlock", "lock", "release", "block")


class BoardError(ValueError):
    """A board that cannot work as it is described; the text names the file and the way out."""


def find_mistakes(
    rows: "Rows", needed: "tuple[str, ...]", file: str, refuses: "Refuses | None" = None
) -> "list[str]":
    """A sentence for each mistake; `needed` are the names that have to be there."""
    found = []
    names: "list[str]" = []
    users: "dict[int, str]" = {}
    for name, kind, pin, active, pull in rows:
        if name in names:
            found.append("%s: %s is there twice; remove one of the rows" % (file, name))
        names.append(name)
        if active not in (LOW, HIGH) or pull not in (NONE, UP, DOWN) or not IN <= kind <= BUS:
            found.append("%s: %s: a kind, level or pull that does not exist" % (file, name))
            continue
        if pin == NOT_WIRED:
            if kind != IN:
                found.append("%s: %s needs a pin; only inputs may do without" % (file, name))
            continue
        if pin in users:
            found.append(
                "%s: pin %d is used by %s and by %s; give one of them another pin"
                % (file, pin, users[pin], name)
            )
        users[pin] = name
        reason = refuses(pin, kind, pull) if refuses is not None else ""
        if reason:
            found.append("%s: %s cannot be on pin %d: %s" % (file, name, pin, reason))
    for name in needed:
        if name not in names:
            found.append("%s: there is no row for %s; add one" % (file, name))
    return found


def check(
    rows: "Rows", needed: "tuple[str, ...]", file: str, refuses: "Refuses | None" = None
) -> None:
    """BoardError with the first mistake."""
    found = find_mistakes(rows, needed, file, refuses)
    if found:
        raise BoardError(found[0])


def row_of(rows: "Rows", name: str) -> "Row":
    """The row with this name; `check` has seen to it that there is one."""
    for row in rows:
        if row[0] == name:
            return row
    raise BoardError("no pin is called %s" % name)


def check_ports(ports: object, file: str) -> None:
    """BoardError when `build` of this file left a port out, or gave too few lines of one."""
    for name in NEEDED:
        if not hasattr(ports, name):
            raise BoardError(
                "%s: build() gives no %s, and the firmware needs one; set ports.%s"
                % (file, name, name)
            )
    for name, count in (
        ("inputs", INPUTS),
        ("levels", OUTS),
        ("pulses", PULSES),
        ("pulse_ms", PULSES),
    ):
        given = len(getattr(ports, name))
        if given != count:
            raise BoardError(
                "%s: build() gives %d %s, and the firmware has %d" % (file, given, name, count)
            )
