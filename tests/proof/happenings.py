"""Everything that can happen to the car, each with when it can and what it is.

Level 1 is the short form, level 2 all. A happening may take several steps: a reset is explored to
the turn in which the inputs are told, a command comes a second time, a failed turn is followed by
the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from firmware import technician
from firmware.controller import PULSES_FINISHED, TECHNICIAN_ASKED
from firmware.ticks import ticks_add
from firmware.wire import codes
from tests.proof import scene
from tests.proof.car import Car
from tests.proof.freeze import SOON_MS
from tests.proof.scene import CARD, OTHER, OTHER_CARD, STAFF_CARD, STRANGER, TECHNICIAN, THEIRS

NO, YES, UNKNOWN = codes.NO, codes.YES, codes.UNKNOWN


class Happening(NamedTuple):
    """`can`: whether it can happen now; `do`: lets it happen."""

    name: str
    level: int
    can: Callable[[Car], bool]
    do: Callable[[Car], None]


def always(_car: Car) -> bool:
    return True


# the car


def _input(index: int, value: int) -> Happening:
    names = {codes.IN_DOOR_DRIVER: "door", codes.IN_KEY: "key in box", codes.IN_ENGINE: "engine"}
    names[codes.IN_LOCKED] = "doors locked"

    def do(car: Car) -> None:
        car.put(index, value)
        car.step("input")

    return Happening(
        f"{names[index]} reads {('no', 'yes', 'unknown')[value]}",
        2 if value == UNKNOWN else 1,
        lambda car: car.value(index) != value,
        do,
    )


INPUTS = [
    _input(codes.IN_DOOR_DRIVER, NO),
    _input(codes.IN_DOOR_DRIVER, YES),
    _input(codes.IN_DOOR_DRIVER, UNKNOWN),
    _input(codes.IN_KEY, NO),
    _input(codes.IN_KEY, YES),
    _input(codes.IN_KEY, UNKNOWN),
    _input(codes.IN_ENGINE, NO),
    _input(codes.IN_ENGINE, YES),
    _input(codes.IN_ENGINE, UNKNOWN),
    _input(codes.IN_LOCKED, NO),
    _input(codes.IN_LOCKED, YES),
]


# surroundings of an event


def online(car: Car) -> None:
    car.snapshot.is_online = True


def may_connect(car: Car) -> None:
    car.snapshot.may_connect = True


def untrusted(car: Car) -> None:
    car.snapshot.wall_is_trusted = False


def lease_over(car: Car) -> None:
    car.snapshot.lease_holds = False


def journal_full(car: Car) -> None:
    car.snapshot.journal_has_room = False


def brake_off(car: Car) -> None:
    car.put(codes.IN_BRAKE, NO)


def brake_unknown(car: Car) -> None:
    car.put(codes.IN_BRAKE, UNKNOWN)


def gear_not_in_park(car: Car) -> None:
    car.put(codes.IN_GEAR_P, NO)


def new_booking(car: Car) -> None:
    car.add(scene.NEW)


def end_passed(car: Car) -> None:
    car.rental.ends_at_ms = ticks_add(car.snapshot.now_ms, -1)
    car.rental.unlock_until_ms = car.rental.ends_at_ms
    car.end_is_past = True


def wall(name: str, at_s: int) -> Callable[[Car], None]:
    def do(car: Car) -> None:
        car.snapshot.wall_s = at_s

    do.__name__ = name
    return do


early = wall("early", scene.EARLY_S)
lapsed = wall("window lapsed", scene.LAPSED_S)
theirs = wall("other's window open", scene.THEIRS_S)
over = wall("booking over", scene.OVER_S)


def blind(index: int, car: Car, do: Callable[[], Any]) -> None:
    """While it happens the input cannot be told; the next turn hears it again."""
    before = car.value(index)
    car.put(index, UNKNOWN)
    do()
    car.put(index, before)
    if car.snapshot.changed:
        car.step("input")


# cards


def _touch(card: bytes, whose: str, level: int, *around: Callable[[Car], None]) -> Happening:
    def do(car: Car) -> None:
        for change in around:
            change(car)
        car.tap(card)

    words = ", ".join([whose + " card", *[change.__name__.replace("_", " ") for change in around]])
    return Happening(words, level, always, do)


CARDS = [
    _touch(CARD, "own", 1),
    _touch(CARD, "own", 1, online),
    _touch(CARD, "own", 2, may_connect),
    _touch(CARD, "own", 1, untrusted),
    _touch(CARD, "own", 2, lease_over),
    _touch(CARD, "own", 2, journal_full),
    _touch(CARD, "own", 1, brake_off),
    _touch(CARD, "own", 2, brake_unknown),
    _touch(CARD, "own", 2, gear_not_in_park),
    _touch(CARD, "own", 2, early),
    _touch(CARD, "own", 1, lapsed),
    _touch(CARD, "own", 2, over),
    _touch(CARD, "own", 1, end_passed),
    _touch(CARD, "own", 1, new_booking),
    _touch(CARD, "own", 2, new_booking, online),
    _touch(OTHER_CARD, "other's", 1),
    _touch(OTHER_CARD, "other's", 1, theirs),
    _touch(OTHER_CARD, "other's", 2, theirs, online),
    _touch(OTHER_CARD, "other's", 2, theirs, untrusted),
    _touch(STRANGER, "unknown", 1),
    _touch(STRANGER, "unknown", 2, online),
    _touch(STAFF_CARD, "staff", 1),
    _touch(STAFF_CARD, "staff", 2, online),
    _touch(STAFF_CARD, "staff", 2, untrusted),
    _touch(STAFF_CARD, "staff", 2, journal_full),
    Happening(
        "staff card, locks cannot be told", 2, always,
        lambda car: blind(codes.IN_LOCKED, car, lambda: car.tap(STAFF_CARD)),
    ),
    Happening(
        "own card, key cannot be told", 2, always,
        lambda car: blind(codes.IN_KEY, car, lambda: car.tap(CARD)),
    ),
    Happening(
        "own card, locks cannot be told", 2, always,
        lambda car: blind(codes.IN_LOCKED, car, lambda: car.tap(CARD)),
    ),
]  # fmt: skip


# relays


def finish(car: Car, obeys: bool = True, told: bool = True, fail: bool = False) -> None:
    """The pulses are over; what was pulsed reads back as it should, or not, or cannot be told."""
    lines = bytearray()
    hidden = []
    for line in range(codes.PULSES):
        if car.pending & (1 << line):
            lines.append(line)
            index = codes.IN_LOCKED if line < codes.PULSE_RELEASE else codes.IN_BLOCKED
            wanted = YES if line & 1 else NO
            car.put(index, wanted if obeys else 1 - wanted)
            car.snapshot.changed |= 1 << index  # the contacts are looked at anew
            if not told:
                hidden.append((index, wanted))
                car.put(index, UNKNOWN)
    car.pending = 0
    car.step("finish", (PULSES_FINISHED, bytes(lines)), fail=fail)
    for index, value in hidden:
        car.put(index, value)


def is_moving(car: Car) -> bool:
    return car.pending != 0


def _finish_late(car: Car) -> None:
    car.pass_ms(car.next_ms()[0])
    finish(car)


def _stay_past_the_end(car: Car) -> None:
    end_passed(car)
    finish(car, obeys=False)


RELAYS = [
    Happening("pulses done, relays obey", 1, is_moving, finish),
    Happening("pulses done, relays stay", 1, is_moving, lambda car: finish(car, obeys=False)),
    Happening("pulses done, relays stay, booked end passed", 2, is_moving, _stay_past_the_end),
    Happening("pulses done, no read-back", 2, is_moving, lambda car: finish(car, told=False)),
    Happening(
        "pulses done as a deadline falls due", 2,
        lambda car: bool(car.pending and car.next_ms() and car.next_ms()[0] <= SOON_MS), _finish_late,
    ),
]  # fmt: skip


# commands


def _command(
    words: str, level: int, verb: int, *around: Callable[[Car], None], **fields: Any
) -> Happening:
    def do(car: Car) -> None:
        for change in around:
            change(car)
        given = {name: value(car) if callable(value) else value for name, value in fields.items()}
        sent = car.command(verb, **given)
        if words != ALWAYS_REPEATED and _is_refused(car):
            return  # a refusal that comes again is the same everywhere
        before = car.key()
        pulses = car.pending
        car.send(sent)  # the same frame again
        if car.key() != before or car.pending != pulses:
            car.found.append(("command_acts_once", f"{words} a second time changed something"))
        _follow_answer(car, sent)

    return Happening(words, level, always, do)


#: The one refused command that is sent a second time in every state.
ALWAYS_REPEATED = "end, brake off"


def _is_refused(car: Car) -> bool:
    """Answered with a refusal, and nothing else came of it."""
    results = car.turn.results
    return len(results) == 1 and results[0][8] == 0 and not any(car.turn.pulse_cause)


#: Commands whose answer says what the relays did.
_MOVE = (
    codes.VERB_START, codes.VERB_REOPEN, codes.VERB_LOCK, codes.VERB_REUNLOCK,
    codes.VERB_MAINTENANCE_OFF,
)  # fmt: skip


def _follow_answer(car: Car, command: Any) -> None:
    """An answer that waits for the relays is given after the last try, and says what they read."""
    held = [one for one in car.controller._commands._held if one[:8] == command.command]
    if not held:
        return
    here = car.save()
    for obeys in (True, False):
        for _ in range(5):  # what was tried before a failed turn is forgotten with it
            finish(car, obeys)
            told = [result for result in car.turn.results if result[:8] == command.command]
            if told or not car.pending:
                break
        if not told:
            car.found.append(("command_is_answered", "an answer that waited is not given"))
        elif held[0][8] and not held[0][9] and command.verb in _MOVE and told[0][8] != obeys:
            words = f"relays move: {obeys}, accepted: {told[0][8]}"
            car.found.append(("answer_says_what_was_done", words))
        car.load(here)
        car.controller._commands._held[:] = held


_FOREIGN = {"booking": THEIRS, "driver": OTHER}
COMMANDS = [
    _command("start", 1, codes.VERB_START),
    _command("start, clock untrusted", 2, codes.VERB_START, untrusted),
    _command("start, window lapsed", 1, codes.VERB_START, lapsed),
    _command("start, new booking", 1, codes.VERB_START, new_booking, booking=scene.ANEW),
    _command("start, journal full", 2, codes.VERB_START, journal_full),
    _command("start, nothing left", 2, codes.VERB_START, left_s=0),
    _command("start, more left than booked", 1, codes.VERB_START, left_s=9000),
    _command("start, wrong driver", 1, codes.VERB_START, driver=OTHER),
    _command("start, unknown booking", 2, codes.VERB_START, booking=999),
    _command("start of the other", 1, codes.VERB_START, theirs, left_s=7600, **_FOREIGN),
    _command("start, booked end passed", 2, codes.VERB_START, end_passed),
    _command("end", 1, codes.VERB_END),
    _command("end, brake off", 1, codes.VERB_END, brake_off),
    _command("end, brake unknown", 2, codes.VERB_END, brake_unknown),
    _command("end, not in park", 2, codes.VERB_END, gear_not_in_park),
    _command("end of the other", 1, codes.VERB_END, **_FOREIGN),
    _command("reopen", 1, codes.VERB_REOPEN),
    _command("reopen of the other", 1, codes.VERB_REOPEN, **_FOREIGN),
    _command("lock", 1, codes.VERB_LOCK),
    _command("lock of the other", 2, codes.VERB_LOCK, **_FOREIGN),
    _command("reunlock", 1, codes.VERB_REUNLOCK),
    _command("reunlock of the other", 2, codes.VERB_REUNLOCK, **_FOREIGN),
    _command("reunlock, booked end passed", 2, codes.VERB_REUNLOCK, end_passed),
    _command("enrol", 1, codes.VERB_ENROL),
    _command("enrol of the other", 2, codes.VERB_ENROL, theirs, left_s=7600, **_FOREIGN),
    _command("enrol, too early", 2, codes.VERB_ENROL, left_s=9000),
    _command("maintenance on", 1, codes.VERB_MAINTENANCE_ON, booking=0, driver=0, left_s=0),
    _command("maintenance off", 1, codes.VERB_MAINTENANCE_OFF, booking=0, driver=0, left_s=0),
    _command("position", 2, codes.VERB_POSITION),
    _command("unknown verb", 2, codes.VERB_START + 70),
    _command("start, expired", 1, codes.VERB_START, expires_s=100),
    _command("reopen, expired", 2, codes.VERB_REOPEN, expires_s=100),
    _command("start, of an earlier boot", 1, codes.VERB_START, boot=b"before.."),
    _command("start, old counter", 1, codes.VERB_START, counter=10),
]  # fmt: skip


# a technician at the console


def _technician(
    words: str, action: int, level: int, *around: Callable[[Car], None], **fields: Any
) -> Happening:
    """`level`: of the unlocked console, 0 for a locked one; `for_ms`: how long it is still so."""

    def do(car: Car) -> None:
        for change in around:
            change(car)
        if level:
            until_ms = ticks_add(car.snapshot.now_ms, fields.get("for_ms", 900_000))
            technician.begin(car.rental, fields.get("who", TECHNICIAN), level, until_ms)
        is_his = fields.get("who", TECHNICIAN) == TECHNICIAN and fields.get("for_ms", 1) > 0
        car.right = level if is_his else 0
        asked = technician.pack_asked(action, TECHNICIAN, fields.get("argument", 0))
        step = car.step("technician", (TECHNICIAN_ASKED, asked), fail=fields.get("fail", False))
        refused = car.controller.told
        if step.is_journaled and not car.right and action in MOVING and not refused:
            car.found.append(("technician_needs_his_right", f"{words} was not refused"))
        if not step.is_journaled:
            car.step("retry")
        car.right = 0
        technician.end(car.rental)

    return Happening("technician " + words, 2, always, do)


MOVING = (
    codes.ACT_UNLOCK, codes.ACT_LOCK, codes.ACT_RELEASE, codes.ACT_BLOCK,
    codes.ACT_MAINTENANCE_ON, codes.ACT_MAINTENANCE_OFF,
)  # fmt: skip
TECHNICIANS = [
    _technician("unlocks", codes.ACT_UNLOCK, 1),
    _technician("unlocks, journal full", codes.ACT_UNLOCK, 1, journal_full),
    _technician("unlocks, journal fails", codes.ACT_UNLOCK, 1, fail=True),
    _technician("unlocks, console locked", codes.ACT_UNLOCK, 0),
    _technician("unlocks, time over", codes.ACT_UNLOCK, 2, for_ms=0),
    _technician("unlocks with another's question", codes.ACT_UNLOCK, 2, who=b"00000000"),
    _technician("locks", codes.ACT_LOCK, 1),
    _technician("locks, console locked", codes.ACT_LOCK, 0),
    _technician("releases", codes.ACT_RELEASE, 2),
    _technician("releases, level 1", codes.ACT_RELEASE, 1),
    _technician("releases, time over", codes.ACT_RELEASE, 2, for_ms=-1),
    _technician("blocks", codes.ACT_BLOCK, 2),
    _technician("blocks, console locked", codes.ACT_BLOCK, 0),
    _technician("begins maintenance", codes.ACT_MAINTENANCE_ON, 1),
    _technician("begins maintenance, console locked", codes.ACT_MAINTENANCE_ON, 0),
    _technician("ends maintenance", codes.ACT_MAINTENANCE_OFF, 1),
    _technician("tests the buzzer", codes.ACT_TEST, 1, argument=codes.OUT_BUZZER),
    _technician("answers wrongly", technician.WRONG_ANSWER, 0),
]
