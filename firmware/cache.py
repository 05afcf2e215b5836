"""The car's durable copy of what the centre says: bookings, cards, staff cards, and its standing.

The standing - generation, revision, chain hash - names one state of the centre's log for this
car; the copy is that state, or nothing. Changes are frames in a ring; when it runs low the whole
copy is written once more and what lies before it is given up. After a reset the newest whole
copy is read and what came behind it done again, under the same conditions as the first time. A
change is in memory only after it is in flash. Frames: cache_replay, cache_stage, cache_copy.
"""

import struct

from firmware.cache_copy import WholeCopy, append
from firmware.cache_replay import CHANGE, CHANGE_FORMAT, CONFIRM, CONFIRM_FORMAT, replay
from firmware.cache_stage import CHUNKS_MAX, STAGE, SWITCH, Stage
from firmware.ring import Ring
from firmware.ring_cursor import Cursor
from firmware.ring_sectors import PAGE_BYTES
from firmware.storage_codes import OPENED_FAILED, OPENED_FOREIGN, OPENED_NEWER, trouble_of
from firmware.tables import RECORDS_MAX, SENSELESS, Tables, pack_ops
from firmware.wire.chain import EMPTY_HASH, next_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.tables import Op
    from hal.api import Storage

# What became of a DELTA or a chunk of a SNAP; or SENSELESS, UNSUPPORTED of `tables`.
APPLIED = 0  #: durable and in memory
STAGED = 1  #: kept; other chunks are still missing
LATE = 2  #: double, old, of another generation, behind a gap, or with a hash that does not fit
DOES_NOT_FIT = 4  #: more records than the car holds
STORAGE = 5  #: the flash failed

_ROLE = 2  # tells this ring from the journal's in a sector header
_INSTANCE = 1
#: Sectors kept free for the whole copy: RECORDS_MAX bookings take 3. The others are for parts of
#: a copy that rot kept from being finished.
_SPARE_SECTORS = 5
#: Sectors that the chunks of a snapshot may take.
_STAGE_SECTORS = 5
#: Beside the spare and the staged ones: a whole copy, and one that fills up with changes.
SECTORS_MIN = _SPARE_SECTORS + _STAGE_SECTORS + 4
#: A confirmation is written no more often than this.
_CONFIRM_EVERY_S = 3600


class Cache:
    """`gen`, `rev` and `hash8` are 0, 0 and EMPTY_HASH while the car has heard nothing.

    `owner`: the car's own number, so that another car's copy is not taken for its own; 0: none.
    """

    def __init__(self, storage: "Storage", owner: int = 0) -> None:
        if storage.sectors < SECTORS_MIN:
            raise ValueError("%d sectors; the copy needs %d" % (storage.sectors, SECTORS_MIN))
        self._storage = storage
        self._owner = owner
        #: Whether the flash could be read; until then the copy is empty and takes nothing.
        self.is_open = False
        self._opened = OPENED_FAILED
        self._has_failed = False
        self._page = bytearray(PAGE_BYTES)
        self._tables = Tables()
        self.bookings = self._tables.bookings
        self.cards = self._tables.cards
        self.staff = self._tables.staff
        self.terms = self._tables.terms
        self.key = self._tables.key
        #: Sets `look_inside(op, record)`: what speaks against terms or a key; 0 for nothing.
        self.check_with = self._tables.check_with
        self._mount()

    def _mount(self) -> None:
        """Nothing is known yet."""
        self.ring = Ring(self._storage, 0, self._storage.sectors, _ROLE, self._page, self._owner)
        self._whole = WholeCopy(self.ring, self._tables)
        self.stage = Stage(self.ring)
        self._tables.clear()
        self.gen = 0
        self.rev = 0
        self.hash8 = EMPTY_HASH
        #: When the centre last confirmed this copy (rule 7 of the protocol), in seconds since
        #: 2020; 0: never, or the clock was not trusted ever since.
        self.lease_from_s = 0
        self._kept_lease_s = 0

    def open(self) -> None:
        """Read the copy; whatever the flash holds, this ends with a usable one.

        A copy of a later format or of another car is given up: the centre has it. Storage that
        cannot be read leaves an empty copy that takes nothing; `open` may be called again.
        """
        try:
            self._mount()
            self._opened = 0
            self.is_open = True
            self.ring.open(-1)
            if self.ring.is_newer or self.ring.is_foreign:
                self._opened = OPENED_NEWER if self.ring.is_newer else OPENED_FOREIGN
                for sector in range(self._storage.sectors):
                    self._storage.erase(sector)
                self._mount()
                self.ring.open(-1)
            self._read()
        except OSError:
            self._mount()
            self._opened = OPENED_FAILED
            self.is_open = False

    def trouble(self) -> int:
        """What is wrong with the storage, in the bits of `journal`; 0 for nothing."""
        ring = self.ring
        return trouble_of(self._opened, self._has_failed, ring.mended, ring.places.retired)

    def _read(self) -> None:
        ring = self.ring
        if ring.instance < 0:
            ring.begin(_INSTANCE)
            return
        ring.seal()
        cursor = Cursor()
        before = (-1, 0)
        while ring.advance(cursor):
            self._whole.note(cursor, before)
            if cursor.kind == STAGE:
                self.stage.note_number(cursor)
            before = (cursor.sector, cursor.next_at)
        cursor = Cursor()
        self.gen, self.rev, self.hash8, self.lease_from_s = self._whole.load(cursor)
        before = (cursor.sector, cursor.next_at)
        while ring.advance(cursor):
            replay(self, cursor, before)
            before = (cursor.sector, cursor.next_at)
        self._kept_lease_s = self.lease_from_s
        self._whole.take_up(self.gen, self.rev, self.hash8)

    def apply(
        self, gen: int, from_rev: int, to_rev: int, hash8: bytes, ops: "list[Op]", at_s: int
    ) -> int:
        """A DELTA: APPLIED, or why not, and then nothing has changed.

        at_s: now in seconds since 2020, 0 when the clock is not trusted. What lies behind the
        car's own revision is left out; one operation is one revision.
        """
        if not self.is_open:
            return STORAGE
        verdict = self.judge(gen, from_rev, to_rev, hash8, ops)
        if verdict != APPLIED:
            return verdict
        ops = ops[self.rev - from_rev :]
        parts = [struct.pack(CHANGE_FORMAT, at_s, gen, self.rev, to_rev, hash8)]
        pack_ops(ops, parts)
        if not self._make_room(0) or not self._append(CHANGE, parts):
            return STORAGE
        self.do_all(ops, to_rev, hash8, at_s)
        return APPLIED

    def judge(self, gen: int, from_rev: int, to_rev: int, hash8: bytes, ops: "list[Op]") -> int:
        """Whether a DELTA may be applied: APPLIED, or the reason against it."""
        if to_rev - from_rev != len(ops):
            return SENSELESS
        if gen != self.gen or not from_rev <= self.rev < to_rev:
            return LATE
        own = self.hash8
        ops = ops[self.rev - from_rev :]
        for op, record in ops:
            own = next_hash(own, op, record)
        if own != hash8:
            return LATE
        objection = self._tables.objection_to(ops)
        if objection or self._tables.fit(ops):
            return objection or APPLIED
        return DOES_NOT_FIT

    def do_all(self, ops: "list[Op]", to_rev: int, hash8: bytes, at_s: int) -> None:
        for op, record in ops:
            self._tables.do(op, record, at_s)
        self._stand(self.gen, to_rev, hash8, at_s)

    def _stand(self, gen: int, rev: int, hash8: bytes, at_s: int) -> None:
        self.gen = gen
        self.rev = rev
        self.hash8 = hash8
        if at_s:
            self.lease_from_s = at_s
            self._kept_lease_s = at_s

    def take_chunk(
        self,
        gen: int,
        rev: int,
        hash8: bytes,
        chunk: int,
        chunks: int,
        ops: "list[Op]",
        at_s: int,
    ) -> int:
        """A chunk of a SNAP: STAGED, APPLIED with the last one missing, or why not.

        Chunks come in any order and more than once. The old state holds until APPLIED.
        """
        if not self.is_open:
            return STORAGE
        if not 0 <= chunk < chunks:
            return SENSELESS
        if (gen, rev) <= (self.gen, self.rev):
            return LATE
        objection = self._tables.objection_to(ops, only_puts=True)
        if objection:
            self.stage.forget()
            return objection
        if chunks > CHUNKS_MAX:
            return DOES_NOT_FIT
        is_known = self.stage.is_of(gen, rev, hash8, chunks)
        if not self._make_room(0 if is_known else _STAGE_SECTORS):
            return STORAGE
        if not self.stage.is_of(gen, rev, hash8, chunks):
            self.stage.begin(gen, rev, hash8, chunks)
        try:
            verdict = STAGED
            if not self.stage.has(chunk):
                verdict = self._keep_chunk(chunk, ops)
            if verdict == STAGED and self.stage.is_complete():
                verdict = self._finish_stage(hash8, at_s)
            return verdict
        except OSError:
            self.stage.forget()
            self._has_failed = True
            return STORAGE

    def _keep_chunk(self, chunk: int, ops: "list[Op]") -> int:
        stage = self.stage
        if sum(stage.counts) + len(ops) > RECORDS_MAX:
            return DOES_NOT_FIT
        if stage.repeats(ops):
            stage.forget()
            return SENSELESS
        if not self._append(STAGE, stage.pack(chunk, ops)):
            return STORAGE
        stage.add(chunk, ops)
        return STAGED

    def _finish_stage(self, hash8: bytes, at_s: int) -> int:
        stage = self.stage
        if not stage.is_whole(stage.chunks):
            stage.forget()
            return STORAGE
        if not self._tables.has_memory_for(stage.counts):
            stage.forget()
            return DOES_NOT_FIT
        if not self._append(SWITCH, [stage.pack_switch(at_s)]):
            return STORAGE
        stage.forget()
        try:
            self.switch(stage.gen, stage.rev, hash8, at_s)
        except OSError:
            self.open()  # Half done in memory; the flash knows.
        return APPLIED if self.is_open else STORAGE

    def switch(self, gen: int, rev: int, hash8: bytes, at_s: int) -> None:
        self.stage.merge(self._tables, at_s)
        self._stand(gen, rev, hash8, at_s)

    def confirm(self, at_s: int) -> None:
        """The centre says that this copy is its own: the lease begins anew.

        Written once an hour, so that a reset forgets no more than that. at_s: now in seconds
        since 2020; 0, a clock that is not trusted, confirms nothing.
        """
        if at_s == 0 or not self.is_open:
            return
        self.lease_from_s = at_s
        if abs(at_s - self._kept_lease_s) < _CONFIRM_EVERY_S or not self._make_room(0):
            return
        if self._append(CONFIRM, [struct.pack(CONFIRM_FORMAT, at_s, self.gen, self.rev)]):
            self._kept_lease_s = at_s

    def service(self) -> bool:
        """Idle work: make room, or erase a sector ahead; True when something was done."""
        if not self.is_open:
            return False
        if self.ring.free_sectors() <= _SPARE_SECTORS:
            return self._make_room(0)
        return self.ring.ready < 1 and self.ring.prepare()

    def _append(self, kind: int, parts: "list[bytes]") -> bool:
        self._whole.give_up()
        self._has_failed = not append(self.ring, kind, parts)
        return not self._has_failed

    def _make_room(self, sectors: int) -> bool:
        """See to that many free sectors beside the spare ones; a stage does not survive it."""
        if self.ring.free_sectors() > _SPARE_SECTORS + sectors:
            return True
        self.stage.forget()
        return self._whole.write(self.gen, self.rev, self.hash8, self.lease_from_s)
