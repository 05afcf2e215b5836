"""Messages from the centre: storage is brought up to date, the rest becomes events of the step."""

from firmware.controller import CENTRE_ANSWERED, COMMAND_RECEIVED, RECORDS_CHANGED
from firmware.wire import messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.cache import Cache
    from firmware.journal import Journal
    from hal.api import CentreLink

    Event = tuple[str, bytes]

#: One turn takes at most this many; the rest waits for the next.
MESSAGES_MAX = 8


class Inbox:
    """Takes what has arrived; never raises for what it says."""

    def __init__(self, link: "CentreLink", cache: "Cache", journal: "Journal") -> None:
        self._link = link
        self._cache = cache
        self._journal = journal
        self.rejected = 0  # messages that made no sense
        self.wants_hello = False  # the centre is to hear which revision the car has

    def collect(self, events: "list[Event]", wall_s: int) -> bool:
        """Append events for what has arrived; True when more is waiting."""
        for _ in range(MESSAGES_MAX):
            message = self._link.receive()
            if message is None:
                return False
            if not self._take(message, events, wall_s):
                self.rejected += 1
        return True

    def _take(self, message: bytes, events: "list[Event]", wall_s: int) -> bool:
        kind = message[0] if message else 0
        if kind == messages.DELTA and len(message) >= 10:
            return self._take_delta(message, events, wall_s)
        if kind == messages.TIME and len(message) == 9:
            if messages.unpack_time(message)[1] != self._cache.rev:
                self.wants_hello = True
            events.append((CENTRE_ANSWERED, b""))
            return True
        if kind == messages.CMD and len(message) == 22:
            events.append((COMMAND_RECEIVED, message))
            return True
        if kind == messages.EACK and len(message) == 9:
            journal, seq = messages.unpack_eack(message)
            if journal == self._journal.instance:
                self._journal.acknowledge(seq)
            return True
        return False

    def _take_delta(self, message: bytes, events: "list[Event]", wall_s: int) -> bool:
        self.wants_hello = True
        try:
            from_rev, to_rev, ops = messages.unpack_delta(message)
        except ValueError:
            return False
        if from_rev != self._cache.rev or to_rev <= from_rev:
            return True  # late or double: HELLO tells where the car stands
        if not self._cache.apply(ops, to_rev, wall_s):
            return False
        events.append((RECORDS_CHANGED, b""))
        events.append((CENTRE_ANSWERED, b""))
        return True
