"""What happens to the car without anybody asking for something: time, centre, power, journal."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from firmware.boot import Boot
from firmware.controller import CENTRE_ANSWERED, CLOCK_SET, RECORDS_CHANGED
from firmware.wire import codes
from tests.proof import scene
from tests.proof.car import Car
from tests.proof.freeze import SOON_MS
from tests.proof.happenings import (
    CARDS,
    COMMANDS,
    INPUTS,
    NO,
    RELAYS,
    TECHNICIANS,
    UNKNOWN,
    YES,
    Happening,
    always,
    blind,
    finish,
    is_moving,
    new_booking,
    theirs,
)  # fmt: skip
from tests.proof.scene import CARD, DRIVER, MINE

# the centre and the clock


def _extend(car: Car) -> None:
    car.bookings.put(MINE, DRIVER, scene.START_S, scene.START_S + 9000, 0)
    car.step("centre", (RECORDS_CHANGED, b""))
    car.bookings.put(MINE, DRIVER, scene.START_S, scene.START_S + 7200, 0)
    car.rental.session.ends_s = min(car.rental.session.ends_s, scene.START_S + 7200)


def _jump(by_s: int) -> Happening:
    def do(car: Car) -> None:
        car.snapshot.wall_s += by_s
        car.step("clock", (CLOCK_SET, struct.pack(">i", by_s)))

    return Happening(f"clock jumps by {by_s} s", 2, always, do)


def _pass_window(car: Car) -> None:
    car.step("input")
    car.snapshot.wall_s = scene.LAPSED_S
    step = car.step("input")
    expected = MINE not in step.used and step.after in ("vacant", "ended")
    if (codes.AUDIT_WINDOW_LAPSED in step.codes) != expected:
        car.found.append(("window_lapse_is_told", f"window lapsed: {step.codes}"))


def is_asking(car: Car) -> bool:
    return car.rental.state == "authorising"


def _answer(around: Callable[[Car], None]) -> Callable[[Car], None]:
    def do(car: Car) -> None:
        around(car)
        car.step("centre", (CENTRE_ANSWERED, b""))

    return do


CENTRE = [
    Happening("centre answers", 1, always, lambda car: void(car.step("centre", (CENTRE_ANSWERED, b"")))),
    Happening("centre answers, other's window open", 1, is_asking, _answer(theirs)),
    Happening("centre answers, new booking", 2, is_asking, _answer(new_booking)),
    Happening("booking extended", 2, always, _extend),
    Happening("window lapses", 2, lambda car: car.rental.state in ("vacant", "ended"), _pass_window),
    _jump(100_000),
    _jump(-100_000),
]  # fmt: skip


def void(_step: Any) -> None:
    """A step for its effect."""


# time


def _can_wait(car: Car) -> bool:
    nearest = car.next_ms()
    return bool(nearest) and (not car.pending or nearest[0] <= SOON_MS)


def _wait_until_soon(car: Car) -> None:
    car.pass_ms(car.next_ms()[0] - SOON_MS)
    car.step("time")


def fall_due(car: Car, fail: bool = False) -> None:
    left_ms = car.next_ms()[0]
    if left_ms > 1:
        car.pass_ms(left_ms - 1)
        before = car.rental.state
        step = car.step("time")
        if step.pulses or car.rental.state != before:
            car.found.append(
                ("nothing_before_its_time", f"{before} acted 1 ms before the deadline")
            )
    car.pass_ms(min(left_ms, 1))
    car.step("time", fail=fail)


def _be_late(car: Car) -> None:
    lefts = car.next_ms()
    car.pass_ms(lefts[1] + 1 if len(lefts) > 1 else 3_700_000)
    car.step("time")


def _warn(car: Car) -> None:
    deadlines = car.rental.deadlines
    deadlines._at_ms[car.warn] = car.snapshot.now_ms
    car.rental.end_in(car.terms.warn_before_ms)
    step = car.step("time")
    left_ms = car.lefts()[car.warn]
    if codes.AUDIT_WARNED in step.codes and left_ms != 600_000:
        car.found.append(("warns_every_10_minutes", f"the next warning in {left_ms} ms"))


def _end_enrolment(car: Car) -> None:
    car.rental.deadlines._at_ms[car.enrol] = car.snapshot.now_ms
    car.step("time")


def _end_both(car: Car) -> None:
    car.rental.deadlines._at_ms[car.enrol] = car.snapshot.now_ms
    fall_due(car)


def _is_enrolling(car: Car) -> bool:
    return bool(car.rental.deadlines._armed[car.enrol])


TIME = [
    Happening(
        "time passes to 1 s before the next deadline", 1,
        lambda car: not car.pending and bool(car.next_ms()) and car.next_ms()[0] > SOON_MS,
        _wait_until_soon,
    ),
    Happening("next deadline falls due", 1, _can_wait, fall_due),
    Happening(
        "two deadlines fall due in one turn", 1,
        lambda car: bool(car.next_ms()) and not car.pending, _be_late,
    ),
    Happening(
        "next deadline falls due, key cannot be told", 2, _can_wait,
        lambda car: blind(codes.IN_KEY, car, lambda: fall_due(car)),
    ),
    Happening(
        "a warning falls due", 1, lambda car: bool(car.rental.deadlines._armed[car.warn]), _warn
    ),
    Happening(
        "the time of an enrolment is over", 1, _is_enrolling, _end_enrolment
    ),
    Happening(
        "an enrolment is over as the next deadline falls due", 2,
        lambda car: _is_enrolling(car) and _can_wait(car), _end_both,
    ),
]  # fmt: skip


# power


def reset(
    car: Car,
    off_s: int = 0,
    trusted: bool = True,
    was_trusted: bool = True,
    moved: bool = True,
    settles: bool = True,
    meanwhile: Callable[[Car], Any] = always,
    **inputs: int,
) -> None:
    """Power goes and comes back after `off_s`; the inputs are told after `meanwhile`."""
    s, c, r = car.snapshot, car.controller, car.rental
    if car.pending and moved:
        for line in range(codes.PULSES):
            if car.pending & (1 << line):
                index = codes.IN_LOCKED if line < codes.PULSE_RELEASE else codes.IN_BLOCKED
                car.put(index, YES if line & 1 else NO)
    for name, value in inputs.items():
        car.put(getattr(codes, name), value)
    told = bytes(s.values)
    car.pending = 0
    car.retry_left = False
    record = car.durable
    before = _read_record(record, r.deadlines.names)
    car.shape.load(car.fresh)
    Boot.__init__(car.boot, scene.ENTROPY, s.now_ms)
    s.now_ms = 12345
    s.values[:] = bytes([UNKNOWN] * codes.INPUTS)
    s.wall_s = struct.unpack_from(">I", record, 3)[0] + off_s
    s.wall_is_trusted = trusted
    s.is_settled = False
    if not was_trusted:
        record = record[:7] + b"\0" + record[8:]
    counts = trusted and record[7] == 1  # whether the time off can be told
    if not c.restore(record, s, -1):
        car.found.append(("reset_resumes", "the session record was refused"))
    _judge_restore(car, before, off_s if counts else 0)
    car.durable, car.durable_at_ms = c.state(), s.now_ms
    s.changed = 0
    car.step("wake")
    meanwhile(car)
    if not settles:
        car.pass_ms(1000)
        car.step("resume")
    for index in range(codes.INPUTS):
        car.put(index, told[index])
    car.pass_ms(50)
    s.is_settled = True
    car.step("resume")


def _read_record(record: bytes, names: tuple[str, ...]) -> tuple[str, list[int]]:
    at = 36 + 4 * record[34]
    lefts = list(struct.unpack_from(f">{len(names)}i", record, at))
    return codes.STATE_NAMES[record[1]], lefts


def _judge_restore(car: Car, before: tuple[str, list[int]], off_s: int) -> None:
    """SAFE-3: the same state, each deadline armed as it was, and nearer by the time off."""
    state, lefts = before
    if car.rental.state != state:
        car.found.append(("reset_resumes", f"{state} became {car.rental.state}"))
    for slot, (was, now) in enumerate(zip(lefts, car.lefts(), strict=True)):
        name = car.rental.deadlines.names[slot]
        if name == "ask" and now < 0:
            continue  # a card that was asked about is forgotten
        if (was < 0) != (now < 0) or now > max(0, was - max(off_s, 0) * 1000):
            words = f"{name}: {was} ms in the record, {now} ms after {off_s} s"
            car.found.append(("reset_lengthens_nothing", words))


def _swap(car: Car, index: int) -> int:
    return NO if car.value(index) == YES else YES


def _early(words: str, do: Callable[[Car], Any]) -> Happening:
    """Before the inputs are told: what ran out while the power was off is not served yet."""
    return Happening(
        f"reset, 700 s off, {words} at once", 2, always, lambda car: reset(car, 700, meanwhile=do)
    )


RESETS = [
    Happening("reset", 1, always, reset),
    Happening("reset, 700 s off", 1, always, lambda car: reset(car, 700)),
    Happening("reset, 700 s off, clock lost", 1, always, lambda car: reset(car, 700, trusted=False)),
    Happening(
        "reset, clock was not trusted before", 2, always,
        lambda car: reset(car, 700, was_trusted=False),
    ),
    Happening("reset, clock set back", 2, always, lambda car: reset(car, -5000)),
    Happening(
        "reset before the relays moved", 1, is_moving, lambda car: reset(car, 1, moved=False)
    ),
    Happening(
        "reset, door moved", 2, always,
        lambda car: reset(car, IN_DOOR_DRIVER=_swap(car, codes.IN_DOOR_DRIVER)),
    ),
    Happening("reset, key moved", 1, always, lambda car: reset(car, IN_KEY=_swap(car, codes.IN_KEY))),
    Happening(
        "reset, engine changed", 2, always,
        lambda car: reset(car, IN_ENGINE=_swap(car, codes.IN_ENGINE)),
    ),
    Happening(
        "reset, locks moved", 2, always,
        lambda car: reset(car, IN_LOCKED=_swap(car, codes.IN_LOCKED)),
    ),
    Happening("reset, starter moved", 2, always,
        lambda car: reset(car, IN_BLOCKED=_swap(car, codes.IN_BLOCKED)),
    ),
    _early("own card", lambda car: car.tap(CARD)),
    _early("start", lambda car: car.command(codes.VERB_START)),
    _early("reopen", lambda car: car.command(codes.VERB_REOPEN)),
    Happening("reset, inputs never rest", 2, always, lambda car: reset(car, 700, settles=False)),
]  # fmt: skip


# a journal that fails: nothing of the turn happened, the next one says so


def _failing(
    words: str, level: int, can: Callable[[Car], bool], do: Callable[[Car], Any]
) -> Happening:
    def both(car: Car) -> None:
        do(car)
        car.step("retry")

    return Happening("journal fails: " + words, level, can, both)


def _flip_and_fail(car: Car, index: int) -> None:
    car.put(index, _swap(car, index))
    car.step("input", fail=True)


FAILURES = [
    _failing("own card", 1, always, lambda car: car.tap(CARD, fail=True)),
    _failing("start", 1, always, lambda car: car.command(codes.VERB_START, fail=True)),
    _failing("end", 1, always, lambda car: car.command(codes.VERB_END, fail=True)),
    _failing("reopen", 2, always, lambda car: car.command(codes.VERB_REOPEN, fail=True)),
    _failing("lock", 2, always, lambda car: car.command(codes.VERB_LOCK, fail=True)),
    _failing("door", 2, always, lambda car: _flip_and_fail(car, codes.IN_DOOR_DRIVER)),
    _failing("key", 1, always, lambda car: _flip_and_fail(car, codes.IN_KEY)),
    _failing("engine", 2, always, lambda car: _flip_and_fail(car, codes.IN_ENGINE)),
    _failing("deadline", 1, _can_wait, lambda car: fall_due(car, fail=True)),
    _failing("pulses done", 1, is_moving, lambda car: finish(car, fail=True)),
    _failing("relays stay", 2, is_moving, lambda car: finish(car, obeys=False, fail=True)),
    _failing(
        "centre answers", 2, always,
        lambda car: void(car.step("centre", (CENTRE_ANSWERED, b""), fail=True)),
    ),
]  # fmt: skip

ALL = INPUTS + CARDS + COMMANDS + TECHNICIANS + CENTRE + TIME + RELAYS + RESETS + FAILURES

_DONE = "pulses done, relays obey"
_STAY = "pulses done, relays stay"
_STARTED = ("own card", _DONE, "door reads yes")
_RETURNED = (*_STARTED, "key in box reads no", "door reads no", "key in box reads yes")
_DUE = "next deadline falls due"
#: Ways through the states: a bounded search that begins along them begins everywhere at once.
STORIES = (
    (
        *_RETURNED,
        "own card",
        _DONE,
        "reopen",
        _DONE,
        "door reads yes",
        "door reads no",
        "lock",
        _DONE,
    ),
    (*_RETURNED, "own card", _DONE, "reopen", _DONE, "door reads yes", _DUE, _DUE, "door reads no"),
    (*_RETURNED, "engine reads yes", _DUE, "engine reads no", _DONE),
    (
        "own card, online",
        "start",
        _DONE,
        "end",
        _DONE,
        "other's card, other's window open, online",
        "centre answers, other's window open",
    ),
    (*_RETURNED, _DUE, _DONE, "end", _DONE, "other's card, other's window open"),
    (*_STARTED, "door reads no", _DUE, _DONE, "reunlock", _DONE),
    (*_STARTED, "engine reads yes", _DUE, "engine reads no", _DONE),
    ("start", _DONE, _DUE, _DONE, "reunlock", _DONE, "end", _DONE, _DUE),
    ("start", _DONE, _DUE, _DONE, "doors locked reads no", "end", _STAY, _STAY, _STAY),
    ("own card, online", "centre answers", "reset", "own card"),
    (
        "staff card",
        _DONE,
        _DUE,
        _DONE,
        "maintenance on",
        "staff card",
        _DONE,
        "maintenance off",
        _DONE,
    ),
    ("enrol", "own card", "enrol", "the time of an enrolment is over"),
    ("own card", "reset before the relays moved", "doors locked reads no", "door reads yes"),
    ("start, window lapsed", "reset before the relays moved", "door reads yes"),
    (*_RETURNED, "own card", "key in box reads unknown", "reset", _DONE),
    ("staff card", _DONE, _DUE, "door reads yes", _STAY),
    ("staff card, locks cannot be told", _DONE),
)
