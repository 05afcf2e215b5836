"""The wires from the car to the box: contacts that bounce or hang loose, and sensors that fail.

`values` is what the box reads, in the order and with the values of `firmware.wire.codes`.
"""

from __future__ import annotations

from collections.abc import Callable

from firmware.wire import codes
from firmware.wire.code_names import INPUT_NAMES
from simulator.kernel import Event, Kernel
from simulator.world.body import DOORS, Body
from simulator.world.timeline import Timeline

#: A contact comes to rest within this time.
BOUNCE_US = 5000
#: A loose contact changes after a time between these.
LOOSE_US = (5_000, 200_000)
_TOGGLES_MAX = 3

#: Contacts; the others are wired to electronics of the car, which do not bounce.
MECHANICAL = frozenset(
    {
        codes.IN_DOOR_DRIVER,
        codes.IN_DOOR_PASSENGER,
        codes.IN_DOOR_REAR_LEFT,
        codes.IN_DOOR_REAR_RIGHT,
        codes.IN_TRUNK,
        codes.IN_KEY,
        codes.IN_KNOB_AT_RETURN,
        codes.IN_BRAKE,
        codes.IN_WINDOW,
        codes.IN_LOCKED,
        codes.IN_BLOCKED,
    }
)

INPUT_NUMBERS = {name: number for number, name in INPUT_NAMES.items()}


class Sensors:
    """Watches a body; `on_change` is called for each change of `values`."""

    def __init__(
        self, kernel: Kernel, timeline: Timeline, body: Body, not_fitted: frozenset[int]
    ) -> None:
        self._kernel = kernel
        self._timeline = timeline
        self._body = body
        self._not_fitted = not_fitted
        self._random = kernel.random("contact bounce")
        self._bounces: list[list[Event]] = [[] for _ in range(codes.INPUTS)]
        self._held: dict[int, int] = {}
        self._loose: dict[int, Event] = {}
        self.on_change: Callable[[], None] = _nothing
        self._true = self._look()
        self.values = bytearray(self._true)
        body.on_touched = self.refresh

    def refresh(self) -> None:
        """The body may have changed."""
        seen = self._look()
        before, self._true = self._true, seen
        for number in range(codes.INPUTS):
            if seen[number] != before[number]:
                self._bounce(number, seen[number])

    def stick(self, name: str, value: int) -> None:
        """From now on the input reads `value`, whatever the car does. KeyError: no such input."""
        number = INPUT_NUMBERS[name]
        self._held[number] = value
        self._timeline.note(f"input {name} stuck at {('no', 'yes', 'unknown', 'stale')[value]}")
        self.refresh()

    def loosen(self, name: str) -> None:
        """From now on the contact opens and closes by chance: a key that is not pushed fully in."""
        number = INPUT_NUMBERS[name]
        if number not in self._loose:
            self._timeline.note(f"input {name} loose")
            self._rattle(number)

    def _rattle(self, number: int) -> None:
        delay_us = self._random.randint(*LOOSE_US)
        self._loose[number] = self._kernel.after(delay_us, lambda: self._rattle(number))
        self._set(number, 1 - self.values[number] % 2)

    def free(self, name: str) -> None:
        """The input reads what it should again."""
        rattling = self._loose.pop(INPUT_NUMBERS[name], None)
        if rattling is not None:
            rattling.cancel()
            self._timeline.note(f"input {name} fixed")
            self._set(INPUT_NUMBERS[name], self._true[INPUT_NUMBERS[name]])
        if self._held.pop(INPUT_NUMBERS[name], None) is not None:
            self._timeline.note(f"input {name} free")
            self.refresh()

    @property
    def held(self) -> dict[str, int]:
        """Inputs that are stuck, by name, and at what."""
        return {INPUT_NAMES[number]: value for number, value in self._held.items()}

    def _look(self) -> bytes:
        body = self._body
        values = bytearray(codes.INPUTS)
        for number, door in enumerate(DOORS, codes.IN_DOOR_DRIVER):
            values[number] = door in body.open_doors
        values[codes.IN_KEY] = body.key_is_in
        values[codes.IN_KNOB_AT_RETURN] = body.knob_is_at_return
        values[codes.IN_ENGINE] = body.engine_is_on
        values[codes.IN_MOVING] = body.is_moving
        values[codes.IN_BRAKE] = body.brake_is_on
        # No car rolls in P; a story that says only "drive" need not say that the lever was moved.
        values[codes.IN_GEAR_P] = body.gear == "P" and not body.is_moving
        values[codes.IN_LIGHTS] = body.lights_are_on
        values[codes.IN_WINDOW] = body.window_is_open
        values[codes.IN_LOCKED] = body.is_locked
        values[codes.IN_BLOCKED] = body.is_blocked
        for number in self._not_fitted:
            values[number] = codes.UNKNOWN
        for number, value in self._held.items():
            values[number] = value
        return bytes(values)

    def _bounce(self, number: int, value: int) -> None:
        """The input goes to `value`, over a few detours where it is a contact."""
        for event in self._bounces[number]:
            event.cancel()
        before = self.values[number]
        self._bounces[number] = []
        if number in MECHANICAL and codes.UNKNOWN not in (before, value):
            times = sorted(
                self._random.sample(
                    range(100, BOUNCE_US), 2 * self._random.randint(1, _TOGGLES_MAX)
                )
            )
            for index, delay_us in enumerate(times):
                self._bounces[number].append(
                    self._kernel.after(delay_us, self._setter(number, (before, value)[index % 2]))
                )
        self._set(number, value)

    def _setter(self, number: int, value: int) -> Callable[[], None]:
        return lambda: self._set(number, value)

    def _set(self, number: int, value: int) -> None:
        if self.values[number] != value:
            self.values[number] = value
            self.on_change()


def _nothing() -> None:
    pass
