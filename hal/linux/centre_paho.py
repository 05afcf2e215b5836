"""The link to the centre by paho-mqtt, its threads behind bounded queues.

Not the default: `firmware.link` runs on every other board and in every simulation, needs no thread
and draws the same waits. This one is for who wants a client that others keep.
"""

import threading
from collections import deque
from collections.abc import Callable

from firmware.ticks import FAR_MS, ticks_add, ticks_diff
from firmware.wire.frames import FRAME_BYTES_MAX
from hal.linux.paho_session import PahoAccount, PahoSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.backoff import Backoff

OFFLINE = "offline"
CONNECTING = "connecting"
ONLINE = "online"

#: Frames that the program did not take yet; the oldest stay.
QUEUE_FRAMES_MAX = 8
#: A session of this length sets the waits back.
HEALTHY_AFTER_MS = 60000


class PahoCentre:
    """A `CentreLink`. `wakes` is called from a thread when there is news."""

    def __init__(
        self, account: PahoAccount, waits: "Backoff", wakes: Callable[[], None] = lambda: None
    ) -> None:
        self.state = OFFLINE
        #: Why the last connection ended, in paho's words.
        self.detail = ""
        #: Times online; frames that `send` refused; frames that found the queue full.
        self.sessions = 0
        self.unsent = 0
        self.dropped = 0
        self._account = account
        self._waits = waits
        self._wakes = wakes
        self._queue: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._session: PahoSession | None = None
        self._was_turned_away = False
        self._has_begun = False
        self._rests = False
        self._is_healthy = False
        self._now_ms = 0
        self._retry_at_ms = 0
        self._online_at_ms = 0

    @property
    def next_due_at_ms(self) -> int:
        if self._queue or (self._session is not None and self._session.is_over):
            return self._now_ms
        if self._rests:
            return ticks_add(self._now_ms, FAR_MS)
        if self._session is None:
            return self._retry_at_ms
        is_waiting = self.state == ONLINE and not self._is_healthy
        return ticks_add(self._now_ms, HEALTHY_AFTER_MS if is_waiting else FAR_MS)

    def poll(self, now_ms: int, knows_date: bool = True) -> None:
        self._now_ms = now_ms
        session = self._session
        if session is None:
            if not self._rests:
                self._begin_when_due(knows_date)
        elif session.is_over:
            self._end(session)
        elif knows_date and not session.checks_dates:
            session.stop()  # it was made without a look at the certificate's dates
        elif session.is_online and self.state != ONLINE:
            self.state = ONLINE
            self.sessions += 1
            self._was_turned_away = False
            self._online_at_ms = now_ms
        elif self.state == ONLINE and not self._is_healthy:
            if ticks_diff(now_ms, self._online_at_ms) >= HEALTHY_AFTER_MS:
                self._is_healthy = True
                self._waits.reset()

    def is_online(self) -> bool:
        return self.state == ONLINE

    def may_connect(self) -> bool:
        return self.state != ONLINE and not self._was_turned_away

    def hurry(self) -> None:
        if self.state == OFFLINE and self.may_connect():
            self._has_begun = True
            self._retry_at_ms = self._now_ms

    def rest(self, is_resting: bool) -> None:
        """Keep off the network, or be there again soon; the will tells the centre who is gone."""
        if self._rests == is_resting:
            return
        self._rests = is_resting
        if not is_resting:
            self._has_begun = True
            if not self._was_turned_away:
                self._retry_at_ms = ticks_add(self._now_ms, self._waits.next_returned_ms())
        elif self._session is not None:
            self.state = OFFLINE  # though the stream takes its time to end
            self._session.go_away()

    def receive(self) -> bytes | None:
        with self._lock:
            return self._queue.popleft() if self._queue else None

    def send(self, frame: bytes) -> bool:
        if len(frame) > FRAME_BYTES_MAX:
            raise ValueError(f"a frame of {len(frame)} bytes; {FRAME_BYTES_MAX} at most")
        session = self._session
        if self.state == ONLINE and session is not None and session.publish(frame):
            return True
        self.unsent += 1
        return False

    def close(self) -> None:
        """Take leave, for the end of the program and for tests."""
        if self._session is not None:
            self._session.stop()
            self._session.join()

    def _begin_when_due(self, knows_date: bool) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._retry_at_ms = ticks_add(self._now_ms, self._waits.next_ms())
        if ticks_diff(self._now_ms, self._retry_at_ms) < 0:
            return
        self.state = CONNECTING
        self._is_healthy = False
        self._session = PahoSession(self._account, self._hear, self._wakes, knows_date)

    def _end(self, session: PahoSession) -> None:
        self._session = None
        self.state = OFFLINE
        self.detail = session.detail
        self._was_turned_away = session.was_turned_away
        if session.is_leaving:
            return  # who called it back has said when
        waits = self._waits
        wait_ms = waits.next_slow_ms() if session.was_turned_away else waits.next_ms()
        self._retry_at_ms = ticks_add(self._now_ms, wait_ms)

    def _hear(self, frame: bytes) -> None:
        """From the thread."""
        with self._lock:
            if len(self._queue) < QUEUE_FRAMES_MAX:
                self._queue.append(frame)
            else:
                self.dropped += 1
