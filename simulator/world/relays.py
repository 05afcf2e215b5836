"""The pulse lines from the box: what a line does that has been on for long enough.

The starter block is bistable and the lock motors stay where they were left: a line that falls, or
a box without power, moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from firmware.wire.codes import PULSE_BLOCK, PULSE_LOCK, PULSE_RELEASE, PULSE_UNLOCK, PULSES
from simulator.kernel import Event, Kernel
from simulator.world.body import Body

#: A line must be on for so long before its relay or motor has moved.
REACTION_US = 100_000


class Relays:
    """Four lines; two of a pair at once move nothing."""

    def __init__(self, kernel: Kernel, body: Body) -> None:
        self._kernel = kernel
        self._levels = [False] * PULSES
        self._reactions: list[Event | None] = [None] * PULSES
        self._does: dict[int, Callable[[], None]] = {
            PULSE_UNLOCK: lambda: body.move_locks(False),
            PULSE_LOCK: lambda: body.move_locks(True),
            PULSE_RELEASE: lambda: body.move_block(False),
            PULSE_BLOCK: lambda: body.move_block(True),
        }
        #: Relays that are broken: their lines do nothing.
        self.broken: set[int] = set()
        #: Pulses begun so far, by line.
        self.pulses = [0] * PULSES

    def write(self, line: int, level: bool) -> None:
        if level == self._levels[line]:
            return
        self._levels[line] = level
        reaction = self._reactions[line]
        if reaction is not None:
            reaction.cancel()
            self._reactions[line] = None
        if level:
            self.pulses[line] += 1
            self._reactions[line] = self._kernel.after(REACTION_US, lambda: self._react(line))

    def all_off(self) -> None:
        for line in range(PULSES):
            self.write(line, False)

    def _react(self, line: int) -> None:
        self._reactions[line] = None
        if line not in self.broken and not self._levels[line ^ 1]:
            self._does[line]()
