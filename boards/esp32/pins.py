"""Which pin of the chip is what, and which contact sits where on the chain of 74HC165.

README.md has the drawings, and what each pin does before the program has it. Kind BUS: a line on
which a level at power-on does nothing, so that it may be one of the chip's harmless strapping pins.
"""

from boards.pin_table import ANALOG, BUS, HIGH, IN, LOW, NONE, OUT, UP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from boards.pin_table import Rows

FILE = "boards/esp32/pins.py"

#: How long each relay is driven: unlock, lock, release, block. The relays need 100 ms.
PULSE_MS = (400, 400, 200, 200)

#: Place on the chain: 0 is D7 of the chip beside the ESP32 (the first bit out), 8 is D7 of the
#: other. All contacts close to ground, 12 V signals through an optocoupler; 10 kΩ to 3.3 V each.
CONTACTS: "Rows" = (
    ("door_driver", IN, 0, LOW, UP),
    ("door_passenger", IN, 1, LOW, UP),
    ("door_rear_left", IN, 2, LOW, UP),
    ("door_rear_right", IN, 3, LOW, UP),
    ("trunk", IN, 4, LOW, UP),
    ("key", IN, 5, LOW, UP),
    ("knob_at_return", IN, 6, LOW, UP),
    ("engine", IN, 7, LOW, UP),
    ("moving", IN, 8, LOW, UP),
    ("brake", IN, 9, LOW, UP),
    ("gear_p", IN, 10, LOW, UP),
    ("lights", IN, 11, LOW, UP),
    ("window", IN, 12, LOW, UP),
    ("locked", IN, 13, LOW, UP),
    ("blocked", IN, 14, LOW, UP),
)

#: ESP32-WROOM-32 and -WROVER: pins 16 and 17 are the WROVER's PSRAM and stay free.
ESP32: "Rows" = (
    ("unlock", OUT, 25, HIGH, NONE),
    ("lock", OUT, 26, HIGH, NONE),
    ("release", OUT, 32, HIGH, NONE),
    ("block", OUT, 33, HIGH, NONE),
    ("enable", OUT, 27, HIGH, NONE),
    ("red", OUT, 18, HIGH, NONE),
    ("green", OUT, 19, HIGH, NONE),
    ("yellow", OUT, 13, HIGH, NONE),
    ("hazard", OUT, 22, HIGH, NONE),
    ("buzzer", OUT, 23, HIGH, NONE),
    ("voice", OUT, 21, HIGH, NONE),
    ("reader_tx", OUT, 4, HIGH, NONE),
    ("reader_rx", IN, 35, HIGH, NONE),
    ("chain_clock", OUT, 14, HIGH, NONE),
    ("chain_latch", BUS, 5, HIGH, NONE),
    ("chain_data", IN, 39, HIGH, NONE),
    ("position_rx", BUS, 15, HIGH, NONE),
    ("odometer", IN, 36, HIGH, NONE),
    ("battery", ANALOG, 34, HIGH, NONE),
)

#: ESP32-S3-WROOM-1 with octal PSRAM (N8R8, N16R8), which is on pins 33 to 37.
ESP32_S3: "Rows" = (
    ("unlock", OUT, 4, HIGH, NONE),
    ("lock", OUT, 5, HIGH, NONE),
    ("release", OUT, 6, HIGH, NONE),
    ("block", OUT, 7, HIGH, NONE),
    ("enable", OUT, 15, HIGH, NONE),
    ("red", OUT, 38, HIGH, NONE),
    ("green", OUT, 39, HIGH, NONE),
    ("yellow", OUT, 40, HIGH, NONE),
    ("hazard", OUT, 41, HIGH, NONE),
    ("buzzer", OUT, 42, HIGH, NONE),
    ("voice", OUT, 21, HIGH, NONE),
    ("reader_tx", OUT, 17, HIGH, NONE),
    ("reader_rx", IN, 18, HIGH, NONE),
    ("chain_clock", OUT, 12, HIGH, NONE),
    ("chain_latch", BUS, 10, HIGH, NONE),
    ("chain_data", IN, 13, HIGH, NONE),
    ("position_rx", IN, 16, HIGH, NONE),
    ("odometer", IN, 14, HIGH, NONE),
    ("battery", ANALOG, 1, HIGH, NONE),
    ("clock_sda", BUS, 8, HIGH, NONE),
    ("clock_scl", BUS, 9, HIGH, NONE),
)

NEEDED = (
    "unlock",
    "lock",
    "release",
    "block",
    "enable",
    "red",
    "green",
    "yellow",
    "hazard",
    "buzzer",
    "voice",
    "reader_tx",
    "reader_rx",
    "chain_clock",
    "chain_latch",
    "chain_data",
    "position_rx",
    "odometer",
    "battery",
)
