"""The link to the centre in memory: two bounded queues and a switch."""

from firmware.ticks import FAR_MS, ticks_add
from firmware.wire.frames import FRAME_BYTES_MAX

QUEUE_MAX = 32


class FakeCentreLink:
    """A `CentreLink`; `put` and `take` are its other end."""

    def __init__(self) -> None:
        self.online = False
        #: The network is there, whether or not the link is online.
        self.reachable = False
        #: How often somebody waited for the link.
        self.hurried = 0
        #: Nothing passes, and nothing is tried.
        self.rests = False
        #: What the newest poll said of the clock.
        self.knows_date = False
        #: Messages that found a queue full or the link down.
        self.lost = 0
        self._now_ms = 0
        self._inbox: "list[bytes]" = []
        self._outbox: "list[bytes]" = []

    @property
    def next_due_at_ms(self) -> int:
        return self._now_ms if self._inbox else ticks_add(self._now_ms, FAR_MS)

    def poll(self, now_ms: int, knows_date: bool = True) -> None:
        self._now_ms = now_ms
        self.knows_date = knows_date

    def is_online(self) -> bool:
        return self.online and not self.rests

    def may_connect(self) -> bool:
        return self.reachable and not self.is_online()

    def hurry(self) -> None:
        self.hurried += 1

    def rest(self, is_resting: bool) -> None:
        self.rests = is_resting

    def receive(self) -> "bytes | None":
        return self._inbox.pop(0) if self._inbox else None

    def send(self, message: bytes) -> bool:
        """Queue a message; False when it is lost at once."""
        if len(message) > FRAME_BYTES_MAX:
            raise ValueError("a frame of %d bytes; %d at most" % (len(message), FRAME_BYTES_MAX))
        if not self.is_online() or len(self._outbox) >= QUEUE_MAX:
            self.lost += 1
            return False
        self._outbox.append(message)
        return True

    def put(self, message: bytes) -> None:
        """A message arrives from the centre, whether or not anybody is online."""
        if len(self._inbox) >= QUEUE_MAX:
            self.lost += 1
        else:
            self._inbox.append(message)

    def waiting(self) -> int:
        """Messages that arrived and were not received yet."""
        return len(self._inbox)

    def take(self) -> "list[bytes]":
        """What was sent since the last call."""
        sent = self._outbox
        if sent:
            self._outbox = []
        return sent
