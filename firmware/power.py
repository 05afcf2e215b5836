"""What the box does without to spare the car's battery (POWER-1 to POWER-6, docs/power.md).

    full ──► low: HELLO seldom ──► critical: a last word, then contacts only
    out of reach for long, at any level: the radio rests, and tries now and then

The radio is never off while a session runs, near a booking, or when somebody is at the car. Nothing
here is known to the controller: reader, journal, deadlines and interlock do not depend on it.
"""

from firmware.battery_guard import CRITICAL, FULL, LOW, BatteryGuard
from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
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
_FAULT_OF_LEVEL = codes.FAULT_BATTERY_LOW - LOW
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

    def look(self, snapshot: "Snapshot", is_used: bool, is_near: bool) -> int:
        """Judge the battery, and whether the radio is to be on; time until the next look.

        `is_used`: a use runs, or somebody did something just now. `is_near`: a booking.
        """
        battery, now_ms = self.battery, snapshot.now_ms
        mv, engine = snapshot.battery_mv, snapshot.values[codes.IN_ENGINE]
        crossed = battery.update(mv, engine, now_ms)
        if crossed:
            tenths = mv // 100 if 0 <= mv < 25600 else 0
            for level in (LOW, CRITICAL):
                if crossed & 1 << level:
                    stands = battery.below & 1 << level != 0
                    self._watch.note_fault(_FAULT_OF_LEVEL + level, tenths, stands)
            self._uplink.stretch = _SELDOM if battery.level else 1
            self._uplink.want_hello()
        left_ms = self._steer(snapshot, is_used or snapshot.in_motion() == codes.YES, is_near)
        if self._watch.pending and left_ms > _PENDING_MS:
            left_ms = _PENDING_MS
        self.level = ASLEEP if self._rests else LOW if battery.level else FULL
        return left_ms if left_ms < battery.left_ms else battery.left_ms

    def _steer(self, snapshot: "Snapshot", is_used: bool, is_near: bool) -> int:
        """Whether the radio is on; time until that may change."""
        now_ms, may_connect = snapshot.now_ms, snapshot.may_connect
        is_sleepy = self.battery.level == CRITICAL and not is_near
        is_connected = snapshot.is_online and not is_sleepy
        came_back = self._rests and may_connect and not self._could_connect and not is_sleepy
        begins = (is_near and not self._was_near) or (self._was_sleepy and not is_sleepy)
        if is_used or is_connected or came_back or begins:
            self._begin(_WANTED, now_ms)
        elif is_sleepy and not self._was_sleepy:
            self._begin(_LAST_WORD, now_ms)
            self._link.hurry()
        self._was_near = is_near
        self._was_sleepy = is_sleepy
        self._could_connect = may_connect
        if is_connected:
            return FAR_MS
        left_ms = self._phase_ms(is_sleepy) - ticks_diff(now_ms, self._since_ms)
        if left_ms > 0:
            return left_ms
        if self._rests:
            self._begin(_TRY, now_ms)
        else:
            self._rests = True
            self._since_ms = now_ms
            self._link.rest(True)
        return self._phase_ms(is_sleepy)

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
