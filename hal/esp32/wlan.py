"""Brings the Wi-Fi up and keeps it up, without waiting for it.

    off ── active, connect ──► joining ── address ──► up ── lost ──► joining
     ▲                            │
     ├── the wait is over ── resting ◄── not in 20 s: the radio is switched off
     │      or somebody waits
     └── the box rests, in whatever state: the radio is off until it needs the network again

While joining, the driver tries again by itself. Switching the radio on takes the driver some tens
of milliseconds, which is why `poll` belongs between turns. A network port that is asked while there
is no Wi-Fi is told so, and a stream that was open ends at once instead of after minutes.
"""

import network

from firmware.ticks import ticks_add, ticks_diff
from firmware.wire.network_codes import (
    NO_TROUBLE,
    TROUBLE_NO_SUCH_NETWORK,
    TROUBLE_NOT_JOINED,
    TROUBLE_PASSPHRASE,
    TROUBLE_RADIO,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.socket_network import SocketNetwork

OFF = 0
JOINING = 1
UP = 2
RESTING = 3

JOIN_WITHIN_MS = 20_000
REST_MS_MIN = 5_000
REST_MS_MAX = 300_000
LOOK_EVERY_MS = 250
#: Somebody who waits ends the rest of a join that began so long ago, not of a younger one.
HURRY_EVERY_MS = 10_000
#: What `status` says (`network.STAT_*`), and what that means. The driver keeps a reason until it has
#: joined; of a handshake that fails for another reason than these it says only that it goes on.
_REASONS = (
    (201, TROUBLE_NO_SUCH_NETWORK),
    (202, TROUBLE_PASSPHRASE),
    (210, TROUBLE_NOT_JOINED),  # secured in a way that this box does not know
    (211, TROUBLE_NOT_JOINED),
    (212, TROUBLE_NO_SUCH_NETWORK),  # its signal is too weak
)


class Wlan:
    """`carries`: the stream that goes over it."""

    def __init__(self, ssid: str, passphrase: str, carries: "SocketNetwork", now_ms: int) -> None:
        self.state = OFF
        #: Times that it came up; that it was lost; calls of the driver that failed. Modulo 2**16.
        self.joins = 0
        self.losses = 0
        self.errors = 0
        #: The driver's word for why it is not up, as of the last look (`network.STAT_*`).
        self.status = 0
        self.next_due_at_ms = now_ms
        self._ssid = ssid
        self._passphrase = passphrase
        self._carries = carries
        self._rest_ms = REST_MS_MIN
        self._began_at_ms = now_ms
        self._wlan = network.WLAN(network.STA_IF)
        carries.is_reachable = False

    def may_sleep(self) -> bool:
        """Whether the radio is off, so that light sleep breaks nothing."""
        return self.state == OFF or self.state == RESTING

    def name_server(self) -> str:
        """Its address, as the network named it; empty when it named none."""
        try:
            server = self._wlan.ifconfig()[3]
        except (OSError, RuntimeError):
            return ""
        return "" if server == "0.0.0.0" else str(server)  # noqa: S104

    def poll(self, now_ms: int) -> None:
        """Do what is due."""
        if self._carries.is_hurried:
            self._hurry(now_ms)
        if self._carries.rests:
            self._stay_off(now_ms)
            return
        if ticks_diff(now_ms, self.next_due_at_ms) < 0:
            return
        self.next_due_at_ms = ticks_add(now_ms, LOOK_EVERY_MS)
        # The driver raises both, by the kind of its trouble.
        try:
            if self.state == JOINING or self.state == UP:
                self._look(now_ms)
            else:
                self._begin(now_ms)
        except (OSError, RuntimeError):
            self.errors = (self.errors + 1) & 0xFFFF
            self._rest(now_ms, TROUBLE_RADIO)

    def _begin(self, now_ms: int) -> None:
        self._began_at_ms = now_ms
        self._wlan.active(True)
        self._wlan.config(pm=self._wlan.PM_POWERSAVE)
        self._wlan.connect(self._ssid, self._passphrase)
        self.state = JOINING

    def _hurry(self, now_ms: int) -> None:
        if self.state == RESTING:
            if ticks_diff(now_ms, self._began_at_ms) < HURRY_EVERY_MS:
                return  # it stays wanted
            self._rest_ms = REST_MS_MIN
            self.next_due_at_ms = now_ms
        self._carries.is_hurried = False

    def _stay_off(self, now_ms: int) -> None:
        """What the driver refuses is asked of it again."""
        if self.state != OFF:
            self._lose()
            self._rest_ms = REST_MS_MIN
            self.state = OFF if self._switch_off() else RESTING
        self.next_due_at_ms = now_ms  # or it would lie in the future when the clock wraps

    def _look(self, now_ms: int) -> None:
        if self._wlan.isconnected():
            if self.state == JOINING:
                self.state = UP
                self.joins = (self.joins + 1) & 0xFFFF
                self._rest_ms = REST_MS_MIN
                self._carries.is_reachable = True
                self._carries.trouble = NO_TROUBLE
            return
        self.status = self._wlan.status()
        if self.state == UP:
            self.losses = (self.losses + 1) & 0xFFFF
            self.state = JOINING
            self._began_at_ms = now_ms
            self._lose()
            return
        why = self._why()
        if ticks_diff(now_ms, self._began_at_ms) >= JOIN_WITHIN_MS:
            self._rest(now_ms, why or TROUBLE_NOT_JOINED)
        elif why:
            self._tell(why)

    def _tell(self, why: int) -> None:
        """Not before whoever had a stream has heard that it was lost."""
        if not NO_TROUBLE < self._carries.trouble < TROUBLE_NO_SUCH_NETWORK:
            self._carries.trouble = why

    def _why(self) -> int:
        for reason, trouble in _REASONS:
            if reason == self.status:
                return trouble
        return NO_TROUBLE

    def _lose(self) -> None:
        self._carries.is_reachable = False
        self._carries.lose_carrier()

    def _rest(self, now_ms: int, why: int) -> None:
        self.state = RESTING
        self._lose()
        self._tell(why)
        self._switch_off()
        self.next_due_at_ms = ticks_add(now_ms, self._rest_ms)
        self._rest_ms = min(self._rest_ms * 2, REST_MS_MAX)

    def _switch_off(self) -> bool:
        try:
            self._wlan.active(False)
        except (OSError, RuntimeError):
            self.errors = (self.errors + 1) & 0xFFFF
            return False
        return True
