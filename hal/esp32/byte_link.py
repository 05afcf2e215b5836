"""Serial links: a UART of the chip with its driver's buffer, and the cable of the console."""

import select
import sys
import time

from machine import UART, Pin

from firmware.ticks import ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What the driver holds for a program that does not come; more is lost.
RECEIVE_BYTES_MAX = 512
#: The driver takes this much at once without waiting for the wire.
SEND_BYTES_MAX = 256
#: A host that holds the USB port open and does not read costs the writer up to a second
#: (MICROPY_HW_USB_CDC_TX_TIMEOUT, twice): it is tried again no sooner.
STUCK_MS = 30_000


class UartLink:
    """A `ByteLink`. `tx` may be None for a device that only talks."""

    def __init__(self, uart: int, tx: "int | None", rx: int, baud: int = 115200) -> None:
        #: Writes so far, modulo 2**16: who has not spoken is not answered.
        self.writes = 0
        self._uart = UART(
            uart,
            baudrate=baud,
            # -1 where nothing is sent, for None would be the chip's default pin.
            tx=-1 if tx is None else Pin(tx),
            rx=Pin(rx),
            rxbuf=RECEIVE_BYTES_MAX,
            txbuf=SEND_BYTES_MAX * 2,
            timeout=0,
            timeout_char=0,
        )

    def any(self) -> int:
        return self._uart.any()

    def readinto(self, buffer: bytearray) -> int:
        # Asked first, or the driver would raise or wait, by its version.
        if not self._uart.any():
            return 0
        return self._uart.readinto(buffer) or 0

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        if len(data) > SEND_BYTES_MAX:
            data = memoryview(data)[:SEND_BYTES_MAX]
        if not data:
            return 0
        self.writes = (self.writes + 1) & 0xFFFF
        return self._uart.write(data) or 0

    def set_baud(self, rate: int) -> None:
        """Waits until what was written has gone, some milliseconds; what has come is lost."""
        self._uart.init(baudrate=rate)


class ConsoleLink:
    """A `ByteLink` where MicroPython has its prompt: UART0, and the USB port of an S3 as well.

    MicroPython holds 259 bytes that came (more are lost) and gives them one by one: asked for more
    than there are it would wait. UART0 takes what it is given, and waits for the wire: 64 bytes,
    the most that the console sends at once, are gone in 6 ms.
    """

    def __init__(self, source: "Any", sink: "Any", poll: "Any") -> None:
        #: Reads that gave something, modulo 2**16: whether somebody is there.
        self.reads = 0
        self._source = source
        self._sink = sink
        self._poll = poll
        self._one = bytearray(1)
        self._is_stuck = False
        self._stuck_at_ms = 0

    def any(self) -> int:
        """1 for one or more."""
        for _ in self._poll.ipoll(0):
            return 1
        return 0

    def readinto(self, buffer: "bytearray | memoryview") -> int:
        count = 0
        while count < len(buffer) and self.any() and self._source.readinto(self._one):
            buffer[count] = self._one[0]
            count += 1
        if count:
            self.reads = (self.reads + 1) & 0xFFFF
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        """0 for a while after a host that does not read."""
        now_ms: "Any" = time.ticks_ms()
        if self._is_stuck and 0 <= ticks_diff(now_ms, self._stuck_at_ms) < STUCK_MS:
            return 0
        count: int = self._sink.write(data) or 0
        self._is_stuck = count < len(data)
        self._stuck_at_ms = now_ms
        return count

    def set_baud(self, rate: int) -> None:
        """The image chose 115200."""


def open_console() -> ConsoleLink:
    """Bytes as they are: `sys.stdin` itself would make line ends of some."""
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    return ConsoleLink(sys.stdin.buffer, sys.stdout.buffer, poll)
