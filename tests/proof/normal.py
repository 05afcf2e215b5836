"""After an event: what nothing remembers is as always, and what no row reads is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firmware.session import (
    KEY_WAS_OUT,
    LAPSED,
    OVER,
    REOPEN_DOOR,
    REOPEN_USED,
    SECURITY_DUE,
    STAFF_IN,
    STAFF_REVIEW,
)  # fmt: skip
from firmware.ticks import ticks_add, ticks_diff
from firmware.wire import codes
from firmware.wire.codes import BY_CARD, NO
from firmware.wire.journal_format import NO_IDENT
from tests.proof.scene import (
    ANEW,
    BOOKINGS,
    CARD,
    DRIVER,
    IDENTS,
    MINE,
    NEW,
    OPEN_S,
    OTHER,
    OTHER_CARD,
    THEIRS,
)  # fmt: skip

if TYPE_CHECKING:
    from firmware.edges import Edges
    from tests.proof.car import Car

#: How far away the warning and the booked end are kept: they come as happenings, at any moment.
LATER_MS = 200_000_000

#: Where those attributes are read that are forgotten elsewhere, see `merge`.
ALIVE = {
    "right to open": ("unlocked", "reopened"),
    "right to release": (
        "unlocked",
        "boarding",
        "in_use",
        "key_returned",
        "ending",
        "reopened",
    ),
    "another try": (
        "unlocked",
        "boarding",
        "in_use",
        "key_returned",
        "relocked",
        "secured",
        "reopened",
    ),
    "nobody": ("vacant", "ended", "reopened", "maintenance", "authorising"),
    # Here the read-backs decide nothing, or are written first by the pulses that run, and they may
    # change again in any later state.
    "driver's locks": ("boarding", "in_use", "key_returned", "ending"),
    # Read after a reset: what shut the car, or what released it, may have been cut off.
    "starter": (
        "vacant",
        "ended",
        "relocked",
        "secured",
        "reopened",
        "maintenance",
        "authorising",
        "unlocked",
        "boarding",
        "in_use",
        "key_returned",
    ),
}
#: An end that fails goes back to these by their names; else by what became of the key.
_CAME_FROM = [codes.STATE_NAMES.index(name) for name in ("boarding", "relocked", "secured")]
#: Flags of the session that say something in a use only, and those that only choose the words of a
#: refusal once the window is over.
DEAD_FLAGS = KEY_WAS_OUT | STAFF_REVIEW
WINDOW_FLAGS = LAPSED | REOPEN_USED | REOPEN_DOOR


def normalise(car: Car) -> None:
    """After an event: surroundings as always, who drives is called DRIVER, states alike are one."""
    settle(car)
    if car.is_merging:
        merge(car)
    seal(car)


def settle(car: Car) -> None:
    """What nothing remembers is as always; who drives is called DRIVER."""
    car.calm()
    car.drop(NEW)
    r = car.rental
    s = car.snapshot
    c = car.controller
    c._commands._answers.clear()
    c._commands._held.clear()
    c._commands._refused.clear()
    car.refused.clear()
    c._saved_at_ms = s.now_ms
    c._saved_wall_s = OPEN_S
    c._began_ms = s.now_ms
    c._lamp_at_ms = s.now_ms
    for part, saved in car.fresh_parts:
        part.names.update(saved)
    car.boot.counter = 10
    car.boot.uptime_s = 100
    car.boot._second_ms = s.now_ms
    if r.session.booking in (THEIRS, ANEW):
        _rename(car)
    if r.deadlines._armed[car.warn]:
        r.deadlines._at_ms[car.warn] = ticks_add(s.now_ms, LATER_MS)
    if r.deadlines.left_ms(car.enrol) > 0:
        r.deadlines._at_ms[car.enrol] = ticks_add(s.now_ms, car.terms.enrol_ms)
    r.ends_at_ms = ticks_add(s.now_ms, LATER_MS)
    r.session.ends_s = BOOKINGS[0].ends_s if r.session.booking else 0
    if ticks_diff(r.unlock_until_ms, s.now_ms) > 0:
        r.unlock_until_ms = r.ends_at_ms
    _tell_starter(c._edges)


def _tell_starter(edges: Edges) -> None:
    """That the starter was told since the reset is known; not what."""
    at = codes.IN_BLOCKED
    if edges._known[at] == edges._kept[at] != codes.UNKNOWN:
        edges._known[at] = NO
        edges._kept = edges._kept[:at] + bytes((NO,)) + edges._kept[at + 1 :]


def seal(car: Car) -> None:
    """What follows from the rest: the watch of the starter, the record."""
    _calm_starter(car)
    _renew_record(car)


def _calm_starter(car: Car) -> None:
    """What it was told about the starter block gives records of faults and nothing else."""
    starter = car.controller._starter
    starter._fault = starter._fault_before = 0
    starter._wanted = car.value(codes.IN_BLOCKED)
    starter._is_moving = starter._was_moving = car.pending >= 1 << codes.PULSE_RELEASE


def merge(car: Car) -> None:
    """What no row reads from here on until it is written anew (ALIVE says where it is read).

    That a state goes on like the one that it is merged into is tried in `test_symmetry.py`.
    """
    r, diary, session = car.rental, car.diary, car.rental.session
    state = r.state
    _merge_opening(car)
    if state != "authorising":
        car.controller._taps._asking = b""  # the next touch forgets it, no other event reads it
    if state != "ending":
        session.came_from = 0
    elif session.came_from not in _CAME_FROM:
        session.came_from = _CAME_FROM[0]
    if not r.deadlines._armed[car.enrol]:
        session.enrol_booking = session.enrol_driver = 0
    if state in ALIVE["nobody"]:
        session.flags &= ~DEAD_FLAGS
        if state == "maintenance":
            session.flags &= ~SECURITY_DUE  # its end locks, or forgets it
        diary.was_out = False
        if session.flags & OVER:
            session.flags &= ~WINDOW_FLAGS
            diary.lapsed = diary.reopen_used = False
    if diary.staff == 2:
        diary.staff = 0  # only whether staff was let in and no door opened is ever asked
    is_opening = car.pending & 1 << codes.PULSE_UNLOCK  # the next look may confirm the unlock
    if state in ALIVE["driver's locks"] and not is_opening:
        car.snapshot.values[codes.IN_LOCKED] = NO  # not as news: nobody looked
    if state not in ALIVE["starter"]:
        car.snapshot.values[codes.IN_BLOCKED] = NO


def _merge_opening(car: Car) -> None:
    """The opening or the end that is being done: its names are repeated, and decide nothing."""
    r, diary, session = car.rental, car.diary, car.rental.session
    is_openers = r.asked_ident == diary.ident
    session.cause = BY_CARD if session.booking else 0
    session.ident = diary.ident = CARD if session.booking else bytes(8)
    if session.command != NO_IDENT:
        session.command = IDENTS[0]
    if is_openers and r.asked_ident != NO_IDENT:
        r.asked, r.asked_ident = BY_CARD, diary.ident
    opening = car.pending & (1 << codes.PULSE_UNLOCK | 1 << codes.PULSE_RELEASE)
    _merge_tries(car, opening)
    if not opening:
        _merge_what_opened(car)
    if r.state not in ALIVE["right to open"]:
        session.is_resumed = diary.cut = False
        is_opening = car.pending & 1 << codes.PULSE_UNLOCK and r.state in ALIVE["right to release"]
        if not session.has(STAFF_IN) and not is_opening:
            r.unlock_is_confirmed = False
    if r.state not in ALIVE["right to release"]:
        r.opening_failed = diary.missed = diary.stuck = False
    if r.state == "reopened":
        diary.missed = False  # only a use asks for it


def _merge_tries(car: Car, opening: int) -> None:
    """How often, and who asked: for another try of what opens, where the right to it still holds."""
    r, diary, session = car.rental, car.diary, car.rental.session
    if not car.pending:
        session.tries = 0
    holds = ticks_diff(r.unlock_until_ms, car.snapshot.now_ms) > 0
    if not opening or not holds or r.state not in ALIVE["another try"]:
        diary.tries = 0
        r.asked, r.asked_ident = 0, NO_IDENT
        r.unlock_until_ms = car.snapshot.now_ms
        if opening == car.pending:
            session.tries = 0


def _merge_what_opened(car: Car) -> None:
    """No pulse opens: whether the last one did is asked where it may be asked for again."""
    r, session = car.rental, car.rental.session
    if r.state == "reopened":
        if session.has(REOPEN_DOOR):  # it is spent
            session.is_resumed = car.diary.cut = r.opening_failed = False
        if not session.is_resumed and not r.opening_failed:
            r.unlock_is_confirmed = False
    elif r.state in ALIVE["nobody"]:
        r.unlock_is_confirmed = False


def _renew_record(car: Car) -> None:
    """SAFE-3: the record says what is, but for times, which it renews every 10 s."""
    now = car.controller.state()
    if _plain(now) != _plain(car.durable):
        car.found.append(
            ("the_record_says_what_is", f"{_plain(car.durable)} in {car.rental.state}")
        )
    car.durable = now
    car.durable_at_ms = car.snapshot.now_ms


def _rename(car: Car) -> None:
    """The driver of the session is DRIVER with booking MINE, and the other one is new here."""
    session = car.rental.session
    card = {OTHER_CARD: CARD, CARD: OTHER_CARD}
    swap = session.booking == THEIRS
    if swap and session.enrol_driver:
        session.enrol_driver = {DRIVER: OTHER, OTHER: DRIVER}[session.enrol_driver]
    if session.enrol_driver:
        session.enrol_booking = {DRIVER: MINE, OTHER: THEIRS}[session.enrol_driver]
    session.booking = MINE
    session.driver = DRIVER
    session.used = [MINE]
    if swap:
        taps = car.controller._taps
        taps._asking = card.get(taps._asking, taps._asking)
        session.ident = card.get(session.ident, session.ident)
        car.rental.asked_ident = card.get(car.rental.asked_ident, car.rental.asked_ident)
        car.diary.ident = card.get(car.diary.ident, car.diary.ident)
    session.use_detail = b""
    car.diary.booking, car.diary.driver, car.diary.used = MINE, DRIVER, (MINE,)
    car.durable = car.controller.state()
    car.durable_at_ms = car.snapshot.now_ms


def _plain(record: bytes) -> tuple[Any, ...]:
    """A session record without its times and without what is dead in its state."""
    at = 34 + 2 + 4 * record[34]
    end = at + 4 * record[35]
    armed = [record[i] < 0x80 for i in range(at + 4, end, 4)]  # `ask` is over after a reset
    state, flags = codes.STATE_NAMES[record[1]], record[2]
    if state in ALIVE["nobody"]:
        flags &= ~(DEAD_FLAGS | WINDOW_FLAGS if flags & OVER else DEAD_FLAGS)
        if state == "maintenance":
            flags &= ~SECURITY_DUE
    came_from = record[21] if state == "ending" else 0
    if state == "ending" and came_from not in _CAME_FROM:
        came_from = _CAME_FROM[0]
    return (state, flags, record[8:16], came_from, record[34:at], tuple(armed), record[end:])
