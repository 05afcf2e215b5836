"""The gate between the cable and what moves something (TECH-1); `firmware.console.unlocking` has its words.

The box asks a question, the centre knows the answer; both come from the car's key, so that nothing
is kept in the box that opens it and no answer is good for another box, question or level. The
question stands until it is answered, until there is a newer one, or for 15 minutes. After 3 wrong
answers in a row there is a wait, twice as long with each further one; a new start of the program
forgets it. What is unlocked is locked after 15 minutes, by `lock`, and when the cable goes.
A staff card with its PIN of the day (`firmware.console.pin`) does for level 1, on the same terms.
"""

import struct

from firmware import technician
from firmware.ticks import ticks_add, ticks_diff
from firmware.wire import codes, console_key
from firmware.wire.frames import equal_constant_time, hmac_sha256
from firmware.wire.journal_format import NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.console.out import Out
    from firmware.console_door import ConsoleBox

OPEN_MS = 900000
TRIES = 3
WAIT_S = 60
WAIT_S_MAX = 3600
_NAMES = ("", "technician", "workshop", "prompt")


class Gate:
    """One for as long as the console is there; how often was guessed outlives it, in the box."""

    def __init__(self, box: "ConsoleBox") -> None:
        self._box = box
        self._nonce = b""  # of the question that waits for its answer
        self._level = 0
        self._asked_at_ms = 0
        self._card = b""  # the staff card that waits for its PIN
        self._touched_at_ms = 0
        self._ident = NO_IDENT  # of the question whose answer unlocked, or of the card
        self._until_ms = 0

    def ask(self, level: int) -> str:
        """A question that nobody has heard before, as it is shown."""
        box = self._box
        key, number = box.keyring.newest()
        box.questions += 1
        seed = b"nonce" + box.boot.ident + struct.pack(">I", box.questions)
        mac = hmac_sha256(console_key.console_key(key), seed)
        self._nonce = console_key.digits(mac, console_key.NONCE_BYTES).encode()
        self._level = level
        self._asked_at_ms = box.snapshot.now_ms
        return console_key.question(self._nonce, level, number)

    def has_question(self) -> bool:
        """Whether one waits for its answer still."""
        if self._nonce and ticks_diff(self._box.snapshot.now_ms, self._asked_at_ms) >= OPEN_MS:
            self._nonce = b""
        return len(self._nonce) > 0

    def try_answer(self, text: str) -> "Opening | None":
        """What unlocks the console, in a turn or two; None: that was wrong, and is recorded."""
        box = self._box
        key = box.keyring.newest()[0]
        right = console_key.answer_to(key, box.keyring.car, self._nonce, self._level)
        if equal_constant_time(right.encode(), text.encode()):
            ident, self._nonce = self._nonce, b""
            return Opening(self, box, ident, self._level)
        self._count_wrong(self._nonce)
        return None

    def take_card(self, ident: bytes) -> None:
        """A staff card was touched: its PIN may come within 15 minutes."""
        self._card = ident
        self._touched_at_ms = self._box.snapshot.now_ms

    def card(self) -> bytes:
        """The staff card that waits for its PIN; empty without one, or when it is staff's no more."""
        box = self._box
        if self._card and (
            ticks_diff(box.snapshot.now_ms, self._touched_at_ms) >= OPEN_MS
            or not box.controller.rental.staff.owner(self._card)
        ):
            self._card = b""
        return self._card

    def try_pin(self, text: str) -> "Opening | None":
        """As `try_answer`, for the PIN of that card; of today, whatever day it was asked for."""
        box = self._box
        day = console_key.day_of(box.snapshot.wall_s)
        right = console_key.pin_of(box.keyring.newest()[0], self._card, day)
        if equal_constant_time(right.encode(), text.encode()):
            return Opening(self, box, self._card, 1)
        self._count_wrong(self._card)
        return None

    def _count_wrong(self, ident: bytes) -> None:
        box = self._box
        box.wrong += 1
        box.wrong_at_ms = box.snapshot.now_ms
        self.tell(technician.WRONG_ANSWER, ident, 0)

    def open(self, ident: bytes, level: int) -> None:
        """The journal has it."""
        box = self._box
        box.wrong = 0
        box.level = level
        self._ident = ident
        self._until_ms = ticks_add(box.snapshot.now_ms, OPEN_MS)
        technician.begin(box.controller.rental, ident, level, self._until_ms)

    @property
    def ident(self) -> bytes:
        """Who is at the console, for the journal; zeros: nobody."""
        return self._ident

    def left_ms(self, now_ms: int) -> int:
        """Until it is locked; OPEN_MS and more when it is."""
        if self._ident == NO_IDENT:
            return OPEN_MS
        return max(0, ticks_diff(self._until_ms, now_ms))

    def poll(self, now_ms: int) -> None:
        """Once a turn: the time may be over."""
        if self.left_ms(now_ms) == 0:
            self.close(codes.CLOSED_BY_TIME)

    def close(self, why: int = codes.CLOSED_BY_CABLE) -> None:
        """Locked, at once; the journal hears it in the next turn."""
        self._nonce = self._card = b""
        if self._ident == NO_IDENT:
            return
        box = self._box
        box.level = 0
        technician.end(box.controller.rental)
        self.tell(codes.ACT_CLOSE, self._ident, why)
        self._ident = NO_IDENT

    def tell(self, action: int, ident: bytes, argument: int) -> None:
        """For the journal, in the next turn."""
        self._box.controller.asked.append(technician.pack_asked(action, ident, argument))


class Opening:
    """The right answer came: the journal first, then the console."""

    def __init__(self, gate: Gate, box: "ConsoleBox", ident: bytes, level: int) -> None:
        self._gate = gate
        self._box = box
        self._ident = ident
        self._level = level
        box.controller.told = None
        gate.tell(codes.ACT_OPEN, ident, level)

    def more(self, out: "Out") -> bool:
        """Wait for the journal; False: unlocked, or not."""
        told = self._box.controller.told
        if told is None:
            return True
        if told:
            out.fail("not unlocked, the journal cannot record it", "type status faults")
            return False
        self._gate.open(self._ident, self._level)
        out.item(
            "level", "%d, %s, for 15 minutes" % (self._level, _NAMES[self._level]), self._level
        )
        return False


def wait_s(box: "ConsoleBox") -> int:
    """Until the next answer is taken; 0: now."""
    if box.wrong < TRIES:
        return 0
    length_s = min(WAIT_S << min(box.wrong - TRIES, 6), WAIT_S_MAX)
    left_ms = length_s * 1000 - ticks_diff(box.snapshot.now_ms, box.wrong_at_ms)
    return (left_ms + 999) // 1000 if 0 < left_ms <= length_s * 1000 else 0


def is_open(level: int, box: "ConsoleBox", out: "Out") -> bool:
    """Whether there is nothing to unlock; said if so."""
    if box.level < level:
        return False
    out.fail("level %d is unlocked already" % box.level, "type help; lock ends it")
    return True


def waits(box: "ConsoleBox", out: "Out") -> bool:
    """Whether nothing is taken after too many wrong answers; said if so."""
    left_s = wait_s(box)
    if left_s:
        out.fail("too many wrong answers", "wait %d s, then type unlock" % left_s)
    return left_s > 0


def remedy(box: "ConsoleBox") -> str:
    """After a wrong one."""
    return "try again" if box.wrong < TRIES else "wait %d s" % wait_s(box)
