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
#: Boxes that lost their network together do not come back together: so much more rest, at most.
SPREAD_MS = 300000
#: HELLO goes this many times less often while the battery is low.
_SELDOM = 3
_FAULT_OF_LEVEL = codes.FAULT_BATTERY_LOW - LOW
#: Pending events are looked at by the storage's watch this often.
_PENDING_MS = 10000

# The radio is on because it is wanted, for a last word, to try once more; or it rests.
_WANTED = 0
_LAST_WORD = 1
_TRY = 2
_REST = 3


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
        self._phase = _WANTED
        self._since_ms = now_ms
        self._was_near = False
        self._could_connect = False

    def look(self, snapshot: "Snapshot", is_used: bool, is_near: bool) -> int:
        """Judge the battery, and whether the radio is to be on; time until the next look.

        `is_used`: a use runs, or somebody did something just now. `is_near`: a booking.
        """
        battery, now_ms = self.battery, snapshot.now_ms
        mv, engine = snapshot.battery_mv, snapshot.values[codes.IN_ENGINE]
        was = battery.level
        battery.update(mv, engine, now_ms)
        if battery.level != was:
            tenths = mv // 100 if 0 <= mv < 25600 else 0
            for level in (LOW, CRITICAL):
                stands = battery.level >= level
                if stands != (was >= level):
                    code = codes.AUDIT_FAULT if stands else codes.AUDIT_FAULT_CLEARED
                    self._watch.note_fault(_FAULT_OF_LEVEL + level, tenths, code)
            self._uplink.stretch = _SELDOM if battery.level else 1
            self._uplink.want_hello()
        is_used = is_used or snapshot.in_motion() == codes.YES
        left_ms = self._steer(snapshot, is_used, is_near, was == CRITICAL)
        if self._watch.pending and left_ms > _PENDING_MS:
            left_ms = _PENDING_MS
        self.level = ASLEEP if self._phase == _REST else LOW if battery.level else FULL
        return left_ms if left_ms < battery.left_ms else battery.left_ms

    def _steer(self, snapshot: "Snapshot", is_used: bool, is_near: bool, was_critical: bool) -> int:
        """Whether the radio is on; time until that may change."""
        now_ms, may_connect, level = snapshot.now_ms, snapshot.may_connect, self.battery.level
        was, phase = self._phase, self._phase
        is_sleepy = level == CRITICAL and not is_near
        is_connected = snapshot.is_online and not is_sleepy
        came_back = was == _REST and may_connect and not self._could_connect and not is_sleepy
        was_sleepy = was_critical and not self._was_near
        begins = (is_near and not self._was_near) or (was_sleepy and not is_sleepy)
        if is_used or is_connected or came_back or begins:
            phase = _WANTED
            self._since_ms = now_ms
        elif is_sleepy and not was_sleepy:
            phase = _LAST_WORD
            self._since_ms = now_ms
        if phase == _REST:
            lasts_ms = CONTACT_EVERY_MS if is_sleepy else REST_LOW_MS if level else REST_MS
            lasts_ms += self._spread_ms
        elif phase == _TRY:
            lasts_ms = CONTACT_MS if is_sleepy else TRY_MS
        elif is_sleepy:
            lasts_ms = LAST_WORD_MS if phase == _LAST_WORD else AWAKE_MS
        else:
            lasts_ms = OUT_FOR_LOW_MS if level else OUT_FOR_MS
        left_ms = lasts_ms - ticks_diff(now_ms, self._since_ms)
        if left_ms <= 0:
            phase = _TRY if phase == _REST else _REST
            self._since_ms = now_ms
            left_ms = 1  # the next turn knows
        if (phase == _REST) != (was == _REST):
            self._link.rest(phase == _REST)
        if phase == _LAST_WORD and was != _LAST_WORD:
            self._link.hurry()
        self._phase = phase
        self._was_near = is_near
        self._could_connect = may_connect
        return FAR_MS if is_connected else left_ms
