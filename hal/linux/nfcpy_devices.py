"""Opening a reader with nfcpy, whatever state the program before has left it in."""

import time
from collections.abc import Callable

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import serial

from hal.pn532_frames import ACK

#: A program that was killed leaves the chip at the rate that nfcpy had set; the usual one comes
#: twice, since the first command may only wake the chip. nfcpy itself begins at the usual one.
RATES = (115200, 115200, 921600, 460800, 230400)
ANSWER_S = 0.12
#: The first bytes of an adapter on a Raspberry Pi's USB may take this long (nfcpy waits as long).
FIRST_ANSWER_S = 1.5
_WAKE_UP = bytes(10)
_SLOW_DOWN = bytes.fromhex("0000ff03fdd410041800")
_VENDOR_SONY = "usb:054c"


def open_pn532(path: str, alive: Callable[[], None]) -> "nfc.ContactlessFrontend":
    """At any path. The rate is found first: nfcpy would not be heard at the wrong one."""
    slow_down(path, alive)
    alive()
    device = nfc.clf.pn532.init(nfc.clf.transport.TTY(path))
    device._path = path  # noqa: SLF001 - as nfcpy's own connect does
    frontend = nfc.ContactlessFrontend()
    frontend.device = device
    return frontend


def open_rcs380(path: str, alive: Callable[[], None]) -> "nfc.ContactlessFrontend":
    """`path` as nfcpy writes it, or "" for the first one of its maker on USB."""
    alive()
    frontend = nfc.ContactlessFrontend()
    if not frontend.open(path or _VENDOR_SONY):
        raise OSError(f"no RC-S380 at {path or _VENDOR_SONY}")
    return frontend


OPENS = {"pn532": open_pn532, "rcs380": open_rcs380}


def slow_down(path: str, alive: Callable[[], None]) -> int:
    """Have the chip at 115200; the rate at which it was found, 0 when it does not answer."""
    with serial.Serial(path, RATES[0], timeout=0.02) as port:
        wait_s = FIRST_ANSWER_S if path.startswith("/dev/ttyUSB") else ANSWER_S
        for rate in RATES:
            alive()
            port.baudrate = rate
            port.reset_input_buffer()
            port.write(_WAKE_UP + _SLOW_DOWN)
            port.flush()
            if _hears_ack(port, wait_s):
                # The chip changes its rate when its answer is acknowledged.
                port.write(ACK)
                port.flush()
                return rate
            wait_s = ANSWER_S
    return 0


def _hears_ack(port: "serial.Serial", wait_s: float) -> bool:
    """Its ACK and the whole answer behind it."""
    heard = b""
    until_s = time.monotonic() + wait_s
    while time.monotonic() < until_s:
        heard += port.read(max(1, port.in_waiting))
        if bytes(ACK) in heard and heard.endswith(b"\xd5\x11\x1a\x00"):
            return True
    return False
