"""Frames from the centre: the copy is brought up to date, the rest becomes events of the step.

A frame that this car's key did not sign, or that was not meant for it, does nothing at all. What
is signed and makes no sense is answered with NACK and changes nothing.
"""

import struct

from firmware import cache as copy
from firmware.controller import CENTRE_ANSWERED, CLOCK_SET, COMMAND_RECEIVED, RECORDS_CHANGED
from firmware.keyring import NOT_NOW
from firmware.tables import SENSELESS, UNSUPPORTED, has_memory
from firmware.wire import kb1
from firmware.wire.journal_format import EPOCH_2020_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boot import Boot
    from firmware.cache import Cache
    from firmware.journal import Journal
    from firmware.keyring import Keyring
    from firmware.snapshot import Snapshot
    from firmware.uplink import Uplink
    from hal.api import CentreLink, Clock

    Event = tuple[str, bytes]

#: One turn takes at most this many; the rest waits for the next.
FRAMES_MAX = 8
#: A TIME that took longer does not set the clock: the error is as large as the round trip.
ROUND_TRIP_MS_MAX = 5000
#: One that took longer was held back: it says nothing about now, and the car asks again.
ANSWER_MS_MAX = 60000
#: A trusted clock is left alone when it is no further off than this.
CLOCK_ERROR_S = 2
_COMMAND_BYTES_MIN = struct.calcsize(kb1.CMD_FORMAT)
_SHIFT_S_MAX = 0x3FFFFFFF


class Inbox:
    """Takes what has arrived; never raises for what it says."""

    def __init__(
        self,
        link: "CentreLink",
        clock: "Clock",
        cache: "Cache",
        journal: "Journal",
        uplink: "Uplink",
        boot: "Boot",
        keyring: "Keyring",
    ) -> None:
        self._link = link
        self._clock = clock
        self._cache = cache
        self._journal = journal
        self._uplink = uplink
        self._boot = boot
        self._keyring = keyring
        self.unsigned = 0  # frames that did not open, or not under this key now
        self.senseless = 0  # frames that were signed and could not be used

    def collect(self, events: "list[Event]", snapshot: "Snapshot") -> bool:
        """Append events for what has arrived; True when more may be waiting."""
        for _ in range(FRAMES_MAX):
            frame = self._link.receive()
            if frame is None:
                return False
            opened = self._keyring.open(frame)
            if opened is None:
                self.unsigned += 1
                continue
            kind, body = opened
            if kind == NOT_NOW:
                self.unsigned += 1
                self._uplink.want_hello()
                continue
            try:
                reason = self._take(kind, body, events, snapshot)
            except ValueError:
                reason = kb1.NACK_SENSELESS
            if reason:
                self.senseless += 1
                self._uplink.refuse(kind, reason)
        return True

    def _take(self, kind: int, body: bytes, events: "list[Event]", snapshot: "Snapshot") -> int:
        """The reason of a NACK, 0 when none is due; ValueError for a body without sense."""
        if kind in (kb1.DELTA, kb1.SNAP) and not has_memory(self._cache.bookings, 0):
            return kb1.NACK_DOES_NOT_FIT
        if kind == kb1.DELTA:
            gen, from_rev, to_rev, hash8, ops = kb1.unpack_delta(body)
            at_s = _trusted_s(snapshot)
            return self._note_copy(
                self._cache.apply(gen, from_rev, to_rev, hash8, ops, at_s), events
            )
        if kind == kb1.SNAP:
            gen, rev, hash8, chunk, chunks, ops = kb1.unpack_snap(body)
            at_s = _trusted_s(snapshot)
            return self._note_copy(
                self._cache.take_chunk(gen, rev, hash8, chunk, chunks, ops, at_s), events
            )
        if kind == kb1.TIME:
            self._take_time(body, events, snapshot)
        elif kind == kb1.CMD:
            if len(body) < _COMMAND_BYTES_MIN:
                return kb1.NACK_SENSELESS
            events.append((COMMAND_RECEIVED, body))
        elif kind == kb1.EACK:
            journal, seq = kb1.unpack_eack(body)
            if journal == self._journal.instance:
                self._journal.acknowledge(seq)
        else:
            return kb1.NACK_UNKNOWN_KIND
        return 0

    def _note_copy(self, outcome: int, events: "list[Event]") -> int:
        if outcome != copy.LATE:
            self._keyring.heard()
        if outcome == SENSELESS:
            return kb1.NACK_SENSELESS
        if outcome == UNSUPPORTED:
            return kb1.NACK_UNSUPPORTED
        if outcome == copy.DOES_NOT_FIT:
            return kb1.NACK_DOES_NOT_FIT
        if outcome == copy.STORAGE:
            return kb1.NACK_STORAGE
        if outcome == copy.APPLIED:
            self._keyring.follow()
            events.append((RECORDS_CHANGED, b""))
            events.append((CENTRE_ANSWERED, b""))
        if outcome != copy.STAGED:
            # After a change this is the acknowledgement; otherwise it tells where the car stands.
            self._uplink.want_hello()
        return 0

    def _take_time(self, body: bytes, events: "list[Event]", snapshot: "Snapshot") -> None:
        """Only the answer to a question of this boot counts; any other makes the car ask."""
        nonce, now_unix_s, gen, rev, hash8 = kb1.unpack_time(body)
        asked = self._boot.number_of(nonce)
        if asked == 0:
            self._uplink.want_hello()
            return
        self._keyring.heard()
        age_ms = self._boot.age_ms(asked, snapshot.now_ms)
        if age_ms <= ROUND_TRIP_MS_MAX:
            self._set_clock(now_unix_s - EPOCH_2020_S, events, snapshot)
        cache = self._cache
        is_late = age_ms > ANSWER_MS_MAX
        if is_late or gen != cache.gen or rev != cache.rev or hash8 != cache.hash8:
            self._uplink.want_hello()
            return
        if snapshot.wall_is_trusted:
            cache.confirm(snapshot.wall_s)
        if asked >= self._uplink.asking:
            events.append((CENTRE_ANSWERED, b""))

    def _set_clock(self, wall_s: int, events: "list[Event]", snapshot: "Snapshot") -> None:
        off_s = wall_s - snapshot.wall_s
        if snapshot.wall_is_trusted and -CLOCK_ERROR_S <= off_s <= CLOCK_ERROR_S:
            return
        if not 0 <= wall_s <= _SHIFT_S_MAX or not self._clock.set_wall(wall_s):
            return
        snapshot.wall_s = self._clock.wall_s()
        snapshot.wall_is_trusted = self._clock.is_trusted()
        events.append((CLOCK_SET, struct.pack(">i", off_s)))


def _trusted_s(snapshot: "Snapshot") -> int:
    """Now in seconds since 2020; 0 when the clock is not trusted."""
    return snapshot.wall_s if snapshot.wall_is_trusted else 0
