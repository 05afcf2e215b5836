"""Watchers of time: deadlines are as published, run on, and are there where something must come."""

from __future__ import annotations

from firmware.session import SECURITY_DUE
from firmware.wire import codes
from tests.proof import reading
from tests.proof.rights import KEY
from tests.proof.scene import Step


def wall_clock_moves_no_deadline(step: Step) -> str | None:
    """SAFE-4: a wall clock that is set or jumps leaves every deadline where it was."""
    if step.kind == "clock" and step.lefts != step.car.lefts():
        return f"deadlines {step.lefts} became {step.car.lefts()}"
    return None


def deadlines_as_published(step: Step) -> str | None:
    """SAFE-3: no deadline is ever farther away than its published length."""
    car = step.car
    for name, left_ms in zip(car.rental.deadlines.names, car.lefts(), strict=True):
        if left_ms > reading.PUBLISHED_MS.get(name, 0):
            return f"{name} in {left_ms} ms, published {reading.PUBLISHED_MS.get(name, 0)}"
    return None


def deadlines_run_on(step: Step) -> str | None:
    """SAFE-3: nothing but its own start makes a deadline later, a reset and a failed turn included."""
    car = step.car
    if step.kind in ("wake", "resume") or not step.is_journaled:
        names = car.rental.deadlines.names
        for slot, left_ms in enumerate(car.lefts()):
            if step.kind == "resume" and names[slot] == "key_return" and car.told[KEY] != codes.YES:
                continue  # the key was put back while the power was away: its time begins
            if step.before == "ending" and left_ms <= 1000:
                continue  # overdue while the doors are being locked: looked at again each second
            if (
                left_ms > max(step.lefts[slot], 0)
                and names[slot] != "warn"
                and (step.is_journaled or step.lefts[slot] >= 0)
            ):
                return f"{names[slot]} in {left_ms} ms, before {step.lefts[slot]}"
    return None


def a_lock_is_to_come(step: Step) -> str | None:
    """START-6, START-7, USE-2: a car in use with its key in the box has a lock ahead of it."""
    car = step.car
    if step.after not in ("unlocked", "boarding", "key_returned", "in_use"):
        return None
    if step.kind == "wake" or not car.snapshot.is_settled or not step.is_journaled:
        return None
    key = car.snapshot.key_in_box()
    if step.after == "in_use":
        return "in use, and the key is in the box" if key == codes.YES else None
    lefts = dict(zip(car.rental.deadlines.names, car.lefts(), strict=True))
    is_due = car.rental.session.has(SECURITY_DUE)
    name = {"unlocked": "relock", "boarding": "key", "key_returned": "key_return"}[step.after]
    if lefts[name] >= 0 or is_due or car.diary.excused or key == codes.NO:
        return None
    if codes.AUDIT_FAULT in step.codes:
        return None
    return f"{step.after}, and no lock will come"


def locks_when_due(step: Step) -> str | None:
    """START-6, START-7, USE-2: a car in use is relocked or secured by a deadline that is over."""
    if (
        (codes.AUDIT_RELOCKED in step.codes or codes.AUDIT_SECURED in step.codes)
        and 0 not in step.lefts
        and not step.before_flags & SECURITY_DUE
    ):
        return "a security lock before its time"
    return None


def window_ends(step: Step) -> str | None:
    """REOPEN-1: while the window is open its end is armed."""
    car = step.car
    if (
        step.after == "ended"
        and step.is_journaled
        and car.lefts()[car.rental.deadlines.index("reopen_window")] < 0
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
    if step.after == "authorising" and car.lefts()[car.rental.deadlines.index("ask")] < 0:
        return "asking for ever"
    return None


def deadlines_begin_whole(step: Step) -> str | None:
    """START-6, START-7, USE-2, REOPEN-1: a deadline that begins has its published length, no less."""
    car = step.car
    if not step.is_journaled or step.kind in ("wake", "resume"):
        return None
    for slot, left_ms in enumerate(car.lefts()):
        name = car.rental.deadlines.names[slot]
        began = step.lefts[slot] < 0 <= left_ms
        if began and name != "warn" and left_ms != reading.PUBLISHED_MS.get(name, 0):
            return f"{name} begins with {left_ms} ms"
    return None
