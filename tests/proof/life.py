"""The whole loop in its box of memory ports, with relays, a clock, power, and the watchers on it.

Where `Car` abstracts (journal, debounce, touches, links), this has the real thing: every turn goes
through `Loop`, the journal's ring, signed frames. The watchers are the same.
"""

from __future__ import annotations

import struct
from typing import Any

from firmware.controller import CARD_TAPPED, COMMAND_RECEIVED, PULSES_FINISHED
from firmware.ticks import ticks_diff
from firmware.wire import codes, frames, kb1
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.kb1_centre import pack_command, pack_eack, unpack_events, unpack_hello
from firmware.wire.records import BOOKING
from firmware.wire.records import CARD as CARD_RECORD
from hal.fake.flash import PowerCut
from tests.portable.firmware.loop_rig import IDENTITY, NOW, UP_KEY, Box
from tests.proof.diary import DRIVEN, REOPENED, USE, Diary
from tests.proof.reading import NOTHING_TOLD, Around, Booking, tell
from tests.proof.scene import (
    CANNOT_TELL,
    CARD,
    DRIVER,
    MINE,
    OTHER,
    OTHER_CARD,
    STAFF,
    STAFF_CARD,
    THEIRS,
    Step,
)
from tests.proof.watchers import WATCHERS

_START_S = NOW + 900
KNOWN = [
    Booking(MINE, DRIVER, _START_S, _START_S + 7200),
    Booking(THEIRS, OTHER, _START_S + 7200, _START_S + 14400),
]


class View:
    """What a watcher may ask of a car, read off the loop."""

    owners = {CARD: DRIVER, OTHER_CARD: OTHER}
    known = KNOWN

    def __init__(self, profile: str) -> None:
        self.profile = profile
        self.diary = Diary()
        self.told = NOTHING_TOLD
        self.end_is_past = False
        self.refused: set[bytes] = set()

    def look_at(self, loop: Any) -> None:
        self.controller: Any = loop._controller
        self.rental: Any = self.controller.rental
        self.terms, self.settings = self.rental.terms, self.rental.settings
        self.turn, self.snapshot, self.boot = loop._turn, loop._snapshot, loop._boot
        self.enrol = self.rental.deadlines.names.index("enrol")
        self.warn = self.rental.deadlines.names.index("warn")
        self._actuators = loop._actuators

    @property
    def pending(self) -> bool:
        return bool(self._actuators.are_moving())

    def value(self, index: int) -> int:
        return int(self.snapshot.values[index])

    def around(self) -> Around:
        s = self.snapshot
        return Around(s.wall_s, s.wall_is_trusted, s.lease_holds, s.journal_has_room)

    def lefts(self) -> list[int]:
        d = self.rental.deadlines
        now_ms = self.snapshot.now_ms
        return [
            max(0, ticks_diff(d._at_ms[slot], now_ms)) if d._armed[slot] else -1
            for slot in range(len(d.names))
        ]


class Life(Box):
    """A box that watches itself, and a centre that answers when it is asked to."""

    def __init__(self, profile: str = "top24-2023") -> None:
        self.profile = profile
        self.cannot_tell = CANNOT_TELL[profile]
        self.view = View(profile)
        self.is_answering = True  # the centre, when the car is online
        self.answered = 0
        self.asked = 0  # cards
        self.found: list[str] = []
        self.written: list[bytes] = []  # what the journal must hold in the end
        self._counted: list[bytes] | None = None  # those of a turn that are in `written`
        self.obeys = True
        self.turns = 0
        self.cuts = 0
        self.resets = 0
        self._carry_ms = 0
        self._passed_ms = 0
        self._ends_at_ms = 0
        self._cut: tuple[list[bytes], int, tuple[bool, bool]] | None = None
        self._dead: Any = None
        self._seq = 0
        self._was_settled = False
        self._sent: kb1.Command | None = None
        self._rises = [0] * codes.PULSES
        self._before: dict[str, Any] = {}
        self._armed: tuple[bytes, list[int]] = (b"", [])
        self.counter = 0
        super().__init__()
        ops = []
        for known in KNOWN:
            at = EPOCH_2020_S + known.starts_s, EPOCH_2020_S + known.ends_s
            ops.append((codes.OP_PUT_BOOKING, struct.pack(BOOKING, known.id, known.driver, *at)))
        for card, owner in self.view.owners.items():
            ops.append((codes.OP_PUT_CARD, struct.pack(CARD_RECORD, card, owner)))
        ops.append((codes.OP_PUT_STAFF, struct.pack(CARD_RECORD, STAFF_CARD, STAFF)))
        self.put_delta(ops)
        self.after(10)

    # time

    def after(self, wait_ms: int) -> Any:
        self._carry_ms += wait_ms
        self._passed_ms += wait_ms
        self.wall_s += self._carry_ms // 1000
        self._carry_ms %= 1000
        self.view.look_at(self.loop)
        self.view.end_is_past = self._passed_ms >= self._ends_at_ms
        self._settle_cut_turn()
        self._remember()
        try:
            loop = super().after(wait_ms)
        except PowerCut:
            self._note_cut()
            raise
        self._watch()
        self._be_the_centre()
        return loop

    def _be_the_centre(self) -> None:
        """What the car says is heard, and answered in the next turn: the time, and what is kept."""
        for frame in self.centre.take():
            opened = frames.open_frame((UP_KEY,), IDENTITY.car, frame)
            assert opened is not None
            kind, body = opened
            if not self.is_answering:
                continue
            if kind == kb1.HELLO:
                self.put_time(unpack_hello(body).nonce)
                self.answered += 1
            elif kind == kb1.EVENTS:
                journal, first_seq, events = unpack_events(body)
                self.put(kb1.EACK, pack_eack(journal, first_seq + len(events) - 1))

    def run(self, seconds: int) -> None:
        """Turns as they are due."""
        left_ms = seconds * 1000
        while left_ms > 0:
            wait_ms = min(max(self.due_ms, 1), left_ms)
            self.after(wait_ms)
            left_ms -= wait_ms

    # what happens

    def tap(self, card: bytes) -> None:
        """A card that was away long enough."""
        self.run(4)
        self.reader.card = card
        self.after(10)

    def order(self, verb: int, booking: int, driver: int, left_s: int = 3600, **odd: Any) -> None:
        self.counter += 1
        ident = b"ORD" + struct.pack(">BI", self.boots & 255, self.counter)
        command = kb1.Command(
            ident,
            odd.get("boot", self.boot),
            self.counter,
            self.loop._boot.uptime_s + odd.get("lasts_s", 30),
            verb, booking, driver, left_s,
        )  # fmt: skip
        self._sent = command
        self.put(kb1.CMD, pack_command(command))
        self.after(10)
        self._sent = None

    def move(self, index: int, value: int) -> None:
        self.inputs[index].value = value
        self.after(10)
        self.after(60)

    def open_door(self, value: int) -> None:
        self.move(codes.IN_DOOR_DRIVER, value)

    def turn_knob(self, value: int) -> None:
        """To return (yes), or to rent; where there is no knob, the key itself."""
        has_knob = self.view.settings.key_has_knob
        self.move(codes.IN_KNOB_AT_RETURN if has_knob else codes.IN_KEY, value)

    def link(self, is_online: bool, is_reachable: bool) -> None:
        """Online, or offline with the network there or not."""
        self.centre.online, self.centre.reachable = is_online, is_reachable
        self.after(10)

    # power

    def power_cycle(self, off_s: int, trusted: bool) -> None:
        """Gone at once; what was durable is what the next life begins with."""
        self.resets += 1
        self.wall_s += off_s
        self.trusted = trusted
        for line in (*self.levels, *self.pulses):
            line.level = False
        record = self.journal_storage
        record.restore_power()
        self.cache_storage.restore_power()
        while True:
            try:
                self.restart()
                return
            except PowerCut:
                record.restore_power()

    def restart(self) -> None:
        self.view.diary.cut = self.view.diary.phase in (USE, REOPENED)
        self.view.diary.asked = b""
        self.view.told = NOTHING_TOLD
        self._rises = [line.rises for line in self.pulses]
        self.counter = 0
        super().restart()

    def _note_cut(self) -> None:
        """The power went in a turn: before it was durable, or after, then its pulses may have begun."""
        self.cuts += 1
        if self.loop.committed:
            self._watch()
        else:
            self._cut = (list(self.loop._turn.records), self._seq, self._context())

    def _settle_cut_turn(self) -> None:
        """Was the turn that the cut interrupted durable? The next life's journal tells."""
        if self._cut is None or self.loop is self._dead:
            return
        records, seq, context = self._cut
        self._cut = None
        began_at = self.loop._journal.next_seq - len(self.loop.committed)
        if records and began_at >= seq + len(records):
            self.written += records
            self.view.diary.take(records, *context)

    # watching

    def _remember(self) -> None:
        view, r = self.view, self.view.rental
        self._before = {
            "before": r.state, "before_flags": r.session.flags, "booked": r.session.booking,
            "waiting": r.session.command,
            "was": view.diary.save(), "used": set(view.diary.used),
        }  # fmt: skip
        self._armed = bytes(r.deadlines._armed), list(r.deadlines._at_ms)
        self._was_settled = view.controller._was_settled
        self._hears_again = bool(view.controller._again)
        self._seq = self.loop._journal.next_seq
        self._dead = self.loop
        if self.loop.committed is not self._counted:
            self.written += self.loop.committed  # by the start of the program
        self.loop.committed = []

    def _context(self) -> tuple[bool, bool]:
        """Key out of the box, the window of the session's booking lapsed: as an unlock finds it."""
        s, r = self.view.snapshot, self.view.rental
        lapsed = any(
            known.id == r.session.booking
            and s.wall_is_trusted
            and s.wall_s >= known.window_ends_s()
            for known in KNOWN
        )
        return s.key_in_box() == codes.NO, lapsed

    def _watch(self) -> None:
        loop, view = self.loop, self.view
        self.turns += 1
        self.asked += loop._turn.asks
        step = Step()
        step.car = view
        for name, value in self._before.items():
            setattr(step, name, value)
        armed, at_ms = self._armed
        now_ms = view.snapshot.now_ms
        step.lefts = [
            max(0, ticks_diff(at_ms[slot], now_ms)) if armed[slot] else -1
            for slot in range(len(armed))
        ]
        step.lefts_now = view.lefts()
        events = loop._events
        step.events = events
        step.card = next((body for name, body in events if name == CARD_TAPPED), b"")
        is_heard = any(name == COMMAND_RECEIVED for name, _ in events)
        step.command = self._sent if is_heard else None
        step.right = 0  # nobody is at the console of this car
        step.is_journaled = not loop._again
        step.codes = [event[0] for event in loop.committed]
        step.after = view.rental.state
        step.wanted = bytes(loop._turn.pulse_cause)
        step.pulses = [i for i in range(codes.PULSES) if self.pulses[i].rises > self._rises[i]]
        self._rises = [line.rises for line in self.pulses]
        step.kind = self._kind(step)
        for watch in WATCHERS:
            complaint = watch(step)
            if complaint:
                self.found.append(f"{watch.__name__}: {complaint} ({step.kind} in {step.before})")
        self.written += loop.committed
        self._counted = loop.committed
        self._obey(step)
        self._write_diary(step)

    def _kind(self, step: Step) -> str:
        if not self._was_settled:
            return "resume" if self.view.controller._was_settled else "wake"
        if self._hears_again or any(name == PULSES_FINISHED for name, _ in step.events):
            return "finish"
        return "card" if step.card else "command" if step.command else "time"

    def _obey(self, step: Step) -> None:
        """A relay moves as its pulse begins, unless it is stuck."""
        for line in step.pulses if self.obeys else ():
            index = codes.IN_LOCKED if line < codes.PULSE_RELEASE else codes.IN_BLOCKED
            self.inputs[index].value = codes.YES if line & 1 else codes.NO

    def _write_diary(self, step: Step) -> None:
        view = self.view
        diary = view.diary
        if not step.is_journaled:
            diary.asked = b""
            return
        if step.after != "authorising":
            diary.asked = b""
        elif step.card and view.turn.asks:
            diary.asked = step.card
        before = diary.ident
        diary.take(self.loop.committed, *self._context())
        diary.see_key(self._context()[0])
        if step.kind in ("wake", "resume") and view.value(codes.IN_BLOCKED) == codes.YES:
            diary.missed = diary.missed or step.after in DRIVEN
        if codes.AUDIT_UNLOCKED in step.codes:
            left_s = step.command.left_s if step.command else 0
            for known in KNOWN:
                if known.id == diary.booking and not step.command:
                    left_s = known.ends_s - view.snapshot.wall_s
            self._ends_at_ms = self._passed_ms + left_s * 1000
        if codes.PULSE_UNLOCK in step.pulses or codes.PULSE_RELEASE in step.pulses:
            diary.tries = 1 if diary.ident != before else diary.tries + 1
        if codes.YES in view.snapshot.values[: codes.IN_TRUNK + 1] and diary.staff:
            diary.staff = 2
        view.told = tell(view.told, view.snapshot.values, view.settings.key_has_knob)
        if view.value(codes.IN_LOCKED) == codes.NO and view.snapshot.is_settled:
            diary.cut = False

    def journal(self) -> list[bytes]:
        """What the journal holds, all of it."""
        return list(self.loop._journal.read_unacked(60_000)[1])
