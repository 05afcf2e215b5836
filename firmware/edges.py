"""What changed in the car since the table last heard: doors, key, engine, locks, and what ails them.

A door or key that is noisy moves the table when it has rested, but is not journaled change by
change: the noise is, once, and when it is over the state that was found.

The table hears of a change against what it was told last, not against the last reading: when a
turn was taken back (its journal commit failed), what it told becomes news again.
"""

from firmware.session import KEY_WAS_OUT
from firmware.snapshot import IS_NOISY
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental
    from firmware.rental_machine import RentalMachine


class Edges:
    """Remembers what the table knows of the car."""

    def __init__(self, rental: "Rental", machine: "RentalMachine") -> None:
        self._r = rental
        self._machine = machine
        self._known = bytearray([codes.UNKNOWN] * codes.INPUTS)
        self._faults = bytearray(codes.INPUTS)
        self._key = codes.UNKNOWN
        self._doors = codes.UNKNOWN
        self._motion = codes.UNKNOWN
        self.is_stale = True  # the table is to hear of the car, whether it changed or not
        self._is_fresh = True
        self._kept = b""
        self.keep()

    def forget(self) -> None:
        """After a reset: the table knows nothing of the car yet."""
        for i in range(codes.INPUTS):
            self._known[i] = codes.UNKNOWN
            self._faults[i] = 0
        self._key = self._doors = self._motion = codes.UNKNOWN
        self.is_stale = True
        self._is_fresh = True
        self.keep()

    def keep(self) -> None:
        """What was told is in the journal."""
        if self._is_fresh:
            self._is_fresh = False
            rest = bytes((self._key, self._doors, self._motion))
            self._kept = bytes(self._known) + bytes(self._faults) + rest

    def take_back(self) -> None:
        """What was told since the last `keep` did not count: it is news again."""
        for i in range(codes.INPUTS):
            self._known[i] = self._kept[i]
            self._faults[i] = self._kept[codes.INPUTS + i]
        self._key = self._kept[2 * codes.INPUTS]
        self._doors = self._kept[2 * codes.INPUTS + 1]
        self._motion = self._kept[2 * codes.INPUTS + 2]
        self.is_stale = True

    def dispatch(self) -> None:
        """Tell the table and the journal: faults, a key that was unknown, doors, key, motion."""
        self.is_stale = False
        self._is_fresh = True
        self._tell_faults()
        if self._key == codes.UNKNOWN:
            self._tell_key()  # gone while the power was: before a door that would explain it
        self._tell_doors()
        self._tell_key()
        self._tell_locks()
        motion = self._r.snapshot.in_motion()
        if motion != self._motion:
            self._motion = motion
            if motion == codes.NO:
                self._machine.dispatch("car_came_to_rest")

    def _tell_faults(self) -> None:
        for i in range(codes.INPUTS):
            faults = self._r.snapshot.faults[i]
            told = self._faults[i]
            if faults == told:
                continue
            self._faults[i] = faults
            for n in range(3):
                if (faults ^ told) & (1 << n):
                    stands = faults & (1 << n)
                    code = codes.AUDIT_FAULT if stands else codes.AUDIT_FAULT_CLEARED
                    self._r.record(code, bytes((codes.FAULT_INPUT_NOISY + n, i)))
            if told & ~faults & IS_NOISY:
                self._record_present(i)

    def _record_present(self, i: int) -> None:
        """What is found after the noise; news of this very turn are recorded where they are told."""
        if i <= codes.IN_TRUNK and self._r.snapshot.values[i] == self._known[i]:
            self._record_door(i)
        elif i in (codes.IN_KEY, codes.IN_KNOB_AT_RETURN):
            if self._r.snapshot.key_in_box() == self._key:
                self._record_key()

    def _record_door(self, i: int) -> None:
        known = self._known[i]
        if known != codes.UNKNOWN and not self._faults[i] & IS_NOISY:
            code = codes.AUDIT_DOOR_OPENED if known == codes.YES else codes.AUDIT_DOOR_CLOSED
            self._r.record(code, bytes((i,)))

    def _record_key(self) -> None:
        noisy = (self._faults[codes.IN_KEY] | self._faults[codes.IN_KNOB_AT_RETURN]) & IS_NOISY
        if self._key != codes.UNKNOWN and not noisy:
            self._r.record(codes.AUDIT_KEY_IN if self._key == codes.YES else codes.AUDIT_KEY_OUT)

    def _tell_doors(self) -> None:
        values = self._r.snapshot.values
        for i in range(codes.IN_DOOR_DRIVER, codes.IN_TRUNK + 1):
            value = values[i]
            before = self._known[i]
            if value == before or value == codes.UNKNOWN:
                continue
            self._known[i] = value
            if before != codes.UNKNOWN:
                self._record_door(i)
            if value == codes.YES:
                self._machine.dispatch("door_opened")
        doors = self._r.snapshot.doors_open()
        if doors != self._doors:
            stood_open = self._doors == codes.YES
            self._doors = doors
            if stood_open:
                self._machine.dispatch("doors_cleared")  # closed, or not known open any more

    def _tell_key(self) -> None:
        key = self._r.snapshot.key_in_box()
        if key == self._key or key == codes.UNKNOWN:
            if key == codes.NO and (
                self._r.state == "boarding" or not self._r.session.has(KEY_WAS_OUT)
            ):
                # Out before this use, and not told as it began, or as the door was opened.
                self._machine.dispatch("key_taken")
            return
        was_known = self._key != codes.UNKNOWN
        self._key = key
        if was_known:
            self._record_key()
        acted = self._machine.dispatch("key_returned" if key == codes.YES else "key_taken")
        if acted and not was_known:
            self._record_key()

    def _tell_locks(self) -> None:
        r = self._r
        values = r.snapshot.values
        if values[codes.IN_LOCKED] == codes.NO:
            r.unlock_is_confirmed = True
        if self._known[codes.IN_BLOCKED] == codes.UNKNOWN:
            blocked = self._known[codes.IN_BLOCKED] = values[codes.IN_BLOCKED]
            if blocked == codes.YES and r.asked == codes.BY_NOBODY:
                # FAULT-1: a reset cut the release off. The driver asks for it again (SAFE-3).
                r.opening_failed = r.state in ("unlocked", "boarding", "in_use", "key_returned")
