"""Watches the starter block: a bistable that only a pulse moves, or something is wrong.

A block or a release that its read-back does not confirm, and a read-back that changes without
one, are told once, and once more when it agrees again (SAFE-1, FAULT-1).
"""

from firmware.interlock import permits
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.refusals import Refusals
    from firmware.rental import Rental


class StarterWatch:
    """After a reset the first reading counts as right."""

    def __init__(self, rental: "Rental", actions: "Refusals") -> None:
        self._r = rental
        self._actions = actions
        self._wanted = codes.UNKNOWN
        self._is_moving = False
        self._was_moving = False
        self._cause = codes.BY_NOBODY  # whose block goes on, or went on last
        self._cause_before = codes.BY_NOBODY
        self._is_missed = False  # in this step
        self._fault = 0  # the one that was told and stands
        self._fault_before = 0

    def look(self) -> None:
        """At the beginning of every step."""
        self._was_moving = self._is_moving
        self._cause_before = self._cause
        self._is_missed = False
        self._fault_before = self._fault
        value = self._r.snapshot.values[codes.IN_BLOCKED]
        if self._is_moving or value == codes.UNKNOWN:
            return
        if self._wanted == codes.UNKNOWN:
            self._wanted = value
        elif value != self._wanted:
            if not self._fault:
                self._tell(codes.FAULT_STARTER_MOVED)
        elif self._fault:
            self._r.record(codes.AUDIT_FAULT_CLEARED, bytes((self._fault, 0)))
            self._fault = 0

    def _tell(self, fault: int) -> None:
        if self._fault != fault:
            self._fault = fault
            self._actions.report_fault(fault)

    def follow(self) -> None:
        """At the end of a step: a pulse that goes out will move it."""
        if self._goes_out(codes.PULSE_RELEASE):
            self._is_moving = True
        if self._goes_out(codes.PULSE_BLOCK):
            self._is_moving = True
            if not self._is_missed:  # else another try of the same
                self._cause = self._r.turn.pulse_cause[codes.PULSE_BLOCK]

    def _goes_out(self, line: int) -> bool:
        turn = self._r.turn
        return turn.pulse_cause[line] != 0 and permits(line, turn, self._r.snapshot, True)

    def finish(self, lines: bytes) -> None:
        """These pulses are done and the contacts rest; a block is told when it reads so."""
        if codes.PULSE_BLOCK in lines:
            self._expect(codes.YES, codes.FAULT_BLOCK_NOT_CONFIRMED)
            self._is_missed = self._r.snapshot.values[codes.IN_BLOCKED] != codes.YES
            if not self._is_missed and self._r.state != "ending":  # an end tells it when it is done
                self._r.record(codes.AUDIT_ENGINE_BLOCKED, bytes((self._cause,)))
        if codes.PULSE_RELEASE in lines:
            self._expect(codes.NO, codes.FAULT_RELEASE_NOT_CONFIRMED)

    def _expect(self, value: int, fault: int) -> None:
        self._is_moving = False
        self._wanted = value
        if self._r.snapshot.values[codes.IN_BLOCKED] != value:
            self._tell(fault)

    def take_back(self) -> None:
        """The step was not journaled: what it told is to be told again."""
        self._is_moving = self._was_moving
        self._cause = self._cause_before
        self._fault = self._fault_before
