"""Turn to ports: levels as wanted now, pulses of the board's width, and when they are done.

Every pulse passes the interlock. A pulse that starts ends the opposite one at once. Levels lapse:
whatever the last turn did not ask for is off.
"""

from firmware.interlock import permits
from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire.codes import (
    BY_NOBODY,
    IN_ENGINE,
    IN_LOCKED,
    IN_MOVING,
    NO,
    OUTS,
    PULSES,
    UNKNOWN,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.debounce import Debounce
    from firmware.snapshot import Snapshot
    from firmware.turn import Turn
    from hal.api import Ports

#: After the last pulse the read-back is given this long: relay 100 ms, contact rest 50 ms, spare.
SETTLE_MS = 300


class Actuators:
    """The only code that moves a relay."""

    def __init__(self, ports: "Ports") -> None:
        #: FAULT-1: a bit for each line whose last pulse did not show; a new start forgets it.
        self.unproved = 0
        self._settled = b""  # lines to be looked at in this turn
        self._ports = ports
        self._levels = bytearray(OUTS)
        self._on = bytearray(PULSES)
        self._started_ms = [0] * PULSES
        self._finished = bytearray()  # lines whose read-back is awaited
        self._settling_ms = 0
        self.all_off()

    def all_off(self) -> None:
        """Safe position: no level, no pulse. The starter block is bistable and stays as it is."""
        for i in range(OUTS):
            self._levels[i] = 0
            self._ports.levels[i].write(False)
        for line in range(PULSES):
            self._on[line] = 0
            self._ports.pulses[line].write(False)
        self._finished = bytearray()

    def apply(self, turn: "Turn", snapshot: "Snapshot", is_journaled: bool, now_ms: int) -> None:
        """Show the turn's levels; start those of its pulses that the interlock permits."""
        if self._settled:
            self._prove(snapshot)
        for i in range(OUTS):
            if turn.levels[i] != self._levels[i]:
                self._levels[i] = turn.levels[i]
                self._ports.levels[i].write(turn.levels[i] == 1)
        for line in range(PULSES):
            if turn.pulse_cause[line] and permits(line, turn, snapshot, is_journaled):
                self._stop(line ^ 1)
                self._on[line] = 1
                self._started_ms[line] = now_ms
                self._ports.pulses[line].write(True)

    def look_again(self, turn: "Turn", debounce: "Debounce", now_ms: int) -> None:
        """Before a block: what the turn read is as old as its commit, and what bounces is no rest.

        Who does not read at rest right now is not blocked, nor locked by the same turn (SAFE-1):
        both pulses are over, and will not have shown, so that the table sees to them again.
        """
        for i in (IN_ENGINE, IN_MOVING):
            if debounce.waiting[i] or self._ports.inputs[i].read() != NO:
                for line in range(1, PULSES, 2):  # lock and block
                    if turn.pulse_cause[line]:
                        turn.pulse_cause[line] = BY_NOBODY
                        self._stop(line ^ 1)
                        self._finished.append(line)
                        self._settling_ms = now_ms

    def _stop(self, line: int) -> None:
        if self._on[line]:
            self._on[line] = 0
            self._ports.pulses[line].write(False)

    def service(self, now_ms: int) -> "bytes | None":
        """End pulses that are due; the lines that are done once all rest and have settled."""
        for line in range(PULSES):
            if (
                self._on[line]
                and ticks_diff(now_ms, self._started_ms[line]) >= self._ports.pulse_ms[line]
            ):
                self._stop(line)
                self._finished.append(line)
                self._settling_ms = now_ms
        if not self._finished or self._is_pulsing():
            return None
        if ticks_diff(now_ms, self._settling_ms) < SETTLE_MS:
            return None
        self._settled = bytes(self._finished)
        self._finished = bytearray()
        return self._settled

    def _prove(self, snapshot: "Snapshot") -> None:
        """Of a lock and an unlock the later one; where the read-back cannot be told, nothing is new."""
        settled, self._settled = self._settled, b""
        for line in settled:
            value = snapshot.values[IN_LOCKED + line // 2]
            if settled.rfind(bytes((line ^ 1,))) > settled.rfind(bytes((line,))):
                continue
            # Lock and block, the odd ones, read back as YES.
            if value == line & 1:
                self.unproved &= ~(1 << line)
            elif value != UNKNOWN:
                self.unproved |= 1 << line

    def _is_pulsing(self) -> bool:
        for line in range(PULSES):
            if self._on[line]:
                return True
        return False

    def are_moving(self) -> bool:
        """Whether `service` has yet to tell that a pulse is done."""
        return len(self._finished) > 0 or self._is_pulsing()

    def next_ms(self, now_ms: int) -> int:
        """Time until `service` has something to do."""
        nearest = FAR_MS
        for line in range(PULSES):
            if self._on[line]:
                left = self._ports.pulse_ms[line] - ticks_diff(now_ms, self._started_ms[line])
                if left < nearest:
                    nearest = left
        if nearest == FAR_MS and self._finished:
            nearest = SETTLE_MS - ticks_diff(now_ms, self._settling_ms)
        return nearest if nearest > 0 else 0
