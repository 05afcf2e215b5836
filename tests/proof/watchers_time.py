"""Watchers of time: deadlines are as published, run on, and are there where something must come."""

from __future__ import annotations

from firmware.session import SECURITY_DUE
from firmware.wire import codes
from tests.proof import reading
from tests.proof.diary import REOPENED, WINDOW
from tests.proof.rights import KEY
from tests.proof.scene import Step

#: How often a car looks for a key that cannot be told (docs/decisions.md, 25).
LOOK_MS = 10_000
#: The deadline that locks a car in this state of use.
_LOCKS_BY = {"unlocked": "relock", "boarding": "key", "key_returned": "key_return", "in_use": ""}


def wall_clock_moves_no_deadline(step: Step) -> str | None:
    """SAFE-4: a wall clock that is set or jumps leaves every deadline where it was."""
    if step.kind == "clock" and step.before == step.after and step.lefts != step.lefts_now:
        return f"deadlines {step.lefts} became {step.lefts_now}"
    return None


def deadlines_as_published(step: Step) -> str | None:
    """SAFE-3: no deadline is ever farther away than its published length."""
    car = step.car
    for name, left_ms in zip(car.rental.deadlines.names, step.lefts_now, strict=True):
        if left_ms > reading.PUBLISHED_MS.get(name, 0):
            return f"{name} in {left_ms} ms, published {reading.PUBLISHED_MS.get(name, 0)}"
    return None


def deadlines_run_on(step: Step) -> str | None:
    """SAFE-3: nothing but its own start makes a deadline later, a reset and a failed turn included."""
    car = step.car
    if step.kind in ("wake", "resume") or not step.is_journaled:
        names = car.rental.deadlines.names
        for slot, left_ms in enumerate(step.lefts_now):
            if left_ms <= max(step.lefts[slot], 0) or names[slot] == "warn":
                continue
            if step.kind == "resume" and names[slot] == "key_return" and car.told[KEY] != codes.YES:
                continue  # the key was put back while the power was away: its time begins
            if step.before == "ending" and left_ms <= 1000:
                continue  # overdue while the doors are being locked: looked at again each second
            if step.kind == "resume" and _is_a_look(step, slot):
                continue
            if step.is_journaled or step.lefts[slot] >= 0:
                return f"{names[slot]} in {left_ms} ms, before {step.lefts[slot]}"
    return None


def _is_a_look(step: Step, slot: int) -> bool:
    """A lock was due and the key cannot be told: the next look is at most 10 s away."""
    was_due = step.lefts[slot] == 0 or step.before_flags & SECURITY_DUE
    is_blind = step.car.snapshot.key_in_box() == codes.UNKNOWN
    return bool(was_due and is_blind and step.lefts_now[slot] <= LOOK_MS)


def a_lock_is_to_come(step: Step) -> str | None:
    """START-6, START-7, USE-2: a car in use with its key in the box has a lock ahead of it.

    One that is due comes as soon as the car rests; while it does, and the key cannot be told, the
    car looks for it every 10 s.
    """
    car = step.car
    if step.after not in _LOCKS_BY:
        return None
    if step.kind == "wake" or not car.snapshot.is_settled or not step.is_journaled:
        return None
    key = car.snapshot.key_in_box()
    is_due = car.rental.session.has(SECURITY_DUE)
    if step.after == "in_use":
        if key == codes.YES:
            return "in use, and the key is in the box"
        return "a lock is due although the key is out" if is_due else None
    if key == codes.NO:
        return None
    left_ms = step.lefts_now[car.rental.deadlines.index(_LOCKS_BY[step.after])]
    if not is_due:
        return None if left_ms >= 0 else f"{step.after}, and no lock will come"
    if not reading.is_at_rest(car.snapshot.values):
        return None
    if 0 <= left_ms <= LOOK_MS and step.after != "unlocked":
        return None
    return f"{step.after}, a lock is due, and the next look is in {left_ms} ms"


def a_due_lock_waits_for_nothing_else(step: Step) -> str | None:
    """SAFE-1, START-7, USE-2: a lock falls due, the car rests, the key is in the box: it locks now."""
    car = step.car
    name = _LOCKS_BY.get(step.after, "")
    if not name or step.before != step.after or step.kind == "wake" or not step.is_journaled:
        return None
    if not car.snapshot.is_settled or not reading.is_at_rest(car.snapshot.values):
        return None
    if step.lefts[car.rental.deadlines.index(name)] == 0 and (
        step.after == "unlocked" or car.snapshot.key_in_box() == codes.YES
    ):
        return f"{name} fell due and nothing locked"
    return None


def nobody_is_locked_out(step: Step) -> str | None:
    """START-7, USE-2: the time of the key locks only while the key is told to be in the box."""
    if (
        codes.AUDIT_SECURED in step.codes
        and step.before != "secured"
        and step.car.snapshot.key_in_box() != codes.YES
    ):
        return "secured, and the key is not told to be in the box"
    return None


def locks_when_due(step: Step) -> str | None:
    """START-6, START-7, USE-2: a car in use is relocked or secured by a deadline that is over."""
    if (
        (codes.AUDIT_RELOCKED in step.codes or codes.AUDIT_SECURED in step.codes)
        and 0 not in step.lefts
        and not step.before_flags & SECURITY_DUE
    ):
        return "a security lock before its time"
    return None


def every_window_ends_once(step: Step) -> str | None:
    """REOPEN-4, START-10: in the journal a window that began ends before the car is used again."""
    is_open = step.was[0] in (WINDOW, REOPENED)
    for code in step.codes:
        if code in (codes.AUDIT_UNLOCKED, codes.AUDIT_TECHNICIAN_IN) and is_open:
            return "the next use begins before the window is over"
        if code == codes.AUDIT_WINDOW_OVER and not is_open:
            return "a window is over that was not open"
        if code == codes.AUDIT_ENDED:
            is_open = True
        elif code == codes.AUDIT_WINDOW_OVER:
            is_open = False
    return None


def window_ends(step: Step) -> str | None:
    """REOPEN-1, REOPEN-6: while the window is open its end is armed; nobody is `reopened` without."""
    car = step.car
    if (
        step.after in ("ended", "reopened")
        and step.is_journaled
        and step.lefts_now[car.rental.deadlines.index("reopen_window")] < 0
    ):
        return "a reopen window without an end"
    return None


def use_is_warned(step: Step) -> str | None:
    """USE-3: until the use ends there is a next warning."""
    car = step.car
    if (
        step.after in reading.IN_USE
        and step.is_journaled
        and step.kind != "wake"
        and not car.rental.deadlines._armed[car.warn]
    ):
        return "in use, and no warning will come"
    return None


def asking_ends(step: Step) -> str | None:
    """FAULT-1, START-12: while the centre is asked, the end of the asking is armed."""
    car = step.car
    if step.after == "authorising" and step.lefts_now[car.rental.deadlines.index("ask")] < 0:
        return "asking for ever"
    return None


def deadlines_begin_whole(step: Step) -> str | None:
    """START-6, START-7, USE-2, REOPEN-1: a deadline that begins has its published length, no less."""
    car = step.car
    if not step.is_journaled or step.kind in ("wake", "resume"):
        return None
    for slot, left_ms in enumerate(step.lefts_now):
        name = car.rental.deadlines.names[slot]
        began = step.lefts[slot] < 0 <= left_ms
        if began and left_ms == LOOK_MS and _is_a_look(step, slot):
            continue
        if began and name != "warn" and left_ms != reading.PUBLISHED_MS.get(name, 0):
            return f"{name} begins with {left_ms} ms"
    return None
