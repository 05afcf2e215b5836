"""An ESP32 as its program meets it: time, pins, flash, radio, and what a reset leaves of them.

One chip at a time: `power_on` puts a new one in the place of `the_chip()`. Its modules for the
program are in `chip_modules`. Behaviour after ports/esp32 of MicroPython 1.29; where that says
nothing, after Espressif's manuals.
"""

from firmware.ticks import MASK
from tests.portable.hal.esp32.chip_wires import Cable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tests.portable.hal.esp32.chip_flash import RawFlash
    from tests.portable.hal.esp32.chip_radio import Air
    from tests.portable.hal.esp32.chip_wires import ShiftChain, Wire

FLOATING = -1

# Kinds of `Chip.events`, each (ms since power-on, kind, pin, level).
BECAME_OUTPUT = 1
LEVEL = 2
RESET = 3

# As `machine` numbers them.
PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
SOFT_RESET = 5

_EVENTS_MAX = 2000


class ChipResetError(Exception):
    """`machine.reset()` was called. An exception, for the program ends there."""


class WatchdogBite(BaseException):
    """The watchdog was not fed in time. No handler of the program takes it."""


class PinState:
    """One pin: what the program made of it and what the board drives it with."""

    def __init__(self) -> None:
        self.is_output = False
        self.level = 0  # of the output latch
        self.pull = 0
        #: FLOATING, or the level that the board drives.
        self.driven = FLOATING
        #: The resistor on the board: FLOATING for none.
        self.resistor = FLOATING


class Chip:
    """Power is on. `start_ms`: what the counter of milliseconds shows then."""

    def __init__(self, start_ms: int = MASK - 4000) -> None:
        self.ms = 0
        self._start_ms = start_ms
        self.rtc_s = 0  # seconds since 2000, as it begins after power-on
        self._rtc_ms = 0
        self.rtc_memory = b""
        self.cause = PWRON_RESET
        self.pins: "dict[int, PinState]" = {}
        self.events: "list[tuple[int, int, int, int]]" = []
        self.wdt_ms = 0
        self.fed_ms = 0
        self.has_bitten = False
        #: Raise WatchdogBite, as a whole box needs it.
        self.bites = False
        self.wires: "dict[int, Wire]" = {}
        self.console = Cable()
        self.chains: "list[ShiftChain]" = []
        self.adc_uv: "dict[int, int]" = {}
        self.adc_noise_uv = 0
        self.adc_is_broken = False
        self.flash: "dict[str, RawFlash]" = {}
        self.air: "Air | None" = None
        self.pulses: "dict[int, int]" = {}
        self.i2c: "dict[int, Any]" = {}
        self.light_slept_ms = 0
        self.marked_valid = 0
        self.has_two_slots = True
        self.entropy = 1
        self.is_s3 = False
        #: Called with each millisecond that passes while something goes on: the world outside.
        self.world: "Any" = None

    def ticks_ms(self) -> int:
        return (self._start_ms + self.ms) & MASK

    def pin(self, number: int) -> PinState:
        if number not in self.pins:
            self.pins[number] = PinState()
        return self.pins[number]

    def level_of(self, number: int) -> int:
        """What is on the wire: the chip's output, the board, a resistor; else as if by chance 0."""
        state = self.pin(number)
        for level in (
            state.level if state.is_output else FLOATING,
            state.driven,
            state.resistor,
            (FLOATING, 1, 0)[state.pull],
        ):
            if level != FLOATING:
                return level
        return 0

    def note(self, kind: int, number: int, level: int) -> None:
        if len(self.events) < _EVENTS_MAX:
            self.events.append((self.ms, kind, number, level))

    def pass_ms(self, ms: int, is_asleep: bool = False) -> None:
        """Time goes by: in milliseconds while the world has something to do, else in one step."""
        for wire in self.wires.values():
            wire.is_asleep = is_asleep
        self.console.is_asleep = is_asleep
        left_ms = ms
        while left_ms:
            step_ms = 1 if self.world is not None and self.world() else left_ms
            self._step(step_ms, is_asleep)
            left_ms -= step_ms
        for wire in self.wires.values():
            wire.is_asleep = False
        self.console.is_asleep = False
        if is_asleep:
            self.light_slept_ms += ms
        if self.wdt_ms and self.ms - self.fed_ms > self.wdt_ms:
            self.has_bitten = True
            if self.bites:
                raise WatchdogBite

    def _step(self, ms: int, is_asleep: bool) -> None:
        self.ms += ms
        self._rtc_ms += ms
        self.rtc_s += self._rtc_ms // 1000
        self._rtc_ms %= 1000
        if self.air is not None:
            self.air.pass_ms(ms, is_asleep)

    def pulse(self, number: int, count: int) -> None:
        """Edges on a pin that a counter may listen to."""
        self.pulses[number] = self.pulses.get(number, 0) + count

    def reset(self, cause: int) -> None:
        """Pins float, buffers are empty, the watchdog stands; RTC and flash are as they were."""
        self.cause = cause
        self.note(RESET, 0, cause)
        for state in self.pins.values():
            state.is_output = False
            state.pull = 0
        for wire in self.wires.values():
            wire.close()
        self.console.typed = b""
        self._start_ms = -self.ms
        self.wdt_ms = 0
        self.has_bitten = False
        if self.air is not None:
            self.air.switch(False)


_present = Chip()


def the_chip() -> Chip:
    return _present


def power_on(start_ms: int = MASK - 4000) -> Chip:
    """A fresh chip in the place of the one before."""
    global _present
    _present = Chip(start_ms)
    return _present
