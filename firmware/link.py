"""The car's connection to the centre: a `CentreLink` on a `Network`.

    offline ── the wait is over ──► connecting ── SUBACK ──► online
       ▲                                │                      │
       └── refused, silent, broken, against the protocol ──────┘

While the network is known to be out of reach nothing is tried; when it is back, soon. Frames of
kb/1 are opaque here, and what is lost with a connection is kb/1's to send again. A connection that
was made before the date was known, and so without a look at the certificate's dates, ends once it is.
"""

from firmware.backoff import Backoff
from firmware.mqtt_session import (
    END_BUSY,
    END_LOGIN_REFUSED,
    END_UNDATED,
    NOT_ENDED,
    MqttSession,
)
from firmware.ticks import FAR_MS, ticks_add, ticks_diff
from firmware.wire.frames import FRAME_BYTES_MAX
from firmware.wire.network_codes import NO_TROUBLE, OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.login import Login
    from hal.api import Network

OFFLINE = "offline"
CONNECTING = "connecting"
ONLINE = "online"
STOPPED = "stopped"

#: A session of this length sets the waits back.
HEALTHY_AFTER_MS = 60000
#: A stream that takes longer to open is given up for a fresh one when somebody waits.
STUCK_AFTER_MS = 1000


class Link:
    """A `CentreLink`. Call `poll` every turn, and at `next_due_at_ms` at the latest."""

    def __init__(self, network: "Network", login: "Login", entropy: int) -> None:
        self.state = OFFLINE
        #: Why the last connection ended (END_* of `mqtt_session`), and what the network said then.
        self.last_end = NOT_ENDED
        self.network_trouble = NO_TROUBLE
        #: The centre does not take this car's identity, password or topic; until it does.
        self.login_refused = False
        #: Times online; frames that `send` refused.
        self.sessions = 0
        self.unsent = 0
        self._network = network
        self._up_topic = login.up_topic
        self._session = MqttSession(network, login)
        self._backoff = Backoff(entropy)
        self._has_begun = False
        self._was_reachable = False
        self._is_healthy = False
        self._rests = False
        self._checks_dates = True
        self._now_ms = 0
        self._retry_at_ms = 0
        self._began_at_ms = 0
        self._online_at_ms = 0

    @property
    def next_due_at_ms(self) -> int:
        """When `poll` must be called at the latest; counts from the first call on."""
        if self._rests:
            return ticks_add(self._now_ms, FAR_MS)
        if self.state == OFFLINE:
            return self._retry_at_ms if self._was_reachable else self._network.next_due_at_ms
        left_ms = FAR_MS if self.state == STOPPED else self._session.left_ms()
        return ticks_add(self._now_ms, left_ms)

    @property
    def dropped(self) -> int:
        """Frames that came while too many waited for `receive`."""
        return self._session.dropped

    @property
    def strange(self) -> int:
        """Messages that are not for this car: another topic, retained, longer than a frame."""
        return self._session.strange

    def is_online(self) -> bool:
        return self.state == ONLINE

    def may_connect(self) -> bool:
        """Whether it is not online, and could soon be."""
        if self.state == ONLINE or self.state == STOPPED or self._was_turned_away():
            return False
        return self._network.is_reachable

    def hurry(self) -> None:
        """Somebody waits: connect now, not when a wait is over or an old attempt has given up."""
        if not self.may_connect():
            return
        if self.state == CONNECTING:
            tried_ms = ticks_diff(self._now_ms, self._began_at_ms)
            if self._network.state == OPEN or tried_ms < STUCK_AFTER_MS:
                return
            self._session.close()
            self.state = OFFLINE
        self._has_begun = True
        self._was_reachable = True
        self._retry_at_ms = self._now_ms

    def receive(self) -> "bytes | None":
        """The oldest frame that came; None when there is none."""
        queue = self._session.queue
        return queue.pop(0) if queue else None

    def send(self, frame: bytes) -> bool:
        """Publish a frame; False when it is lost at once, and True promises nothing either."""
        if len(frame) > FRAME_BYTES_MAX:
            raise ValueError("a frame of %d bytes; %d at most" % (len(frame), FRAME_BYTES_MAX))
        if self.state == ONLINE and self._session.publish(self._up_topic, frame, False):
            return True
        self.unsent += 1
        return False

    def rest(self, is_resting: bool) -> None:
        """Keep off the network, or be there again soon, as if it had just come back.

        Nobody takes leave, so that the will tells the centre who is gone.
        """
        if self._rests == is_resting or self.state == STOPPED:
            return
        self._rests = is_resting
        if is_resting:
            self._session.close()
            self.state = OFFLINE
        elif not self._was_turned_away():
            self._has_begun = True
            self._was_reachable = self._network.is_reachable
            self._retry_at_ms = ticks_add(self._now_ms, self._backoff.next_returned_ms())

    def stop(self) -> None:
        """Take leave of the centre and never connect again."""
        self._session.leave()
        self.state = STOPPED

    def poll(self, now_ms: int, knows_date: bool = True) -> None:
        """Do what is due; never waits. Dates of certificates are judged when it `knows_date`."""
        self._now_ms = now_ms
        if self.state == STOPPED or self._rests:
            return
        if self.state == OFFLINE:
            if not self._is_time():
                return
            self.state = CONNECTING
            self._began_at_ms = now_ms
            self._checks_dates = knows_date
            self._session.begin(now_ms, knows_date)
        elif knows_date and not self._checks_dates:
            self._session.leave()
            self._end(END_UNDATED)
            return
        elif self.state == ONLINE and not self._is_healthy:
            self._judge_health()
        self._session.poll(now_ms)
        if self._session.ended_by != NOT_ENDED:
            self._end(self._session.ended_by)
        elif self.state == CONNECTING and self._session.is_online:
            self._enter()

    def _is_time(self) -> bool:
        """Whether to connect now; draws a wait when the network has come back."""
        network, now_ms = self._network, self._now_ms
        network.poll(now_ms)
        was_reachable = self._was_reachable
        self._was_reachable = network.is_reachable
        is_over = ticks_diff(now_ms, self._retry_at_ms) >= 0
        if not network.is_reachable:
            if is_over:
                self._retry_at_ms = now_ms  # or it would lie in the future when the clock wraps
            return False
        if not self._has_begun:
            self._has_begun = True
            self._retry_at_ms = ticks_add(now_ms, self._backoff.next_ms())
        elif not was_reachable and (is_over or not self._was_turned_away()):
            self._retry_at_ms = ticks_add(now_ms, self._backoff.next_returned_ms())
        return ticks_diff(now_ms, self._retry_at_ms) >= 0

    def _was_turned_away(self) -> bool:
        return self.last_end in (END_BUSY, END_LOGIN_REFUSED)

    def _enter(self) -> None:
        self.state = ONLINE
        self.sessions += 1
        self.login_refused = False
        self._online_at_ms = self._now_ms
        self._is_healthy = False

    def _judge_health(self) -> None:
        if ticks_diff(self._now_ms, self._online_at_ms) >= HEALTHY_AFTER_MS:
            self._is_healthy = True
            self._backoff.reset()

    def _end(self, reason: int) -> None:
        self.state = OFFLINE
        self.last_end = reason
        self.network_trouble = self._network.trouble
        self._was_reachable = self._network.is_reachable
        self._session.close()
        if reason == END_LOGIN_REFUSED:
            self.login_refused = True
        if self._was_turned_away():
            wait_ms = self._backoff.next_slow_ms()
        else:
            wait_ms = self._backoff.next_ms()
        self._retry_at_ms = ticks_add(self._now_ms, wait_ms)
