"""A workload on the journal, and the check of what a cut or a failure may leave of it."""

import copy
import random
import struct
from dataclasses import dataclass, field

from firmware.journal import Journal
from firmware.journal_events import EventWalk
from firmware.storage_codes import OPENED_DAMAGED, OPENED_NEW
from firmware.wire.codes import AUDIT_DOOR_OPENED, AUDIT_GAP, AUDIT_LOW_PRIORITY, AUDIT_UNLOCKED
from firmware.wire.journal_format import pack_event
from hal.fake.flash import Flash, PowerCut

COMMIT, CONFIRM, IDLE = range(3)
Step = tuple[int, list[bytes], bytes | None]


class Expected:
    """What every commit that returned True has promised."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.session: bytes | None = None
        self.acked_seq = 0

    def after(self, step: Step) -> "Expected":
        later = Expected()
        later.events = self.events + step[1]
        later.session = self.session if step[2] is None else step[2]
        later.acked_seq = self.acked_seq
        return later

    def code_of(self, seq: int) -> int:
        """Of the event with that number; -1 when nobody promised one."""
        return self.events[seq - 1][0] if seq <= len(self.events) else -1

    def confirm_all(self) -> int:
        """The centre has everything; the last number."""
        self.acked_seq = len(self.events)
        return self.acked_seq


def steps(seed: int, count: int, confirm_every: int) -> list[Step]:
    """Turns with zero to four events, some low in priority, with and without a session."""
    source = random.Random(seed)
    found: list[Step] = []
    for number in range(count):
        events = [
            pack_event(
                AUDIT_UNLOCKED if source.random() < 0.6 else AUDIT_DOOR_OPENED,
                number,
                1,
                index,
                source.randbytes(source.randrange(150)),
            )
            for index in range(source.randrange(5))
        ]
        session = source.randbytes(source.randrange(400)) if source.random() < 0.8 else None
        found.append((COMMIT, events, session))
        if source.random() < 0.6:
            found.append((IDLE, [], None))
        if number % confirm_every == confirm_every - 1:
            found.append((CONFIRM, [], None))
    return found


def perform(journal: Journal, step: Step, expected: Expected) -> Expected:
    """One step; what is promised from then on."""
    if step[0] == COMMIT:
        return expected.after(step) if journal.commit(step[1], step[2]) else expected
    if step[0] == IDLE:
        journal.service()
        return expected
    for _ in range(3):
        first, events = journal.read_unacked(900)
        journal.acknowledge(first + len(events) - 1)
    expected.acked_seq = max(expected.acked_seq, journal.acked_seq)
    return expected


def twin(journal: Journal) -> tuple[Journal, Flash]:
    """A copy of the journal in mid-life, with its flash; only the scratch page is shared."""
    views = [ring._sectors._page for ring in (journal.turns, journal.store)]
    other = copy.deepcopy(journal, {id(view): view for view in views})
    flash = other.turns._sectors._storage
    assert isinstance(flash, Flash)
    return other, flash


def flash_with(contents: bytes | bytearray) -> Flash:
    flash = Flash(sectors=len(contents) // 4096)
    flash.contents[:] = contents
    return flash


def reopen(flash: Flash) -> Journal:
    journal = Journal(flash, 0xBAD)
    assert journal.open() & ~(OPENED_NEW | OPENED_DAMAGED) == 0
    return journal


@dataclass
class Found:
    """What a journal holds that it should not, and what it lacks."""

    lost: int = 0
    doubled: int = 0
    torn: int = 0
    wrong_session: int = 0
    examples: list[str] = field(default_factory=list)

    def complain(self, what: str) -> None:
        if len(self.examples) < 5:
            self.examples.append(what)


def compare(journal: Journal, promised: Expected, attempted: Expected, found: Found) -> Expected:
    """Read all that the centre would get, and confirm it. Returns which of the two it is.

    It must be what was promised, or all of the one turn more that was attempted. Every number
    comes once, in order, with its own event; only low-priority ones may be in a gap, and those
    that the centre has: where all is full, it may be forgotten that it has them.
    """
    count = journal.next_seq - 1
    is_whole = count == len(attempted.events) and journal.session == attempted.session
    kept = attempted if is_whole else promised
    if count < len(kept.events):
        found.lost += len(kept.events) - count
        found.complain(f"{count} events, {len(kept.events)} were promised")
    elif count > len(kept.events):
        found.torn += 1
        found.complain(f"{count} events, {len(kept.events)} can be")
    if journal.session != kept.session:
        found.wrong_session += 1
        found.complain("the session is neither the promised nor the attempted one")
    if journal.acked_seq > kept.acked_seq:
        found.lost += journal.acked_seq - kept.acked_seq
        found.complain(f"{journal.acked_seq} confirmed, {kept.acked_seq} were")
    due = journal.acked_seq + 1
    while journal.backlog():
        first, events = journal.read_unacked(3000)
        if not events:
            found.lost += journal.backlog()
            found.complain(f"nothing comes from {due} on")
            break
        due = _count_events(first, events, due, kept, found)
        journal.acknowledge(due - 1)
    return kept


def _count_events(first: int, events: list[bytes], due: int, kept: Expected, found: Found) -> int:
    for seq, event in enumerate(events, first):
        begins = seq
        if event[0] == AUDIT_GAP:
            begins = seq + 1 - struct.unpack(">I", event[10:])[0]
            for each in range(begins, seq + 1):
                if each > kept.acked_seq and kept.code_of(each) not in AUDIT_LOW_PRIORITY:
                    found.lost += 1
                    found.complain(f"event {each} is lost")
        elif seq > len(kept.events) or event != kept.events[seq - 1]:
            found.torn += 1
            found.complain(f"event {seq} is another one")
        if begins < due:
            found.doubled += 1
            found.complain(f"event {begins} comes twice")
        elif begins > due:
            found.lost += begins - due
            found.complain(f"event {due} is left out without a word")
        due = seq + 1
    return due


def check(flash: Flash, promised: Expected, attempted: Expected) -> Expected:
    """That a start on this flash finds what must be there; see `compare`."""
    journal = reopen(flash_with(flash.contents))
    found = Found()
    kept = compare(journal, promised, attempted, found)
    assert found == Found(), found.examples
    assert_moved_once(journal)
    return kept


def assert_moved_once(journal: Journal) -> None:
    """Moves that were cut go on; they do not fill the store with copies."""
    walk = EventWalk(journal.store)
    last = 0
    while walk.next_event():
        assert walk.seq > last
        last = walk.seq


class Campaign:
    """Cuts the power at every storage operation of a workload, twice in a row."""

    def __init__(self, seed: int, sectors: int = 8) -> None:
        self.cuts = 0
        self.second_cuts = 0
        self.refused = 0
        self._random = random.Random(seed)
        self._flash = Flash(sectors=sectors, seed=seed)
        self._journal = Journal(self._flash, 0xC0DE)
        self._after_cut = steps(seed + 1, 8, 4)

    def run(self, workload: list[Step], variants: int) -> None:
        expected = Expected()
        self._journal.open()
        for step in workload:
            cut_after = 0
            while self._cut(step, expected, cut_after, variants):
                cut_after += 1
            count = len(expected.events)
            expected = perform(self._journal, step, expected)
            self.refused += bool(step[1]) and len(expected.events) == count
        check(self._flash, expected, expected)

    def _cut(self, step: Step, expected: Expected, cut_after: int, variants: int) -> bool:
        """The step with a cut at that operation; False when it has fewer operations."""
        for _ in range(variants):
            journal, flash = twin(self._journal)
            flash._random = self._random.randrange(1 << 30)
            flash.cut_after = cut_after
            promised = copy.copy(expected)
            try:
                perform(journal, step, promised)
                return False
            except PowerCut:
                flash.restore_power()
            self.cuts += 1
            kept = check(flash, promised, expected.after(step))
            self._go_on(flash, kept)
        return True

    def _go_on(self, flash: Flash, kept: Expected) -> None:
        """Life after the cut, and one more cut somewhere in it."""
        flash.cut_after = self._random.randrange(24)
        attempted = kept
        try:
            journal = reopen(flash)
            for step in self._after_cut:
                attempted = kept.after(step)
                kept = perform(journal, step, kept)
                attempted = kept
        except PowerCut:
            self.second_cuts += 1
        flash.restore_power()
        check(flash, kept, attempted)
