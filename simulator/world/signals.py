"""What a bystander sees and hears: the reader's lamps, hazard lamps, buzzer, voice."""

from __future__ import annotations

from firmware.wire import codes
from firmware.wire.code_names import LAMP_NAMES
from simulator.kernel import Kernel
from simulator.world.timeline import Timeline

#: Hazard lamps that were on within this time are flashing.
FLASHING_US = 600_000

_NAMES = {codes.OUT_HAZARD: "hazard", codes.OUT_BUZZER: "buzzer", codes.OUT_VOICE: "voice"}

_RED = 1 << codes.OUT_RED
_GREEN = 1 << codes.OUT_GREEN
_YELLOW = 1 << codes.OUT_YELLOW

#: Which lights a pattern may show at any one instant.
LIGHTS = {
    codes.LAMP_DARK: {0},
    codes.LAMP_RED_BLINK: {0, _RED},
    codes.LAMP_RED: {_RED},
    codes.LAMP_GREEN_BLINK: {0, _GREEN},
    codes.LAMP_THREE_COLOUR: {_RED, _GREEN, _YELLOW},
    codes.LAMP_ORANGE_BLINK: {0, _RED | _YELLOW},
    codes.LAMP_GREEN_YELLOW_BLINK: {_GREEN, _YELLOW},
    codes.LAMP_REFUSED: {0, _RED},
}


class Signals:
    """Levels, and how often each went on."""

    def __init__(self, kernel: Kernel, timeline: Timeline) -> None:
        self._kernel = kernel
        self._note = timeline.note
        self.levels = [False] * codes.OUTS
        #: How often each output was switched on so far.
        self.risen = [0] * codes.OUTS
        self._hazard_seen_us = -FLASHING_US
        #: The pattern that the box says it shows.
        self.lamp = codes.LAMP_DARK

    def write(self, out: int, level: bool) -> None:
        if level == self.levels[out]:
            return
        self.levels[out] = level
        if level:
            self.risen[out] += 1
        if out == codes.OUT_HAZARD:
            self._hazard_seen_us = self._kernel.now_us
        if out in _NAMES:
            self._note(f"{_NAMES[out]} {'on' if level else 'off'}")

    def show(self, lamp: int) -> None:
        """The box says which pattern it shows; the lights must fit."""
        if lamp != self.lamp:
            self.lamp = lamp
            self._note(f"reader {LAMP_NAMES[lamp]}")
        if self.lights not in LIGHTS[lamp]:
            self._note(f"reader's lights do not fit {LAMP_NAMES[lamp]}: {self.lights:03b}")

    def all_off(self) -> None:
        for out in range(codes.OUTS):
            self.write(out, False)
        self.show(codes.LAMP_DARK)

    @property
    def lights(self) -> int:
        """The reader's lights that are on, a bit each: red, green, yellow."""
        return sum(
            1 << out for out in range(codes.OUT_RED, codes.OUT_YELLOW + 1) if self.levels[out]
        )

    @property
    def hazards_flash(self) -> bool:
        if self.levels[codes.OUT_HAZARD]:
            return True
        return self._kernel.now_us - self._hazard_seen_us < FLASHING_US

    @property
    def sounds(self) -> bool:
        return self.levels[codes.OUT_BUZZER] or self.levels[codes.OUT_VOICE]
