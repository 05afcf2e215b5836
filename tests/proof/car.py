"""The real controller with a model car around it: inputs, relays with read-back, journal, clock.

One door stands for five, the engine for engine and motion, the key for key and knob: that the
firmware treats them alike is shown in `test_symmetry.py`. Inputs that nothing remembers (brake,
gear, network, wall clock, room in the journal) are given with an event and are back afterwards.
"""

from __future__ import annotations

import json
from typing import Any

from firmware.bookings import Bookings
from firmware.boot import Boot
from firmware.cards import Cards
from firmware.controller import CARD_TAPPED, COMMAND_RECEIVED, JOURNAL_FAILED, Controller
from firmware.interlock import permits
from firmware.loop import Loop
from firmware.snapshot import Snapshot
from firmware.terms import load_settings, load_terms
from firmware.ticks import MASK, ticks_add, ticks_diff
from firmware.turn import Turn
from firmware.wire import codes
from firmware.wire.kb1 import Command
from firmware.wire.kb1_centre import pack_command
from tests.proof import normal
from tests.proof.diary import DRIVEN, Diary
from tests.proof.freeze import Saved, Shape, rank
from tests.proof.reading import NOTHING_TOLD, Around, Booking, tell
from tests.proof.scene import (
    BOOKINGS,
    CANNOT_TELL,
    CARD,
    DRIVER,
    ENTROPY,
    IDENTS,
    MINE,
    OPEN_S,
    OTHER,
    OTHER_CARD,
    STAFF,
    STAFF_CARD,
    Step,
)  # fmt: skip

_FAULTS = (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED)
SETTLED = (1 << codes.INPUTS) - 1
Node = tuple[Saved, int, bytes, int, tuple[Any, ...], tuple[Any, ...]]


class Paper:
    """The journal as far as a turn needs it: the newest session record, and whether it can write."""

    def __init__(self) -> None:
        self.session = b""
        self.fails = False

    def commit(self, _events: list[bytes], session: bytes) -> bool:
        if not self.fails:
            self.session = session
        return not self.fails


def _bare_loop() -> Any:
    """A loop without ports: only its way of making a turn durable is used."""
    return Loop.__new__(Loop)


class Car:
    """A state to stand in, and steps to take from it."""

    def __init__(self, profile: str, watchers: list[Any], terms: dict[str, Any]) -> None:
        """`terms`: figures that are changed after they were loaded (a planted fault)."""
        self.profile = profile
        with open(f"firmware/profiles/{profile}.json") as file:
            self.terms = load_terms(json.load(file))
        vars(self.terms).update(terms)
        self.settings = load_settings({"cannot_tell": CANNOT_TELL[profile]}, self.terms)
        self.bookings = Bookings()
        self.cards = Cards()
        self.cards.put(CARD, DRIVER)
        self.cards.put(OTHER_CARD, OTHER)
        self.staff = Cards()
        self.staff.put(STAFF_CARD, STAFF)
        self.owners = {CARD: DRIVER, OTHER_CARD: OTHER}
        self.known: list[Booking] = []
        for booking in BOOKINGS:
            self.add(booking)
        self.snapshot = Snapshot()
        self.turn = Turn()
        self.boot = Boot(ENTROPY, 0)
        self.controller = self._controller()
        self.rental = self.controller.rental
        self.shape = Shape(self.controller)
        self.fresh = self.shape.save()
        self.fresh_parts = [
            (part, saved[0])
            for part, saved in zip(self.shape.parts, self.fresh, strict=True)
            if type(part.thing).__name__ in ("ReaderWindow", "Alerts")
        ]
        self.paper = Paper()
        self.loop: Any = _bare_loop()
        self.loop._controller, self.loop._journal = self.controller, self.paper
        self.loop._turn, self.loop._snapshot = self.turn, self.snapshot
        self.loop._events = []
        self.enrol = self.rental.deadlines.names.index("enrol")
        self.warn = self.rental.deadlines.names.index("warn")
        self.free = (self.warn, self.enrol)  # deadlines that may fall due at any moment
        self.is_merging = True
        self.trace: list[tuple[Any, ...]] | None = None
        self.diary = Diary()
        self.watchers = watchers
        self.found: list[tuple[str, str]] = []
        self.steps = self.right = 0  # right: level of the technician at the console
        # the rest of the world
        self.pending = 0  # lines whose pulse runs, as a mask
        self.durable = b""
        self.durable_at_ms = 0
        self.retry_left = False
        self.refused: set[bytes] = set()  # ids refused unanswered in this happening
        self.told = NOTHING_TOLD  # of doors and key, by what is durable
        self._park()

    def _controller(self) -> Controller:
        return Controller(
            self.terms, self.settings, self.bookings, self.cards, self.staff, self.boot
        )

    def _park(self) -> None:
        """A car that nobody used yet, five seconds before the tick counter wraps."""
        s = self.snapshot
        s.key_has_knob = self.settings.key_has_knob
        s.now_ms = MASK - 5000
        s.values[:] = bytes(codes.INPUTS)
        for index in (
            codes.IN_KEY, codes.IN_KNOB_AT_RETURN, codes.IN_BRAKE, codes.IN_GEAR_P,
            codes.IN_LOCKED, codes.IN_BLOCKED,
        ):  # fmt: skip
            s.values[index] = codes.YES
        s.is_settled = True
        s.changed = SETTLED
        self.calm()
        self.step("input")
        self.durable = self.controller.state()
        self.durable_at_ms = s.now_ms
        self.normalise()

    # states to come back to

    def save(self) -> Node:
        s = self.snapshot
        return (
            self.shape.save(),
            s.now_ms,
            bytes(s.values),
            s.changed,
            (
                self.pending, self.durable, self.durable_at_ms, self.retry_left,
                self.told,
            ),
            self.diary.save(),
        )  # fmt: skip

    def load(self, node: Node) -> None:
        s = self.snapshot
        self.refused.clear()
        self.shape.load(node[0])
        s.now_ms = node[1]
        s.values[:] = node[2]
        s.changed = node[3]
        (
            self.pending, self.durable, self.durable_at_ms, self.retry_left,
            self.told,
        ) = node[4]  # fmt: skip
        self.diary.load(node[5])

    def key(self) -> tuple[Any, ...]:
        """What two states must share to be one."""
        r = self.rental
        return (
            self.shape.key(),
            ticks_diff(self.rental.unlock_until_ms, self.snapshot.now_ms) > 0,
            rank(r.deadlines, self.free),
            bytes(self.snapshot.values),
            self.pending,
            self.retry_left,
            self.told,
            self.diary.save(),
        )

    # what stands around the car

    def add(self, booking: Booking) -> None:
        self.known.append(booking)
        self.bookings.put(booking.id, booking.driver, booking.starts_s, booking.ends_s, 0)

    def drop(self, booking: Booking) -> None:
        if booking in self.known:
            self.known.remove(booking)
            self.bookings.delete(booking.id)

    def calm(self) -> None:
        """The surroundings as they are unless an event says otherwise."""
        s = self.snapshot
        s.wall_s = OPEN_S
        s.wall_is_trusted = True
        s.is_online = s.may_connect = False
        s.lease_holds = s.journal_has_room = True
        s.is_settled = True
        self.end_is_past = False  # the booked end, as this event has it
        self.put(codes.IN_BRAKE, codes.YES)
        self.put(codes.IN_GEAR_P, codes.YES)

    def around(self) -> Around:
        s = self.snapshot
        return Around(s.wall_s, s.wall_is_trusted, s.lease_holds, s.journal_has_room)

    def put(self, index: int, value: int) -> None:
        """An input stands at a value; the next step sees it."""
        s = self.snapshot
        if s.values[index] != value:
            s.before[index] = s.values[index]
            s.values[index] = value
            s.changed |= 1 << index

    def value(self, index: int) -> int:
        return self.snapshot.values[index]

    def normalise(self) -> None:
        normal.normalise(self)

    # steps

    def pass_ms(self, wait_ms: int) -> None:
        """Both clocks move on; what may fall due at any moment does not, but when it is said."""
        s, d = self.snapshot, self.rental.deadlines
        for slot in self.free:
            d._at_ms[slot] = ticks_add(d._at_ms[slot], wait_ms)
        s.now_ms = ticks_add(s.now_ms, wait_ms)
        s.wall_s += wait_ms // 1000

    def next_ms(self) -> list[int]:
        """What is left of the armed deadlines, nearest first; not of those that are free."""
        d = self.rental.deadlines
        now_ms = self.snapshot.now_ms
        return sorted(
            max(0, ticks_diff(d._at_ms[slot], now_ms))
            for slot in range(len(d.names))
            if d._armed[slot] and slot not in self.free
        )

    def lefts(self) -> list[int]:
        """What is left of each deadline, negative when it is not armed."""
        d = self.rental.deadlines
        now_ms = self.snapshot.now_ms
        return [
            max(0, ticks_diff(d._at_ms[slot], now_ms)) if d._armed[slot] else -1
            for slot in range(len(d.names))
        ]

    def tap(self, card: bytes, fail: bool = False) -> None:
        self.step("card", (CARD_TAPPED, card), card=card, fail=fail)

    def ident(self) -> bytes:
        """An id for a command that no running one has."""
        return IDENTS[self.rental.session.command == IDENTS[0]]

    def command(
        self,
        verb: int,
        booking: int = MINE,
        driver: int = DRIVER,
        left_s: int = 3600,
        fail: bool = False,
        **fields: Any,
    ) -> Command:
        """A signed command for this boot, in time, with the next counter, unless fields say else."""
        command = Command(
            self.ident(),
            fields.get("boot", self.boot.ident),
            fields.get("counter", self.boot.counter + 1),
            fields.get("expires_s", self.boot.uptime_s + 30),
            verb, booking, driver, left_s,
        )  # fmt: skip
        self.send(command, fail)
        return command

    def send(self, command: Command, fail: bool = False) -> None:
        body = pack_command(command)
        self.step("command", (COMMAND_RECEIVED, body), command=command, fail=fail)

    def step(
        self,
        kind: str,
        *events: tuple[str, bytes],
        card: bytes = b"",
        command: Command | None = None,
        fail: bool = False,
    ) -> Step:
        """One turn of the loop: decide, make durable, let the interlock judge, act."""
        s, t, c, r = self.snapshot, self.turn, self.controller, self.rental
        if c._again:
            kind = "finish"  # what a step that was taken back had heard is heard now
        seen = Step()
        seen.car, seen.kind, seen.card, seen.command = self, kind, card, command
        seen.before, seen.before_flags = r.state, r.session.flags
        seen.waiting, seen.right = r.session.command, self.right
        seen.booked, seen.was = r.session.booking, self.diary.save()
        seen.used, seen.lefts = set(self.diary.used), self.lefts()
        failed = [(JOURNAL_FAILED, b"")] if self.retry_left else []
        self.retry_left = False
        seen.events = happened = [*failed, *events]
        self.boot.advance(s.now_ms)
        c.step(s, happened, t)
        s.changed = 0
        seen.is_journaled = self._commit(fail)
        seen.pulses = self._move()
        seen.wanted = bytes(t.pulse_cause)
        if t.results:
            c.settle_answers(self.pending != 0)
        seen.codes = [record[0] for record in t.records] if seen.is_journaled else []
        seen.after = r.state
        seen.lefts_now = self.lefts()
        if self.trace is not None:
            told = [code for code in seen.codes if code not in _FAULTS]
            self.trace.append((seen.after, tuple(told), tuple(seen.pulses), t.lamp, len(t.results)))
        self.steps += 1
        for watch in self.watchers:
            complaint = watch(seen)
            if complaint:
                self.found.append((watch.__name__, f"{complaint} ({kind} in {seen.before})"))
        self._write_diary(seen)
        return seen

    def _commit(self, fail: bool) -> bool:
        """The loop's own way of making a turn durable, on a journal of paper."""
        loop, paper = self.loop, self.paper
        paper.fails, paper.session = fail, self.durable
        loop._saved_at_ms = self.durable_at_ms
        loop._again = ()
        is_journaled: bool = loop._journal_turn()
        self.durable = paper.session
        self.durable_at_ms = loop._saved_at_ms
        self.retry_left = bool(loop._again)
        return is_journaled

    def _move(self) -> list[int]:
        """The lines whose pulse goes out."""
        found = []
        for line in range(codes.PULSES):
            if self.turn.pulse_cause[line] and permits(
                line, self.turn, self.snapshot, not self.retry_left
            ):
                self.pending = self.pending & ~(1 << (line ^ 1)) | 1 << line
                found.append(line)
        return found

    def _write_diary(self, seen: Step) -> None:
        diary = self.diary
        if seen.kind == "wake":
            diary.cut = diary.phase in (1, 3)
            diary.asked = b""
            self.told = NOTHING_TOLD
        if not seen.is_journaled:
            diary.asked = b""
            return
        if seen.after != "authorising":
            diary.asked = b""
        elif seen.card and self.turn.asks:
            diary.asked = seen.card
        s = self.snapshot
        key_is_out = s.key_in_box() == codes.NO
        if {codes.AUDIT_UNLOCKED, codes.AUDIT_REUNLOCKED}.intersection(seen.codes):
            self.end_is_past = False  # a new right, with an end of its own
        before = diary.ident
        diary.take(self.turn.records, key_is_out, self._is_lapsed(s.wall_s))
        diary.see_key(key_is_out)
        if seen.kind == "resume" and codes.AUDIT_END_REFUSED in seen.codes:
            diary.missed = diary.phase == 1 and self.value(codes.IN_BLOCKED) != codes.NO
        if seen.kind in ("wake", "resume"):
            diary.see_starter(seen.after in DRIVEN, self._stays_blocked())
        if codes.PULSE_UNLOCK in seen.pulses or codes.PULSE_RELEASE in seen.pulses:
            diary.tries = 1 if diary.ident != before else diary.tries + 1
        if codes.YES in s.values[: codes.IN_TRUNK + 1] and diary.staff:
            diary.staff = 2
        self.told = tell(self.told, s.values, self.settings.key_has_knob)
        if self.value(codes.IN_LOCKED) == codes.NO and s.is_settled:
            diary.cut = False

    def _stays_blocked(self) -> bool:
        is_moving = self.pending & 1 << codes.PULSE_RELEASE
        return self.value(codes.IN_BLOCKED) == codes.YES and not is_moving

    def _is_lapsed(self, wall_s: int) -> bool:
        booking = self.rental.session.booking
        for known in self.known:
            if known.id == booking and self.snapshot.wall_is_trusted:
                return wall_s >= known.window_ends_s()
        return False
