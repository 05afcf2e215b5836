"""Tells the centre what is wrong with the flash, and opens anew what could not be read.

The position's antenna is told of here as well: like the flash, no turn depends on it.
"""

from firmware.storage_codes import OPENED_FAILED
from firmware.ticks import ticks_diff
from firmware.wire import codes
from firmware.wire.journal_format import pack_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.cache import Cache
    from firmware.journal import Journal
    from firmware.keyring import Keyring
    from firmware.snapshot import Snapshot
    from firmware.uplink import Uplink

#: It is looked at this often.
LOOK_MS = 10000
#: So many looks in a row see an antenna missing, or there again, before it is told (1 min).
_ANTENNA_LOOKS = 6


class StorageWatch:
    """Faults go into the journal when it can be written, else straight to the centre."""

    def __init__(
        self,
        journal: "Journal",
        cache: "Cache",
        snapshot: "Snapshot",
        keyring: "Keyring",
        uplink: "Uplink",
    ) -> None:
        self._journal = journal
        self._cache = cache
        self._snapshot = snapshot
        self._keyring = keyring
        self._uplink = uplink
        self._looked_at_ms = 0
        self._told_journal = 0
        self._told_cache = 0
        self._told_antenna = False
        self._antenna_looks = 0
        #: Events of the box itself that are not yet durable.
        self.pending: "list[bytes]" = []
        #: The journal can be read again; its session can be resumed by a start alone.
        self.wants_reset = False

    def event(self, code: int, detail: bytes) -> bytes:
        """An audit event of now that belongs to no booking."""
        snapshot = self._snapshot
        trusted = 1 if snapshot.wall_is_trusted else 0
        return pack_event(code, snapshot.wall_s, trusted, 0, detail)

    def note_fault(self, fault: int, argument: int, code: int) -> None:
        """AUDIT_FAULT or AUDIT_FAULT_CLEARED."""
        event = self.event(code, bytes((fault, argument)))
        if self._journal.is_open:
            self.pending.append(event)
        else:
            self._journal.note(event)

    def note_trouble(self) -> None:
        """What is newly wrong becomes a fault; its argument has the bits of `storage_codes`."""
        journal, cache = self._journal.trouble(), self._cache.trouble()
        if journal & ~self._told_journal:
            self.note_fault(codes.FAULT_JOURNAL_FAILED, journal, codes.AUDIT_FAULT)
        if cache & ~self._told_cache:
            self.note_fault(codes.FAULT_CACHE_FAILED, cache, codes.AUDIT_FAULT)
        self._told_journal = journal
        self._told_cache = cache

    def _note_antenna(self, antenna: int) -> None:
        """A loose one is told of once a minute at the most; what nobody can tell changes nothing."""
        is_missing = antenna >= codes.ANTENNA_OPEN
        if antenna == codes.ANTENNA_UNKNOWN or is_missing == self._told_antenna:
            self._antenna_looks = 0
            return
        self._antenna_looks += 1
        if self._antenna_looks == _ANTENNA_LOOKS:
            self._antenna_looks = 0
            self._told_antenna = is_missing
            code = codes.AUDIT_FAULT if is_missing else codes.AUDIT_FAULT_CLEARED
            self.note_fault(codes.FAULT_ANTENNA_MISSING, antenna, code)

    def look(self, now_ms: int) -> bool:
        """To be called when nothing else was written; whether something is pending."""
        if ticks_diff(now_ms, self._looked_at_ms) < LOOK_MS:
            return False
        self._looked_at_ms = now_ms
        was_open = self._cache.is_open
        if not was_open:
            self._cache.open()
        if self._cache.is_open != was_open:
            # As at a start: what the copy says of the key holds, and the centre hears it.
            self._keyring.follow(True)
            self._uplink.want_hello()
        if self._journal.trouble() & OPENED_FAILED and not self._journal.is_open:
            self.wants_reset = self._journal.can_be_opened()
        self.note_trouble()
        self._note_antenna(self._snapshot.antenna)
        return len(self.pending) > 0
