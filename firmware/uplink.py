"""Events to the centre, oldest first, until it says that it has them; and where the copy stands."""

from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire.messages import pack_events, pack_hello

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.journal import Journal
    from hal.api import CentreLink

FIRST_RETRY_MS = 2000
RETRY_MAX_MS = 60000
EVENT_BYTES_MAX = 800


class Uplink:
    """Sends again after 2, 4, 8 ... 60 s without an acknowledgement."""

    def __init__(self, link: "CentreLink", journal: "Journal") -> None:
        self._link = link
        self._journal = journal
        self._was_online = False
        self._sent_at_ms = 0
        self._wait_ms = 0  # 0: nothing is under way
        self._acked = -1
        self._next_seq = -1

    def service(self, now_ms: int, rev: int, wants_hello: bool) -> None:
        """Send what is due."""
        online = self._link.is_online()
        journal = self._journal
        if online and not self._was_online:
            wants_hello = True
            self._wait_ms = 0
        self._was_online = online
        if not online:
            return
        if wants_hello:
            self._link.send(pack_hello(False, rev))
        if journal.acked_seq != self._acked:
            self._acked = journal.acked_seq
            self._wait_ms = 0
        if self._wait_ms and ticks_diff(now_ms, self._sent_at_ms) < self._wait_ms:
            return
        if journal.backlog() == 0:
            self._wait_ms = 0
            return
        first_seq, events = journal.read_unacked(EVENT_BYTES_MAX)
        if events:
            self._link.send(pack_events(journal.instance, first_seq, events))
            self._sent_at_ms = now_ms
            self._wait_ms = min(self._wait_ms * 2 or FIRST_RETRY_MS, RETRY_MAX_MS)

    def next_ms(self, now_ms: int) -> int:
        """Time until something must be sent again."""
        if not self._was_online or not self._wait_ms:
            return FAR_MS
        left = self._wait_ms - ticks_diff(now_ms, self._sent_at_ms)
        return left if left > 0 else 0
