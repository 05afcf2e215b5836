"""What the pins of the two chips can be (ESP32 datasheet 2.2 to 2.4, ESP32-S3 datasheet 2.3 to 3.4)."""

from boards.pin_table import ANALOG, BUS, OUT

#: Where the console's line comes in (U0RXD).
CONSOLE_RX = 3
CONSOLE_RX_S3 = 44

_FLASH = "the chip's flash is on it"
_CONSOLE = "the console is on it, and the ROM writes there at power-on"
_ABSENT = "the chip has no such pin"


def refuses_esp32(pin: int, kind: int, pull: int) -> str:
    """Why not, on a plain ESP32; empty when it can."""
    if not 0 <= pin <= 39 or pin in (20, 24, 28, 29, 30, 31, 37, 38):
        return _ABSENT
    if 6 <= pin <= 11:
        return _FLASH
    if pin in (1, CONSOLE_RX):
        return _CONSOLE
    if pin in (16, 17):
        return "the PSRAM of a WROVER is on it"
    if pin in (0, 2, 12):
        return "its level at power-on chooses how the chip starts; take another"
    if pin in (5, 15) and kind != BUS:
        return "the chip pulls it up at power-on; only a line that nothing acts on may be there"
    if pin >= 34 and kind == OUT:
        return "it can only be an input"
    if pin >= 34 and pull:
        return "it has no pull resistor inside"
    if kind == ANALOG and pin < 32:
        return "its converter is the one that Wi-Fi takes; 32 to 39 have the other"
    return ""


def refuses_esp32_s3(pin: int, kind: int, pull: int) -> str:  # noqa: ARG001 - any of its pins pulls
    """Why not, on an ESP32-S3 with PSRAM; empty when it can."""
    if not 0 <= pin <= 48 or 22 <= pin <= 25:
        return _ABSENT
    if 26 <= pin <= 32:
        return _FLASH
    if 33 <= pin <= 37:
        return "octal PSRAM is on it"
    if pin in (43, CONSOLE_RX_S3):
        return _CONSOLE
    if pin in (19, 20):
        return "USB is on it"
    if pin in (0, 3, 45, 46):
        return "its level at power-on chooses how the chip starts; take another"
    if pin == 18 and kind == OUT:
        return "it goes high for 60 us when the power comes on"
    if kind == ANALOG and not 1 <= pin <= 10:
        return "its converter is the one that Wi-Fi takes; 1 to 10 have the other"
    return ""


def refuses_place(pin: int, kind: int, pull: int) -> str:  # noqa: ARG001 - a place has no kind
    """Why not, on the chain of contacts: the sixteenth is tied high, to show a broken chain."""
    return "" if 0 <= pin <= 14 else "the chain has places 0 to 14"
