"""What changed in the car since the table last heard: doors, key, engine, locks.

The table hears of a change against what it was told last, not against the last reading: when a
turn was taken back (its journal commit failed), what it told becomes news again.
"""

from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental
    from firmware.rental_machine import RentalMachine
    from firmware.snapshot import Snapshot


class Edges:
    """Remembers what the table knows of the car."""

    def __init__(self, rental: "Rental", machine: "RentalMachine") -> None:
        self._r = rental
        self._machine = machine
        self._known = bytearray([codes.UNKNOWN] * codes.INPUTS)
        self._key = codes.UNKNOWN
        self._doors = codes.UNKNOWN
        self._motion = codes.UNKNOWN
        self._is_stale = True
        self._is_fresh = True
        self._kept = b""
        self.keep()

    def forget(self) -> None:
        """After a reset: the table knows nothing of the car yet."""
        for i in range(codes.INPUTS):
            self._known[i] = codes.UNKNOWN
        self._key = self._doors = self._motion = codes.UNKNOWN
        self._is_stale = True
        self._is_fresh = True
        self.keep()

    def keep(self) -> None:
        """What was told is in the journal."""
        if self._is_fresh:
            self._is_fresh = False
            self._kept = bytes(self._known) + bytes((self._key, self._doors, self._motion))

    def take_back(self) -> None:
        """What was told since the last `keep` did not count: it is news again."""
        for i in range(codes.INPUTS):
            self._known[i] = self._kept[i]
        self._key = self._kept[codes.INPUTS]
        self._doors = self._kept[codes.INPUTS + 1]
        self._motion = self._kept[codes.INPUTS + 2]
        self._is_stale = True

    def have_news(self, snapshot: "Snapshot") -> bool:
        return snapshot.changed != 0 or self._is_stale

    def dispatch(self) -> None:
        """Tell the table and the journal, doors first, then key, then motion."""
        self._is_stale = False
        self._is_fresh = True
        self._tell_doors()
        self._tell_key()
        self._tell_locks()
        motion = self._r.snapshot.in_motion()
        if motion != self._motion:
            self._motion = motion
            if motion == codes.NO:
                self._machine.dispatch("car_came_to_rest")

    def _tell_doors(self) -> None:
        values = self._r.snapshot.values
        for i in range(codes.IN_DOOR_DRIVER, codes.IN_TRUNK + 1):
            value = values[i]
            before = self._known[i]
            if value == before or value == codes.UNKNOWN:
                continue
            self._known[i] = value
            is_open = value == codes.YES
            if before != codes.UNKNOWN:
                code = codes.AUDIT_DOOR_OPENED if is_open else codes.AUDIT_DOOR_CLOSED
                self._r.record(code, bytes((i,)))
            if is_open:
                self._machine.dispatch("door_opened")
        doors = self._r.snapshot.doors_open()
        if doors != self._doors:
            self._doors = doors
            if doors == codes.NO:
                self._machine.dispatch("doors_closed")

    def _tell_key(self) -> None:
        key = self._r.snapshot.key_in_box()
        if key == self._key or key == codes.UNKNOWN:
            return
        was_known = self._key != codes.UNKNOWN
        self._key = key
        code = codes.AUDIT_KEY_IN if key == codes.YES else codes.AUDIT_KEY_OUT
        if was_known:
            self._r.record(code, b"")
        acted = self._machine.dispatch("key_returned" if key == codes.YES else "key_taken")
        if acted and not was_known:
            self._r.record(code, b"")

    def _tell_locks(self) -> None:
        if self._r.snapshot.values[codes.IN_LOCKED] == codes.NO:
            self._r.unlock_is_confirmed = True
