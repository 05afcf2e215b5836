"""What the box does without to spare the car's battery (POWER-1 to POWER-6, docs/power.md).

    full ──► low: HELLO seldom ──► critical: a last word, then contacts only
    out of reach for long, at any level: the radio rests, and tries now and then

The radio is never off while a session runs, near a booking, or when somebody is at the car. Nothing
here is known to the controller: reader, journal, deadlines and interlock do not depend on it.
"""

from firmware.battery_guard import CRITICAL, FULL, LOW, BatteryGuard
from firmware.ticks import ticks_diff
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.controller import Controller
    from firmware.snapshot import Snapshot
    from firmware.storage_watch import StorageWatch
    from firmware.uplink import Uplink
    from hal.api import CentreLink

#: `Power.level`, beside FULL and LOW: the modem may be off and the board sleep deep.
ASLEEP = 2

#: Critical: the radio is on for so long when that begins; at each contact; after somebody was there.
LAST_WORD_MS = 60000
CONTACT_MS = 120000
AWAKE_MS = 600000
#: Between two contacts, with the spread below the daemon's 60 minutes for a car that is needed.
CONTACT_EVERY_MS = 2700000
#: Out of reach for so long, and the radio rests; then it tries once more, and so on.
OUT_FOR_MS = 7200000
OUT_FOR_LOW_MS = 900000
TRY_MS = 180000
REST_MS = 1200000
REST_LOW_MS = 1500000
#: Boxes that lost their network together do not come back together: 0 to 300 s more of rest.
SPREAD_MS = 300000
#: HELLO goes this many times less often while the battery is low.
_SELDOM = 3
#: Pending events are looked at by the storage's watch this often.
_PENDING_MS = 10000

# Why the radio is on.
_WANTED = 0
_LAST_WORD = 1
_TRY = 2


class Power:
    """`look` once a turn; `level` is what a board may act on: FULL, LOW, ASLEEP."""

    def __init__(
        self, link: "CentreLink", uplink: "Uplink", watch: "StorageWatch", chance: int, now_ms: int
    ) -> None:
        """`chance`: a byte that differs between boxes."""
        self.level = FULL
        self.battery = BatteryGuard(now_ms)
        self.left_ms = 0
        self._link = link
        self._uplink = uplink
        self._watch = watch
        self._spread_ms = SPREAD_MS * chance // 255
        self._rests = False
        self._why = _WANTED
        self._since_ms = now_ms
        self._was_near = False
        self._was_sleepy = False
        self._could_connect = False

    def look(self, snapshot: "Snapshot", controller: "Controller", somebody: bool) -> None:
        """Judge the battery, and whether the radio is to be on. `somebody` did something just now."""
        battery = self.battery
        crossed = battery.update(
            snapshot.battery_mv, snapshot.values[codes.IN_ENGINE], snapshot.now_ms
        )
        if crossed:
            self._tell(crossed, snapshot.battery_mv)
        self.left_ms = battery.left_ms
        if self._watch.pending and self.left_ms > _PENDING_MS:
            self.left_ms = _PENDING_MS
        is_near = controller.booking_is_near
        is_in_use = controller.rental.state != "vacant" or snapshot.in_motion() == codes.YES
        self._steer(snapshot, somebody or is_in_use, is_near)
        if self._rests:
            self.level = ASLEEP
        else:
            self.level = LOW if battery.level else FULL

    def _tell(self, crossed: int, battery_mv: int) -> None:
        """Faults of what began or ended, with the tenths of a volt; HELLO and telemetry go soon."""
        tenths = battery_mv // 100 if 0 <= battery_mv < 25600 else 0
        for level in (LOW, CRITICAL):
            if crossed & 1 << level:
                fault = codes.FAULT_BATTERY_LOW + level - LOW
                self._watch.note_fault(fault, tenths, self.battery.is_below(level))
        self._uplink.stretch = _SELDOM if self.battery.level else 1
        self._uplink.want_hello()

    def _steer(self, snapshot: "Snapshot", is_wanted: bool, is_near: bool) -> None:
        """Whether the radio is on; `left_ms` says when to look again."""
        now_ms = snapshot.now_ms
        is_sleepy = self.battery.level == CRITICAL and not is_near
        may_connect = snapshot.may_connect
        came_back = may_connect and not self._could_connect and not is_sleepy
        begins = (is_near and not self._was_near) or (self._was_sleepy and not is_sleepy)
        is_connected = snapshot.is_online and not is_sleepy
        if is_wanted or begins or is_connected or (self._rests and came_back):
            self._begin(_WANTED, now_ms)
        elif is_sleepy and not self._was_sleepy:
            self._begin(_LAST_WORD, now_ms)
            self._link.hurry()
        self._was_near = is_near
        self._was_sleepy = is_sleepy
        self._could_connect = may_connect
        if is_connected:
            return
        left_ms = self._phase_ms(is_sleepy) - ticks_diff(now_ms, self._since_ms)
        if left_ms <= 0:
            if self._rests:
                self._begin(_TRY, now_ms)
            else:
                self._rests = True
                self._since_ms = now_ms
                self._link.rest(True)
            left_ms = self._phase_ms(is_sleepy)
        if left_ms < self.left_ms:
            self.left_ms = left_ms

    def _begin(self, why: int, now_ms: int) -> None:
        """The radio is on, from now on, for this reason."""
        self._why = why
        self._since_ms = now_ms
        if self._rests:
            self._rests = False
            self._link.rest(False)

    def _phase_ms(self, is_sleepy: bool) -> int:
        """How long this goes on: rest, or the radio on without a use of it."""
        why, is_low = self._why, self.battery.level != FULL
        if self._rests:
            if is_sleepy:
                return CONTACT_EVERY_MS + self._spread_ms
            return (REST_LOW_MS if is_low else REST_MS) + self._spread_ms
        if why == _TRY:
            return CONTACT_MS if is_sleepy else TRY_MS
        if is_sleepy:
            return LAST_WORD_MS if why == _LAST_WORD else AWAKE_MS
        return OUT_FOR_LOW_MS if is_low else OUT_FOR_MS
