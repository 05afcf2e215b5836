"""A serial link on a UART of the chip; received bytes wait in the driver's buffer."""

from machine import UART, Pin

#: What the driver holds for a program that does not come; more is lost.
RECEIVE_BYTES_MAX = 512
#: The driver takes this much at once without waiting for the wire.
SEND_BYTES_MAX = 256


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
