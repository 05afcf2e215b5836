"""Who and what there is, and one step as the watchers see it."""

from __future__ import annotations

from typing import Any

from firmware.wire.kb1 import Command
from tests.proof.reading import Booking

DRIVER, OTHER, STAFF = 7, 8, 900
CARD = b"\1\1\6\1\x12\xab\x34\xcd"
OTHER_CARD = b"\1\1\6\1\x99\x99\x99\x99"
STAFF_CARD = b"\1\1\6\1\x55\x55\x55\x55"
STRANGER = b"\1\1\6\1\x77\x77\x77\x77"
IDENTS = (b"COMMANDa", b"COMMANDb")
TECHNICIAN = b"7Q2M9XCD"
ENTROPY = bytes(range(1, 17))

MINE, THEIRS, ANEW = 100, 101, 102
START_S = 197_200_000
BOOKINGS = (
    Booking(MINE, DRIVER, START_S, START_S + 7200),
    Booking(THEIRS, OTHER, START_S + 7200, START_S + 14400),
)
#: One booking more of the same driver, there for single events.
NEW = Booking(ANEW, DRIVER, START_S, START_S + 7200)
#: Wall times by what a touch of the first driver's card finds there.
EARLY_S = START_S - 1000
OPEN_S = START_S
LAPSED_S = START_S + 3000
THEIRS_S = START_S + 6800  # the other's window is open, the first one's has lapsed
OVER_S = START_S + 7300

CANNOT_TELL = {"top24-2018": "refuse", "top24-2023": "ask_again", "jparc-2023": "staff_review"}


class Step:
    """One step; `car` is a `Car`, or a `View` of a loop that answers the same questions."""

    __slots__ = (
        "after", "before", "before_flags", "booked", "car", "card", "codes", "command", "events",
        "is_journaled", "kind", "lefts", "lefts_now", "pulses", "right", "used", "waiting", "wanted",
        "was",
    )  # fmt: skip
    car: Any
    kind: str  # wake, resume, input, time, card, command, technician, centre, clock, finish, retry
    card: bytes
    command: Command | None
    events: list[tuple[str, bytes]]
    before: str  # state
    after: str
    before_flags: int  # of the session
    right: int  # level of the technician whose console is unlocked; 0: nobody's
    booked: int
    was: tuple[Any, ...]  # the diary before
    used: set[int]
    waiting: bytes  # the end command that waited for its answer
    lefts: list[int]  # of the deadlines, before the step at its time
    lefts_now: list[int]  # and after it
    is_journaled: bool
    codes: list[int]  # of the durable records
    wanted: bytes  # causes of the pulses that the turn wanted
    pulses: list[int]  # that went out
