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
    STAFF_REVIEW,
)  # fmt: skip
from firmware.ticks import ticks_add, ticks_diff
from firmware.wire import codes
from firmware.wire.codes import BY_CARD, NO
from tests.proof.scene import (
    ANEW,
    BOOKINGS,
    CARD,
    DRIVER,
    MINE,
    NEW,
    OPEN_S,
    OTHER,
    OTHER_CARD,
    THEIRS,
)  # fmt: skip

if TYPE_CHECKING:
    from tests.proof.car import Car

#: How far away the warning and the booked end are kept: they come as happenings, at any moment.
LATER_MS = 200_000_000

#: Where those attributes are read that are forgotten elsewhere, see `_forget_what_is_dead`.
ALIVE = {
    "another try": ("unlocked", "reopened", "ending"),
    "cut off": ("unlocked", "reopened"),
    "nobody": ("vacant", "ended", "reopened", "maintenance"),
    # Here the read-backs decide nothing, and may change again in any later state.
    "driver's locks": ("boarding", "in_use", "key_returned"),
}
#: Flags of the session that say something in a use only, and those that only choose the words of a
#: refusal once the window is over.
DEAD_FLAGS = KEY_WAS_OUT | SECURITY_DUE | STAFF_REVIEW
WINDOW_FLAGS = LAPSED | REOPEN_USED | REOPEN_DOOR


def normalise(car: Car) -> None:
    """After an event: what nothing remembers is as always; who drives is called DRIVER."""
    car.calm()
    car.drop(NEW)
    r = car.rental
    s = car.snapshot
    c = car.controller
    c._commands._answers.clear()
    c._commands._held.clear()
    c._saved_at_ms = s.now_ms
    c._saved_wall_s = OPEN_S
    c._began_ms = s.now_ms
    c._lamp_at_ms = s.now_ms
    for part, saved in zip(car.shape.parts, car.fresh, strict=True):
        if type(part.thing).__name__ in ("ReaderWindow", "Alerts"):
            vars(part.thing).update(zip(part.scalars, saved[0], strict=True))
    car.boot.counter = 10
    car.boot.uptime_s = 100
    car.boot._second_ms = s.now_ms
    if r.session.booking in (THEIRS, ANEW):
        _rename(car)
    if r.deadlines._armed[car.warn]:
        r.deadlines._at_ms[car.warn] = ticks_add(s.now_ms, LATER_MS)
    r.ends_at_ms = ticks_add(s.now_ms, LATER_MS)
    _calm_starter(car)
    _forget_what_is_dead(car)
    _renew_record(car)


def _calm_starter(car: Car) -> None:
    """What it was told about the starter block gives records of faults and nothing else."""
    starter = car.controller._starter
    starter._fault = starter._fault_before = 0
    starter._wanted = car.value(codes.IN_BLOCKED)
    starter._is_moving = starter._was_moving = car.pending >= 1 << codes.PULSE_RELEASE


def _forget_what_is_dead(car: Car) -> None:
    """What no row reads from here on until it is written anew (ALIVE says where it is read)."""
    r, diary, session = car.rental, car.diary, car.rental.session
    state = r.state
    session.ends_s = BOOKINGS[0].ends_s if session.booking else 0
    if not (car.pending and state in ALIVE["another try"]):
        session.tries = diary.tries = 0
        session.cause = BY_CARD if session.booking else 0
        session.ident = diary.ident = CARD if session.booking else bytes(8)
        r.unlock_until_ms = car.snapshot.now_ms
        if not session.is_resumed and not car.terms.has_reunlock:
            r.unlock_is_confirmed = False
    elif ticks_diff(r.unlock_until_ms, car.snapshot.now_ms) > 0:
        r.unlock_until_ms = r.ends_at_ms
    if state not in ALIVE["cut off"]:
        session.is_resumed = r.unlock_is_confirmed = diary.cut = False
    if state != "ending":
        session.came_from = 0
    if not r.deadlines._armed[car.enrol]:
        session.enrol_booking = session.enrol_driver = 0
    if state in ALIVE["nobody"]:
        session.flags &= ~DEAD_FLAGS
        diary.was_out = False
        if session.flags & OVER:
            session.flags &= ~WINDOW_FLAGS
            diary.lapsed = diary.reopen_used = False
    if state in ALIVE["driver's locks"] and not car.pending:
        car.put(codes.IN_LOCKED, NO)
        car.put(codes.IN_BLOCKED, NO)


def _renew_record(car: Car) -> None:
    """The record is renewed every 10 s; one that says something else stays as it is."""
    if car.durable_at_ms == car.snapshot.now_ms and car.is_new_record:
        car.lag = ()
        return
    now = car.controller.state()
    if _plain(now) == _plain(car.durable):
        car.durable = now
        car.durable_at_ms = car.snapshot.now_ms
        car.lag = ()
    else:
        car.lag = _plain(car.durable)


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
        car.diary.ident = card.get(car.diary.ident, car.diary.ident)
    session.use_detail = b""
    car.diary.booking, car.diary.driver, car.diary.used = MINE, DRIVER, (MINE,)
    car.durable = car.controller.state()
    car.durable_at_ms = car.snapshot.now_ms


def _plain(record: bytes) -> tuple[Any, ...]:
    """A session record without its times and without what is dead in its state."""
    at = 34 + 2 + 4 * record[34]
    end = at + 4 * record[35]
    armed = [record[i] < 0x80 for i in range(at, end, 4)]
    state, flags = codes.STATE_NAMES[record[1]], record[2]
    if state in ALIVE["nobody"]:
        flags &= ~(DEAD_FLAGS | WINDOW_FLAGS if flags & OVER else DEAD_FLAGS)
    opener = record[20:30] if state == "ending" else b""
    return (state, flags, record[8:16], opener, record[34:at], tuple(armed), record[end:])
