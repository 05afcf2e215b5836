"""Contacts on a chain of two 74HC165: 16 inputs on three pins of the chip.

The far chip's serial input is tied low and its last input high, so that a chain that is not there,
has no power or a broken wire reads as a pattern that cannot be, and every input as UNKNOWN.
"""

from machine import SPI, Pin

from firmware.wire.codes import NO, UNKNOWN, YES

_BYTES = 3
_HZ = 1_000_000
#: The last input of the far chip, then the eight bits of its serial input.
_SENTINEL = 0x0100
_SENTINEL_MASK = 0x01FF

#: Inputs that can be used.
INPUTS_MAX = 15


class ShiftInputs:
    """`scan` takes all contacts at one instant; `input` gives the ports of single ones."""

    def __init__(self, spi: SPI, latch: int) -> None:
        self._spi = spi
        self._latch = Pin(latch, Pin.OUT, value=1)
        self._buffer = bytearray(_BYTES)
        #: Bit 0 is the first input of the near chip.
        self.bits = 0
        self.is_whole = False
        #: Scans that were no possible pattern, modulo 2**16.
        self.broken = 0
        self.scans = 0
        self._is_news = False

    def scan(self) -> bool:
        """Whether anything is another than at the last scan, or was when somebody looked again."""
        is_news = self._take() or self._is_news
        self._is_news = False
        return is_news

    def look_again(self) -> None:
        """What is new is told by the next scan too: only one input was asked for."""
        self._is_news = self._take() or self._is_news

    def _take(self) -> bool:
        self.scans = (self.scans + 1) & 0xFFFF
        self._latch.value(0)
        self._latch.value(1)
        buffer = self._buffer
        self._spi.readinto(buffer)
        was_whole, before = self.is_whole, self.bits
        raw = buffer[0] << 16 | buffer[1] << 8 | buffer[2]
        self.is_whole = raw & _SENTINEL_MASK == _SENTINEL
        if not self.is_whole:
            self.broken = (self.broken + 1) & 0xFFFF
            return was_whole
        bits = 0
        for index in range(INPUTS_MAX):
            if raw & (1 << (23 - index)):
                bits |= 1 << index
        self.bits = bits
        return bits != before or not was_whole

    def input(self, index: int, active: int) -> "ShiftIn":
        """The port of one contact; `active`: the level that means yes."""
        if not 0 <= index < INPUTS_MAX:
            raise ValueError("input %d; the chain has 0 to %d" % (index, INPUTS_MAX - 1))
        return ShiftIn(self, index, active)


def open_spi(clock: int, data: int) -> SPI:
    """The bus for the chain: sampled when the clock falls, shifted when it rises."""
    return SPI(1, baudrate=_HZ, polarity=1, phase=0, sck=Pin(clock), mosi=None, miso=Pin(data))


class ShiftIn:
    """A `DigitalIn`, as of the last scan; who has read that already is shown what it is now (SAFE-1)."""

    def __init__(self, chain: ShiftInputs, index: int, active: int) -> None:
        self._chain = chain
        self._index = index
        self._active = active
        self._scan = -1

    def read(self) -> int:
        chain = self._chain
        if self._scan == chain.scans:
            chain.look_again()
        self._scan = chain.scans
        if not chain.is_whole:
            return UNKNOWN
        return YES if chain.bits >> self._index & 1 == self._active else NO
