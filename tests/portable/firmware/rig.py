"""A controller on paper: a snapshot to set by hand, steps to take, a turn to look at."""

import json

from firmware.bookings import Bookings
from firmware.boot import Boot
from firmware.cards import Cards
from firmware.controller import CARD_TAPPED, COMMAND_RECEIVED, PULSES_FINISHED, Controller
from firmware.interlock import permits
from firmware.snapshot import Snapshot
from firmware.terms import load_settings, load_terms
from firmware.ticks import FAR_MS, MASK, ticks_add
from firmware.turn import Turn
from firmware.wire import codes
from firmware.wire.kb1 import Command
from firmware.wire.kb1_centre import pack_command, unpack_refusal, unpack_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Answer = tuple[bool, list[int], bytes]

NINE = 197_200_000  # a wall time: seconds since 2020, an exact minute
CARD = b"\1\1\6\1\x12\xab\x34\xcd"
OTHER_CARD = b"\1\1\6\1\x99\x99\x99\x99"
STAFF_CARD = b"\1\1\6\1\x55\x55\x55\x55"
STRANGER = b"\1\1\6\1\x77\x77\x77\x77"
DRIVER = 7
OTHER = 8
STAFF = 3
BOOKING = 100
NEXT_BOOKING = 101


def profile(name: str = "top24-2023") -> "dict[str, Any]":
    """The raw profile, to be changed by a test before it is loaded."""
    with open("firmware/profiles/%s.json" % name) as file:
        raw: "dict[str, Any]" = json.load(file)
        del raw["check"]  # which fits the shipped values only
        return raw


class Rig:
    """One car: booked by DRIVER from 14 minutes ahead for two hours."""

    def __init__(
        self,
        settings: "dict[str, Any] | None" = None,
        online: bool = False,
        terms: "dict[str, Any] | None" = None,
    ) -> None:
        self.terms = load_terms(terms or profile())
        self.settings = load_settings(settings or {}, self.terms)
        self.bookings = Bookings()
        self.cards = Cards()
        self.cards.put(CARD, DRIVER)
        self.cards.put(OTHER_CARD, OTHER)
        self.staff = Cards()
        self.staff.put(STAFF_CARD, STAFF)
        self.turn = Turn()
        self.snapshot = Snapshot()
        self.snapshot.key_has_knob = self.settings.key_has_knob
        self.snapshot.now_ms = MASK - 5000
        self.snapshot.wall_s = NINE
        self.snapshot.wall_is_trusted = True
        self.snapshot.is_online = online
        self.seen: "list[int]" = []  # audit names of all steps since `mark`
        self.bodies: "list[bytes]" = []
        self.pulses: "list[int]" = []  # lines of permitted pulses since `mark`
        self.carry_ms = 0
        self.commands = 0
        self.boots = 0
        self.hold = False  # the relays still move at the end of a step
        self.done = b""
        self.controller = self.new_controller()
        for i in range(codes.INPUTS):
            self.snapshot.values[i] = codes.NO
        for i in (codes.IN_KEY, codes.IN_KNOB_AT_RETURN, codes.IN_BRAKE, codes.IN_GEAR_P):
            self.snapshot.values[i] = codes.YES
        self.snapshot.values[codes.IN_LOCKED] = codes.YES
        self.snapshot.values[codes.IN_BLOCKED] = codes.YES
        self.snapshot.is_settled = True
        self.step()

    def new_controller(self) -> Controller:
        """A controller as after power-on."""
        self.boots += 1
        self.boot = Boot(bytes((self.boots,)) * 16, self.snapshot.now_ms)
        self.counter = 0
        return Controller(
            self.terms, self.settings, self.bookings, self.cards, self.staff, self.boot
        )

    def book(
        self,
        booking: int = BOOKING,
        driver: int = DRIVER,
        starts_in_s: int = 600,
        length_s: int = 7200,
        received_s: int = 0,
    ) -> None:
        """A booking relative to now."""
        start = self.snapshot.wall_s + starts_in_s
        self.bookings.put(booking, driver, start, start + length_s, received_s)

    @property
    def state(self) -> str:
        return self.controller.rental.state

    def mark(self) -> None:
        """Forget what was seen so far."""
        self.seen = []
        self.bodies = []
        self.pulses = []

    def step(self, *events: "tuple[str, bytes]") -> Turn:
        """One step at the present instant; the car answers its pulses at once."""
        self.boot.advance(self.snapshot.now_ms)
        self.controller.step(self.snapshot, list(events), self.turn)
        self.snapshot.changed = 0
        self.controller.state()
        self.controller.keep()
        for record in self.turn.records:
            self.seen.append(record[0])
            self.bodies.append(record)
        self._obey()
        self.controller.settle_answers(self.hold)
        return self.turn

    def _obey(self) -> None:
        lines = bytearray()
        for line in range(codes.PULSES):
            if permits(line, self.turn, self.snapshot, True):
                self.pulses.append(line)
                lines.append(line)
                self._move(line)
        if lines:
            self.done = bytes(lines)

    def _move(self, line: int) -> None:
        locked = {codes.PULSE_LOCK: codes.YES, codes.PULSE_UNLOCK: codes.NO}
        blocked = {codes.PULSE_BLOCK: codes.YES, codes.PULSE_RELEASE: codes.NO}
        if line in locked:
            self.set(codes.IN_LOCKED, locked[line])
        if line in blocked:
            self.set(codes.IN_BLOCKED, blocked[line])

    def finish_pulses(self) -> Turn:
        """The pulses that went out last are done."""
        return self.step((PULSES_FINISHED, self.done))

    def set(self, index: int, value: int) -> None:
        """An input stands at a new value; the next step sees it."""
        if self.snapshot.values[index] != value:
            self.snapshot.before[index] = self.snapshot.values[index]
            self.snapshot.values[index] = value
            self.snapshot.changed |= 1 << index

    def change(self, index: int, value: int) -> Turn:
        """Set an input and take a step."""
        self.set(index, value)
        return self.step()

    def run(self, seconds: int) -> Turn:
        """Let time pass as the turns ask for it; pulses finish by themselves."""
        left_ms = seconds * 1000
        while left_ms > 0:
            wait = min(max(self.turn.next_due_ms, 1), left_ms, FAR_MS)
            self.advance_ms(wait)
            left_ms -= wait
            self.step()
        return self.turn

    def advance_ms(self, wait: int) -> None:
        """Both clocks move on; no step."""
        self.snapshot.now_ms = ticks_add(self.snapshot.now_ms, wait)
        self.carry_ms += wait
        self.snapshot.wall_s += self.carry_ms // 1000
        self.carry_ms %= 1000

    def tap(self, card: bytes = CARD) -> Turn:
        """A touch that the reader heard."""
        return self.step((CARD_TAPPED, card))

    def flashes(self) -> bool:
        """After a step: the hazard lamps are lit, or dark for a moment before a new signal."""
        if not self.turn.levels[codes.OUT_HAZARD]:
            self.advance_ms(400)
            self.step()
        return self.turn.levels[codes.OUT_HAZARD] == 1

    def command(
        self,
        verb: int,
        booking: int = BOOKING,
        driver: int = DRIVER,
        left_s: int = 7200,
        ident: "bytes | None" = None,
    ) -> "Answer | None":
        """A command; returns (accepted, reason codes, warnings) or None when no answer came."""
        self.commands += 1
        self.counter += 1
        ident = ident or b"CMND" + self.commands.to_bytes(4, "big")
        expires_s = self.boot.uptime_s + 30
        self.send(
            Command(ident, self.boot.ident, self.counter, expires_s, verb, booking, driver, left_s)
        )
        return self.answer()

    def send(self, command: Command) -> Turn:
        """A command with every field as the test wants it."""
        return self.step((COMMAND_RECEIVED, pack_command(command)))

    def ask(
        self, verb: int, booking: int = BOOKING, driver: int = DRIVER, left_s: int = 7200
    ) -> "Answer":
        """A command that is answered at once."""
        self.command(verb, booking, driver, left_s)
        return self.answered()

    def answered(self) -> "Answer":
        """The last RESULT, which must be there."""
        answer = self.answer()
        assert answer is not None
        return answer

    def answer(self) -> "Answer | None":
        """The last RESULT in the turn."""
        for body in self.turn.results:
            _, accepted, reasons, warnings, _, _ = unpack_result(body)
            return accepted, [reason for reason, _ in reasons], warnings
        return None

    def deadlines(self) -> "list[tuple[str, int]]":
        """(name, remaining ms) of the armed deadlines."""
        deadlines = self.controller.rental.deadlines
        return [
            (name, deadlines.left_ms(slot))
            for slot, name in enumerate(deadlines.names)
            if deadlines.is_armed(slot)
        ]

    def reasons(self) -> "list[int]":
        """Reason codes of the last refusal since `mark`."""
        refused = (
            codes.AUDIT_START_REFUSED,
            codes.AUDIT_CARD_REFUSED,
            codes.AUDIT_END_REFUSED,
            codes.AUDIT_REOPEN_REFUSED,
            codes.AUDIT_COMMAND_REFUSED,
        )
        for body in reversed(self.bodies):
            if body[0] in refused:
                return [reason for reason, _ in unpack_refusal(body[10:])]
        return []

    # stories
    def start(self) -> None:
        """Booked, touched, unlocked; the door not yet opened."""
        self.book()
        self.tap()
        self.finish_pulses()

    def drive_off(self) -> None:
        """Started, door opened and closed, key taken."""
        self.start()
        self.change(codes.IN_DOOR_DRIVER, codes.YES)
        self.change(codes.IN_KNOB_AT_RETURN, codes.NO)
        self.change(codes.IN_DOOR_DRIVER, codes.NO)

    def come_back(self) -> None:
        """Drove off and put the key back."""
        self.drive_off()
        self.run(1800)
        self.change(codes.IN_KNOB_AT_RETURN, codes.YES)

    def end(self) -> None:
        """A whole use, ended by card."""
        self.come_back()
        self.tap()
        self.finish_pulses()


def unfinished() -> "list[tuple[Rig, str]]":
    """Each waits for something that was begun; with its state."""
    asking = Rig(online=True)
    asking.book()
    asking.tap()
    ending = Rig()
    ending.come_back()
    ending.tap()
    reopened = Rig()
    reopened.end()
    reopened.tap()
    return [(asking, "authorising"), (ending, "ending"), (reopened, "reopened")]
