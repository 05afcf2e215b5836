"""Everything the car tells, at one instant: debounced, with three values (yes, no, cannot tell)."""

from firmware.wire.codes import (
    ANTENNA_UNKNOWN,
    IN_DOOR_DRIVER,
    IN_ENGINE,
    IN_GEAR_P,
    IN_KEY,
    IN_KNOB_AT_RETURN,
    IN_LIGHTS,
    IN_MOVING,
    IN_TRUNK,
    IN_WINDOW,
    INPUTS,
    NO,
    ODOMETER_NONE,
    UNKNOWN,
    YES,
)
from firmware.wire.journal_format import FLAG_LIGHTS_ON, FLAG_POSITION_VALID, FLAG_WINDOW_OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import Position, PulseCounter

# Bits of `Snapshot.faults`; bit n is told as fault FAULT_INPUT_NOISY + n.
IS_NOISY = 1
IS_CONTRADICTORY = 2
IS_STALE = 4

#: The inputs that can be caught lying, see `Plausible`.
_LIARS = (IN_GEAR_P, IN_MOVING, IN_ENGINE)


class Snapshot:
    """What `Controller.step` sees. Filled by the loop, `Debounce` and `Plausible`, by no other stage.

    `no_doors`: a bit for each door that this car does not have; such a door is closed.
    """

    def __init__(self, no_doors: int = 0) -> None:
        self.contacts = bytearray(INPUTS)  # as they rested; `values` is what to believe
        self.values = bytearray(INPUTS)
        self.faults = bytearray(INPUTS)  # why an input cannot be told: bits IS_*
        self.lie = bytearray([UNKNOWN] * INPUTS)  # at what value it was caught
        self.begin(no_doors, 0)
        self.now_ms = 0
        self.wall_s = 0
        self.wall_is_trusted = False
        self.before = bytearray([UNKNOWN] * INPUTS)  # the last value before the newest change
        self.changed = 0  # bit mask of the inputs that changed in this turn, or their faults
        self.is_settled = False  # every input was read and stable once since the reset
        self.battery_mv = -1
        self.odometer_m = -1
        self.odometer_source = ODOMETER_NONE
        self.position_is_valid = False
        self.latitude_udeg = 0
        self.longitude_udeg = 0
        self.antenna = ANTENNA_UNKNOWN
        self.is_online = False
        self.may_connect = False  # not online, but the network is there
        self.reader_is_healthy = True
        self.journal_has_room = True
        self.lease_holds = True  # the centre confirmed the copy not too long ago
        self.key_has_knob = True

    def begin(self, no_doors: int, absent: int) -> None:
        """Nothing is read yet; what ailed an input stands, but not that of one that is absent.

        `absent`: a bit for each input that is not wired, those doors among them.
        """
        for i in range(INPUTS):
            self.contacts[i] = self.values[i] = NO if no_doors & (1 << i) else UNKNOWN
            if absent & (1 << i):
                self.faults[i] = 0

    def read_place(self, position: "Position", odometer: "PulseCounter") -> None:
        """Where the car stands and how far it has come."""
        self.position_is_valid = position.is_valid()
        self.latitude_udeg = position.latitude_udeg()
        self.longitude_udeg = position.longitude_udeg()
        self.antenna = position.antenna
        self.odometer_m = odometer.metres()
        self.odometer_source = odometer.source

    def beliefs(self) -> int:
        """For the session record: bit 0, the clock is trusted; then two bits for each possible liar.

        1: it was caught lying at NO, 2: at YES, 0: nothing is known against it.
        """
        found = 0
        for i in _LIARS:
            found = found << 2 | (self.lie[i] + 1) % 3
        return found << 1 | self.wall_is_trusted

    def recall_lies(self, beliefs: int) -> None:
        """After a reset: what was caught lying before is not believed yet (SAFE-1, SAFE-3)."""
        for n in range(3):
            i = _LIARS[2 - n]
            self.lie[i] = ((beliefs >> (2 * n + 1) & 3) + 2) % 3
            if self.lie[i] != UNKNOWN:
                self.faults[i] |= IS_CONTRADICTORY

    def use_flags(self) -> int:
        """FLAG_* of `unlocked` and `ended`: what place and distance are worth, and END-2."""
        flags = self.odometer_source << 4  # FLAG_ODOMETER_PULSES, FLAG_ODOMETER_POSITIONS
        if self.position_is_valid:
            flags |= FLAG_POSITION_VALID
        if self.values[IN_LIGHTS] == YES:
            flags |= FLAG_LIGHTS_ON
        if self.values[IN_WINDOW] == YES:
            flags |= FLAG_WINDOW_OPEN
        return flags

    def doors_open(self) -> int:
        """YES when any door or the trunk is open, NO when all are closed, else UNKNOWN."""
        answer = NO
        for i in range(IN_DOOR_DRIVER, IN_TRUNK + 1):
            if self.values[i] == YES:
                return YES
            if self.values[i] == UNKNOWN:
                answer = UNKNOWN
        return answer

    def key_in_box(self) -> int:
        """Connector: plugged in. Knob: key in, and knob at return."""
        key = self.values[IN_KEY]
        if not self.key_has_knob or key == NO:
            return key
        knob = self.values[IN_KNOB_AT_RETURN]
        if knob == NO:
            return NO
        return YES if key == YES and knob == YES else UNKNOWN

    def in_motion(self) -> int:
        """YES when the engine runs or the car moves, NO when neither, else UNKNOWN (SAFE-1)."""
        engine = self.values[IN_ENGINE]
        moving = self.values[IN_MOVING]
        if engine == YES or moving == YES:
            return YES
        return NO if engine == NO and moving == NO else UNKNOWN
