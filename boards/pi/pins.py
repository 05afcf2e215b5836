"""Which pin of the 40-pin header is what, by the numbers of the chip's maker (BCM).

The drawing is in README.md. The outputs are on pins that the chip pulls low until a program takes
them (9 to 27): with transistors behind them, active high, nothing twitches at power-on. The header
has 24 pins beside the serial line of the reader, so `lights` and `window` are not wired here. A row
is exchanged in `box.json` (`"board": {"pins": {"lights": 5, "door_rear_right": null}}`), not here.
"""

from boards.pin_table import HIGH, IN, LOW, NONE, NOT_WIRED, OUT, UP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from boards.pin_table import Rows

FILE = "boards/pi/pins.py"

#: How long each relay is driven: unlock, lock, release, block.
PULSE_MS = (400, 400, 200, 200)

#: Contacts close to ground, through the protection of the input board.
ROWS: "Rows" = (
    ("door_driver", IN, 2, LOW, UP),
    ("door_passenger", IN, 3, LOW, UP),
    ("door_rear_left", IN, 4, LOW, UP),
    ("door_rear_right", IN, 5, LOW, UP),
    ("trunk", IN, 6, LOW, UP),
    ("key", IN, 7, LOW, UP),
    ("knob_at_return", IN, 8, LOW, UP),
    ("engine", IN, 9, LOW, UP),
    ("moving", IN, 10, LOW, UP),
    ("brake", IN, 11, LOW, UP),
    ("gear_p", IN, 12, LOW, UP),
    ("lights", IN, NOT_WIRED, LOW, UP),
    ("window", IN, NOT_WIRED, LOW, UP),
    ("locked", IN, 13, LOW, UP),
    ("blocked", IN, 19, LOW, UP),
    ("red", OUT, 17, HIGH, NONE),
    ("green", OUT, 27, HIGH, NONE),
    ("yellow", OUT, 22, HIGH, NONE),
    ("hazard", OUT, 23, HIGH, NONE),
    ("buzzer", OUT, 24, HIGH, NONE),
    ("voice", OUT, 25, HIGH, NONE),
    ("unlock", OUT, 16, HIGH, NONE),
    ("lock", OUT, 20, HIGH, NONE),
    ("release", OUT, 21, HIGH, NONE),
    ("block", OUT, 26, HIGH, NONE),
    ("enable", OUT, 18, HIGH, NONE),
)

#: What else takes pins, where `box.json` says that it is there.
SERIAL_PINS = (("reader_tx", 14), ("reader_rx", 15))
CONVERTER_PINS = (
    ("converter_select", 8),
    ("converter_miso", 9),
    ("converter_mosi", 10),
    ("converter_clock", 11),
)
#: The pulses of a wheel or gear sensor; the pin is in `box.json`.
ODOMETER = "odometer"
#: Pins that the header leads out; 0 and 1 belong to the memory of add-on boards.
FIRST_PIN = 2
LAST_PIN = 27
#: From here on the chip pulls down at power-on (BCM2835 peripherals, table 6-31); 2 and 3 have
#: resistors to 3.3 V on the board itself.
FIRST_LOW_PIN = 9
